"""Calls between our own client and server: all four kinds, errors, limits, waiting inside handlers, ends of every sort."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llbfront.errors import RpcError
from llbfront.rpc import framing, status
from llbfront.rpc.calls import Handler
from llbfront.rpc.codes import Code
from llbfront.rpc.unary import unary_handler
from tests.rpc.echo import BOTH, DOWNLOAD, ECHO, UNARY, UPLOAD, Bytes, Echo

if TYPE_CHECKING:
    from llbfront.rpc.calls import ServerCall
    from llbfront.rpc.event_loop import Job
    from llbfront.rpc.stream_channel import StreamChannel
    from tests.rpc.conftest import Joined


def call_of_every_kind(client: StreamChannel, size: int) -> None:
    data = os.urandom(size)
    assert client.unary(UNARY, Bytes(data=data)).data == data
    upload = client.start(UPLOAD)
    for _ in range(3):
        upload.send(Bytes(data=data))
    upload.close_send()
    assert upload.result().data == str(3 * size).encode()
    download = client.start(DOWNLOAD)
    download.send(Bytes(data=b"20"))
    download.close_send()
    assert [int.from_bytes(message.data[:4], "big") for message in download.messages()] == list(range(19, -1, -1))
    both = client.start(BOTH)
    answers = both.messages()
    for number in range(3):
        both.send(Bytes(data=data + bytes([number])))
        assert next(answers).data == data + bytes([number])
    both.close_send()
    assert list(answers) == []


@pytest.mark.parametrize("size", [0, 1, 16_384, 3_000_000])
def test_all_four_kinds_of_calls(joined: Joined, size: int) -> None:
    client, _ = joined(ECHO)
    call_of_every_kind(client, size)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 5000), st.one_of(st.integers(1, 30), st.integers(30, 70_000)), st.integers(64, 20_000))
def test_windows_and_pieces_of_any_size(joined: Joined, size: int, window_bytes: int, most: int) -> None:
    client, _ = joined(ECHO, most=most, window_bytes=window_bytes)
    call_of_every_kind(client, size)


def test_one_byte_at_a_time(joined: Joined) -> None:
    client, _ = joined(ECHO, most=1, window_bytes=1)
    assert client.unary(UNARY, Bytes(data=b"slow but right")).data == b"slow but right"


def test_many_calls_at_once_do_not_mix(joined: Joined) -> None:
    client, _ = joined(ECHO, window_bytes=10_000)
    calls = [client.start(BOTH) for _ in range(50)]
    for number, call in enumerate(calls):
        for part in range(20):
            call.send(Bytes(data=bytes([number, part]) * 900))
        call.close_send()
    for number, call in enumerate(calls):
        assert [message.data for message in call.messages()] == [bytes([number, part]) * 900 for part in range(20)]


def test_a_message_in_parts_arrives_whole(joined: Joined) -> None:
    client, _ = joined(ECHO)
    call = client.start(UNARY)
    encoded = Bytes(data=bytes(100_000)).SerializeToString()
    call.send_bytes([encoded[:3], memoryview(encoded)[3:50_000], b"", memoryview(encoded)[50_000:]])
    call.close_send()
    assert call.result().data == bytes(100_000)


def test_messages_over_16_mib_are_refused(joined: Joined) -> None:
    client, _ = joined(ECHO)
    with pytest.raises(RpcError, match="larger than") as caught:
        client.unary(UNARY, Bytes(data=bytes(framing.MESSAGE_BYTES)))
    assert caught.value.code == Code.RESOURCE_EXHAUSTED
    assert client.unary(UNARY, Bytes(data=b"next")).data == b"next"


def test_an_unknown_method_is_unimplemented(joined: Joined) -> None:
    client, _ = joined({})
    with pytest.raises(RpcError, match="unknown method /test") as caught:
        client.unary(UNARY, Bytes())
    assert caught.value.code == Code.UNIMPLEMENTED


class Failing(Handler):
    def __init__(self, call: ServerCall) -> None:
        call.finish(
            Code.NOT_FOUND,
            "nicht gefunden: ä\n100 %",
            details=[("type.example/A", b"\0\xff"), ("b", b"")],
            trailer=(("x-more", ""),),
        )


def test_an_error_carries_its_message_details_and_trailer(joined: Joined) -> None:
    client, _ = joined({UNARY.path: Failing})
    call = client.start(UNARY)
    with pytest.raises(RpcError) as caught:
        call.result()
    assert caught.value.message == "nicht gefunden: ä\n100 %"
    assert caught.value.code == Code.NOT_FOUND
    assert caught.value.details == (("type.example/A", b"\0\xff"), ("b", b""))
    assert call.trailer == (("x-more", ""),)


def test_what_a_handler_raises_ends_only_its_call(joined: Joined) -> None:
    def bad(request: Bytes, call: ServerCall) -> Bytes:
        raise ValueError(f"no {request.data.decode()}")

    def refused(request: Bytes, call: ServerCall) -> Bytes:
        raise RpcError("go away", code=7, details=[("t", b"v")])

    client, _ = joined({**ECHO, UNARY.path: unary_handler(UNARY, bad), BOTH.path: unary_handler(BOTH, refused)})
    with pytest.raises(RpcError, match="no luck") as caught:
        client.unary(UNARY, Bytes(data=b"luck"))
    assert caught.value.code == Code.UNKNOWN
    with pytest.raises(RpcError, match="go away") as caught:
        client.unary(BOTH, Bytes())
    assert (caught.value.code, caught.value.details) == (7, (("t", b"v"),))
    assert client.unary(UPLOAD, Bytes(data=b"12")).data == b"2"


def test_metadata_travels_both_ways(joined: Joined) -> None:
    seen: list[tuple[tuple[str, str], ...]] = []

    class Noting(Echo):
        def __init__(self, call: ServerCall) -> None:
            super().__init__(call)
            seen.append(call.metadata)
            call.send_header((("answer", "1"), ("answer", "2")))

    client, _ = joined({UNARY.path: Noting})
    sent = (("dir-name", "context"), ("empty", ""), ("many", "a"), ("many", "b"), ("data-bin", status.encode_binary(b"\0\1\2")))
    call = client.start(UNARY, metadata=sent)
    call.send(Bytes())
    call.close_send()
    call.result()
    assert call.header == (("answer", "1"), ("answer", "2"))
    assert seen[0] == (("user-agent", "llbfront"), *sent)
    assert status.decode_binary(dict(seen[0])["data-bin"]) == b"\0\1\2"


def test_waiting_inside_a_handler_serves_everybody_else(joined: Joined) -> None:
    client: StreamChannel
    inner: list[bytes] = []

    def nested(request: Bytes, call: ServerCall) -> Bytes:
        inner.extend(client.unary(BOTH, Bytes(data=request.data + bytes([n]) * 70_000)).data[:3] for n in range(3))
        return Bytes(data=b"outer")

    client, _ = joined({UNARY.path: unary_handler(UNARY, nested), BOTH.path: Echo})
    assert client.unary(UNARY, Bytes(data=b"ab")).data == b"outer"
    assert inner == [b"ab\0", b"ab\1", b"ab\2"]


def test_events_keep_their_order_when_a_callback_waits(joined: Joined) -> None:
    client, _ = joined(ECHO)
    order: list[int] = []

    def listen(message: Bytes) -> None:
        order.append(message.data[0])
        if len(order) == 1:
            client.unary(UNARY, Bytes(data=b"meanwhile"))

    call = client.start(BOTH, on_message=listen)
    for number in range(5):
        call.send(Bytes(data=bytes([number])))
    call.close_send()
    call.finish()
    assert order == [0, 1, 2, 3, 4]


def test_slow_work_runs_beside_the_loop(joined: Joined) -> None:
    def slow(request: Bytes, call: ServerCall) -> Bytes:
        time.sleep(0.2)
        return Bytes(data=b"done")

    client, _ = joined({**ECHO, UNARY.path: unary_handler(UNARY, slow, in_thread=True)})
    first = client.start(UNARY)
    first.send(Bytes())
    first.close_send()
    assert client.unary(UPLOAD, Bytes()).data == b"0"
    assert not first.done
    assert first.result().data == b"done"


def test_a_job_hands_over_what_it_raised(joined: Joined) -> None:
    client, _ = joined(ECHO)
    told: list[Job[float]] = []
    job = client.submit(lambda: 1 / 0, told.append)
    client.wait(lambda: job.done)
    assert told == [job]
    with pytest.raises(ZeroDivisionError):
        job.result()


def test_deadlines_hold_on_both_sides(joined: Joined) -> None:
    handlers: list[Echo] = []

    class Silent(Echo):
        def __init__(self, call: ServerCall) -> None:
            super().__init__(call)
            handlers.append(self)

        def on_half_close(self) -> None:
            pass

    client, _ = joined({UNARY.path: Silent})
    started = time.monotonic()
    with pytest.raises(RpcError) as caught:
        client.unary(UNARY, Bytes(), timeout_s=0.1)
    assert caught.value.code == Code.DEADLINE_EXCEEDED
    assert 0.09 < time.monotonic() - started < 5
    client.wait(lambda: handlers[0].cancelled, timeout_s=5)
    assert handlers[0].cancelled


def test_cancel_reaches_the_handler(joined: Joined) -> None:
    handlers: list[Echo] = []

    class Noting(Echo):
        def __init__(self, call: ServerCall) -> None:
            super().__init__(call)
            handlers.append(self)

    client, _ = joined({BOTH.path: Noting})
    call = client.start(BOTH)
    client.wait(lambda: bool(handlers))
    call.cancel()
    assert call.done
    assert call.error is not None
    assert call.error.code == Code.CANCELLED
    assert client.wait(lambda: handlers[0].cancelled, timeout_s=5)


@pytest.mark.parametrize("which", ["client", "server"])
def test_the_end_of_the_connection_ends_its_calls(joined: Joined, which: str) -> None:
    handlers: list[Echo] = []

    class Noting(Echo):
        def __init__(self, call: ServerCall) -> None:
            super().__init__(call)
            handlers.append(self)

    client, server = joined({BOTH.path: Noting})
    call = client.start(BOTH)
    client.wait(lambda: bool(handlers))
    (client if which == "client" else server).close()
    client.wait(lambda: call.done and handlers[0].cancelled, timeout_s=5)
    assert handlers[0].cancelled
    assert call.error is not None
    assert call.error.code == Code.UNAVAILABLE
    with pytest.raises(RpcError):
        client.unary(UNARY, Bytes())


def test_a_paused_call_makes_its_caller_wait(joined: Joined) -> None:
    calls: list[ServerCall] = []
    received: list[int] = []

    class Paused(Echo):
        def __init__(self, call: ServerCall) -> None:
            super().__init__(call)
            calls.append(call)
            call.pause()

        def on_message(self, data: bytes) -> None:
            received.append(len(data))

    client, _ = joined({BOTH.path: Paused}, window_bytes=100_000)
    call = client.start(BOTH)
    for _ in range(30):
        call.send_bytes(bytes(50_000))
    call.close_send()
    assert not client.wait(lambda: call.room_bytes > 0, timeout_s=0.2)
    assert received == []
    calls[0].resume()
    call.finish()
    assert received == [50_000] * 30


def test_unread_messages_stop_the_sender(joined: Joined) -> None:
    client, _ = joined(ECHO, window_bytes=20_000)
    call = client.start(DOWNLOAD)
    call.send(Bytes(data=b"2000"))
    call.close_send()
    assert not client.wait(lambda: call.done, timeout_s=0.3)
    assert len(call._messages) < 100
    assert sum(1 for _ in call.messages()) == 2000


def test_a_call_without_an_answer_fails(joined: Joined) -> None:
    class Mute(Echo):
        def on_message(self, data: bytes) -> None:
            pass

    client, _ = joined({UNARY.path: Mute})
    with pytest.raises(RpcError, match="no message"):
        client.unary(UNARY, Bytes())


def test_the_last_reader_may_close_first(joined: Joined) -> None:
    """A server that ends a call early tells the client to stop sending."""

    class Early(Handler):
        def __init__(self, call: ServerCall) -> None:
            self.call = call

        def on_message(self, data: bytes) -> None:
            self.call.send(data)
            self.call.finish()

    client, _ = joined({BOTH.path: Early})
    call = client.start(BOTH)
    call.send(Bytes(data=b"1"))
    assert call.result().data == b"1"
    call.send(Bytes(data=b"into the void"))
    call.close_send()
    assert client.wait(lambda: True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1H", 3600.0),
        ("2M", 120.0),
        ("3S", 3.0),
        ("4m", 0.004),
        ("5u", 5e-6),
        ("6n", 6e-9),
        ("S", None),
        ("123456789S", None),
        ("1x", None),
    ],
)
def test_timeouts_are_read(text: str, seconds: float | None) -> None:
    assert status.decode_timeout(text) == pytest.approx(seconds)


@given(st.text())
def test_messages_of_errors_survive_escaping(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    assert status.unescape(status.escape(clean)) == clean
    assert status.escape(clean).isascii()


def test_a_handler_that_fails_cleans_up(joined: Joined) -> None:
    cleaned: list[str] = []

    class Failing(Handler):
        def on_message(self, data: bytes) -> None:
            raise RecursionError(data.decode("latin-1"))

        def on_cancel(self) -> None:
            cleaned.append("cleaned up")

    client, _ = joined({UNARY.path: lambda _: Failing()})
    with pytest.raises(RpcError) as raised:
        client.unary(UNARY, Bytes(data=b"deep"))
    assert raised.value.code == Code.UNKNOWN
    assert cleaned == ["cleaned up"]
