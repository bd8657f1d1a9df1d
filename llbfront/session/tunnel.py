"""The session: one Control/Session stream carries a whole HTTP/2 connection, on which the engine calls our services.

`open` starts the stream and serves on it whenever the loop of the channel runs. The engine is the client of the inner connection and
we are its server; only the methods that were announced are called.

Source: session/session.go, session/grpchijack and session/grpc.go of BuildKit.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from llbfront.errors import RpcError
from llbfront.fsutil.stat import bytes_head
from llbfront.http2.connection import Connection
from llbfront.pb import control_pb2 as control
from llbfront.pb import health_pb2 as health
from llbfront.rpc import endpoint
from llbfront.rpc.calls import Handler, Receiver
from llbfront.rpc.codes import Code
from llbfront.rpc.method import parse_message
from llbfront.rpc.services.control import ControlMethods
from llbfront.rpc.services.health import HealthMethods

if TYPE_CHECKING:
    from llbfront.http2.errors import Http2Error
    from llbfront.rpc.calls import Metadata, ServerCall, Services
    from llbfront.rpc.channel import Channel

# An inner DATA frame and all that surrounds it on its way out (outer frame header 9, gRPC prefix 5, field 1 + 3, inner header 9) fill
# one outer frame, so that a piece of a file leaves as one header block and one untouched slice.
INNER_FRAME_BYTES = 16_384 - 27
_CHUNK_BYTES = 64 * 1024
_DRAIN_S = 5.0

_ID_CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID_LENGTH = 25

_SERVING = health.HealthCheckResponse(status=health.HealthCheckResponse.SERVING).SerializeToString()


def random_id() -> str:
    """Return a fresh id of a session, a build or a container: 25 characters of base 36."""
    value = int.from_bytes(os.urandom(17), "big")
    characters = []
    for _ in range(_ID_LENGTH):
        value, digit = divmod(value, 36)
        characters.append(_ID_CHARACTERS[digit])
    return "".join(characters)


class _HealthCheck(Handler):
    def __init__(self, call: ServerCall) -> None:
        self.call = call

    def on_half_close(self) -> None:
        self.call.send(_SERVING)
        self.call.finish()


class _HealthWatch(Handler):
    def __init__(self, call: ServerCall) -> None:
        call.send(_SERVING)  # and never again: the call lives as long as the session


HEALTH: Services = {HealthMethods.Check.path: _HealthCheck, HealthMethods.Watch.path: _HealthWatch}


def metadata(services: Services, *, session_id: str, shared_key: str, health_timeout_s: float | None = None) -> Metadata:
    """Return what announces a session: its id, its key, its methods."""
    entries = [("x-docker-expose-session-uuid", session_id)]
    if shared_key.isascii() and all(0x20 <= ord(character) <= 0x7E for character in shared_key):
        entries.append(("x-docker-expose-session-sharedkey", shared_key))
    else:
        entries.append(("x-docker-expose-session-sharedkey", query_escape(shared_key)))
        entries.append(("x-docker-expose-session-sharedkey-encoded", "1"))
    entries.extend(("x-docker-expose-session-grpc-method", path) for path in services)
    if health_timeout_s is not None:
        entries.append(("x-buildkit-session-health-custom-timeout", str(int(health_timeout_s * 1000))))
    return tuple(entries)


_QUERY_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


def query_escape(text: str) -> str:
    """Escape `text` as one value of a URL query, a blank as `+`."""
    octets = text.encode("utf-8", "surrogateescape")
    return "".join("+" if octet == 0x20 else chr(octet) if octet in _QUERY_SAFE else f"%{octet:02X}" for octet in octets)


class Session:
    """One open session. `done`: it is over; `error` says why if it was not our wish."""

    session_id: str
    error: RpcError | None

    @property
    def done(self) -> bool:
        raise NotImplementedError

    def close(self, *, timeout_s: float = _DRAIN_S) -> None:
        """End the session and wait until the engine has ended its side too, but at most `timeout_s`."""
        raise NotImplementedError

    def abort(self) -> None:
        """End the session at once."""
        raise NotImplementedError


class Tunnel(Session, Receiver):
    """A session inside a Control/Session call."""

    def __init__(self, channel: Channel, services: Services, *, session_id: str, announced: Metadata) -> None:
        self.session_id = session_id
        self.error = None
        self._done = False
        self._channel = channel
        self._pumping = False
        self._inner = endpoint.Endpoint(
            channel.loop,
            Connection(client=False, frame_bytes=INNER_FRAME_BYTES),
            services=services,
            on_output=self._output,
            on_lost=self._on_lost,
        )
        self._outer = channel.open(ControlMethods.Session.path, self, metadata=announced)
        self._output()

    @property
    def done(self) -> bool:
        return self._done

    def close(self, *, timeout_s: float = _DRAIN_S) -> None:
        """Send GOAWAY, half-close, then read to the end."""
        if self.done:
            return
        self._inner.connection.shutdown()
        self._pump()
        self._outer.close_send()
        if not self._channel.wait(lambda: self.done, timeout_s=timeout_s):
            self._outer.cancel()

    def abort(self) -> None:
        self._outer.cancel()

    def on_message(self, data: bytes) -> None:
        self._outer.consumed()
        if received := parse_message(control.BytesMessage, data).data:
            self._inner.receive(received)

    def on_writable(self) -> None:
        self._pump()

    def on_done(self, error: RpcError | None, trailer: Metadata) -> None:
        del trailer
        self._done = True
        self.error = self.error or error
        self._inner.receive(b"")

    def _on_lost(self, error: Http2Error | None) -> None:
        """Handle the end of the inner connection. If the engine violated HTTP/2, the session ends with the reason."""
        if error is not None and not self.done:
            self._pump()
            self._outer.cancel()
            self.error = RpcError(f"the engine broke HTTP/2 inside the session: {error.message}", code=Code.INTERNAL)

    def _output(self) -> None:
        if not self._pumping and not self.done:
            self._pumping = True
            self._channel.loop.before_poll(self._pump)

    def _pump(self) -> None:
        self._pumping = False
        while not self.done and self._outer.room_bytes > 0:
            parts, size = self._inner.pull(_CHUNK_BYTES)
            if not size:
                return
            self._outer.send([bytes_head(1, size), *parts])


class DedicatedSession(Session):
    """A session on a separate connection, as dockerd requires it."""

    def __init__(self, channel: Channel, *, session_id: str) -> None:
        self.session_id = session_id
        self._channel = channel
        self.error = None

    @property
    def done(self) -> bool:
        return self._channel.lost

    def close(self, *, timeout_s: float = _DRAIN_S) -> None:
        del timeout_s
        self._channel.close()

    def abort(self) -> None:
        self._channel.close()


def open(  # noqa: A001 (tunnel.open reads as what it does)
    channel: Channel,
    services: Services,
    *,
    session_id: str | None = None,
    shared_key: str = "",
    health_timeout_s: float | None = None,
) -> Session:
    """Start a session that offers `services`; it is served whenever the loop of `channel` runs.

    The health service is added. A method that is not offered is answered UNIMPLEMENTED.
    """
    offered = {**services, **HEALTH}
    session_id = session_id or random_id()
    announced = metadata(offered, session_id=session_id, shared_key=shared_key, health_timeout_s=health_timeout_s)
    apart = channel.serve_session(offered, announced)
    if apart is not None:
        return DedicatedSession(apart, session_id=session_id)
    return Tunnel(channel, offered, session_id=session_id, announced=announced)
