"""Calls over HTTP/2 streams: deliver the events of a stream to a receiver or a handler, and send messages.

Messages are delivered in order, even if more arrive while a receiver runs the event loop.

Source: gRPC over HTTP/2 (doc/PROTOCOL-HTTP2.md of gRPC).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from llbfront.errors import RpcError
from llbfront.http2 import frames
from llbfront.http2.stream import QUEUE_HIGH_BYTES
from llbfront.rpc import framing, status
from llbfront.rpc.calls import Handler
from llbfront.rpc.codes import Code

if TYPE_CHECKING:
    from llbfront.http2.connection import Connection
    from llbfront.http2.events import DataEvent, HeadersEvent, ResetEvent
    from llbfront.http2.stream import Stream
    from llbfront.rpc.calls import Encoded, Metadata, Receiver
    from llbfront.rpc.event_loop import Job, Loop, Timer

    ValueT = TypeVar("ValueT")


class BaseCall:
    """The base of client calls and server streams, which sends messages."""

    def __init__(self, loop: Loop, connection: Connection, on_output: Callable[[], None]) -> None:
        self.loop = loop
        self.connection = connection
        self.on_output = on_output
        self.stream: Stream
        self.messages = framing.Messages()
        self.timer: Timer | None = None
        self.ended = False

    @property
    def room_bytes(self) -> int:
        return QUEUE_HIGH_BYTES - self.stream.queued_bytes

    def send(self, encoded: Encoded) -> None:
        if not self.ended:
            parts, size = framing.framed(encoded)
            self.connection.write(self.stream, parts, size)
            self.on_output()

    def deadline(self, timeout_s: float | None) -> None:
        if timeout_s is not None:
            self.timer = self.loop.call_later(timeout_s, self.expire)

    def expire(self) -> None:
        raise NotImplementedError

    def over(self) -> None:
        self.ended = True
        if self.timer is not None:
            self.timer.cancel()

    def on_headers(self, event: HeadersEvent) -> None:
        raise NotImplementedError

    def on_data(self, event: DataEvent) -> None:
        self.connection.credit(self.stream, event.credit_bytes)
        if self.ended:
            return
        try:
            messages = self.messages.feed(event.data)
        except RpcError as error:
            self.refuse_data(error)
            return
        self.take(*messages)
        if event.ended:
            self.end_of_data()

    def refuse_data(self, error: RpcError) -> None:
        """End the call because its data is not a sequence of messages."""
        raise NotImplementedError

    def take(self, *messages: bytes) -> None:
        """Deliver messages in order, also when their receiver waits and more comes in meanwhile."""
        raise NotImplementedError

    def end_of_data(self) -> None:
        """Handle the end of the peer's side of the stream after data."""
        raise NotImplementedError

    def on_reset(self, event: ResetEvent) -> None:
        raise NotImplementedError

    def on_writable(self) -> None:
        raise NotImplementedError


class ClientCall(BaseCall):
    """A call of this side; see channel.RawCall."""

    def __init__(self, loop: Loop, connection: Connection, on_output: Callable[[], None], receiver: Receiver) -> None:
        super().__init__(loop, connection, on_output)
        self.receiver = receiver
        self.answered = False
        self.inbox: deque[bytes | tuple[RpcError | None, Metadata]] = deque()
        self.unconsumed: deque[int] = deque()

    def close_send(self) -> None:
        self.connection.end(self.stream)
        self.on_output()

    def cancel(self) -> None:
        self.fail(RpcError("the call was cancelled", code=Code.CANCELLED))

    def consumed(self) -> None:
        if self.unconsumed:
            self.connection.credit(self.stream, self.unconsumed.popleft())
            self.on_output()

    def expire(self) -> None:
        self.fail(RpcError("the call took longer than allowed", code=Code.DEADLINE_EXCEEDED))

    def fail(self, error: RpcError) -> None:
        if not self.ended:
            self.connection.reset(self.stream, frames.CANCEL)
            self.on_output()
            self.done(error, ())

    def done(self, error: RpcError | None, trailer: Metadata) -> None:
        if not self.ended:
            self.over()
            self.receiver.on_done(error, trailer)

    def on_headers(self, event: HeadersEvent) -> None:
        if self.answered or event.ended:  # the trailer, maybe alone
            self.finish(event)
            return
        self.answered = True
        fields = dict(event.fields)
        if fields.get(":status") != "200" or not fields.get("content-type", "").startswith("application/grpc"):
            self.fail(status.of_http(fields.get(":status", "")))
        elif not self.ended:
            self.receiver.on_header(status.metadata_of(event.fields))

    def finish(self, event: HeadersEvent) -> None:
        http = dict(event.fields).get(":status", "200")
        if http != "200" and not any(name == "grpc-status" for name, _ in event.fields):
            error: RpcError | None = status.of_http(http)
        else:
            error = status.of_trailer(event.fields)
        if error is None and self.messages.partial:
            error = RpcError("the answer ended inside a message", code=Code.INTERNAL)
        if not self.stream.is_local_closed:
            self.connection.reset(self.stream, frames.NO_ERROR)
        self.take((error, status.metadata_of(event.fields)))

    def refuse_data(self, error: RpcError) -> None:
        self.fail(error)

    def end_of_data(self) -> None:
        self.take((RpcError("the answer ended without a status", code=Code.INTERNAL), ()))

    def on_reset(self, event: ResetEvent) -> None:
        self.take((status.of_reset(event.code, event.message, lost=self.connection.is_lost), ()))

    def take(self, *items: bytes | tuple[RpcError | None, Metadata]) -> None:
        inbox = self.inbox
        inbox.extend(items)
        while inbox and not self.ended:
            item = inbox.popleft()
            if isinstance(item, tuple):
                self.done(*item)
                return
            self.connection.credit(self.stream, -len(item))
            self.unconsumed.append(len(item))
            self.receiver.on_message(item)

    def on_writable(self) -> None:
        if not self.ended:
            self.receiver.on_writable()


