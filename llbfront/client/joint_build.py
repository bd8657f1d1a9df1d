"""Build several requests at the same time on one connection; results may be contexts of other requests.

All solves are open at once: the engine works on all of them, and one event loop serves their sessions. The frontends run one after
the other, since each takes little time and the engine begins with a graph as soon as it has it. The engine runs a step that several
graphs share once.

Source: build/build.go of docker/buildx.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront import interrupts
from llbfront.client import build as builds
from llbfront.client import prepared_build
from llbfront.client.prepared_build import PreparedBuild
from llbfront.client.request.jobs import DEFER_ERROR, DEFER_OUTPUT, Jobs
from llbfront.client.solve import shared_sessions, status_decoding
from llbfront.client.solve.joint_status import JointStatus
from llbfront.client.solve.linked_contexts import ContextGraphs, LinkedResult
from llbfront.client.solve.running_solve import CANCEL_PATIENCE_S, RunningSolve, require_sync, show_warnings
from llbfront.errors import ContextError, LlbfrontError, OptionError, SolveError, TargetsFailed
from llbfront.rpc.event_loop import Aborted

if TYPE_CHECKING:
    from typing import Any

    from llbfront.client.build import EngineConnection, PreparedSolve
    from llbfront.client.request.build_request import BuildRequest
    from llbfront.client.result import BuildResult
    from llbfront.client.solve.frontend_run import FrontendRun
    from llbfront.client.solve.session_services import SessionServices
    from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
    from llbfront.llb.state import State
    from llbfront.progress.display import Display
    from llbfront.progress.events import StatusEvent
    from llbfront.rpc.calls import Call


@attrs.frozen
class LinkedRequest:
    """A request whose contexts may be graphs.

    Attributes:
        request: what to build.
        links: the named contexts that are results of other requests: names of contexts to names of requests.
        context: the main context as a graph, which is taken in place of the address in the request.
        local: the request with its local input, once that was read.
    """

    request: BuildRequest
    links: Mapping[str, str] = attrs.Factory(dict)
    context: State | None = None
    local: PreparedBuild | None = None


@contextlib.contextmanager
def prepared(requests: Mapping[str, LinkedRequest], environ: Mapping[str, str]) -> Iterator[dict[str, LinkedRequest]]:
    """Read and check the local input of requests before an engine is needed. Raises what `prepared_build.prepare` raises."""
    with contextlib.ExitStack() as stack:
        yield {
            name: attrs.evolve(linked, local=linked.local or stack.enter_context(_prepare(name, linked.request, environ)))
            for name, linked in requests.items()
        }


def _prepare(name: str, request: BuildRequest, environ: Mapping[str, str]) -> PreparedBuild:
    try:
        return prepared_build.prepare(request, environ)
    except LlbfrontError as error:
        error.add_hint(f"in target {name}")
        raise


def build_together(
    connection: EngineConnection,
    requests: Mapping[str, LinkedRequest],
    *,
    display: Display,
    on_event: Callable[[StatusEvent], object] | None = None,
    jobs: Jobs | None = None,
) -> dict[str, BuildResult]:
    """Build requests by name. When one fails, the others are cancelled unless `jobs` says otherwise.

    Raises:
        SolveError: the engine failed to build a request; the message names it. TargetsFailed with the mode `defer-error`.
        OptionError: links that lead to no request, or in a circle, or that `jobs` does not allow.
    """
    order, jobs = in_order(requests), jobs or Jobs()
    _check_jobs(jobs, requests)
    with prepared(requests, connection.environ) as local:
        joint = _JointBuild(connection, display, on_event, local, jobs)
        try:
            with interrupts.deferred(connection.channel.loop.wake), builds.ticks(connection.channel, display):
                return joint.run(order)
        except Aborted as aborted:
            error = aborted.error
        finally:
            joint.close()
    raise error


def _check_jobs(jobs: Jobs, requests: Mapping[str, LinkedRequest]) -> None:
    """Refuse a number of jobs that could never end. Raises: OptionError."""
    if not 0 < jobs.parallel < len(requests):
        return
    if jobs.mode == DEFER_OUTPUT:
        raise OptionError(f"{DEFER_OUTPUT} needs as many jobs as targets, {len(requests)}", hint="leave out parallel=")
    if any(linked.links for linked in requests.values()):
        raise OptionError("a limit of jobs is not possible for targets that are contexts of others", hint="leave out parallel=")


def in_order(requests: Mapping[str, LinkedRequest]) -> list[str]:
    """The names of requests, each after those that it links to. Raises: OptionError."""
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


@attrs.define(eq=False)
class _Running:
    """One request under way. `error` is that of its frontend."""

    name: str
    prepared: PreparedSolve[FrontendRun]
    services: SessionServices
    solve: RunningSolve
    error: LlbfrontError | None = None

    @property
    def frontend(self) -> FrontendRun:
        return self.prepared.frontend

    @property
    def has_ended(self) -> bool:
        return self.error is not None or self.solve.call.done

    @property
    def has_failed(self) -> bool:
        return self.error is not None or self.solve.call.error is not None

    def run(self, part: Callable[[], None]) -> None:
        """Run a part of the frontend."""
        self.error = self.error or self.solve.run_frontend(part)


class _JointBuild:
    def __init__(
        self,
        connection: EngineConnection,
        display: Display,
        on_event: Callable[[StatusEvent], object] | None,
        requests: Mapping[str, LinkedRequest],
        jobs: Jobs,
    ) -> None:
        self._connection, self._display, self._on_event = connection, display, on_event
        self._requests, self._jobs = requests, jobs
        self._status = JointStatus(names_steps=len(requests) > 1)
        self._running: dict[str, _Running] = {}
        self._failures: dict[str, LlbfrontError] = {}
        self._results: dict[str, LinkedResult] = {}
        self._images: dict[tuple[object, ...], ResolvedImage] = {}
        self._is_aborted = False
        self._cleanup = contextlib.ExitStack()
        local = {name: linked.local for name, linked in requests.items() if linked.local is not None}
        self._sessions = shared_sessions.share(build.inputs for build in local.values())
        self._shared = {name: shared_sessions.sessions_of(build.inputs, self._sessions) for name, build in local.items()}

    def close(self) -> None:
        self._cleanup.close()

    def run(self, order: list[str]) -> dict[str, BuildResult]:
        try:
            for session in self._sessions:
                session.open(self._connection.channel)
                self._cleanup.callback(session.close)
            for name in order:
                self._wait_for_free_job()
                self._start(name)
                self._raise_failure()
            if self._jobs.mode == DEFER_OUTPUT:
                self._evaluate()
                for running in self._running.values():
                    running.run(running.frontend.finish)
            self._connection.channel.wait(self._is_decided)
            self._raise_failure()
            return self._finish_all()
        except BaseException:
            self._abort()
            raise

    @property
    def _keeps_going(self) -> bool:
        return self._jobs.mode == DEFER_ERROR

    def _wait_for_free_job(self) -> None:
        """Wait until fewer builds run than may."""
        limit = self._jobs.parallel
        if limit:
            self._connection.channel.wait(lambda: sum(not running.has_ended for running in self._running.values()) < limit)
            self._raise_failure()

    def _is_decided(self) -> bool:
        """Whether all solves ended, or one failed."""
        running = self._running.values()
        return all(each.has_ended for each in running) or (not self._keeps_going and any(each.has_failed for each in running))

    def _raise_failure(self) -> None:
        """Raise the error of a build that failed, unless the others are to end."""
        if self._keeps_going:
            return
        for running in self._running.values():
            if running.has_failed:
                self._finish(running)

    def _start(self, name: str) -> None:
        """Begin a solve and run its frontend."""
        try:
            running = self._opened(name)
        except LlbfrontError as error:
            if not self._keeps_going:
                raise
            self._failures[name] = error
            return
        run = running.frontend
        running.run(run.begin if self._jobs.mode == DEFER_OUTPUT else run.run)
        if running.error is None:
            self._results[name] = LinkedResult(run.platform_graphs, run.platform_configs)

    def _opened(self, name: str) -> _Running:
        connection, linked, shared = self._connection, self._requests[name], self._shared[name]
        links = {context: self._linked_result(name, target) for context, target in linked.links.items()}
        contexts = ContextGraphs(
            links, linked.context, {directory: session.id for directory, session in shared.items()}, self._images
        )
        prepared_solve = builds.prepare(connection, linked.local or linked.request, contexts=contexts)
        files = {directory: session.files for directory, session in shared.items()}
        services = builds.session_services(connection, prepared_solve, self._display, shared=files)
        self._cleanup.callback(services.close)
        solve = RunningSolve(
            connection.channel,
            prepared_solve.message,
            services.services,
            prepared_solve.inputs.shared_key,
            self._display.trace,
            functools.partial(self._show, name),
        )
        self._running[name] = running = _Running(name, prepared_solve, services, solve)
        return running

    def _linked_result(self, name: str, target: str) -> LinkedResult:
        if target not in self._results:
            raise SolveError(f"the target {target}, which is a context of {name}, has failed")
        result = self._results[target]
        if not result.graphs:
            raise ContextError(f"the result of the target {target} is empty and cannot be a context")
        return result

    def _evaluate(self) -> None:
        """Run the steps of all builds, before anything is exported."""
        calls = [(running, call) for running in self._running.values() for call in running.frontend.evaluate()]
        self._connection.channel.wait(lambda: self._is_evaluated([call for _, call in calls]))
        for running, call in calls:
            if call.error is not None and running.error is None:
                running.error = running.solve.explain(call.error, self._display.trace, running.frontend.graphs)
                running.solve.cancel()
        self._raise_failure()

    @staticmethod
    def _is_evaluated(calls: list[Call[Any, Any]]) -> bool:
        return all(call.done for call in calls) or any(call.error is not None for call in calls)

    def _show(self, name: str, event: StatusEvent) -> None:
        news = self._status.news(name, event)
        if news is None:
            return
        self._display.update(news)
        if self._on_event is not None and not self._is_aborted:
            require_sync(self._on_event(news))

    def _finish_all(self) -> dict[str, BuildResult]:
        """Deliver the results. Raises TargetsFailed where failures were kept until now."""
        results: dict[str, BuildResult] = {}
        for name, running in self._running.items():
            try:
                results[name] = self._finish(running)
            except LlbfrontError as error:
                if not self._keeps_going:
                    raise
                self._failures[name] = error
        if self._failures:
            raise TargetsFailed(self._failures, results)
        return results

    def _finish(self, running: _Running) -> BuildResult:
        prepared_solve, services, solve = running.prepared, running.services, running.solve
        try:
            response = solve.result(running.error, self._display.trace, prepared_solve.frontend.graphs)
            response = builds.deliver(self._connection, prepared_solve, services, response, self._display)
        except SolveError as error:
            explained = builds.explained(error, prepared_solve, services)
            explained.add_hint(f"in target {running.name}")
            raise explained from None
        warnings = [*solve.lost_status(), *map(status_decoding.frontend_warning, prepared_solve.frontend.warnings)]
        show_warnings(warnings, self._display, self._on_event)
        solve.is_over = True
        return builds.build_result(prepared_solve, services, response, self._display)

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
