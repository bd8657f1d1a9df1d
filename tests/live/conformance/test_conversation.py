"""Rows of the conversation that a build is: what packets end a transfer, what a session says of itself, the wire of old frontends, containers.

No Dockerfile can ask for these, so each has a test of its own, through the frontends of the rows where a frontend takes part in it.
"""

from __future__ import annotations

import contextlib
import pathlib
from typing import TYPE_CHECKING, Any, cast

import attrs
import pytest

import llbfront
from llbfront import llb
from llbfront.client.buildflags import exporters
from llbfront.client.request.build_request import BuildRequest
from llbfront.client.solve import status_decoding
from llbfront.errors import RpcError
from llbfront.frontend.bridge import Returned
from llbfront.fsutil.stat import FIN_PACKET
from llbfront.pb import control_pb2 as control
from llbfront.pb import filesync_pb2 as filesync
from llbfront.pb import fsutil_pb2 as fsutil
from llbfront.pb import gateway_pb2 as gateway
from llbfront.pb import ops_pb2 as pb
from llbfront.progress.events import StatusEvent
from llbfront.rpc.calls import Handler
from llbfront.rpc.services.control import ControlMethods
from llbfront.rpc.services.filesync import FileSyncMethods
from llbfront.rpc.services.gateway import LLBBridgeMethods
from llbfront.session import tunnel
from llbfront.session.export import DIFF_COPY, DirectoryTarget, Export, FileTarget
from tests.fsutil.trees import File, build
from tests.live.conformance.frontends import Frontend, build_with_each
from tests.live.conformance.row import OnlyFiles, row
from tests.live.recording import joined
from tests.live.test_session import local, offered, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from llbfront.rpc.calls import Encoded, ServerCall, Services
    from tests.live.conftest import Engine

INTO = FileSyncMethods.DiffCopy.path
BOTH = ("linux/amd64", "linux/arm64")
READING, NOT_ANNOUNCED = "failed to read dockerfile: ", "no local sources enabled"
MADE = llb.scratch().file(llb.Mkfile("/made", b"by hand"))
COPYING = row("C2", "a file is copied", "FROM scratch\nCOPY a.txt /\n", OnlyFiles("a.txt"))


@pytest.fixture
def client(engine: Engine) -> Iterator[llbfront.Engine]:
    with llbfront.connect(engine.address) as connected:
        yield connected


@pytest.fixture
def frontends(image: str) -> tuple[Frontend, ...]:
    return (Frontend("image", "gateway.v0", {"source": image}), Frontend("engine", "dockerfile.v0"), Frontend("here", None))


class Tap:
    """Hears the calls of one path: what each side said, in order, call by call; what ours is not to say is left out."""

    def __init__(self, path: str, *, without: bytes = b"never said") -> None:
        self.path, self.without = path, without
        self.calls: list[list[tuple[str, bytes]]] = []

    def on(self, services: Services) -> Services:
        return {path: self._heard(factory) if path == self.path else factory for path, factory in services.items()}

    def _heard(self, factory: Callable[[ServerCall], Handler]) -> Callable[[ServerCall], Handler]:
        def make(call: Any) -> Handler:
            packets: list[tuple[str, bytes]] = []
            self.calls.append(packets)
            send_all, finish = call.send_all, call.finish

            def say(messages: Sequence[Encoded]) -> None:
                kept = [message for message in messages if joined(message) != self.without]
                packets.extend(("ours", joined(message)) for message in kept)
                send_all(kept)

            def end(code: int = 0, message: str = "", **rest: Any) -> None:
                packets.append(("ours", b"end %d" % code))
                finish(code, message, **rest)

            call.send, call.send_all, call.finish = (lambda payload: say([payload])), say, end
            handler: Any = factory(call)
            take = handler.on_message

            def hear(data: bytes) -> None:
                packets.append(("engine", bytes(data)))
                take(data)

            handler.on_message = hear
            return cast("Handler", handler)

        return make


@pytest.fixture
def tapped(monkeypatch: pytest.MonkeyPatch) -> Callable[[Tap], None]:
    """Tap the sessions that are opened from now on."""
    opened = tunnel.open

    def begin(tap: Tap) -> None:
        monkeypatch.setattr(tunnel, "open", lambda channel, services, **rest: opened(channel, tap.on(services), **rest))

    return begin


