"""The service that the tests of calls use, and the methods by which they call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.pb import control_pb2 as control
from llbfront.rpc.calls import Handler
from llbfront.rpc.method import Method

if TYPE_CHECKING:
    from llbfront.rpc.calls import ServerCall, Services

Bytes = control.BytesMessage

UNARY = Method("/test.Echo/Unary", Bytes, Bytes)
UPLOAD = Method("/test.Echo/Upload", Bytes, Bytes, client_streaming=True)
DOWNLOAD = Method("/test.Echo/Download", Bytes, Bytes, server_streaming=True)
BOTH = Method("/test.Echo/Both", Bytes, Bytes, client_streaming=True, server_streaming=True)


class Echo(Handler):
    """Answers each message with itself, and ends when the caller does."""

    def __init__(self, call: ServerCall) -> None:
        self.call = call
        self.cancelled = False

    def on_message(self, data: bytes) -> None:
        self.call.send(data)

    def on_half_close(self) -> None:
        self.call.finish()

    def on_cancel(self) -> None:
        self.cancelled = True


class Total(Handler):
    """Answers with the total length of the messages received."""

    def __init__(self, call: ServerCall) -> None:
        self.call = call
        self.size = 0

    def on_message(self, data: bytes) -> None:
        self.size += len(Bytes.FromString(data).data)

    def on_half_close(self) -> None:
        self.call.send(Bytes(data=str(self.size).encode()).SerializeToString())
        self.call.finish()


class Flood(Handler):
    """Sends as many messages of 1000 bytes as the request says, as fast as the window of the peer allows."""

    def __init__(self, call: ServerCall) -> None:
        self.call = call
        self.left = 0

    def on_message(self, data: bytes) -> None:
        self.left = int(Bytes.FromString(data).data)

    def on_half_close(self) -> None:
        self.on_writable()

    def on_writable(self) -> None:
        while self.left and self.call.room_bytes > 0:
            self.left -= 1
            self.call.send(Bytes(data=self.left.to_bytes(4, "big") * 250).SerializeToString())
        if not self.left:
            self.call.finish()


ECHO: Services = {UNARY.path: Echo, UPLOAD.path: Total, DOWNLOAD.path: Flood, BOTH.path: Echo}
