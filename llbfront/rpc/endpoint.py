"""Calls in both directions over one sans-IO HTTP/2 connection.

The owner of the byte stream (`StreamChannel`, the session tunnel) feeds `receive` and empties `pull`; `on_output` tells it that
`pull` may have something. Events are handled in their order even if a handler waits and so comes back here.

Source: gRPC over HTTP/2 (doc/PROTOCOL-HTTP2.md of gRPC).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from llbfront.http2.events import DataEvent, HeadersEvent, LostEvent, ResetEvent, WritableEvent
from llbfront.rpc import framing, status
from llbfront.rpc.codes import Code
from llbfront.rpc.http2_calls import BaseCall, ClientCall, ServerStream

if TYPE_CHECKING:
    from llbfront.http2.connection import Connection
    from llbfront.http2.errors import Http2Error
    from llbfront.rpc.calls import Metadata, Receiver, Services
    from llbfront.rpc.event_loop import Loop


class Endpoint:
    """See the module. `on_lost` is called once, when the connection is lost; None means a clean end."""

    def __init__(
        self,
        loop: Loop,
        connection: Connection,
        *,
        services: Services | None = None,
        authority: str = "localhost",
        on_output: Callable[[], None],
        on_lost: Callable[[Http2Error | None], None],
    ) -> None:
        self.loop = loop
        self.connection = connection
        self.services: Services = services or {}
        self.authority = authority
        self.on_output = on_output
        self.on_lost = on_lost
        self.has_answered = False

    def open(self, path: str, receiver: Receiver, *, metadata: Metadata = (), timeout_s: float | None = None) -> ClientCall:
        call = ClientCall(self.loop, self.connection, self.on_output, receiver)
        fields = framing.request_fields(path, authority=self.authority, metadata=metadata, timeout_s=timeout_s)
        call.stream = self.connection.open(fields)
        call.stream.owner = call
        call.deadline(timeout_s)
        if self.connection.events:  # refused at once
            self.loop.call_soon(self.dispatch)
        self.on_output()
        return call

    def receive(self, data: bytes) -> None:
        """Process bytes of the peer, b"" at their end, and deliver the events."""
        if not data:
            self.lose()
            return
        self.connection.receive(data)
        self.dispatch()
        self.on_output()

    def lose(self, reason: str = "the peer closed the connection") -> None:
        """Handle the loss of the connection: the peer will send nothing more."""
        self.connection.receive_end(reason)
        self.dispatch()

    def pull(self, limit_bytes: int) -> tuple[list[bytes | memoryview], int]:
        parts, size = self.connection.pull(limit_bytes)
        if self.connection.events:
            self.loop.call_soon(self.dispatch)
        return parts, size

    def dispatch(self) -> None:
        events = self.connection.events
        while events:
            event = events.popleft()
            if isinstance(event, LostEvent):
                self.on_lost(event.error)
                continue
            call: BaseCall | None = event.stream.owner
            if isinstance(event, DataEvent):
                if call is not None:
                    call.on_data(event)
            elif isinstance(event, HeadersEvent):
                if call is not None:
                    self.has_answered = True
                    call.on_headers(event)
                else:
                    self._serve(event)
            elif isinstance(event, ResetEvent):
                if call is not None:
                    call.on_reset(event)
            elif isinstance(event, WritableEvent) and call is not None:
                call.on_writable()

    def _serve(self, event: HeadersEvent) -> None:
        fields = dict(event.fields)
        call = ServerStream(
            self.loop, self.connection, self.on_output, event.stream, fields[":path"], status.metadata_of(event.fields)
        )
        event.stream.owner = call
        if fields[":method"] != "POST" or not fields.get("content-type", "").startswith("application/grpc"):
            call.over()
            self.connection.send_headers(event.stream, [(":status", "415")], ended=True)
            return
        factory = self.services.get(call.path)
        if factory is None:
            call.finish(Code.UNIMPLEMENTED, f"unknown method {call.path}")
            return
        call.deadline(_timeout(fields))
        call.guard(lambda: setattr(call, "handler", factory(call)))
        if event.ended:
            call.take(None)


def _timeout(fields: dict[str, str]) -> float | None:
    text = fields.get("grpc-timeout")
    return None if text is None else status.decode_timeout(text)
