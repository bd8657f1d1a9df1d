"""Solve with a frontend of the engine (`dockerfile.v0`, `gateway.v0`), or a definition, in the terms of buildctl.

Source: cmd/buildctl/build.go and client/solve.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront import arguments
from llbfront.client.build import PreparedSolve, execute
from llbfront.client.buildflags import caches, exporters
from llbfront.client.control import engine_version
from llbfront.client.inputs import input_files
from llbfront.client.inputs.contexts import Inputs, checked_layout, named_by
from llbfront.client.request.build_request import check_texts, entitlements
from llbfront.client.request.settings import build_request
from llbfront.client.request.value_checks import check_settings, check_values
from llbfront.client.solve import status_decoding
from llbfront.client.solve.frontend_run import PreparedGraph
from llbfront.client.solve.graph_solve import local_directories
from llbfront.client.solve.graphs import definition_of
from llbfront.client.sources import source_policy
from llbfront.errors import OptionError, SolveError
from llbfront.files.reading import refuse_same_input
from llbfront.pb import control_pb2 as control
from llbfront.session import tunnel
from llbfront.setting_names import wording

if TYPE_CHECKING:
    from llbfront.client.build import EngineConnection
    from llbfront.client.buildflags.exporters import Export
    from llbfront.client.request.build_request import BuildRequest
    from llbfront.client.result import BuildResult
    from llbfront.inspection.graph import Graph
    from llbfront.llb.definition import Definition
    from llbfront.pb import policy_pb2 as policy
    from llbfront.progress.display import Display
    from llbfront.progress.events import StatusEvent


DOCKERFILE_FRONTEND = "dockerfile.v0"


@attrs.frozen
class FrontendSolve:
    """A prepared solve with its local inputs. Created by `prepare`.

    Attributes:
        frontend: the name of a frontend of the engine; empty to solve `definition`.
        options: the options of the frontend.
        directories: the local directories by name.
        layouts: the OCI layouts by name.
        definition: a graph.
        has_proxy_network: run the steps in the engine's proxy network.
        request: outputs, secrets, agents, entitlements, caches and `no_cache`; its other fields mean nothing here.
        exports: the outputs.
        source_policy: the rules of the request's source policy.
    """

    frontend: str
    options: Mapping[str, str]
    directories: Mapping[str, str]
    layouts: Mapping[str, str]
    definition: Definition | None
    has_proxy_network: bool
    request: BuildRequest
    exports: tuple[Export, ...]
    source_policy: policy.Policy | None


def prepare(
    frontend: str = "",
    *,
    options: Mapping[str, Any] | None = None,
    locals: Mapping[str, Any] | None = None,  # noqa: A002  the noun of LLB
    oci_layouts: Mapping[str, Any] | None = None,
    definition: Graph | Definition | None = None,
    proxy_network: bool = False,
    **settings: object,
) -> FrontendSolve:
    """Read and check the local inputs of a solve. Takes the arguments of `Engine.solve_frontend`; does not need an engine.

    Raises:
        ContextError, ExportError, InvalidValue, OptionError: an argument, an input or an output cannot be used.
    """
    request = build_request(settings)
    frontend = arguments.text(frontend, "frontend")
    if bool(frontend) == (definition is not None):
        raise OptionError("a solve needs either a frontend or a definition")
    directories, texts = local_directories(locals), arguments.assignments(options, "options")
    exports = exporters.plan(request.outputs, tags=(), push=False, load=False)
    exporters.check_destinations(exports)
    exporters.check_cache_destinations(request.cache_to)
    _check_names(frontend, texts, directories, oci_layouts or ())
    check_texts(texts, (*exports, *request.cache_from, *request.cache_to))
    refuse_same_input(named_by(request))
    input_files.refuse_overwriting(attrs.evolve(request, build_contexts=directories), exporters.destinations(exports))
    return FrontendSolve(
        frontend,
        texts,
        directories,
        {name: checked_layout(path) for name, path in local_directories(oci_layouts, "oci_layouts", "OCI layout").items()},
        None if definition is None else definition_of(definition, None),
        arguments.flag(proxy_network, "proxy_network"),
        request,
        exports,
        source_policy.read(request.source_policy) if request.source_policy else None,
    )


def _check_names(frontend: str, options: Mapping[str, str], directories: Iterable[str], layouts: Iterable[str]) -> None:
    """Refuse characters that names and options cannot hold. Raises: OptionError."""
    check_settings(
        {"name of the frontend": [frontend], "name of a local source": directories, "name of an OCI layout": layouts}
        | {f"frontend option {name}": [value] for name, value in options.items() if _is_setting(frontend, name)}
    )
    check_values("frontend option", options)


def _is_setting(frontend: str, option: str) -> bool:
    """Return whether the value of an option is a setting, and not a path, a string such as `build-arg:NAME`, or for another frontend."""
    return frontend == DOCKERFILE_FRONTEND and ":" not in option and option != "filename"


def solve_frontend(
    connection: EngineConnection,
    what: FrontendSolve,
    *,
    display: Display,
    on_event: Callable[[StatusEvent], object] | None = None,
) -> BuildResult:
    """Solve, and export the result.

    Args:
        connection: the engine.
        what: the frontend or the graph, and the settings of the solve.
        display: shows the build.
        on_event: called for every status event.

    Raises:
        SolveError: the engine failed; ExecFailed when a step's command did.
        ContextError, OptionError: before anything was solved.
    """
    request = what.request
    plan = connection.delivery.plan(what.exports)
    if len(plan.exports) > 1:
        engine_version.require(connection.channel, engine_version.SEVERAL_OUTPUTS, "several outputs in one build")
    if what.has_proxy_network:
        engine_version.require(connection.channel, engine_version.PROXY_NETWORK, "the proxy network")
    cached = caches.prepare(request.cache_from, request.cache_to) if request.cache_from or request.cache_to else None
    options = {**what.options, **({"no-cache": ""} if request.no_cache else {}), **(cached.options if cached else {})}
    message = control.SolveRequest(
        Ref=tunnel.random_id(),
        Session=tunnel.random_id(),
        Frontend=what.frontend,
        FrontendAttrs=options if what.frontend else {},
        Entitlements=entitlements(request),
        **status_decoding.exporters(plan.exports),
        Cache=cached.cache_options if cached else None,
        SourcePolicy=what.source_policy,
        ProxyNetwork=what.has_proxy_network,
    )
    if what.definition is not None:
        message.Definition.CopyFrom(what.definition.to_message())
        _ignore_cache(message, is_ignored=request.no_cache)
    inputs = Inputs(what.directories, {}, layouts=what.layouts)
    graph = PreparedGraph(() if what.definition is None else (what.definition,))
    try:
        return execute(connection, PreparedSolve(request, message, inputs, plan, graph, cached), display=display, on_event=on_event)
    except SolveError as error:
        from llbfront.client.solve_errors.engine_messages import lacks_directory

        if lacks_directory(error.message):
            error.add_hint(wording(command="--local NAME=DIR offers a directory", library='pass locals={"NAME": DIRECTORY}'))
        raise


def _ignore_cache(message: control.SolveRequest, *, is_ignored: bool) -> None:
    """Disable the cache for all steps of a definition."""
    from llbfront.oci import digest

    for op in getattr(message.Definition, "def") if is_ignored else ():  # the name is a keyword of Python
        message.Definition.metadata[digest.of(op)].ignore_cache = True
