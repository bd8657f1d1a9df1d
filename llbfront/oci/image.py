"""Image configs: JSON bytes of a registry → Image, and back in exactly the bytes that Go writes.

Members unknown to BuildKit's frontend are lost, as they are there. An absent list is None, an empty one is ().

Source: opencontainers/image-spec config.go, moby/docker-image-spec, Go's encoding/json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class Healthcheck:
    """How to see whether a container is healthy; times in nanoseconds, 0 means the default."""

    test: tuple[str, ...] | None = None
    interval_ns: int = 0
    timeout_ns: int = 0
    start_period_ns: int = 0
    start_interval_ns: int = 0
    retries: int = 0


@attrs.frozen
class ImageConfig:
    """How containers of the image are run. Mappings are not to be changed; write a new one."""

    user: str = ""
    exposed_ports: frozenset[str] = frozenset()
    env: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    volumes: frozenset[str] = frozenset()
    working_dir: str = ""
    labels: Mapping[str, str] = attrs.field(factory=dict)
    stop_signal: str = ""
    args_escaped: bool = False
    healthcheck: Healthcheck | None = None
    on_build: tuple[str, ...] | None = None
    shell: tuple[str, ...] | None = None


@attrs.frozen
class History:
    """How one layer (or none) came to be. `created` is RFC 3339 text as Go prints it."""

    created: str | None = None
    created_by: str = ""
    author: str = ""
    comment: str = ""
    empty_layer: bool = False


@attrs.frozen
class Image:
    """An image config file. `diff_ids` None is written as null."""

    architecture: str = ""
    os: str = ""
    os_version: str = ""
    os_features: tuple[str, ...] | None = None
    variant: str = ""
    created: str | None = None
    author: str = ""
    config: ImageConfig = ImageConfig()
    rootfs_type: str = ""
    diff_ids: tuple[str, ...] | None = None
    history: tuple[History, ...] | None = None


def read(data: bytes) -> Image:
    """Read a config as Go's decoder does: member names in any case, null is absence, unknown members are dropped.

    Raises: InvalidValue.
    """
    raise NotImplementedError


def write(image: Image) -> bytes:
    """Write the config compactly, members in Go's order, keys of maps sorted, empty members left out."""
    raise NotImplementedError


def timestamp(time_ns: int) -> str:
    """Return nanoseconds since 1970 as RFC 3339 text in UTC, as Go prints it."""
    raise NotImplementedError
