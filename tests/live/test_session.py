"""Everything that an engine asks of a session, asked by a real one: trees, files, layouts, caches, uploads, secrets, agents."""

from __future__ import annotations

import io
import os
import socket
import tarfile
import threading
from typing import TYPE_CHECKING

import pytest

from llbfront import llb
from llbfront.client.exports.exporter_response import read_descriptor
from llbfront.client.solve.frontend_run import PreparedGraph
from llbfront.client.solve.running_solve import solve
from llbfront.connhelper.dial import dial
from llbfront.errors import SolveError
from llbfront.pb import control_pb2 as control
from llbfront.progress.display import QuietDisplay
from llbfront.rpc.services.content import ContentMethods
from llbfront.session import secrets, tunnel
from llbfront.session.content import Content
from llbfront.session.export import DirectoryTarget, Export, FileTarget
from llbfront.session.filesync import FileSync, LocalDir
from llbfront.session.oci_layout import Layout
from llbfront.session.ssh import Ssh, SshAgent
from llbfront.session.upload import Upload
from tests.fsutil.trees import Dir, File, Hard, Link, Node, Pipe, build, seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from llbfront.llb import State
    from llbfront.pb.control_pb2 import CacheOptions
    from llbfront.rpc.calls import Handler, ServerCall, Services
    from tests.live.conftest import Engine


READ = ContentMethods.Read.path


def run(
    engine: Engine,
    state: State,
    *services: Services,
    session: str = "",
    exporter: tuple[str, dict[str, str]] | None = None,
    cache: CacheOptions | None = None,
) -> Mapping[str, str]:
    channel = dial(engine.address)
    request = control.SolveRequest(
        Ref=tunnel.random_id(),
        Session=session or tunnel.random_id(),
        Definition=llb.marshal(state).to_message(),
        Exporters=[control.Exporter(Type=exporter[0], Attrs=exporter[1])] if exporter is not None else [],
        Cache=cache,
    )
    try:
        offered = {path: service for some in services for path, service in some.items()}
        return solve(channel, request, services=offered, display=QuietDisplay(), frontend=PreparedGraph(()))
    finally:
        channel.close()


def offered(source: Path, *, owner: tuple[int, int] | None = (0, 0)) -> Services:
    return FileSync({"source": LocalDir(str(source), owner)}).services()


def local(name: str, **filters: object) -> State:
    return llb.local("source", shared_key_hint=name, **filters)  # type: ignore[arg-type]


TREE: dict[str, Node] = {
    "d": Dir(0o1777, 1_400_000_000_111_222_333),
    "d/big": File(os.urandom(2_000_000), 0o600),
    "d/empty": File(),
    "d/setuid": File(b"x", 0o4755),
    "hard": Hard("d/big"),
    "link": Link("d/big"),
    "broken": Link("/nowhere"),
    "pipe": Pipe(0o620),
    "ä ö": File(b"umlaut"),
    "many": Dir(0o755, 1_400_000_000_000_000_000),
    **{f"many/{i:04}": File(str(i).encode()) for i in range(1500)},
}


def test_a_tree_goes_to_the_engine_and_comes_back(engine: Engine, tmp_path: Path) -> None:
    source = build(tmp_path / "source", TREE)
    target = tmp_path / "target"
    run(engine, local("tree"), offered(source), Export({0: DirectoryTarget(str(target))}).services(), exporter=("local", {}))
    assert seen(target) == seen(source)


def test_filters_of_a_source_reach_the_walk(engine: Engine, tmp_path: Path) -> None:
    names: dict[str, Node] = {"a/keep": File(), "a/drop": File(), "b/ä": File(), "l": Link("b/ä"), "other": File()}
    source = build(tmp_path / "source", names)

    def told(label: str, **filters: object) -> list[str]:
        target = tmp_path / label
        services = (offered(source), Export({0: DirectoryTarget(str(target))}).services())
        run(engine, local(label, **filters), *services, exporter=("local", {}))
        return sorted(seen(target))

    assert told("x", exclude_patterns=("a", "!a/keep", "b", "l")) == ["a", "a/keep", "other"]
    assert told("i", include_patterns=("b/ä",)) == ["b", "b/ä"]
    assert told("f", follow_paths=("l",)) == ["b", "b/ä", "l"]


def test_changes_are_seen_by_the_next_build(engine: Engine, tmp_path: Path) -> None:
    source = build(tmp_path / "source", {"a": File(b"1"), "b": File(b"1"), "gone": File()})
    target = tmp_path / "target"
    services = (offered(source), Export({0: DirectoryTarget(str(target), mirror=True)}).services())
    run(engine, local("changes"), *services, exporter=("local", {"mode": "delete"}))
    (source / "gone").unlink()
    (source / "a").write_bytes(b"2")
    build(target, {"extra/deep": File()})
    run(engine, local("changes"), *services, exporter=("local", {"mode": "delete"}))
    assert seen(target, times=False) == seen(source, times=False)


def test_a_tar_is_written(engine: Engine, tmp_path: Path) -> None:
    source = build(tmp_path / "source", {"f": File(b"content")})
    target = tmp_path / "out.tar"
    run(engine, local("tar"), offered(source), Export({0: FileTarget(str(target))}).services(), exporter=("tar", {}))
    with tarfile.open(target) as archive:
        member = archive.extractfile("f")
        assert member is not None
        assert member.read() == b"content"


