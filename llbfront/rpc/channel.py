"""The interfaces of calls: what the packages above `rpc` see of a connection, however it is carried.

A `Channel` starts calls (client side) and a `ServerCall` is one call that the peer started (server side). Both belong to a loop
and to its thread: nothing blocks except `wait` and what is built on it, and `wait` may be nested.

Source: none; the shapes follow gRPC's four kinds of calls.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from llbfront.errors import RpcError
from llbfront.rpc.codes import Code
from llbfront.rpc.event_loop import Aborted, Job, Loop
from llbfront.rpc.method import RequestT, ResponseT, parse_message

if TYPE_CHECKING:
    from llbfront.rpc.event_loop import Timer
    from llbfront.rpc.method import Method

    # Lower-case keys, any number of values a key. Values of keys ending in -bin are base64 text, as on the wire.
    Metadata = tuple[tuple[str, str], ...]
    # One encoded message, whole or in parts. Parts must not change afterwards: they are sent from where they are.
    Encoded = bytes | memoryview | Sequence[bytes | memoryview]
    # What is served: "/moby.filesync.v1.FileSync/DiffCopy" -> the factory of a handler.
    Services = Mapping[str, Callable[["ServerCall"], "Handler"]]

ValueT = TypeVar("ValueT")


class Handler:
    """The receiving side of one served call. Nothing here may block; long work goes in slices from `on_writable` or `call_soon`."""

    def on_message(self, data: bytes) -> None:
        """One whole message, still encoded."""

    def on_half_close(self) -> None:
        """The peer will send no more messages."""

    def on_writable(self) -> None:
        """`room_bytes` was 0 or less and is positive again."""

    def on_cancel(self) -> None:
        """The call is gone: cancelled, past its deadline, or the connection broke. `send` and `finish` do nothing from now on."""


class ServerCall(Protocol):
    """One call that the peer started; the sending side of it."""

    path: str
    metadata: Metadata
    loop: Loop

    @property
    def room_bytes(self) -> int:
        """Bytes that may be queued now. At 0 or less wait for `on_writable`; a message may be longer than the room."""

    def send(self, encoded: Encoded) -> None:
        """Queue one message. Parts are not copied."""

    def send_all(self, messages: Sequence[Encoded]) -> None:
        """Queue many messages; cheaper than one by one when they are short."""

    def send_header(self, metadata: Metadata) -> None:
        """Send response metadata; only before the first `send`."""

    def finish(
        self, code: int = 0, message: str = "", *, details: Sequence[tuple[str, bytes]] = (), trailer: Metadata = ()
    ) -> None:
        """End the call after what is queued. `details` are (type URL, value)."""

    def pause(self) -> None:
        """Hold further messages back; the peer feels it when its window is used up."""

    def resume(self) -> None:
        """Undo `pause`; held messages arrive from the loop, not from inside this call."""

    def submit(self, work: Callable[[], ValueT], then: Callable[[Job[ValueT]], None]) -> None:
        """Run `work` in a thread; `then` gets the finished job on the loop's thread unless the call is gone."""


class Receiver:
    """The receiving side of one call that we started. Overridden where needed."""

    def on_header(self, metadata: Metadata) -> None:
        """The response metadata; before any message, absent if the call failed at once."""

    def on_message(self, data: bytes) -> None:
        """One whole message, still encoded."""

    def on_writable(self) -> None:
        """`room_bytes` was 0 or less and is positive again."""

    def on_done(self, error: RpcError | None, trailer: Metadata) -> None:
        """The call ended: `error` is None for OK. Nothing follows."""


class RawCall(Protocol):
    """The sending side of one call that we started, in encoded messages."""

    @property
    def room_bytes(self) -> int:
        """Bytes that may be queued now. At 0 or less wait for `on_writable`; a message may be longer than the room."""

    def send(self, encoded: Encoded) -> None:
        """Queue one message. Parts are not copied."""

    def close_send(self) -> None:
        """Say that no more messages follow."""

    def cancel(self) -> None:
        """End the call now. `on_done` is told CANCELLED unless the call had ended."""

    def consumed(self) -> None:
        """Say that the oldest message given to `on_message` has been used; see `Channel.open`."""


