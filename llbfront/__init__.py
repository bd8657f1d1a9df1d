"""BuildKit from Python: Dockerfiles to LLB graphs, built on a buildkitd, with no docker CLI.

Example:
    >>> with llbfront.connect() as engine:  # doctest: +SKIP
    ...     result = engine.build("./app", tags="registry.example/app", push=True)
    >>> print(result.digest)  # doctest: +SKIP

Subpackages, in build order: `dockerfile` (text to instructions in stages), `dockerfile2llb` (stages to a graph and an image config), `llb` (the
graph and its bytes), `frontend` (options and contexts), `rpc`, `connhelper` and `session` (the connection to an engine), `client` (a build from
beginning to end), `progress` (displays), `engine` (finding an engine, the private engine), `inspection` (questions to a graph), `rules` (build
checks of your own), `kit` and `testing` (frontends of your own), `aio` (asyncio), `errors` (exceptions).

Source: moby/buildkit v0.34.2, which decides what a Dockerfile means.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from llbfront.call_errors import explained_calls

if TYPE_CHECKING:
    from llbfront.client.buildflags.exporters import Export
    from llbfront.client.buildflags.secret import SecretSource
    from llbfront.client.engine import Engine
    from llbfront.client.layers.analysis import compare_layers, read_layers
    from llbfront.client.records.recorded_builds import RecordedBuilds
    from llbfront.client.request.build_request import BuildRequest
    from llbfront.client.result import BuildResult
    from llbfront.errors import LlbfrontError
    from llbfront.frontend.bridge import Bridge, Returned
    from llbfront.inspection.formats import Graph
    from llbfront.progress.timings import Timing
    from llbfront.scripting import affected_stages, convert, ignore_rules

__version__ = "0.2.0"
__all__ = [
    "BuildRequest",
    "BuildResult",
    "Engine",
    "Export",
    "Graph",
    "LlbfrontError",
    "RecordedBuilds",
    "SecretSource",
    "Timing",
    "affected_stages",
    "compare_layers",
    "connect",
    "convert",
    "ignore_rules",
    "read_layers",
]

_SUBPACKAGES = ("aio", "bake", "dockerfile", "errors", "inspection", "kit", "llb", "rules", "testing")
_HOMES = {
    "BuildRequest": "llbfront.client.request.build_request",
    "BuildResult": "llbfront.client.result",
    "Engine": "llbfront.client.engine",
    "Export": "llbfront.client.buildflags.exporters",
    "Graph": "llbfront.inspection.formats",
    "LlbfrontError": "llbfront.errors",
    "RecordedBuilds": "llbfront.client.records.recorded_builds",
    "SecretSource": "llbfront.client.buildflags.secret",
    "Timing": "llbfront.progress.timings",
    "affected_stages": "llbfront.scripting",
    "compare_layers": "llbfront.client.layers.analysis",
    "convert": "llbfront.scripting",
    "ignore_rules": "llbfront.scripting",
    "read_layers": "llbfront.client.layers.analysis",
}


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
        environ: variables such as BUILDKIT_HOST and those of docker, by default the environment of the process.
        report: called with messages about slow steps, such as waiting for an engine, and with warnings about docker's configuration.

    Raises:
        ConnectError: no engine answered; `tried` lists the engines and why each failed.

    Example:
        >>> with llbfront.connect("tcp://buildkitd:1234") as engine:  # doctest: +SKIP
        ...     print(engine.version())
    """
    return connection(address, start=start, environ=environ, report=report)()


def connection(
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
        channel, endpoint = discover.open_engine(address, environ=environ, start=start, report=report)
    return Engine(
        channel,
        endpoint.address,
        find_docker=lambda name: _find_docker(name, environ),
        load_frontend=_load_frontend,
        environ=environ,
        report=report,
    )


def _find_docker(context: str | None, environ: Mapping[str, str]) -> str:
    from llbfront.engine import discover

    return discover.find_docker(context, environ=environ)


def _load_frontend(frontend: object) -> Callable[[Bridge], Returned]:
    from llbfront.kit import loading

    return loading.runner_of(frontend)


def __getattr__(name: str) -> object:
    if name in _SUBPACKAGES:
        return importlib.import_module(f"llbfront.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted((*__all__, *_SUBPACKAGES, "__version__"))
