"""Our HTTP/2 against grpc-go: calls, sessions, transfers both ways, over every kind of connection that the engine can be reached by."""

from __future__ import annotations

import hashlib
import os
import select
import socket
import tarfile
import tempfile
import threading
import time
from typing import TYPE_CHECKING

import pytest

from llbfront.connhelper.command import channel_over
from llbfront.connhelper.dial import dial
from llbfront.errors import RpcError
from llbfront.pb import control_pb2 as control
from llbfront.pb import ops_pb2 as ops
from llbfront.rpc.calls import Handler
from llbfront.rpc.codes import Code
from llbfront.rpc.services.control import ControlMethods
from llbfront.session import tunnel
from tests.rpc import local

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

    from llbfront.rpc.calls import ServerCall
    from llbfront.rpc.channel import Channel
    from tests.live.conftest import Engine


class Relay:
    """A TCP port on loopback that leads to a unix socket."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        with self.listener.accept()[0] as left, socket.socket(socket.AF_UNIX) as right:
            right.connect(self.path)
            while True:
                for end in select.select([left, right], [], [])[0]:
                    data = end.recv(1 << 18)
                    if not data:
                        return
                    (right if end is left else left).sendall(data)


@pytest.fixture(params=["unix", "tcp", "program"])
def channel(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Channel]:
    relay: Relay | None = None
    if request.param == "unix":
        opened = dial(engine.address)
    elif request.param == "tcp":
        relay = Relay(engine.address.removeprefix("unix://"))
        opened = dial(f"tcp://127.0.0.1:{relay.port}")
    else:
        opened = channel_over((str(engine.programs.buildctl), "--addr", engine.address, "dial-stdio"))
    yield opened
    opened.close()
    opened.loop.close()
    if relay:
        relay.thread.join()
        relay.listener.close()


def local_source(**attrs: str) -> ops.Definition:
    source = ops.Op(source=ops.SourceOp(identifier="local://context", attrs=attrs)).SerializeToString()
    last = ops.Op(inputs=[ops.Input(digest="sha256:" + hashlib.sha256(source).hexdigest())]).SerializeToString()
    definition = ops.Definition()
    getattr(definition, "def").extend([source, last])  # a word of Python
    return definition


def solve(channel: Channel, request: control.SolveRequest) -> list[control.StatusResponse]:
    """Run a build as clients do: Solve and Status side by side."""
    ref = control.SolveRequest(Ref=tunnel.random_id())
    solving = channel.start(ControlMethods.Solve)
    solving.send_bytes(request.SerializeToString() + ref.SerializeToString())
    solving.close_send()
    following = channel.start(ControlMethods.Status)
    following.send(control.StatusRequest(Ref=ref.Ref))
    following.close_send()
    events = list(following.messages())
    solving.result()
    return events


def test_info(channel: Channel) -> None:
    assert channel.unary(ControlMethods.Info, control.InfoRequest()).buildkitVersion.package == "github.com/moby/buildkit"


def test_failures_have_typed_details(channel: Channel) -> None:
    session = tunnel.open(channel, {})
    request = control.SolveRequest(Ref=tunnel.random_id(), Session=session.session_id, Frontend="dockerfile.v0")
    with pytest.raises(RpcError, match="no local sources enabled") as caught:
        channel.unary(ControlMethods.Solve, request)
    kinds = {url.rpartition("/")[2] for url, _ in caught.value.details}
    assert {"stack.Stack+json", "errdefs.Frontend+json", "errdefs.Vertex+json"} <= kinds
    session.close()


def make_tree(root: pathlib.Path) -> dict[str, bytes]:
    """Files around every border of chunks, frames and windows."""
    sizes = [0, 1, 16_350, 16_357, 16_384, 32_768, 65_535, 262_143, 262_144, 262_145, 5_000_000]
    files = {f"big/{size}": os.urandom(size) for size in sizes} | {f"small/{n % 7}/{n}": os.urandom(n % 300) for n in range(500)}
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return files


def test_a_directory_goes_there_and_comes_back(channel: Channel, tmp_path: pathlib.Path) -> None:
    files = make_tree(tmp_path)
    with tempfile.TemporaryFile() as target:
        session = tunnel.open(channel, local.services(str(tmp_path), target.fileno()))
        request = control.SolveRequest(
            Session=session.session_id,
            Definition=local_source(**{"local.unique": tunnel.random_id()}),
            Exporters=[control.Exporter(Type="tar")],
        )
        events = solve(channel, request)
        session.close()
        assert session.done
        assert session.error is None
        target.seek(0)
        with tarfile.open(fileobj=target) as archive:
            came = {entry.name: archive.extractfile(entry) for entry in archive if entry.isfile()}
            assert {name: file.read() for name, file in came.items() if file} == files
    assert any(vertex.completed for event in events for vertex in event.vertexes)


def test_many_builds_in_one_session(channel: Channel, tmp_path: pathlib.Path) -> None:
    make_tree(tmp_path)
    session = tunnel.open(channel, local.services(str(tmp_path)))
    for _ in range(5):
        solve(
            channel,
            control.SolveRequest(Session=session.session_id, Definition=local_source(**{"local.sharedkeyhint": str(tmp_path)})),
        )
    session.close()
    assert session.error is None


def test_an_error_of_ours_reaches_the_build(channel: Channel) -> None:
    class Refusing(Handler):
        def __init__(self, call: ServerCall) -> None:
            raise RpcError("no directory of that name: ü", code=Code.NOT_FOUND)

    session = tunnel.open(channel, {"/moby.filesync.v1.FileSync/DiffCopy": Refusing})
    with pytest.raises(RpcError, match="no directory of that name: ü"):
        solve(channel, control.SolveRequest(Session=session.session_id, Definition=local_source()))
    session.close()


def test_health_is_answered_during_slow_work(channel: Channel, tmp_path: pathlib.Path) -> None:
    class Slow(local.Sender):
        def schedule(self) -> None:
            if not self.is_scheduled:
                self.is_scheduled = True
                self.call.loop.call_later(3.5 if self.walking else 0, self.work)

    (tmp_path / "a").write_text("a")
    offered = {"/moby.filesync.v1.FileSync/DiffCopy": lambda call: Slow(call, str(tmp_path))}
    session = tunnel.open(channel, offered, health_timeout_s=1)
    started = time.monotonic()
    solve(
        channel, control.SolveRequest(Session=session.session_id, Definition=local_source(**{"local.unique": tunnel.random_id()}))
    )
    assert time.monotonic() - started > 3
    session.close()
    assert session.error is None


def test_a_cancelled_build_leaves_the_connection_usable(channel: Channel, tmp_path: pathlib.Path) -> None:
    class Hanging(Handler):
        def __init__(self, call: ServerCall) -> None:
            started.append(call)

    started: list[ServerCall] = []
    session = tunnel.open(channel, {"/moby.filesync.v1.FileSync/DiffCopy": Hanging})
    solving = channel.start(ControlMethods.Solve)
    solving.send(
        control.SolveRequest(
            Ref=tunnel.random_id(), Session=session.session_id, Definition=local_source(**{"local.unique": tunnel.random_id()})
        )
    )
    solving.close_send()
    assert channel.wait(lambda: bool(started), timeout_s=10)
    solving.cancel()
    channel.unary(ControlMethods.Info, control.InfoRequest())
    session.close()
    channel.unary(ControlMethods.Info, control.InfoRequest())