class Call(Receiver, Generic[RequestT, ResponseT]):
    """One call in messages of `method`. Made by `Channel.start`.

    header, trailer: the metadata of the response, () before they came.
    done: the call has ended. error: why, if it failed.
    """

    def __init__(self, method: Method[RequestT, ResponseT], loop: Loop, on_message: Callable[[ResponseT], None] | None) -> None:
        self.method = method
        self.header: Metadata = ()
        self.trailer: Metadata = ()
        self.done = False
        self.error: RpcError | None = None
        self.raw: RawCall
        self.writable: Callable[[], None] | None = None
        self._loop = loop
        self._listener = on_message
        self._messages: deque[ResponseT] = deque()

    def send(self, message: RequestT) -> None:
        self.raw.send(message.SerializeToString())

    def send_bytes(self, encoded: Encoded) -> None:
        """Send one message that is already encoded, maybe in parts, which are not copied."""
        self.raw.send(encoded)

    @property
    def room_bytes(self) -> int:
        """Bytes that may be queued now; at 0 or less `wait(lambda: call.room_bytes > 0)`."""
        return self.raw.room_bytes

    def close_send(self) -> None:
        self.raw.close_send()

    def cancel(self) -> None:
        self.raw.cancel()

    def result(self) -> ResponseT:
        """Wait for the end; return the last message that nobody has taken. Raises RpcError if the call failed or sent none."""
        self.finish()
        if not self._messages:
            raise RpcError(f"{self.method.path} returned no message", code=Code.INTERNAL)
        return self._messages[-1]

    def finish(self) -> None:
        """Wait for the end. Raises RpcError if the call failed."""
        self._loop.wait(lambda: self.done)
        if self.error is not None:
            raise self.error

    def messages(self) -> Iterator[ResponseT]:
        """Yield messages in order, waiting for each. Raises RpcError at the end if the call failed."""
        while True:
            self._loop.wait(lambda: bool(self._messages) or self.done)
            if not self._messages:
                self.finish()
                return
            message = self._messages.popleft()
            self.raw.consumed()
            yield message

    def on_header(self, metadata: Metadata) -> None:
        self.header = metadata

    def on_message(self, data: bytes) -> None:
        message = parse_message(self.method.response, data)
        if self._listener is not None:
            self._listener(message)
            self.raw.consumed()
        else:
            self._messages.append(message)
            if not self.method.server_streaming:
                self.raw.consumed()

    def on_writable(self) -> None:
        if self.writable is not None:
            self.writable()

    def on_done(self, error: RpcError | None, trailer: Metadata) -> None:
        self.error, self.trailer, self.done = error, trailer, True