def test_a_transfer_ends_with_both_sides_saying_so(
    client: llbfront.Engine, frontends: tuple[Frontend, ...], tmp_path: Path, tapped: Callable[[Tap], None]
) -> None:
    """#34: the receiver says FIN, the sender says it after it and ends the call."""
    tap = Tap(INTO)
    tapped(tap)
    built = build_with_each(client.channel, COPYING, tmp_path / "app", frontends, {})
    assert all(outcome.error is None for outcome in built.values())
    assert len(tap.calls) >= len(frontends)
    assert {tuple(packets[-3:]) for packets in tap.calls} == {(("engine", FIN_PACKET), ("ours", FIN_PACKET), ("ours", b"end 0"))}


def test_a_transfer_that_ends_early_fails(
    client: llbfront.Engine, frontends: tuple[Frontend, ...], tmp_path: Path, tapped: Callable[[Tap], None]
) -> None:
    """#34: a call that ends without the answer."""
    tapped(Tap(INTO, without=FIN_PACKET))
    built = build_with_each(client.channel, COPYING, tmp_path / "app", frontends, {})
    assert [outcome.error.message.removeprefix(READING) for outcome in built.values() if outcome.error] == ["EOF"] * len(frontends)


@pytest.mark.parametrize("kind", ["local", "tar"])
def test_a_directory_is_exported_in_packets(engine: Engine, tmp_path: Path, kind: str) -> None:
    """#35: both exports are one method whose messages are declared as bytes; a directory is sent as a tree is, by the engine."""
    tap = Tap(DIFF_COPY)
    source = build(tmp_path / "source", {"f": File(b"text")})
    target = DirectoryTarget(str(tmp_path / "out")) if kind == "local" else FileTarget(str(tmp_path / "out.tar"))
    run(engine, local("packets"), offered(source), tap.on(Export({0: target}).services()), exporter=(kind, {}))
    (call_packets,) = tap.calls
    if kind == "local":
        packets = [(who, fsutil.Packet.FromString(data)) for who, data in call_packets]
        told = packets[0][1].stat
        assert (told.path, told.size, [who for who, _ in packets]) == (
            b"f",
            4,
            ["engine", "ours", *["engine"] * 3, "ours", "engine"],
        )
        assert packets[3][1].data == b"text"
        assert [data for _, data in call_packets[-2:]] == [FIN_PACKET, FIN_PACKET]
    else:
        assert call_packets[-1] == ("ours", b"end 0")
        archive = b"".join(filesync.BytesMessage.FromString(data).data for who, data in call_packets if who == "engine")
        assert archive == (tmp_path / "out.tar").read_bytes()


