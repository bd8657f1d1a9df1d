"""Build several requests at the same time on one connection; results may be contexts of other requests.

All solves are open at once: the engine works on all of them, and one event loop serves their sessions. The frontends run one after
the other, since each takes little time and the engine begins with a graph as soon as it has it. The engine runs a step that several
graphs share once.

Source: build/build.go of docker/buildx.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront import interrupts
from llbfront.client import build as builds
from llbfront.client.build import LinkedResult
from llbfront.client.solve import status_decoding
from llbfront.client.solve.running_solve import CANCEL_PATIENCE_S, RunningSolve, require_sync, show_warnings
from llbfront.errors import ContextError, LlbfrontError, OptionError, SolveError
from llbfront.representation import ShortRepr
from llbfront.rpc.event_loop import Aborted

if TYPE_CHECKING:
    from llbfront.client.build import EngineConnection, PreparedSolve
    from llbfront.client.request.build_request import BuildRequest
    from llbfront.client.result import BuildResult
    from llbfront.client.solve.frontend_run import FrontendRun
    from llbfront.client.solve.session_services import SessionServices
    from llbfront.progress.display import Display
    from llbfront.progress.events import StatusEvent, Vertex


@attrs.frozen(repr=False)
class LinkedRequest(ShortRepr):
    """A request, and the named contexts of it that are results of other requests: names of contexts to names of requests."""

    request: BuildRequest
    links: Mapping[str, str] = attrs.Factory(dict)


@attrs.frozen(eq=False, repr=False)
class _Running(ShortRepr):
    """One request under way."""

    name: str
    prepared: PreparedSolve[FrontendRun]
    services: SessionServices
    solve: RunningSolve
    error: LlbfrontError | None  # of the frontend


def build_together(
    connection: EngineConnection,
    requests: Mapping[str, LinkedRequest],
    *,
    display: Display,
    on_event: Callable[[StatusEvent], object] | None = None,
) -> dict[str, BuildResult]:
    """Build requests by name. When one fails, the others are cancelled.

    Raises:
        SolveError: the engine failed to build a request; the message names it.
        OptionError: links that lead to no request, or in a circle.
    """
    joint = _JointBuild(connection, display, on_event, names_steps=len(requests) > 1)
    try:
        with interrupts.deferred(connection.channel.loop.wake), builds.ticks(connection.channel, display):
            return joint.run(requests)
    except Aborted as aborted:
        error = aborted.error
    finally:
        joint.close()
    raise error


def in_order(requests: Mapping[str, LinkedRequest]) -> list[str]:
    """The names of requests, each behind those that it links to. Raises: OptionError."""
    ordered: dict[str, None] = {}

    def add(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise OptionError(f"targets link to each other in a circle: {' → '.join((*path, name))}")
        if name not in requests:
            raise OptionError(f"the target {path[-1]} links to {name}, which is not built")
        for linked in requests[name].links.values():
            add(linked, (*path, name))
        ordered[name] = None

    for name in requests:
        add(name, ())
    return list(ordered)


class _JointBuild:
    def __init__(
        self, connection: EngineConnection, display: Display, on_event: Callable[[StatusEvent], object] | None, *, names_steps: bool
    ) -> None:
        self._connection, self._display, self._on_event = connection, display, on_event
        self._names_steps = names_steps
        self._owners: dict[str, str] = {}  # of steps: the first target that needs them
        self._running: dict[str, _Running] = {}
        self._results: dict[str, LinkedResult] = {}
        self._is_aborted = False
        self._cleanup = contextlib.ExitStack()

    def close(self) -> None:
        self._cleanup.close()

    def run(self, requests: Mapping[str, LinkedRequest]) -> dict[str, BuildResult]:
        try:
            for name in in_order(requests):
                self._start(name, requests[name])
                self._raise_failure()
            self._connection.channel.wait(self._is_decided)
            self._raise_failure()
            return {name: self._finish(running) for name, running in self._running.items()}
        except BaseException:
            self._abort()
            raise

    def _is_decided(self) -> bool:
        """Whether all solves ended, or one failed."""
        calls = [running.solve.call for running in self._running.values()]
        return any(call.error is not None for call in calls) or all(call.done for call in calls)

    def _raise_failure(self) -> None:
        for running in self._running.values():
            if running.error is not None or running.solve.call.error is not None:
                self._finish(running)

    def _start(self, name: str, linked: LinkedRequest) -> None:
        """Begin a solve and run its frontend."""
        connection = self._connection
        links = {context: self._linked_result(target) for context, target in linked.links.items()}
        prepared = builds.prepare(connection, linked.request, linked=links)
        self._cleanup.callback(prepared.inputs.close)
        services = builds.session_services(connection, prepared, self._display)
        self._cleanup.callback(services.close)
        solve = RunningSolve(
            connection.channel,
            prepared.message,
            services.services,
            prepared.inputs.shared_key,
            self._display.trace,
            lambda event: self._show(name, event),
        )
        self._running[name] = _Running(name, prepared, services, solve, None)
        error = solve.run_frontend(prepared.frontend)
        self._running[name] = _Running(name, prepared, services, solve, error)
        self._results[name] = LinkedResult(prepared.frontend.platform_graphs, prepared.frontend.platform_configs)

    def _linked_result(self, target: str) -> LinkedResult:
        result = self._results[target]
        if not result.graphs:
            raise ContextError(f"the result of the target {target} is empty and cannot be a context")
        return result

    def _show(self, name: str, event: StatusEvent) -> None:
        if self._names_steps:
            event = attrs.evolve(event, vertexes=tuple(self._named(name, vertex) for vertex in event.vertexes))
        self._display.update(event)
        if self._on_event is not None and not self._is_aborted:
            require_sync(self._on_event(event))

    def _named(self, name: str, vertex: Vertex) -> Vertex:
        """Put the name of the target in front of the name of a step: `[app build 2/3] RUN make`."""
        owner = self._owners.setdefault(vertex.digest, name)
        shown = f"[{owner} {vertex.name[1:]}" if vertex.name.startswith("[") else f"[{owner}] {vertex.name}"
        return attrs.evolve(vertex, name=shown)

    def _finish(self, running: _Running) -> BuildResult:
        prepared, services, solve = running.prepared, running.services, running.solve
        try:
            response = solve.result(running.error, self._display.trace, prepared.frontend.graphs)
            response = builds.deliver(self._connection, prepared, services, response, self._display)
        except SolveError as error:
            explained = builds.explained(error, prepared, services)
            explained.add_hint(f"in target {running.name}")
            raise explained from None
        warnings = [*solve.lost_status(), *map(status_decoding.frontend_warning, prepared.frontend.warnings)]
        show_warnings(warnings, self._display, self._on_event)
        solve.is_over = True
        return builds.build_result(prepared, services, response, self._display)

    def _abort(self) -> None:
        """Cancel all solves that have not ended; the engine gets a moment to say so."""
        self._is_aborted = True
        channel = self._connection.channel
        if channel.loop.is_broken:
            channel.close()
            return
        left = [running.solve for running in self._running.values() if not running.solve.call.done]
        with contextlib.suppress(LlbfrontError, KeyboardInterrupt, Aborted):
            for solve in left:
                solve.cancel()
            channel.wait(lambda: all(solve.status.done for solve in left), timeout_s=CANCEL_PATIENCE_S)
        for solve in left:
            solve.end()