class Channel:
    """One connection. Implementations: `stream.StreamChannel` and `network.GrpcChannel`.

    address: that of the engine, for messages. log_hint: where its log is. on_call: told of each call that is opened.
    lost: nothing can be called any more. is_silent: it was lost because the peer did not answer.
    """

    def __init__(self, loop: Loop | None = None) -> None:
        self.loop = loop or Loop()
        self.owns_loop = loop is None
        self.lost = self.is_silent = False
        self.address = self.log_hint = ""
        self.on_call: Callable[[], None] | None = None

    def open(
        self, path: str, receiver: Receiver, *, metadata: Metadata = (), timeout_s: float | None = None, is_unary: bool = False
    ) -> RawCall:
        """Start a call in encoded messages. Each message given to `receiver` must be answered by `consumed` once it is used.

        is_unary: the method returns one message, not a stream.
        """
        if self.on_call is not None:
            self.on_call()
        return self._open(path, receiver, metadata, timeout_s, is_unary=is_unary)

    def _open(self, path: str, receiver: Receiver, metadata: Metadata, timeout_s: float | None, *, is_unary: bool) -> RawCall:
        raise NotImplementedError

    @property
    def peer(self) -> str:
        """What messages call the other side."""
        return f"the engine at {self.address}" if self.address else "the peer"

    @property
    def is_busy(self) -> bool:
        """Whether calls are open."""
        raise NotImplementedError

    @property
    def has_answered(self) -> bool:
        """Whether the peer has answered any call."""
        raise NotImplementedError

    def has_progressed(self) -> bool:
        """Whether the peer has sent something, or taken some of what was sent, since this was asked last."""
        raise NotImplementedError

    def lose(self, reason: str) -> None:
        """Give the connection up. Calls that have not ended fail with UNAVAILABLE and `reason`."""
        raise NotImplementedError

    def close(self) -> None:
        """End the connection, and the loop if it is the channel's own. Calls that have not ended fail with CANCELLED."""
        try:
            self._close()
        finally:
            if self.owns_loop:
                self.loop.close()

    def _close(self) -> None:
        raise NotImplementedError

    def abandon(self) -> None:
        """Close the descriptors without a word to the engine, with which another process goes on talking: for use after a fork."""
        self.lost = True
        self.loop.close()

    def serve_session(self, services: Services, announced: Metadata) -> Channel | None:
        """Serve a session on a connection of its own, where the engine wants that; None: it travels inside a call."""
        del services, announced
        return None

    def start(
        self,
        method: Method[RequestT, ResponseT],
        *,
        metadata: Metadata = (),
        on_message: Callable[[ResponseT], None] | None = None,
        timeout_s: float | None = None,
    ) -> Call[RequestT, ResponseT]:
        """Start a call; nothing is sent before the next `wait`, so calls started together leave together.

        Without `on_message` messages are kept for `Call.messages` or `Call.result`.
        """
        call = Call(method, self.loop, on_message)
        is_unary = not method.server_streaming
        call.raw = self.open(method.path, call, metadata=metadata, timeout_s=timeout_s, is_unary=is_unary)
        return call

    def unary(
        self, method: Method[RequestT, ResponseT], request: RequestT, *, metadata: Metadata = (), timeout_s: float | None = None
    ) -> ResponseT:
        """Send one request, wait for the one response. Raises RpcError."""
        call = self.start(method, metadata=metadata, timeout_s=timeout_s)
        call.send(request)
        call.close_send()
        try:
            return call.result()
        except (KeyboardInterrupt, Aborted):
            call.cancel()
            raise

    def wait(self, until: Callable[[], bool], *, timeout_s: float | None = None) -> bool:
        """Run the loop until `until()`; False if `timeout_s` passed first."""
        return self.loop.wait(until, timeout_s=timeout_s)

    def flush(self) -> None:
        """Write what is queued, as far as it goes without waiting, so that the peer works while this side does."""
        self.loop.turn(time.monotonic())

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        return self.loop.call_later(seconds, callback)

    def submit(self, work: Callable[[], ValueT], then: Callable[[Job[ValueT]], None] | None = None) -> Job[ValueT]:
        """Run what blocks in a thread of its own; see `Loop.submit`."""
        return self.loop.submit(work, then)


class _Answer(Handler, Generic[RequestT, ResponseT]):
    def __init__(
        self,
        call: ServerCall,
        method: Method[RequestT, ResponseT],
        respond: Callable[[RequestT, ServerCall], ResponseT | Job[ResponseT]],
    ) -> None:
        self.call, self.method, self.respond = call, method, respond
        self.data: bytes | None = None

    def on_message(self, data: bytes) -> None:
        self.data = data

    def on_half_close(self) -> None:
        if self.data is None:
            self.call.finish(Code.INTERNAL, "the request has no message")
            return
        self.deliver(lambda: self.respond(parse_message(self.method.request, self.data or b""), self.call))

    def deliver(self, respond: Callable[[], Any]) -> None:
        try:
            answer = respond()
        except RpcError as error:
            self.call.finish(error.code, error.message, details=error.details)
        except Exception as error:  # noqa: BLE001 (the peer is told; a served call must not end the loop)
            self.call.finish(Code.UNKNOWN, str(error))
        else:
            self.call.send(answer.SerializeToString())
            self.call.finish()


class _SlowAnswer(_Answer[RequestT, ResponseT]):
    def on_half_close(self) -> None:
        self.call.submit(
            lambda: self.respond(parse_message(self.method.request, self.data or b""), self.call),
            lambda job: self.deliver(job.result),
        )


def answering(
    method: Method[RequestT, ResponseT], respond: Callable[[RequestT, ServerCall], ResponseT], *, in_thread: bool = False
) -> Callable[[ServerCall], Handler]:
    """Serve a unary method by a function of the request. What it raises becomes the status: RpcError as it is, others UNKNOWN.

    in_thread: `respond` may block and runs in a thread of its own, where it may read `metadata` and nothing else of the call.
    """
    handler = _SlowAnswer if in_thread else _Answer
    return lambda call: handler(call, method, respond)
