"""Prepare and run the solve of a graph that was made by hand, converted or loaded.

Source: client/solve.go of BuildKit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from llbfront import arguments
from llbfront.client.build import PreparedSolve, execute
from llbfront.client.buildflags import exporters
from llbfront.client.control import engine_version
from llbfront.client.inputs.contexts import Inputs, readable_directory
from llbfront.client.request import converters
from llbfront.client.request.build_request import BuildRequest, entitlements
from llbfront.client.solve import graphs, status_decoding
from llbfront.client.solve.frontend_run import PreparedGraph
from llbfront.pb import control_pb2 as control
from llbfront.progress.display import QuietDisplay
from llbfront.progress.trace import Trace
from llbfront.session import tunnel

if TYPE_CHECKING:
    from llbfront.client.build import EngineConnection
    from llbfront.client.result import BuildResult
    from llbfront.inspection.graph import Graph
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State
    from llbfront.oci.platform import Platform
    from llbfront.progress.events import StatusEvent


def solve_graph(
    connection: EngineConnection,
    graph: Graph | Definition | State,
    request: BuildRequest,
    *,
    platform: str | Platform | None = None,
    directories: Mapping[str, str | os.PathLike[str]] | None = None,
    on_event: Callable[[StatusEvent], object] | None = None,
) -> BuildResult:
    """Solve a graph and export its result as a request says.

    Args:
        connection: the engine.
        graph: what to solve.
        request: outputs, tags, secrets, agents and entitlements; its other fields mean nothing here.
        platform: the platform of a State.
        directories: the directories that local sources of the graph name.
        on_event: called for every status event.

    Raises:
        ExecFailed: a step's command failed.
        SolveError: the engine failed otherwise.
        ContextError, ExportError: before anything was solved.
    """
    session_id = tunnel.random_id()
    definition = graphs.in_session(graphs.definition_of(graph, converters.platform(platform)), session_id)
    inputs = Inputs(local_directories(directories), {})
    graphs.check_locals(definition, inputs.directories)
    config = graphs.config_of(graph)
    exports = exporters.plan(request.outputs, tags=request.tags, push=request.push, load=request.load)
    exporters.check_destinations(exports)
    plan = connection.delivery.plan(exporters.with_config(exports, config))
    if len(plan.exports) > 1:
        engine_version.require(connection.channel, engine_version.SEVERAL_OUTPUTS, "several outputs in one build")
    message = control.SolveRequest(
        Ref=tunnel.random_id(),
        Session=session_id,
        Definition=definition.to_message(),
        Entitlements=entitlements(request),
        **status_decoding.exporters(plan.exports),
    )
    prepared = PreparedSolve(request, message, inputs, plan, PreparedGraph((definition,), config))
    return execute(connection, prepared, display=QuietDisplay(Trace()), on_event=on_event)


def local_directories(
    value: Mapping[str, str | os.PathLike[str]] | None, argument: str = "locals", kind: str = "local source"
) -> dict[str, str]:
    """Return the absolute paths of directories by name. Raises: ArgumentError, ContextError."""
    if value is not None and not isinstance(value, Mapping):
        raise arguments.refuse(argument, 'a mapping such as {"context": "."}', value)
    return {
        arguments.text(name, f"a name in {argument}"): readable_directory(
            arguments.local_path(path, f"{argument}[{name!r}]"), f"the {kind} {name}"
        )
        for name, path in (value or {}).items()
    }