class ServerStream(BaseCall):
    """A call of the peer; see channel.ServerCall."""

    def __init__(
        self, loop: Loop, connection: Connection, on_output: Callable[[], None], stream: Stream, path: str, metadata: Metadata
    ) -> None:
        super().__init__(loop, connection, on_output)
        self.stream = stream
        self.path = path
        self.metadata = metadata
        self.handler = Handler()
        self.answered = False
        self.paused = False
        self.held: deque[bytes | None] = deque()  # None: the peer has ended its side

    def send_header(self, metadata: Metadata) -> None:
        if not self.answered and not self.ended:
            self.answered = True
            self.connection.send_headers(self.stream, framing.response_fields(metadata))
            self.on_output()

    def send(self, encoded: Encoded) -> None:
        self.send_header(())
        super().send(encoded)

    def send_all(self, messages: Sequence[Encoded]) -> None:
        self.send_header(())
        if messages and not self.ended:
            parts, size = framing.framed_all(messages)
            self.connection.write(self.stream, parts, size)
            self.on_output()

    def finish(
        self, code: int = 0, message: str = "", *, details: Sequence[tuple[str, bytes]] = (), trailer: Metadata = ()
    ) -> None:
        if self.ended:
            return
        fields = [*status.to_trailer(code, message, details), *trailer]
        self.over()
        if self.answered:
            self.connection.end(self.stream, fields)
        else:
            self.connection.send_headers(self.stream, [*framing.response_fields(), *fields], ended=True)
        self.on_output()

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False
        if self.held:
            self.loop.call_soon(self.release)

    def submit(self, work: Callable[[], ValueT], then: Callable[[Job[ValueT]], None]) -> None:
        def settled(job: Job[ValueT]) -> None:
            if not self.ended:
                self.guard(then, job)

        self.loop.submit(work, settled)

    def expire(self) -> None:
        if not self.ended:
            self.finish(Code.DEADLINE_EXCEEDED, "the call took longer than its caller allows")
            self.handler.on_cancel()

    def guard(self, step: Callable[..., None], *arguments: Any) -> None:
        """Run a step of the handler; what it raises ends this call and not the loop, and the handler cleans up."""
        try:
            step(*arguments)
        except RpcError as error:
            self.finish(error.code, error.message, details=error.details)
            self.handler.on_cancel()
        except Exception as error:  # noqa: BLE001 (it is sent to the peer)
            self.finish(Code.UNKNOWN, str(error) or type(error).__name__)
            self.handler.on_cancel()

    def release(self) -> None:
        held = self.held
        while held and not self.paused and not self.ended:
            message = held.popleft()
            if message is None:
                self.guard(self.handler.on_half_close)
            else:
                self.connection.credit(self.stream, len(message))
                self.guard(self.handler.on_message, message)
        self.on_output()

    def on_headers(self, event: HeadersEvent) -> None:
        """Trailers of a request: gRPC has none, but they end it."""
        del event
        self.take(None)

    def refuse_data(self, error: RpcError) -> None:
        self.finish(error.code, error.message)
        self.handler.on_cancel()

    def end_of_data(self) -> None:
        self.take(None)

    def take(self, *messages: bytes | None) -> None:
        for message in messages:
            if message is not None:
                self.connection.credit(self.stream, -len(message))
        self.held.extend(messages)
        self.release()

    def on_reset(self, event: ResetEvent) -> None:
        del event
        if not self.ended:
            self.over()
            self.handler.on_cancel()

    def on_writable(self) -> None:
        if not self.ended:
            self.guard(self.handler.on_writable)
