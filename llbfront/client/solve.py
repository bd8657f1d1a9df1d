"""One solve on an engine: a request and what the session serves → the engine's answer.

The session, the solve and the stream of its status travel on one connection and start in one write. A frontend that runs on this
side is driven in between; its calls and everything that the engine asks of the session are served by the same loop.

Source: client/solve.go and client/build.go of BuildKit.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments, interrupts
from llbfront.client import status_decoding
from llbfront.client.lost_engine import lost_engine
from llbfront.client.solve_error import failure
from llbfront.errors import ArgumentError, LlbfrontError, OptionError, RpcError, TransportError
from llbfront.pb import control_pb2 as control
from llbfront.pb import gateway_pb2 as gateway
from llbfront.progress.clock import clock_skew_ns
from llbfront.progress.events import StatusEvent, VertexWarning
from llbfront.progress.trace import Trace
from llbfront.rpc.codes import Code
from llbfront.rpc.event_loop import Aborted
from llbfront.rpc.services.control import ControlMethods
from llbfront.rpc.services.gateway import LLBBridgeMethods
from llbfront.session import tunnel

if TYPE_CHECKING:
    from llbfront.frontend.bridge import Bridge, FrontendWarning, Returned
    from llbfront.llb.definition import Definition
    from llbfront.progress.display import Display
    from llbfront.rpc.channel import Channel, Services

ENGINE_CLOCK = "buildkit-current-timestamp"
STATUS_SILENCE_S = 5.0
CANCEL_PATIENCE_S = 1.0
FRONTEND_PATIENCE_S = 5.0
# What an engine must be able to do beyond its graph: its word for it, ours, and who can.
SEVERAL_OUTPUTS = ("exporter.multiple", "several outputs in one build", "0.13")
ATTESTATIONS = ("exporter.image.attestations", "attestations", "0.11")


def solve(
    channel: Channel,
    request: control.SolveRequest,
    *,
    services: Services,
    shared_key: str = "",
    display: Display,
    on_event: Callable[[StatusEvent], object] | None = None,
    drive: Callable[[], None] | None = None,
    graphs: Sequence[Definition] = (),
) -> Mapping[str, str]:
    """Run `request` and wait for its end; return the engine's answer. `display`, and with it its trace, is shown all that happens.

    `drive` is the frontend of this side, called once the solve is under way; `graphs` is where it leaves what it solves. Whatever is raised
    but an error of ours ends the solve on the engine first.

    Raises:
        SolveError: the engine refused or failed to build; ExecFailed when a step's command did.
        KeyboardInterrupt: a signal interrupted the build.
        TransportError: the engine went away.
        What `display` and `on_event` raise, and what the loop was interrupted with.
    """

    def on_status(response: control.StatusResponse) -> None:
        running.status_count += 1
        if running.is_over:
            return
        if display.trace.skew_ns is None:
            display.trace.skew_ns = clock_skew_ns(dict(running.status.header).get(ENGINE_CLOCK, ""), time.time_ns())
        event = status_decoding.status_event(response)
        display.update(event)
        if on_event is not None and not running.is_aborted:
            _require_sync(on_event(event))

    try:
        with interrupts.deferred(channel.loop.wake):
            running = _Solve(channel, request, services, shared_key, on_status)
            answer = running.run(drive, display.trace, graphs)
    except Aborted as aborted:
        error = aborted.error
    else:
        show_warnings(running.lost_status(), display, on_event)
        return answer
    raise error


def show_warnings(warnings: Iterable[VertexWarning], display: Display, on_event: Callable[[StatusEvent], object] | None) -> None:
    """Show those warnings that the engine has not passed on."""
    shown = {attrs.evolve(warning, vertex="") for warning in display.trace.warnings}
    missing = tuple(warning for warning in warnings if attrs.evolve(warning, vertex="") not in shown)
    if missing:
        event = StatusEvent(warnings=missing)
        display.update(event)
        if on_event is not None:
            on_event(event)


class _Solve:
    """One solve under way: its session, its call, and the stream of its status, of which `on_status` is told outside the protocol."""

    def __init__(
        self,
        channel: Channel,
        request: control.SolveRequest,
        services: Services,
        shared_key: str,
        on_status: Callable[[control.StatusResponse], None],
    ) -> None:
        self.channel = channel
        self.is_aborted = self.is_over = False
        self.status_count = 0
        self.session = tunnel.open(channel, services, session_id=request.Session, shared_key=shared_key)
        self.call = channel.start(ControlMethods.Solve)
        self.call.send(request)
        self.call.close_send()
        self.status = channel.start(
            ControlMethods.Status, on_message=lambda response: channel.loop.deliver(functools.partial(on_status, response))
        )
        self.status.send(control.StatusRequest(Ref=request.Ref))
        self.status.close_send()

    def run(self, drive: Callable[[], None] | None, trace: Trace, graphs: Sequence[Definition]) -> Mapping[str, str]:
        """Run the frontend and wait for the end; return the engine's answer."""
        try:
            return self._finish(drive, trace, graphs)
        except LlbfrontError:
            raise
        except BaseException:
            self._abort()
            raise
        finally:
            self.is_over = True

    def _finish(self, drive: Callable[[], None] | None, trace: Trace, graphs: Sequence[Definition]) -> Mapping[str, str]:
        own_error = None
        try:
            own_error = self._drive(drive)
            self.call.finish()
            if own_error is not None:
                raise own_error
            self._drain()
            self.session.close()
            return dict(self.call.result().ExporterResponse)
        except RpcError as error:
            self._drain()
            self._close_session()
            raise (own_error or lost_engine(self.channel, error) or failure(error, trace, graphs)) from None
        except LlbfrontError:
            self._close_session()
            raise

    def _drive(self, drive: Callable[[], None] | None) -> LlbfrontError | None:
        """Run the frontend; return its error once the engine has ended the solve because of it."""
        if drive is None:
            return None
        try:
            drive()
        except RpcError as error:
            self.channel.wait(lambda: self.call.done, timeout_s=FRONTEND_PATIENCE_S)
            if self.call.error is not None:
                self.call.error.span = error.span  # the engine is not told all places
                return None
            self.call.cancel()
            return lost_engine(self.channel, error) or failure(error, Trace())
        except LlbfrontError as error:
            if not self.channel.wait(lambda: self.call.done, timeout_s=FRONTEND_PATIENCE_S):
                self.call.cancel()
            return error
        return None

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
        """Tell the engine to stop, and give it a moment to say that it did. A broken loop can only be closed, which tells it, too."""
        self.is_aborted = True
        if self.channel.loop.is_broken:
            self.channel.close()
            return
        with contextlib.suppress(LlbfrontError, KeyboardInterrupt, Aborted):
            self.call.cancel()
            self.channel.flush()
            self.channel.wait(lambda: self.status.done, timeout_s=CANCEL_PATIENCE_S)
        with contextlib.suppress(LlbfrontError, KeyboardInterrupt, Aborted):
            self.status.cancel()
            self.session.abort()
            self.channel.flush()


