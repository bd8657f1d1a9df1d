"""The session tunnel against an engine made of our own parts: announcements, calls, ends; with windows of every size."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llbfront.errors import RpcError
from llbfront.http2.connection import Connection
from llbfront.pb import control_pb2 as control
from llbfront.pb import health_pb2 as health
from llbfront.rpc.calls import Handler
from llbfront.rpc.channel import Channel
from llbfront.rpc.codes import Code
from llbfront.rpc.endpoint import Endpoint
from llbfront.rpc.event_loop import Loop
from llbfront.rpc.services.control import ControlMethods
from llbfront.rpc.services.health import HealthMethods
from llbfront.rpc.stream_channel import Pipes, StreamChannel
from llbfront.session import tunnel
from tests.rpc.echo import BOTH, DOWNLOAD, ECHO, UNARY, Bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llbfront.rpc.calls import Metadata, RawCall, Receiver, ServerCall

Connected = tuple[StreamChannel, "Engine"]


class Engine(Channel, Handler):
    """Serves Control/Session and is, inside it, the client."""

    def __init__(self, call: ServerCall, window_bytes: int) -> None:
        Channel.__init__(self, call.loop)
        self.call = call
        self.half_closed = False
        self.cancelled = False
        self.inner = Endpoint(
            call.loop,
            Connection(client=True, window_bytes=window_bytes),
            on_output=lambda: call.loop.before_poll(self.pump),
            on_lost=lambda error: None,
        )
        self.pump()

    def open(
        self, path: str, receiver: Receiver, *, metadata: Metadata = (), timeout_s: float | None = None, is_unary: bool = False
    ) -> RawCall:
        del is_unary
        return self.inner.open(path, receiver, metadata=metadata, timeout_s=timeout_s)

    def close(self) -> None:
        self.call.finish()

    def pump(self) -> None:
        while self.call.room_bytes > 0 and (parts := self.inner.pull(32_768)[0]):
            self.call.send(control.BytesMessage(data=b"".join(parts)).SerializeToString())

    def on_writable(self) -> None:
        self.pump()

    def on_message(self, data: bytes) -> None:
        self.inner.receive(control.BytesMessage.FromString(data).data)

    def on_half_close(self) -> None:
        self.half_closed = True
        self.inner.lose()
        self.call.finish()

    def on_cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def connected() -> Iterator[Callable[..., tuple[StreamChannel, list[Engine]]]]:
    opened: list[StreamChannel] = []

    def make(window_bytes: int = 1 << 20) -> tuple[StreamChannel, list[Engine]]:
        engines: list[Engine] = []

        def serve(call: ServerCall) -> Handler:
            engines.append(Engine(call, window_bytes))
            return engines[-1]

        loop = Loop()
        left, right = (end.detach() for end in socket.socketpair())
        client = StreamChannel(Pipes(left, left), loop=loop, window_bytes=window_bytes)
        server = StreamChannel(
            Pipes(right, right),
            loop=loop,
            services={ControlMethods.Session.path: serve, UNARY.path: ECHO[UNARY.path]},
            window_bytes=window_bytes,
        )
        opened.extend((client, server))
        return client, engines

    yield make
    for channel in opened:
        channel.close()
        channel.loop.close()


def opened_by(client: StreamChannel, engines: list[Engine], **options: Any) -> tuple[tunnel.Session, Engine]:
    session = tunnel.open(client, ECHO, **options)
    assert client.wait(lambda: bool(engines), timeout_s=5)
    return session, engines[-1]


def test_the_announcement(connected: Any) -> None:
    _, engine = opened_by(*connected(), session_id="abc", shared_key="key")
    assert [entry for entry in engine.call.metadata if entry[0].startswith("x-")] == [
        ("x-docker-expose-session-uuid", "abc"),
        ("x-docker-expose-session-sharedkey", "key"),
        *(("x-docker-expose-session-grpc-method", path) for path in ECHO),
        ("x-docker-expose-session-grpc-method", "/grpc.health.v1.Health/Check"),
        ("x-docker-expose-session-grpc-method", "/grpc.health.v1.Health/Watch"),
    ]


@pytest.mark.parametrize(
    ("key", "sent"),
    [("", ""), ("a b%", "a b%"), ("ä b/~", "%C3%A4+b%2F~"), ("tab\t", "tab%09"), ("\x7f", "%7F")],
)
def test_shared_keys_are_escaped_when_they_must(key: str, sent: str) -> None:
    announced = dict(tunnel.metadata({}, session_id="i", shared_key=key, health_timeout_s=1.5))
    assert announced["x-docker-expose-session-sharedkey"] == sent
    assert announced.get("x-docker-expose-session-sharedkey-encoded") == (None if key == sent else "1")
    assert announced["x-buildkit-session-health-custom-timeout"] == "1500"


def test_ids_are_fresh_and_of_the_right_form() -> None:
    ids = {tunnel.random_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(session_id) == 25 and set(session_id) <= set("0123456789abcdefghijklmnopqrstuvwxyz") for session_id in ids)


def test_health(connected: Any) -> None:
    _, engine = opened_by(*connected())
    assert engine.unary(HealthMethods.Check, health.HealthCheckRequest()).status == health.HealthCheckResponse.SERVING
    watch = engine.start(HealthMethods.Watch)
    watch.send(health.HealthCheckRequest())
    watch.close_send()
    assert next(watch.messages()).status == health.HealthCheckResponse.SERVING
    assert not watch.done


def test_what_is_not_offered_is_unimplemented(connected: Any) -> None:
    _, engine = opened_by(*connected())
    with pytest.raises(RpcError) as caught:
        engine.unary(ControlMethods.Info, control.InfoRequest())
    assert caught.value.code == Code.UNIMPLEMENTED


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.integers(1, 50), st.integers(200, 900), st.integers(10_000, 16 << 20)), st.integers(0, 20_000))
def test_calls_through_windows_of_any_size(connected: Any, window_bytes: int, size: int) -> None:
    size = min(size, 200 * window_bytes)  # a byte at a time takes its time
    client, engines = connected(window_bytes)
    session, engine = opened_by(client, engines)
    both = engine.start(BOTH)
    for number in range(3):
        both.send(Bytes(data=bytes([number]) * size))
    both.close_send()
    assert [message.data for message in both.messages()] == [bytes([number]) * size for number in range(3)]
    assert client.unary(UNARY, Bytes(data=b"beside it")).data == b"beside it"
    session.close()
    assert session.done
    assert session.error is None


def test_a_long_transfer(connected: Any) -> None:
    _, engine = opened_by(*connected(65_535))
    download = engine.start(DOWNLOAD)
    download.send(Bytes(data=b"20000"))
    download.close_send()
    assert sum(len(message.data) for message in download.messages()) == 20_000_000


def test_close_half_closes_and_waits(connected: Any) -> None:
    client, engines = connected()
    session, engine = opened_by(client, engines)
    session.close()
    assert engine.half_closed
    assert not engine.cancelled
    assert session.done
    assert session.error is None
    session.close()


def test_an_engine_that_does_not_end_is_cancelled(connected: Any) -> None:
    client, engines = connected()
    session, engine = opened_by(client, engines)
    engine.on_half_close = lambda: None  # type: ignore[method-assign]
    session.close(timeout_s=0.1)
    assert session.done
    assert client.wait(lambda: engine.cancelled, timeout_s=5)


def test_an_engine_that_leaves_ends_the_session(connected: Any) -> None:
    client, engines = connected()
    session, engine = opened_by(client, engines)
    engine.call.finish(14, "going down")
    assert client.wait(lambda: session.done, timeout_s=5)
    assert session.error is not None
    assert session.error.message == "going down"


def test_an_engine_that_speaks_nonsense_ends_the_session(connected: Any) -> None:
    client, engines = connected()
    session, engine = opened_by(client, engines)
    engine.unary(HealthMethods.Check, health.HealthCheckRequest())
    engine.call.send(control.BytesMessage(data=b"\xff" * 20).SerializeToString())
    assert client.wait(lambda: session.done, timeout_s=5)
    assert session.error is not None
    assert "broke HTTP/2" in session.error.message


def test_borders_of_messages_mean_nothing(connected: Any) -> None:
    client, engines = connected()
    _, engine = opened_by(client, engines)
    engine.unary(HealthMethods.Check, health.HealthCheckRequest())
    check = engine.start(HealthMethods.Check)
    check.send(health.HealthCheckRequest())
    check.close_send()
    data = b"".join(engine.inner.pull(1 << 20)[0])
    engine.call.send(b"")  # BytesMessage without data
    for octet in data:
        engine.call.send(control.BytesMessage(data=bytes([octet])).SerializeToString())
    assert check.result().status == health.HealthCheckResponse.SERVING
