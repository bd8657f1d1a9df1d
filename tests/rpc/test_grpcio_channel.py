"""Our HTTP/2 against grpcio as the client and as the server, and grpcio behind our own seam: the same calls everywhere."""

from __future__ import annotations

import concurrent.futures
import contextlib
import socket
import threading
import time
import types
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import any_pb2
from google.rpc import status_pb2

from llbfront.connhelper.dial import dial
from llbfront.errors import RpcError
from llbfront.rpc import framing, status
from llbfront.rpc.calls import Handler
from llbfront.rpc.codes import Code
from llbfront.rpc.event_loop import Loop
from llbfront.rpc.stream_channel import Pipes, StreamChannel
from tests.rpc.echo import BOTH, DOWNLOAD, ECHO, UNARY, UPLOAD, Bytes

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

    from llbfront.rpc.calls import ServerCall, Services
    from llbfront.rpc.channel import Channel

SPINNING_THREADS = 8 + 1  # those of the server's pool, and the one of grpcio that reads for all calls
SIZES = ("grpc.max_receive_message_length", 32 << 20), ("grpc.max_send_message_length", 32 << 20)


class Reference(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """The echo service as grpcio serves it."""

    def service(self, handler_call_details: Any) -> Any:
        methods: dict[str, Any] = {
            UNARY.path: grpc.unary_unary_rpc_method_handler(self.unary),
            UPLOAD.path: grpc.stream_unary_rpc_method_handler(self.upload),
            DOWNLOAD.path: grpc.unary_stream_rpc_method_handler(self.download),
            BOTH.path: grpc.stream_stream_rpc_method_handler(self.both),
            "/test.Echo/Fail": grpc.unary_unary_rpc_method_handler(self.fail),
            "/test.Echo/Sleep": grpc.unary_unary_rpc_method_handler(self.sleep),
        }
        return methods.get(handler_call_details.method)

    def unary(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        context.send_initial_metadata(tuple((k, v) for k, v in context.invocation_metadata() if k.startswith("echo-")))
        context.set_trailing_metadata((("after", "words"), ("raw-bin", b"\0\1")))
        return request

    def upload(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        return Bytes(data=str(sum(len(Bytes.FromString(r).data) for r in requests)).encode()).SerializeToString()

    def download(self, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        for left in range(int(Bytes.FromString(request).data) - 1, -1, -1):
            yield Bytes(data=left.to_bytes(4, "big") * 250).SerializeToString()

    def both(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        yield from requests

    def fail(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        detail = any_pb2.Any(type_url="t", value=b"\xff\0")
        details = status_pb2.Status(code=9, message="ü\n%", details=[detail])
        context.set_trailing_metadata((("grpc-status-details-bin", details.SerializeToString()),))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "ü\n%")
        return b""

    def sleep(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        done = threading.Event()
        context.add_callback(done.set)
        done.wait(5)
        return b""


FAIL = type(UNARY)("/test.Echo/Fail", Bytes, Bytes)
SLEEP = type(UNARY)("/test.Echo/Sleep", Bytes, Bytes)


@pytest.fixture(params=["our client", "grpcio behind the seam"])
def channel(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[Channel]:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        server = grpc.server(pool, options=SIZES)
        server.add_generic_rpc_handlers((Reference(),))
        server.add_insecure_port(f"unix:{tmp_path}/s")
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        address = f"unix://{tmp_path}/s" if request.param == "our client" else f"tcp://127.0.0.1:{port}"
        opened = dial(address)
        yield opened
        opened.close()
        opened.loop.close()
        server.stop(0).wait()


@pytest.mark.parametrize("size", [0, 1, 100_000, 8_000_000])
def test_all_kinds_of_calls(channel: Channel, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    assert channel.unary(UNARY, Bytes(data=data)).data == data
    upload = channel.start(UPLOAD)
    for _ in range(3):
        upload.send_bytes([b"", Bytes(data=data).SerializeToString()])
    upload.close_send()
    assert upload.result().data == str(3 * size).encode()
    both = channel.start(BOTH)
    answers = both.messages()
    for number in range(3):
        both.send(Bytes(data=data + bytes([number])))
        assert next(answers).data == data + bytes([number])
    both.close_send()
    assert list(answers) == []


def test_unary_calls_over_tcp_start_no_threads(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a thread was started")

    monkeypatch.setattr(
        "llbfront.rpc.grpcio_channel.threading", types.SimpleNamespace(Thread=refuse, Semaphore=threading.Semaphore)
    )
    assert [channel.unary(UNARY, Bytes(data=bytes([number]))).data[0] for number in range(5)] == list(range(5))


def test_unread_messages_do_not_keep_a_thread(channel: Channel) -> None:
    before = threading.active_count()
    download = channel.start(DOWNLOAD)
    download.send(Bytes(data=b"20000"))
    download.close_send()
    channel.wait(lambda: False, timeout_s=0.2)
    download.cancel()
    deadline = time.monotonic() + 10
    while threading.active_count() > before + SPINNING_THREADS and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before + SPINNING_THREADS


def test_a_long_download(channel: Channel) -> None:
    download = channel.start(DOWNLOAD)
    download.send(Bytes(data=b"20000"))
    download.close_send()
    assert sum(len(message.data) for message in download.messages()) == 20_000_000


def test_a_long_upload_waits_for_room(channel: Channel) -> None:
    upload = channel.start(UPLOAD)
    for _ in range(200):
        channel.wait(lambda: upload.room_bytes > 0)
        upload.send(Bytes(data=bytes(100_000)))
    upload.close_send()
    assert upload.result().data == b"20000000"


def test_metadata(channel: Channel) -> None:
    call = channel.start(UNARY, metadata=(("echo-a", "1"), ("echo-a", ""), ("echo-b-bin", status.encode_binary(b"\0\xff"))))
    call.send(Bytes())
    call.close_send()
    call.result()
    assert [entry for entry in call.header if entry[0].startswith("echo-")] == [
        ("echo-a", "1"),
        ("echo-a", ""),
        ("echo-b-bin", status.encode_binary(b"\0\xff")),
    ]
    assert ("after", "words") in call.trailer
    assert status.decode_binary(dict(call.trailer)["raw-bin"]) == b"\0\1"


def test_errors_keep_their_details(channel: Channel) -> None:
    with pytest.raises(RpcError) as caught:
        channel.unary(FAIL, Bytes())
    assert (caught.value.code, caught.value.message, caught.value.details) == (9, "ü\n%", (("t", b"\xff\0"),))


def test_an_unknown_method_is_unimplemented(channel: Channel) -> None:
    with pytest.raises(RpcError) as caught:
        channel.unary(type(UNARY)("/no.Such/Method", Bytes, Bytes), Bytes())
    assert caught.value.code == Code.UNIMPLEMENTED


def test_a_call_over_its_time_is_deadline_exceeded(channel: Channel) -> None:
    with pytest.raises(RpcError) as caught:
        channel.unary(SLEEP, Bytes(), timeout_s=0.2)
    assert caught.value.code == Code.DEADLINE_EXCEEDED


def test_cancel_and_go_on(channel: Channel) -> None:
    call = channel.start(SLEEP)
    call.send(Bytes())
    call.close_send()
    channel.wait(lambda: False, timeout_s=0.1)
    call.cancel()
    assert call.error is not None
    assert call.error.code == Code.CANCELLED
    assert channel.unary(UNARY, Bytes(data=b"alive")).data == b"alive"


def test_close_fails_what_is_open(channel: Channel) -> None:
    call = channel.start(SLEEP)
    call.send(Bytes())
    channel.wait(lambda: False, timeout_s=0.1)
    channel.close()
    assert call.error is not None
    assert call.error.code == Code.UNAVAILABLE
    with pytest.raises(RpcError):
        channel.unary(UNARY, Bytes())


def test_two_channels_share_one_loop(channel: Channel, tmp_path: pathlib.Path) -> None:
    second = dial(f"unix://{tmp_path}/s", loop=channel.loop)
    both = channel.start(BOTH)
    both.send(Bytes(data=b"first"))
    assert second.unary(UNARY, Bytes(data=b"second")).data == b"second"
    both.close_send()
    assert both.result().data == b"first"
    second.close()


class Served:
    """Our server on a unix socket, in a thread, for any number of connections."""

    def __init__(self, path: str, services: Services) -> None:
        self.services = services
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.listener.setblocking(False)
        self.loop = Loop()
        self.loop.enable_posting()
        self.stopped = False
        self.channels: list[StreamChannel] = []
        self.loop.watch(self.listener.fileno()).update(on_readable=self.accept, on_writable=None)
        self.thread = threading.Thread(target=lambda: self.loop.wait(lambda: self.stopped))
        self.thread.start()

    def accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            fd = self.listener.accept()[0].detach()
            self.channels.append(StreamChannel(Pipes(fd, fd), loop=self.loop, services=self.services))

    def stop(self) -> None:
        self.loop.post(lambda: setattr(self, "stopped", True))
        self.thread.join()
        for channel in self.channels:
            channel.close()
        self.listener.close()
        self.loop.close()


class Failing(Handler):
    def __init__(self, call: ServerCall) -> None:
        call.finish(9, "ü\n%", details=[("t", b"\xff\0")])


@pytest.fixture
def grpcio(tmp_path: pathlib.Path) -> Iterator[grpc.Channel]:
    """Grpcio as the client of our server."""
    served = Served(f"{tmp_path}/ours", {**ECHO, "/test.Echo/Fail": Failing})
    with grpc.insecure_channel(f"unix:{tmp_path}/ours", SIZES) as client:
        yield client
    served.stop()


def multi(kind: Any, path: str) -> Any:
    return kind(path, request_serializer=None, response_deserializer=None)


@pytest.mark.parametrize("size", [0, 1, 100_000, 8_000_000])
def test_grpcio_calls_our_server(grpcio: grpc.Channel, size: int) -> None:
    request = Bytes(data=bytes(size)).SerializeToString()
    assert multi(grpcio.unary_unary, UNARY.path)(request, timeout=20) == request
    answer = multi(grpcio.stream_unary, UPLOAD.path)(iter([request] * 3), timeout=20)
    assert Bytes.FromString(answer).data == str(3 * size).encode()
    assert list(multi(grpcio.stream_stream, BOTH.path)(iter([request] * 3), timeout=20)) == [request] * 3
    download = multi(grpcio.unary_stream, DOWNLOAD.path)(Bytes(data=b"3000").SerializeToString(), timeout=20)
    assert sum(1 for _ in download) == 3000


def test_grpcio_reads_our_errors(grpcio: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        multi(grpcio.unary_unary, "/test.Echo/Fail")(b"", timeout=20)
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert error.details() == "ü\n%"
    assert status.details_of(dict(error.trailing_metadata())["grpc-status-details-bin"]) == [("t", b"\xff\0")]
    with pytest.raises(grpc.RpcError) as caught:
        multi(grpcio.unary_unary, "/no/no")(b"", timeout=20)
    error = caught.value
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED


def test_grpcio_may_send_too_much(grpcio: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        multi(grpcio.unary_unary, UNARY.path)(bytes(framing.MESSAGE_BYTES + 1), timeout=20)
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert multi(grpcio.unary_unary, UNARY.path)(b"", timeout=20) == b""


def test_grpcio_cancels(grpcio: grpc.Channel) -> None:
    call = multi(grpcio.stream_stream, BOTH.path)(iter([b"one"]), timeout=20)
    assert next(call) == b"one"
    call.cancel()
    time.sleep(0.05)
    assert multi(grpcio.unary_unary, UNARY.path)(b"", timeout=20) == b""
