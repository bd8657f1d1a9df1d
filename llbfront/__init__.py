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

import importlib

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
    "SecretSource": "llbfront.client.buildflags.secrets",
    "Timing": "llbfront.progress.timings",
    "affected_stages": "llbfront.scripting",
    "compare_layers": "llbfront.client.layers.analysis",
    "connect": "llbfront.connection",
    "convert": "llbfront.scripting",
    "ignore_rules": "llbfront.scripting",
    "read_layers": "llbfront.client.layers.analysis",
}


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