def test_a_session_names_its_methods(
    client: llbfront.Engine, frontends: tuple[Frontend, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """#36: what is served but not announced is not there for the engine."""
    announced = tunnel.metadata
    monkeypatch.setattr(tunnel, "metadata", lambda *a, **b: tuple(pair for pair in announced(*a, **b) if pair[1] != INTO))
    built = build_with_each(client.channel, COPYING, tmp_path / "app", frontends, {})
    assert [outcome.error.message.removeprefix(READING) for outcome in built.values() if outcome.error] == [NOT_ANNOUNCED] * len(
        frontends
    )


def test_references_by_id(
    client: llbfront.Engine, frontends: tuple[Frontend, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G24: an engine speaks to a frontend that knows references only by their id, and takes its result."""
    request = gateway.SolveRequest
    monkeypatch.setattr(gateway, "SolveRequest", lambda **fields: request(**{**fields, "allowResultArrayRef": False}))
    told: list[str | None] = []

    def frontend(bridge: Any) -> Returned:
        ask = bridge.ask

        def hear(method: Any, message: Any) -> Any:
            answer = ask(method, message)
            if isinstance(answer, gateway.SolveResponse):
                told.append(answer.result.WhichOneof("result"))
            return answer

        bridge.ask = hear
        (graph_ref,) = bridge.solve([llb.marshal(MADE, caps=bridge.llb_caps)])
        assert graph_ref.read_file("/made", limit=9) == b"by hand"
        for frontend in frontends[:2]:
            options = {**bridge.options, **frontend.options, "platform": "linux/amd64,linux/arm64"}
            refs = bridge.solve_frontend(frontend.engine_frontend, options, {}).refs
            assert {key: ref.read_file("/a.txt", limit=9) for key, ref in refs.items()} == dict.fromkeys(BOTH, b"a")
            assert not any(ref.definition for ref in refs.values())
        bridge.caps = attrs.evolve(bridge.caps, enabled=bridge.caps.enabled - {"proto.refarray"})
        return Returned(graph_ref)

    build(tmp_path / "app", {"Dockerfile": File(b"FROM scratch\nCOPY a.txt /\n"), "a.txt": File(b"a")})
    build_request = BuildRequest(context=str(tmp_path / "app"), outputs=(exporters.parse_export(str(tmp_path / "out")),))
    client.run(build_request, frontend=frontend)
    assert told == ["refsDeprecated", "refsDeprecated"]
    assert (tmp_path / "out/made").read_text() == "by hand"


IN_WORDS = "rpc error: code = InvalidArgument desc = "
MOUNTS = {
    "no root": ([pb.Mount(dest="/x")], "root mount is required"),
    "an agent without options": ([pb.Mount(dest="/"), pb.Mount(dest="/s", mountType=pb.SSH)], 'SSH mount "/s" requires options'),
}


def test_a_container_of_a_frontend(client: llbfront.Engine, tmp_path: Path) -> None:
    """G10: a frontend may run a process on what it has built, speak with it, and see its files."""
    seen: dict[str, Any] = {}

    def frontend(bridge: Any) -> Returned:
        (root,) = bridge.solve([llb.marshal(llb.image("busybox"), caps=bridge.llb_caps)])
        for name, (mounts, _) in MOUNTS.items():
            with pytest.raises(RpcError) as refused:
                bridge.ask(LLBBridgeMethods.NewContainer, gateway.NewContainerRequest(ContainerID=name, Mounts=mounts))
            seen[name] = refused.value.code, refused.value.message.removeprefix(IN_WORDS)
        bridge.ask(
            LLBBridgeMethods.NewContainer,
            gateway.NewContainerRequest(ContainerID="c", Mounts=[pb.Mount(dest="/", resultID=root.id)]),
        )
        seen["process"] = process(bridge, "c", "read line; echo got $line $A; echo odd >&2", b"words\n")
        bridge.ask(LLBBridgeMethods.ReleaseContainer, gateway.ReleaseContainerRequest(ContainerID="c"))
        return Returned(root)

    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    client.run(BuildRequest(context=str(tmp_path)), frontend=frontend)
    assert {name: seen[name] for name in MOUNTS} == {name: (3, phrase) for name, (_, phrase) in MOUNTS.items()}
    assert seen["process"] == (b"got words 1\n", b"odd\n", 0)


def process(bridge: Any, container: str, script: str, stdin: bytes) -> tuple[bytes, bytes, int]:
    """Run a process in a container; return what it said on both streams, and its exit code."""
    call = bridge.channel.start(LLBBridgeMethods.ExecProcess, metadata=bridge.metadata)

    def say(**message: Any) -> None:
        call.send(gateway.ExecMessage(ProcessID="p", **message))

    meta = pb.Meta(args=["/bin/sh", "-c", script], env=["A=1", "PATH=/bin"], cwd="/")
    say(Init=gateway.InitMessage(ContainerID=container, Meta=meta, Fds=[0, 1, 2]))
    streams = {1: b"", 2: b""}
    code = -1
    for message in call.messages():
        match message.WhichOneof("Input"):
            case "Started":
                say(File=gateway.FdMessage(Fd=0, Data=stdin))
                say(File=gateway.FdMessage(Fd=0, EOF=True))
            case "File":
                streams[message.File.Fd] += message.File.Data
            case "Exit":
                code = message.Exit.Code
            case "Done":
                call.close_send()
    return streams[1], streams[2], code


def test_a_bridge_that_closes_early(client: llbfront.Engine, image: str) -> None:
    """G25: a build that is cancelled while its frontend waits for an answer; the frontend ends in silence, and others can build."""
    started: list[ServerCall] = []

    class Hanging(Handler):
        def __init__(self, call: ServerCall) -> None:
            started.append(call)

    channel, ref, events = client.channel, tunnel.random_id(), list[StatusEvent]()
    session = tunnel.open(channel, {INTO: Hanging})
    solve = channel.start(ControlMethods.Solve)
    attributes = {"source": image, "build-arg:UNIQUE": ref}
    solve.send(control.SolveRequest(Ref=ref, Session=session.session_id, Frontend="gateway.v0", FrontendAttrs=attributes))
    solve.close_send()
    status = channel.start(ControlMethods.Status, on_message=lambda message: events.append(status_decoding.status_event(message)))
    status.send(control.StatusRequest(Ref=ref))
    status.close_send()
    assert channel.wait(lambda: bool(started), timeout_s=60)
    assert is_running(ref)
    solve.cancel()
    assert channel.wait(lambda: status.done and not is_running(ref), timeout_s=30)
    session.close()
    assert not "".join(log.data.decode() for event in events for log in event.logs)
    assert client.version()


def is_running(mark: str) -> bool:
    """Whether some process has a mark in its environment, where a frontend has its options."""
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if mark.encode() in (entry / "environ").read_bytes():
                return True
    return False
