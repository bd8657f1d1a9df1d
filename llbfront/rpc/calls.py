"""The interface of calls: `Call` for a call that this side starts, `ServerCall` and `Handler` for a call that it serves.

A call belongs to an event loop and to its thread. Only waiting for a call blocks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from llbfront.errors import RpcError
from llbfront.rpc.codes import Code
from llbfront.rpc.method import RequestT, ResponseT, parse_message

if TYPE_CHECKING:
    from llbfront.rpc.event_loop import Job, Loop
    from llbfront.rpc.method import Method

    # Lower-case keys, any number of values a key. Values of keys ending in -bin are base64 text, as on the wire.
    Metadata = tuple[tuple[str, str], ...]
    # One encoded message, whole or in parts. Parts must not change afterwards: they are sent from where they are.
    Encoded = bytes | memoryview | Sequence[bytes | memoryview]
    # What is served: "/moby.filesync.v1.FileSync/DiffCopy" -> the factory of a handler.
    Services = Mapping[str, Callable[["ServerCall"], "Handler"]]

ValueT = TypeVar("ValueT")


class Handler:
    """The receiving side of a served call. Methods must not block; long work is done in slices from `on_writable` or `call_soon`."""

    def on_message(self, data: bytes) -> None:
        """Called with each message, which is still encoded."""

    def on_half_close(self) -> None:
        """Called when the peer will send no more messages."""

    def on_writable(self) -> None:
        """Called when `room_bytes` was 0 or less and is positive again."""

    def on_cancel(self) -> None:
        """Called when the call is cancelled, is past its deadline, or lost its connection. `send` and `finish` do nothing after that."""


class ServerCall(Protocol):
    """The sending side of a call that the peer started."""

    path: str
    metadata: Metadata
    loop: Loop

    @property
    def room_bytes(self) -> int:
        """The number of bytes that may be queued now. At 0 or less, wait for `on_writable`; a message may be longer."""

    def send(self, encoded: Encoded) -> None:
        """Queue a message. Parts are not copied."""

    def send_all(self, messages: Sequence[Encoded]) -> None:
        """Queue many messages, which is faster than one by one if they are short."""

    def send_header(self, metadata: Metadata) -> None:
        """Send response metadata; only before the first `send`."""

    def finish(
        self, code: int = 0, message: str = "", *, details: Sequence[tuple[str, bytes]] = (), trailer: Metadata = ()
    ) -> None:
        """End the call after what is queued. `details` are (type URL, value)."""

    def pause(self) -> None:
        """Hold back further messages. The peer has to wait when its window is used up."""

    def resume(self) -> None:
        """Undo `pause`; held messages arrive from the loop, not from inside this call."""

    def submit(self, work: Callable[[], ValueT], then: Callable[[Job[ValueT]], None]) -> None:
        """Run `work` in a thread; `then` gets the finished job on the loop's thread unless the call is gone."""


class Receiver:
    """The receiving side of a call that we started. Override the methods that are needed."""

    def on_header(self, metadata: Metadata) -> None:
        """Called with the response metadata, before any message. Not called if the call failed at once."""

    def on_message(self, data: bytes) -> None:
        """Called with each message, which is still encoded."""

    def on_writable(self) -> None:
        """Called when `room_bytes` was 0 or less and is positive again."""

    def on_done(self, error: RpcError | None, trailer: Metadata) -> None:
        """Called when the call has ended, as the last method. `error` is None for OK."""


class RawCall(Protocol):
    """The sending side of a call that we started, in encoded messages."""

    @property
    def room_bytes(self) -> int:
        """The number of bytes that may be queued now. At 0 or less, wait for `on_writable`; a message may be longer."""

    def send(self, encoded: Encoded) -> None:
        """Queue a message. Parts are not copied."""

    def close_send(self) -> None:
        """End the request stream: no more messages follow."""

    def cancel(self) -> None:
        """End the call now. `on_done` gets CANCELLED unless the call had ended."""

    def consumed(self) -> None:
        """Acknowledge the oldest message passed to `on_message`; see `Channel.open`."""


class Call(Receiver, Generic[RequestT, ResponseT]):
    """A call with decoded messages of `method`. Created by `Channel.start`.

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
        """Send a message that is already encoded, as parts that are not copied."""
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
        """Wait for the end; return the last message that was not read yet. Raises: RpcError if the call failed or sent none."""
        self.finish()
        if not self._messages:
            raise RpcError(f"{self.method.path} returned no message", code=Code.INTERNAL)
        return self._messages[-1]

    def finish(self) -> None:
        """Wait for the end. Raises: RpcError if the call failed."""
        self._loop.wait(lambda: self.done)
        if self.error is not None:
            raise self.error

    def messages(self) -> Iterator[ResponseT]:
        """Yield messages in order, waiting for each. Raises: RpcError at the end if the call failed."""
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