def test_an_export_that_cannot_be_written_says_why(engine: Engine, tmp_path: Path) -> None:
    source = build(tmp_path / "source", {"f": File(b"content")})
    export = Export({0: DirectoryTarget(str(source / "f" / "out"))})
    with pytest.raises(SolveError, match="cannot be written: not a directory"):
        run(engine, local("unwritable"), offered(source), export.services(), exporter=("local", {}))
    assert "not a directory" in str(export.errors[0])


def test_a_name_that_is_not_offered_says_so(engine: Engine) -> None:
    with pytest.raises(SolveError, match="no access allowed to dir 'source'"):
        run(engine, local("none"), FileSync({}).services())


def test_an_image_becomes_a_layout_and_a_context_again(engine: Engine, tmp_path: Path) -> None:
    source = build(tmp_path / "source", {"f": File(b"content"), "big": File(os.urandom(3_000_000))})
    layout = Layout(str(tmp_path / "layout"), is_writable=True)
    store = Content({"export": layout})
    response = run(engine, local("layout"), offered(source), store.services(), exporter=("oci", {"tar": "false"}))
    layout.put(read_descriptor("d", response["containerimage.descriptor"]), tags=["latest"])
    store.release()
    manifest = layout.find_manifest("latest")
    assert manifest is not None
    assert not list((tmp_path / "layout").glob("ingest*"))

    session = tunnel.random_id()
    state = llb.oci_layout(f"any/name@{manifest.text('digest')}", session=session, store="mine")
    target = tmp_path / "target"
    services = (Content({"oci:mine": layout}).services(), Export({0: DirectoryTarget(str(target))}).services())
    run(engine, state, *services, session=session, exporter=("local", {}))
    assert seen(target) == seen(source)


def test_a_cache_is_exported_and_imported(engine: Engine, tmp_path: Path) -> None:
    source = build(tmp_path / "source", {"f": File(b"content")})
    layout = Layout(str(tmp_path / "cache"), is_writable=True, locked=True)
    name = f"local:{layout.path}"
    store = Content({name: layout})
    state = llb.image("busybox").run(("cp", "/in/f", "/f"), mounts=(llb.Bind("/in", local("cache")),)).root
    entry = control.CacheOptionsEntry(Type="local", Attrs={"dest": layout.path, "mode": "max"})
    response = run(engine, state, offered(source), store.services(), cache=control.CacheOptions(Exports=[entry]))
    layout.put(read_descriptor("d", response["cache.manifest"]), tags=["latest"])
    store.release()
    assert len(list(layout.blobs())) >= 3

    descriptor = layout.find_manifest("latest")
    assert descriptor is not None
    entry = control.CacheOptionsEntry(Type="local", Attrs={"src": layout.path, "digest": descriptor.text("digest")})
    methods: list[str] = []
    read = store.services()[READ]

    def reading(call: ServerCall) -> Handler:
        methods.append(call.path)
        return read(call)

    run(engine, state, offered(source), {**store.services(), READ: reading}, cache=control.CacheOptions(Imports=[entry]))
    assert methods


def test_an_upload_is_a_source(engine: Engine, tmp_path: Path) -> None:
    stream = io.BytesIO(os.urandom(2_000_000))
    data = stream.getvalue()
    target = tmp_path / "target"
    services = (Upload({"key": stream}).services(), Export({0: DirectoryTarget(str(target))}).services())
    run(engine, llb.http("http://buildkit-session/key", filename="context"), *services, exporter=("local", {}))
    assert (target / "context").read_bytes() == data


def test_a_secret_reaches_a_step(engine: Engine, tmp_path: Path) -> None:
    mounts = (llb.Secret("token", target="/secret"), llb.Scratch("/out"))
    step = llb.image("busybox").run(("cp", "/secret", "/out/copy"), mounts=mounts, meta=llb.OpMeta(ignore_cache=True))
    served = secrets.services({"token": secrets.ValueSecret(b"hidden")})
    target = tmp_path / "target"
    run(engine, step.mount("/out"), served, Export({0: DirectoryTarget(str(target))}).services(), exporter=("local", {}))
    assert (target / "copy").read_bytes() == b"hidden"


@pytest.fixture
def listening_agent(tmp_path: Path) -> Iterator[str]:
    """An agent that has no keys."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "agent"))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while connection.recv(100) == b"\0\0\0\1\x0b":
                    connection.sendall(b"\0\0\0\5\x0c\0\0\0\0")

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()


ASK = """
use IO::Socket::UNIX;
my $agent = IO::Socket::UNIX->new(Peer => $ENV{SSH_AUTH_SOCK}) or die "no agent: $!";
for my $request ("\\x13", "\\x0b", "\\x13") {
    syswrite $agent, pack("N", 1) . $request;
    sysread $agent, my $answer, 100;
    print unpack("H*", $answer), "\\n";
}
"""


def test_an_agent_reaches_a_step(engine: Engine, tmp_path: Path, listening_agent: str) -> None:
    image = llb.image("debian:bookworm-slim").with_env(SSH_AUTH_SOCK="/agent")
    mounts = (llb.Ssh("mine", target="/agent"), llb.Scratch("/out"))
    step = image.run(("sh", "-c", f"perl -e '{ASK}' > /out/answers"), mounts=mounts, meta=llb.OpMeta(ignore_cache=True))
    target = tmp_path / "target"
    services = (Ssh({"mine": SshAgent(listening_agent)}).services(), Export({0: DirectoryTarget(str(target))}).services())
    run(engine, step.mount("/out"), *services, exporter=("local", {}))
    assert (target / "answers").read_text().split() == ["0000000105", "000000050c00000000", "0000000105"]
