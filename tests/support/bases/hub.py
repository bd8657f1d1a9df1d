"""Serve docker.io/library: from Docker Hub through a registry that keeps its images, or stand-ins if the hub cannot be reached.

The result says how an engine must be configured to find the images under their usual names.
"""

from __future__ import annotations

import contextlib
import http.client
import ssl
from typing import TYPE_CHECKING

from llbfront.engine import config
from llbfront.files.locking import locked
from tests.support.bases import images, push, registry
from tests.support.bases.packages import cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HUB = "registry-1.docker.io"


@contextlib.contextmanager
def serve(report: Callable[[str], None] = lambda _: None, *, has_large: bool = True) -> Iterator[tuple[config.Registry, ...]]:
    """Serve base images while a block runs; yield the settings of an engine that finds them.

    `has_large`: debian and golang too. Raises: packages.Missing if stand-ins are needed and cannot be made here.
    """
    if is_hub_reachable():
        with registry.run(cache() / "hub", upstream=f"https://{HUB}") as through:
            yield settings(through.address)
        return
    with registry.run(cache() / f"stand-ins-{images.GENERATION}") as standing_in:
        fill(standing_in.address, report, has_large=has_large)
        yield settings(standing_in.address)


def settings(address: str) -> tuple[config.Registry, ...]:
    """Return what an engine must know to take docker.io's images from a registry on loopback."""
    return config.Registry("docker.io", mirrors=(address,)), config.Registry(address, is_http=True)


def is_hub_reachable(host: str = HUB, *, timeout_s: float = 5.0) -> bool:
    """Ask Docker Hub for a sign of life."""
    connection = http.client.HTTPSConnection(host, timeout=timeout_s, context=ssl.create_default_context())
    try:
        connection.request("GET", "/v2/")
        return connection.getresponse().status in {200, 401}
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def fill(address: str, report: Callable[[str], None], *, has_large: bool) -> None:
    """Push the stand-ins to a registry, those that it does not have already."""
    with locked(str(cache() / "lock")):
        bases = images.small(report) + (images.large(report) if has_large else ())
        for image in bases:
            push.push(address, f"library/{image.name}", image.tags, image.layers, image.config)
