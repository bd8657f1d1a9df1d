"""Connect to an engine.

Source: cmd/buildctl/common/common.go of moby/buildkit for BUILDKIT_HOST.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from llbfront.call_errors import explained_calls

if TYPE_CHECKING:
    from llbfront.client.engine import Engine
    from llbfront.frontend.bridge import Bridge, Returned

__all__ = ["connect", "connector"]


@explained_calls('connect("tcp://engine:1234")')
def connect(
    address: str | os.PathLike[str] | None = None,
    *,
    start: bool = False,
    environ: Mapping[str, str] | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Engine:
    """Connect to an engine: the one at `address`, else that of BUILDKIT_HOST, else the first one found.

    Args:
        address: the engine, such as `unix:///run/buildkit/buildkitd.sock`. It has 15 s to answer.
        start: install and start the private engine if no engine is found.
        environ: environment variables, such as BUILDKIT_HOST and DOCKER_HOST, by default the environment of the process.
        report: called with messages about slow steps, such as waiting for an engine, and with warnings about docker's configuration.

    Raises:
        ConnectError: no engine answered; `tried` lists the engines and why each failed.

    Example:
        >>> with llbfront.connect("tcp://buildkitd:1234") as engine:  # doctest: +SKIP
        ...     print(engine.version())
    """
    return connector(address, start=start, environ=environ, report=report)()


def connector(
    address: str | os.PathLike[str] | None,
    *,
    start: bool,
    environ: Mapping[str, str] | None,
    report: Callable[[str], None],
) -> Callable[[], Engine]:
    """Check the arguments of `connect`; return the function that connects."""
    from llbfront import arguments

    variables = os.environ if environ is None else arguments.assignments(environ, "environ")
    if address is not None and not isinstance(address, (str, os.PathLike)):
        raise arguments.refuse("address", "an address such as tcp://HOST:PORT", address)
    checked_address, checked_start = arguments.optional_path(address, "address"), arguments.flag(start, "start")
    arguments.callback(report, "report")
    return lambda: _connect(checked_address, start=checked_start, environ=variables, report=report)


def _connect(address: str | None, *, start: bool, environ: Mapping[str, str], report: Callable[[str], None]) -> Engine:
    from llbfront.client.engine import Engine
    from llbfront.engine import discover
    from llbfront.errors.llbfront_error import explained

    with explained():
        channel, reached = discover.open_engine(address, environ=environ, start=start, report=report)
    return Engine(
        channel,
        reached.address,
        find_docker=lambda name: _find_docker_engine(name, environ),
        load_frontend=_load_frontend,
        environ=environ,
        report=report,
    )


def _find_docker_engine(context: str | None, environ: Mapping[str, str]) -> str:
    from llbfront.engine.docker_engine import find_docker_engine

    return find_docker_engine(context, environ=environ)


def _load_frontend(frontend: object) -> Callable[[Bridge], Returned]:
    from llbfront.kit import loading

    return loading.runner_of(frontend)
