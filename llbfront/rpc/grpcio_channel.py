"""A Channel over TCP and TLS, implemented with grpcio.

grpcio runs its own threads; their reports are posted to the loop, so that receivers are called inside `wait` and on its thread, as
with every other channel.
"""

from __future__ import annotations

import functools
import queue
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import grpc

from llbfront.errors import ConnectError, RpcError
from llbfront.files.paths import reason
from llbfront.files.reading import read_bytes
from llbfront.http2.stream import QUEUE_HIGH_BYTES, QUEUE_LOW_BYTES
from llbfront.rpc import framing, status
from llbfront.rpc.channel import Channel
from llbfront.rpc.codes import Code

if TYPE_CHECKING:
    from llbfront.rpc.calls import Encoded, Metadata, Receiver
    from llbfront.rpc.event_loop import Loop
    from llbfront.rpc.tls import Tls

PROGRESS_BYTES = 4096
CLOSE_PATIENCE_S = 0.5
_UNCONSUMED = 64  # messages that may wait for their receiver
_END = object()


class GrpcChannel(Channel):
    """Calls to `target`, a host and port or anything else that grpcio resolves."""

    def __init__(self, target: str, *, tls: Tls | None = None, loop: Loop | None = None) -> None:
        super().__init__(loop)
        self.loop.enable_posting()
        self._calls: set[_Call] = set()
        self.has_received = False  # set by calls
        self.taken_bytes = 0  # counted by calls in grpcio's threads; enough to see that it grows
        self._seen_bytes = 0
        options: list[tuple[str, Any]] = [
            ("grpc.max_receive_message_length", framing.MESSAGE_BYTES),
            ("grpc.max_send_message_length", framing.MESSAGE_BYTES),
            ("grpc.primary_user_agent", framing.USER_AGENT),
        ]
        if tls is None:
            self._channel = grpc.insecure_channel(target, options)
        else:
            if tls.server_name:
                options.append(("grpc.ssl_target_name_override", tls.server_name))
            self._channel = grpc.secure_channel(target, _credentials(tls), options)

    @property
    def is_busy(self) -> bool:
        return bool(self._calls)

    @property
    def has_answered(self) -> bool:
        return True  # `connect` has asked a question

    def has_progressed(self) -> bool:
        has_received, self.has_received = self.has_received, False
        taken, self._seen_bytes = self.taken_bytes - self._seen_bytes, self.taken_bytes
        return has_received or taken >= PROGRESS_BYTES

    def lose(self, reason: str) -> None:
        self.lost = True
        for call in list(self._calls):
            call.fail(RpcError(reason, code=Code.UNAVAILABLE))
        # grpcio waits for writes in progress, which never end when the peer is frozen.
        closing = threading.Thread(target=self._channel.close, daemon=True)
        closing.start()
        closing.join(CLOSE_PATIENCE_S)

    def _open(self, path: str, receiver: Receiver, metadata: Metadata, timeout_s: float | None, *, is_unary: bool) -> _Call:
        call = _Call(self, receiver)
        if self.lost:
            self.loop.call_soon(lambda: call.done(RpcError("the channel is closed", code=Code.UNAVAILABLE), ()))
            return call
        self._calls.add(call)
        self.loop.before_poll(lambda: call.begin(self._channel, path, _to_grpc(metadata), timeout_s, is_unary=is_unary))
        return call

    def forget(self, call: _Call) -> None:
        self._calls.discard(call)

    def _close(self) -> None:
        self.lose("the connection was closed")


