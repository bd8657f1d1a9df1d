"""Solve on an engine: start the solve, its session and its status stream, run the frontend, and wait for the result.

All three share one connection and start in one write. The calls of the frontend and the requests of the engine to the session are
served by the same event loop.

Source: client/solve.go and client/build.go of BuildKit.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import attrs

from llbfront import arguments, interrupts
from llbfront.client.solve import status_decoding
from llbfront.errors import ArgumentError, LlbfrontError, RpcError, TransportError
from llbfront.pb import control_pb2 as control
from llbfront.progress.clock import clock_skew_ns
from llbfront.progress.events import StatusEvent, VertexWarning
from llbfront.progress.trace import Trace
from llbfront.rpc.codes import Code
from llbfront.rpc.event_loop import Aborted
from llbfront.rpc.services.control import ControlMethods
from llbfront.session import tunnel

if TYPE_CHECKING:
    from llbfront.llb.definition import Definition
    from llbfront.progress.display import Display
    from llbfront.rpc.calls import Services
    from llbfront.rpc.channel import Channel
    from llbfront.source import Span

ENGINE_CLOCK = "buildkit-current-timestamp"
STATUS_SILENCE_S = 5.0
CANCEL_PATIENCE_S = 1.0
FRONTEND_PATIENCE_S = 5.0


class LocalFrontend(Protocol):
    """A frontend that runs in the client. `graphs` are the graphs that it has solved so far."""

    @property
    def graphs(self) -> Sequence[Definition]: ...

    def run(self) -> None: ...


def solve(
    channel: Channel,
    request: control.SolveRequest,
    *,
    services: Services,
    shared_key: str = "",
    display: Display,
    on_event: Callable[[StatusEvent], object] | None = None,
    frontend: LocalFrontend,
) -> Mapping[str, str]:
    """Run `request` and wait for its end; return the exporter response. Status events go to `display` and its trace, and to `on_event`.

    `frontend` runs once the solve has begun. Any exception other than an LlbfrontError cancels the solve on the engine first.

    Raises:
        SolveError: the engine refused or failed to build; ExecFailed when a step's command did.
        KeyboardInterrupt: a signal interrupted the build.
        TransportError: the engine went away.
        What `frontend`, `display` and `on_event` raise, and what the loop was interrupted with.
    """

    def show(event: StatusEvent) -> None:
        display.update(event)
        if on_event is not None and not running.is_aborted:
            require_sync(on_event(event))

    try:
        with interrupts.deferred(channel.loop.wake):
            running = RunningSolve(channel, request, services, shared_key, display.trace, show)
            response = running.run(frontend, display.trace)
    except Aborted as aborted:
        error = aborted.error
    else:
        show_warnings(running.lost_status(), display, on_event)
        return response
    raise error


def show_warnings(warnings: Iterable[VertexWarning], display: Display, on_event: Callable[[StatusEvent], object] | None) -> None:
    """Show those warnings that the engine has not passed on."""
    if missing := missing_warnings(warnings, display.trace.warnings):
        event = StatusEvent(warnings=missing)
        display.update(event)
        if on_event is not None:
            on_event(event)


def missing_warnings(warnings: Iterable[VertexWarning], known: Iterable[VertexWarning]) -> tuple[VertexWarning, ...]:
    """Return those warnings that are not known, of whatever vertex."""
    shown = {attrs.evolve(warning, vertex="") for warning in known}
    return tuple(warning for warning in warnings if attrs.evolve(warning, vertex="") not in shown)


class RunningSolve:
    """One solve under way: its session, its call, and the stream of its status, whose events `show` gets outside the protocol."""

    def __init__(
        self,
        channel: Channel,
        request: control.SolveRequest,
        services: Services,
        shared_key: str,
        trace: Trace,
        show: Callable[[StatusEvent], None],
    ) -> None:
        self.channel = channel
        self._trace, self._show = trace, show
        self.is_aborted = self.is_over = False
        self.status_count = 0
        self.place: Span | None = None  # of an error of the frontend, which is not sent to the engine
        self.session = tunnel.open(channel, services, session_id=request.Session, shared_key=shared_key)
        self.call = channel.start(ControlMethods.Solve)
        self.call.send(request)
        self.call.close_send()
        self.status = channel.start(
            ControlMethods.Status, on_message=lambda response: channel.loop.deliver(functools.partial(self._on_status, response))
        )
        self.status.send(control.StatusRequest(Ref=request.Ref))
        self.status.close_send()

    def _on_status(self, status: control.StatusResponse) -> None:
        self.status_count += 1
        if self.is_over:
            return
        if self._trace.skew_ns is None:
            self._trace.skew_ns = clock_skew_ns(dict(self.status.header).get(ENGINE_CLOCK, ""), time.time_ns())
        self._show(status_decoding.status_event(status))

    def run(self, frontend: LocalFrontend, trace: Trace) -> Mapping[str, str]:
        """Run the frontend and wait for the end; return the exporter response."""
        try:
            return self._finish(frontend, trace)
        except LlbfrontError:
            raise
        except BaseException:
            self._abort()
            raise
        finally:
            self.is_over = True

    def _finish(self, frontend: LocalFrontend, trace: Trace) -> Mapping[str, str]:
        try:
            own_error = self.run_frontend(frontend.run)
        except LlbfrontError:
            self._close_session()
            raise
        return self.result(own_error, trace, frontend.graphs)

    def result(self, own_error: LlbfrontError | None, trace: Trace, graphs: Sequence[Definition]) -> Mapping[str, str]:
        """Wait for the end of the solve, whose frontend failed with `own_error` if that is not None; return the exporter response."""
        try:
            self.call.finish()
            if own_error is not None:
                raise own_error
            self._drain()
            self.session.close()
            return dict(self.call.result().ExporterResponse)
        except RpcError as error:
            self._drain()
            self._close_session()
            raise (own_error or self.explain(self._located(error), trace, graphs)) from None
        except LlbfrontError:
            self._close_session()
            raise

    def run_frontend(self, run: Callable[[], None]) -> LlbfrontError | None:
        """Run the frontend, or a part of it; return its error once the engine has ended the solve because of it."""
        try:
            run()
        except RpcError as error:
            self.channel.wait(lambda: self.call.done, timeout_s=FRONTEND_PATIENCE_S)
            if self.call.error is not None:
                self.place = error.span
                return None
            self.call.cancel()
            return self.explain(error, Trace())
        except LlbfrontError as error:
            if not self.channel.wait(lambda: self.call.done, timeout_s=FRONTEND_PATIENCE_S):
                self.call.cancel()
            return error
        return None

    def _located(self, error: RpcError) -> RpcError:
        return error.evolve(span=self.place) if self.place else error

    def explain(self, error: RpcError, trace: Trace, graphs: Sequence[Definition] = ()) -> LlbfrontError:
        """Turn the engine's error, or the loss of the engine, into ours."""
        from llbfront.client.solve_errors.lost_engine import lost_engine  # the words for failures load when there is one
        from llbfront.client.solve_errors.solve_error import failure

        return lost_engine(self.channel, error) or failure(error, trace, graphs)

    def _drain(self) -> None:
        """Read the status stream to its end, or until it has been silent for a while."""
        count = -1
        while not self.channel.wait(lambda: self.status.done, timeout_s=STATUS_SILENCE_S):
            if self.status_count == count:
                self.status.cancel()
                return
            count = self.status_count

    def lost_status(self) -> tuple[VertexWarning, ...]:
        """Return a warning if the status stream has failed: steps and warnings are missing from it."""
        error = self.status.error
        if error is None or error.code == Code.CANCELLED:
            return ()
        return (
            VertexWarning("", f"progress and warnings are incomplete: the engine failed to send them: {error.message}", level=1),
        )

    def _close_session(self) -> None:
        with contextlib.suppress(TransportError):
            self.session.close()

    def _abort(self) -> None:
        """Cancel the solve and wait a moment for its end. If the event loop is broken, close the connection instead."""
        self.is_aborted = True
        if self.channel.loop.is_broken:
            self.channel.close()
            return
        with contextlib.suppress(LlbfrontError, KeyboardInterrupt, Aborted):
            self.cancel()
            self.channel.wait(lambda: self.status.done, timeout_s=CANCEL_PATIENCE_S)
        self.end()

    def cancel(self) -> None:
        """Cancel the solve on the engine."""
        self.is_aborted = True
        self.call.cancel()
        self.channel.flush()

    def end(self) -> None:
        """Leave the status and the session of a solve that was cancelled."""
        self.is_over = True
        with contextlib.suppress(LlbfrontError, KeyboardInterrupt, Aborted):
            self.status.cancel()
            self.session.abort()
            self.channel.flush()


def check_listener(on_event: Callable[[StatusEvent], object] | None) -> None:
    """Refuse an `on_event` whose calls would fail or do nothing. Raises: ArgumentError."""
    if on_event is not None:
        arguments.callback(on_event, "on_event")


def require_sync(outcome: object) -> None:
    """Refuse what turned out to do nothing only when it was called. Raises: ArgumentError."""
    if inspect.iscoroutine(outcome):
        outcome.close()
    if inspect.isawaitable(outcome):
        raise arguments.asynchronous("on_event")
    check_generator(outcome)


def check_generator(outcome: object) -> None:
    """Refuse a generator that an `on_event` returned. Raises: ArgumentError."""
    if inspect.isgenerator(outcome) or inspect.isasyncgen(outcome):
        raise ArgumentError("on_event returns a generator, which does nothing", hint="pass a function that does the work itself")