def check_listener(on_event: Callable[[StatusEvent], object] | None) -> None:
    """Refuse an `on_event` whose calls would fail or do nothing. Raises: ArgumentError."""
    if on_event is not None:
        arguments.callback(on_event, "on_event")


def _require_sync(outcome: object) -> None:
    """Refuse what turned out to do nothing only when it was called. Raises: ArgumentError."""
    if inspect.iscoroutine(outcome):
        outcome.close()
    if inspect.isawaitable(outcome):
        raise arguments.asynchronous("on_event")
    check_generator(outcome)


def check_generator(outcome: object) -> None:
    """Refuse a generator that an `on_event` returned. Raises: ArgumentError."""
    if inspect.isgenerator(outcome) or inspect.isasyncgen(outcome):
        raise ArgumentError("on_event returns a generator, which does nothing", hint="give a function that does the work itself")


def drive_frontend(
    channel: Channel,
    ref: str,
    session_id: str,
    options: Mapping[str, str],
    local_file: Callable[[str, str], bytes | None],
    graphs: list[Definition],
    *,
    needs: Iterable[tuple[str, str, str]] = (),
    frontend: Callable[[Bridge], Returned] | None = None,
    inputs: Mapping[str, Definition] | None = None,
    warnings: list[FrontendWarning] | None = None,
) -> bytes | None:
    """Run `frontend`, or ours, against the solve `ref`, and give the engine its result or its error.

    `graphs` keeps what is solved, in the end the graphs of the result last; `warnings` keeps the warnings of the frontend.

    Returns:
        The image config, None if there is none or one for each platform.

    Raises:
        OptionError: the engine lacks what the build `needs`.
    """
    metadata = (("buildkit-controlapi-buildid", ref),)
    ping = channel.start(LLBBridgeMethods.Ping, metadata=metadata)
    ping.send(gateway.PingRequest())
    ping.close_send()
    channel.flush()
    from llbfront.frontend.build import build  # here: it loads while the engine begins the solve and says what it can do
    from llbfront.frontend.gateway import LLBBridge
    from llbfront.frontend.results import CONFIG, encode_result

    bridge = LLBBridge.connect(
        channel, options=options, session_id=session_id, metadata=metadata, local_file=local_file, inputs=inputs or {}, ping=ping
    )
    bridge.graphs, bridge.warnings = graphs, warnings
    try:
        for capability, what, since in needs:
            if not bridge.llb_caps.supports(capability):
                raise OptionError(f"this engine is too old for {what}", hint=f"BuildKit {since} and newer can")
        made = (frontend or build)(bridge)
        returned = encode_result(made, bridge.caps)
    except LlbfrontError as error:
        from llbfront.frontend.errors import encode_error

        bridge.settle()
        bridge.ask(LLBBridgeMethods.Return, encode_error(error))
        raise
    bridge.settle()
    bridge.ask(LLBBridgeMethods.Return, returned)
    results = bridge.graphs_of(made)
    graphs[:] = [graph for graph in graphs if graph not in results] + results
    return made.metadata.get(CONFIG)
