"""Build several requests at the same time on one connection; results may be contexts of other requests.

All solves are open at once: the engine works on all of them, and one event loop serves their sessions. Each frontend is a task: while
one waits for the engine, the next one runs, and the engine begins with a graph as soon as it has it. The engine runs a step that
several graphs share once.

Source: build/build.go of docker/buildx.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront import interrupts
from llbfront.client import build as builds
from llbfront.client.linked_requests import check_jobs, in_order, prepared
from llbfront.client.request.jobs import DEFER_ERROR, DEFER_OUTPUT, Jobs
from llbfront.client.solve import shared_sessions, status_decoding
from llbfront.client.solve.joint_status import JointStatus
from llbfront.client.solve.linked_contexts import ContextGraphs, LinkedResult
from llbfront.client.solve.running_solve import CANCEL_PATIENCE_S, RunningSolve, missing_warnings, require_sync, show_warnings
from llbfront.client.solve.shared_calls import SharedCalls
from llbfront.errors import ContextError, LlbfrontError, SolveError, TargetsFailed
from llbfront.progress.events import StatusEvent
from llbfront.progress.trace import Trace, fold
from llbfront.rpc.event_loop import Aborted
from llbfront.rpc.tasks import Tasks

if TYPE_CHECKING:
    from typing import Any

    from llbfront.client.build import EngineConnection, PreparedSolve
    from llbfront.client.linked_requests import LinkedRequest
    from llbfront.client.records.joint_recorders import JointRecorders
    from llbfront.client.result import BuildResult
    from llbfront.client.solve.frontend_run import FrontendRun
    from llbfront.client.solve.session_services import SessionServices
    from llbfront.progress.display import Display
    from llbfront.rpc.calls import Call


def build_together(
    connection: EngineConnection,
    requests: Mapping[str, LinkedRequest],
    *,
    display: Display,
    on_event: Callable[[StatusEvent], object] | None = None,
    jobs: Jobs | None = None,
    recorders: JointRecorders | None = None,
) -> dict[str, BuildResult]:
    """Build requests by name. When one fails, the others are cancelled unless `jobs` says otherwise. `recorders` keep records of them.

    Raises:
        SolveError: the engine failed to build a request; the message names it. TargetsFailed with the mode `defer-error`.
        OptionError: links that lead to no request, or in a circle, or that `jobs` does not allow.
    """
    order, jobs = in_order(requests), jobs or Jobs()
    check_jobs(jobs, requests)
    with prepared(requests, connection.environ) as local:
        joint = _JointBuild(connection, display, on_event, local, jobs, recorders)
        try:
            with interrupts.deferred(connection.channel.loop.wake), builds.ticks(connection.channel, display):
                return joint.run(order)
        except Aborted as aborted:
            error = aborted.error
        finally:
            joint.close()
    raise error


@attrs.define(eq=False)
class _Running:
    """One request under way. `error` is that of its frontend."""

    prepared: PreparedSolve[FrontendRun]
    services: SessionServices
    solve: RunningSolve
    trace: Trace  # of its own steps alone
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
        recorders: JointRecorders | None,
    ) -> None:
        self._recorders = recorders
        self._connection, self._display, self._on_event = connection, display, on_event
        self._requests, self._jobs = requests, jobs
        self._status = JointStatus(names_steps=len(requests) > 1)
        self._running: dict[str, _Running] = {}
        self._failures: dict[str, LlbfrontError] = {}
        self._results: dict[str, LinkedResult] = {}
        self._calls = SharedCalls()
        self._tasks = Tasks(connection.channel.loop)
        self._begun: list[str] = []
        self._busy: set[str] = set()  # whose tasks have not ended
        self._is_aborted = False
        self._cleanup = contextlib.ExitStack()
        local = {name: linked.local for name, linked in requests.items() if linked.local is not None}
        self._sessions = shared_sessions.share(build.inputs for build in local.values())
        self._shared = {name: shared_sessions.sessions_of(build.inputs, self._sessions) for name, build in local.items()}

    def close(self) -> None:
        self._tasks.close()
        self._cleanup.close()
        if self._recorders is not None:
            self._recorders.close()

    def run(self, order: list[str]) -> dict[str, BuildResult]:
        try:
            for session in self._sessions:
                session.open(self._connection.channel, self._recorders.observer(session.id) if self._recorders else None)
                self._cleanup.callback(session.close)
            for name in order:
                self._wait_for_free_job()
                self._begun.append(name)
                self._run_task(name, self._start)
            if self._jobs.mode == DEFER_OUTPUT:
                self._wait_for(lambda: not self._busy)
                self._evaluate()
                for name in self._running:
                    self._run_task(name, self._return_result)
            self._wait_for(lambda: all(map(self._has_ended, order)))
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
            self._wait_for(lambda: sum(not self._has_ended(name) for name in self._begun) < limit)

    def _wait_for(self, until: Callable[[], bool]) -> None:
        """Wait for a condition. Raise the error of a build that failed, unless the others are to end."""
        if self._keeps_going:
            self._connection.channel.wait(until)
        else:
            self._connection.channel.wait(lambda: until() or any(map(self._has_failed, self._begun)))
            self._raise_failure()

    def _raise_failure(self) -> None:
        for name in filter(self._has_failed, self._begun):
            self._finish(name)

    def _has_ended(self, name: str) -> bool:
        return name not in self._busy and (name in self._failures or self._running[name].has_ended)

    def _has_failed(self, name: str) -> bool:
        return name not in self._busy and (name in self._failures or self._running[name].has_failed)

    def _run_task(self, name: str, part: Callable[[str], None]) -> None:
        """Run a part of a build in turn with the others."""

        def run() -> None:
            part(name)
            self._busy.remove(name)

        self._busy.add(name)
        self._tasks.start(run)

    def _start(self, name: str) -> None:
        """Begin a solve and run its frontend."""
        try:
            running = self._opened(name)
        except LlbfrontError as error:
            self._failures[name] = error
            return
        run = running.frontend
        running.run(run.begin if self._jobs.mode == DEFER_OUTPUT else run.run)
        if running.error is None:
            self._results[name] = LinkedResult(run.platform_graphs, run.platform_configs)

    def _return_result(self, name: str) -> None:
        running = self._running[name]
        running.run(running.frontend.finish)

    def _opened(self, name: str) -> _Running:
        connection, linked, shared = self._connection, self._requests[name], self._shared[name]
        connection.channel.wait(lambda: self._busy.isdisjoint(linked.links.values()))
        links = {context: self._linked_result(name, target) for context, target in linked.links.items()}
        contexts = ContextGraphs(
            links, linked.context, {directory: session.id for directory, session in shared.items()}, self._calls
        )
        prepared_solve = builds.prepare(connection, linked.local or linked.request, contexts=contexts)
        if self._recorders is not None:
            shared_ids = {directory: session.id for directory, session in shared.items()}
            prepared_solve = attrs.evolve(prepared_solve, recorder=self._recorders.recorder(name, shared_ids))
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
        self._running[name] = running = _Running(prepared_solve, services, solve, Trace())
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
        if name in self._running:
            fold(self._running[name].trace, event)
        news = self._status.news(name, event)
        if news is None:
            return
        self._display.update(news)
        if self._on_event is not None and not self._is_aborted:
            require_sync(self._on_event(news))

    def _finish_all(self) -> dict[str, BuildResult]:
        """Deliver the results. Raises: TargetsFailed where failures were kept until now."""
        results: dict[str, BuildResult] = {}
        for name in self._begun:
            try:
                results[name] = self._finish(name)
            except LlbfrontError as error:
                if not self._keeps_going:
                    raise
                self._failures[name] = error
        if self._failures:
            raise TargetsFailed(self._failures, results)
        return results

    def _finish(self, name: str) -> BuildResult:
        """Wait for the end of a build and deliver its result. Raises its error."""
        if name in self._failures:
            raise self._failures[name]
        running = self._running[name]
        prepared_solve, services, solve = running.prepared, running.services, running.solve
        try:
            response = solve.result(running.error, self._display.trace, prepared_solve.frontend.graphs)
            response = builds.deliver(self._connection, prepared_solve, services, response, self._display)
        except SolveError as error:
            builds.record(prepared_solve, running.trace, has_failed=True)
            explained = builds.explained(error, prepared_solve, services)
            explained.add_hint(f"in target {name}")
            raise explained from None
        warnings = [*solve.lost_status(), *map(status_decoding.frontend_warning, prepared_solve.frontend.warnings)]
        show_warnings(warnings, self._display, self._on_event)
        solve.is_over = True
        fold(running.trace, StatusEvent(warnings=missing_warnings(warnings, running.trace.warnings)))
        builds.record(prepared_solve, running.trace)
        return builds.build_result(prepared_solve, services, response, running.trace)

    def _abort(self) -> None:
        """Cancel all solves that have not ended; the engine gets a moment to say so."""
        self._is_aborted = True
        self._tasks.close()
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