class _Call:
    """See channel.RawCall. `requests`, `_listen` and `_answered` run in grpcio's threads, everything else in the loop's."""

    def __init__(self, channel: GrpcChannel, receiver: Receiver) -> None:
        self._channel = channel
        self._receiver = receiver
        self._outgoing: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._sent_bytes = 0  # counted by the loop's thread
        self._taken_bytes = 0  # counted by grpcio's thread, once grpcio asks for more
        self._blocked = False
        self._closing = False
        self._ended = False
        self._window = threading.Semaphore(_UNCONSUMED)
        self._call: Any = None

    @property
    def room_bytes(self) -> int:
        return QUEUE_HIGH_BYTES + self._taken_bytes - self._sent_bytes

    def send(self, encoded: Encoded) -> None:
        if self._ended or self._closing:
            return
        message = encoded if isinstance(encoded, bytes) else b"".join([encoded] if isinstance(encoded, memoryview) else encoded)
        self._sent_bytes += len(message)
        self._blocked = self._blocked or self.room_bytes <= 0
        self._outgoing.put(message)

    def close_send(self) -> None:
        if not self._closing:
            self._closing = True
            self._outgoing.put(_END)

    def cancel(self) -> None:
        self.fail(RpcError("the call was cancelled", code=Code.CANCELLED))

    def consumed(self) -> None:
        self._window.release()

    def fail(self, error: RpcError) -> None:
        if self._call is not None:
            self._call.cancel()
        self.done(error, ())

    def begin(self, channel: grpc.Channel, path: str, metadata: Any, timeout_s: float | None, *, is_unary: bool) -> None:
        """Start the call. The usual one, with one message in each direction, needs no extra thread."""
        if self._ended:
            return
        options = {"metadata": metadata, "timeout": timeout_s}
        if not self._has_one_request():
            self._call = channel.stream_stream(path, None, None)(self.requests(), **options)
        elif is_unary:
            self._call = channel.unary_unary(path, None, None).future(self._outgoing.get(), **options)
            self._call.add_done_callback(self._answered)
            return
        else:
            self._call = channel.unary_stream(path, None, None)(self._outgoing.get(), **options)
        threading.Thread(target=self._listen, daemon=True).start()

    def _has_one_request(self) -> bool:
        return self._closing and self._outgoing.qsize() == len(("the request", _END))

    def requests(self) -> Iterator[bytes]:
        while (message := self._outgoing.get()) is not _END:
            yield message
            self._taken_bytes += len(message)
            self._channel.taken_bytes += len(message)
            if self._blocked and self._has_room():
                self._post(self._tell_writable)

    def _has_room(self) -> bool:
        return self._sent_bytes - self._taken_bytes < QUEUE_LOW_BYTES

    def _tell_writable(self) -> None:
        if self._blocked and self._has_room():
            self._blocked = False
            self._receiver.on_writable()

    def _listen(self) -> None:
        try:
            header = _from_grpc(self._call.initial_metadata())
            self._post(lambda: self._receiver.on_header(header))
            for message in self._call:
                if not self._ended:  # else nothing is delivered any more, and `consumed` is not called
                    self._window.acquire()
                self._post(functools.partial(self._receiver.on_message, message))
        except grpc.RpcError:
            pass
        error, trailer = self._error(), _from_grpc(self._call.trailing_metadata())
        self._post(lambda: self.done(error, trailer))

    def _answered(self, call: Any) -> None:
        message = call.result() if call.code() is grpc.StatusCode.OK else None
        header, error, trailer = _from_grpc(call.initial_metadata()), self._error(), _from_grpc(call.trailing_metadata())

        def tell() -> None:
            self._receiver.on_header(header)
            if message is not None:
                self._receiver.on_message(message)
            self.done(error, trailer)

        self._post(tell)

    def _error(self) -> RpcError | None:
        code = self._call.code().value[0]
        if code == Code.OK:
            return None
        named = dict(self._call.trailing_metadata() or ())
        details = named.get(status.DETAILS_KEY)
        message = self._call.details() or ""
        if code == Code.UNAVAILABLE and not details:
            message = f"{self._channel.peer}: {message}"
        return RpcError(message, code=code, details=status.details_of(details) if isinstance(details, bytes) else ())

    def _post(self, tell: Callable[[], None]) -> None:
        self._channel.has_received = True
        self._channel.loop.post(lambda: None if self._ended else tell())

    def done(self, error: RpcError | None, trailer: Metadata) -> None:
        if not self._ended:
            self._ended = True
            self.close_send()
            self._window.release()  # `_listen` may wait for it
            self._channel.forget(self)
            self._receiver.on_done(error, trailer)


CERTIFICATE_LIMIT_BYTES = 16 * 1024 * 1024


def _credentials(tls: Tls) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(_read(tls.ca), _read(tls.key), _read(tls.cert))


def _read(path: str | None) -> bytes | None:
    if path is None:
        return None
    try:
        return read_bytes(path, limit_bytes=CERTIFICATE_LIMIT_BYTES)
    except (OSError, ValueError) as error:
        raise ConnectError(f"cannot read {path}: {reason(error)}") from error


def _to_grpc(metadata: Metadata) -> tuple[tuple[str, str | bytes], ...]:
    return tuple((key, status.decode_binary(value) if key.endswith("-bin") else value) for key, value in metadata)


def _from_grpc(metadata: Any) -> Metadata:
    return tuple(
        (key, status.encode_binary(value) if isinstance(value, bytes) else value)
        for key, value in metadata or ()
        if not key.startswith("grpc-")
    )
