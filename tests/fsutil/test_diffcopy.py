"""Sender against receiver: the tree arrives as it was, and neither believes everything."""

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llbfront.errors import ContextError, ExportError, ProtocolError
from llbfront.fsutil import stat as wire
from llbfront.fsutil.content import Content
from llbfront.fsutil.diffcopy import Receiver, Sender
from llbfront.fsutil.disk_writer import DiskWriter
from llbfront.fsutil.walk import walk
from tests.fsutil.trees import Dir, File, Hard, Link, Node, Pipe, build, seen


def transfer(source: Path, target: Path, *, mirror: bool = False, room_bytes: int = 65536) -> None:
    sender = Sender(str(source), walk(str(source)))
    receiver = Receiver(DiskWriter(str(target), mirror=mirror))
    while not (sender.done and receiver.done):
        messages = sender.produce(room_bytes)
        assert messages, "both wait for each other"
        for message in messages:
            packet = message if isinstance(message, bytes) else b"".join(message)
            for answer in receiver.receive(packet):
                sender.receive(answer)


NAMES = st.sampled_from(["a", "b", "ab", "a-b", "a.b", "B", "ä", "\udcff", "z" * 40, ".tmp.1", "-"])
MODES = st.sampled_from([0o644, 0o600, 0o755, 0o4755, 0o2755, 0o444])
TIMES = st.integers(0, (1 << 62))
FILES = st.builds(
    File,
    data=st.binary(max_size=40) | st.sampled_from([32_768, 32_769, 400_000]).map(bytes),
    mode=MODES,
    mtime_ns=TIMES,
    xattrs=st.lists(
        st.tuples(st.sampled_from(["user.one", "user.two"]), st.binary(max_size=9)), max_size=2, unique_by=lambda x: x[0]
    ).map(tuple),
)
LEAVES: st.SearchStrategy[Node] = (
    FILES | st.builds(Link, st.sampled_from(["a", "../a", "/etc/passwd", "nowhere"])) | st.builds(Pipe, MODES)
)
BRANCHES = st.recursive(
    st.dictionaries(NAMES, LEAVES, max_size=5),
    lambda below: st.dictionaries(NAMES, LEAVES | st.tuples(st.builds(Dir, st.sampled_from([0o755, 0o700, 0o1777]), TIMES), below)),
    max_leaves=12,
)


def flat(tree: object, prefix: str = "") -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    assert isinstance(tree, dict)
    for name, node in tree.items():
        if isinstance(node, tuple):
            nodes[prefix + name] = node[0]
            nodes.update(flat(node[1], f"{prefix}{name}/"))
        else:
            nodes[prefix + name] = node
    return nodes


@settings(max_examples=60, deadline=None)
@given(tree=BRANCHES, links=st.lists(st.integers(0, 50), max_size=3), chunk_bytes=st.sampled_from([1, 500, 65536]))
def test_a_tree_arrives_unchanged(tree: object, links: list[int], chunk_bytes: int) -> None:
    nodes = flat(tree)
    files = [path for path, node in nodes.items() if isinstance(node, File)]
    for i, number in enumerate(links if files else ()):
        nodes[f"link{i}"] = Hard(files[number % len(files)])
    with tempfile.TemporaryDirectory() as scratch:
        source = build(Path(scratch, "source"), nodes)
        target = Path(scratch, "target")
        transfer(source, target, room_bytes=chunk_bytes)
        assert seen(target) == seen(source)


@settings(max_examples=40, deadline=None)
@given(before=BRANCHES, after=BRANCHES)
def test_a_mirror_keeps_nothing_else(before: object, after: object) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        target = build(Path(scratch, "target"), flat(before))
        source = build(Path(scratch, "source"), flat(after))
        transfer(source, target, mirror=True)
        assert seen(target) == seen(source)


@settings(max_examples=40, deadline=None)
@given(before=BRANCHES, after=BRANCHES)
def test_a_merge_has_all_that_is_sent(before: object, after: object) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        target = build(Path(scratch, "target"), flat(before))
        source = build(Path(scratch, "source"), flat(after))
        old = set(seen(target))
        transfer(source, target)
        new = seen(target)
        assert {path: new[path] for path in seen(source)} == seen(source)
        assert set(new) <= old | set(seen(source))


def entry(path: bytes, mode: int = 0o644, linkname: bytes = b"") -> bytes:
    return wire.encode_stat(wire.Stat(path=path, mode=mode, linkname=linkname))


DIRECTORY = 0o755 | wire.DIRECTORY
SYMLINK = 0o777 | wire.SYMLINK


@pytest.mark.parametrize(
    "packets",
    [
        [entry(b"/etc/passwd")],
        [entry(b"..")],
        [entry(b"../x")],
        [entry(b"a/../../x")],
        [entry(b"")],
        [entry(b".")],
        [entry(b"a/")],
        [entry(b"a//b")],
        [entry(b"a\0b")],
        [entry(b"missing/x")],
        [entry(b"b"), entry(b"a")],
        [entry(b"a"), entry(b"a")],
        [entry(b"a"), entry(b"a/x")],
        [entry(b"d", DIRECTORY), entry(b"e", DIRECTORY), entry(b"d/x")],
        [entry(b"l", SYMLINK, b"/tmp"), entry(b"l/x")],
        [entry(b"a", linkname=b"never")],
        [entry(b"l", SYMLINK, b"/etc/passwd"), entry(b"m", linkname=b"l")],
        [wire.data_head(7, 0)],
        [wire.FIN_PACKET],
    ],
)
def test_a_receiver_refuses(tmp_path: Path, packets: list[bytes]) -> None:
    receiver = Receiver(DiskWriter(str(tmp_path / "target")))
    for packet in packets[:-1]:
        receiver.receive(packet)
    with pytest.raises(ProtocolError):
        receiver.receive(packets[-1])
    receiver.abort()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]


def test_a_symlink_in_the_target_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = build(tmp_path / "outside", {"keep": File(b"keep")})
    target = build(tmp_path / "target", {"d": Link(str(outside)), "f": Link(str(outside / "keep"))})
    source = build(tmp_path / "source", {"d/keep": File(b"new"), "f": File(b"new")})
    transfer(source, target)
    assert (outside / "keep").read_bytes() == b"keep"
    assert not (target / "d").is_symlink()
    assert (target / "f").read_bytes() == b"new"


def test_a_directory_that_became_a_symlink_meanwhile_is_not_followed(tmp_path: Path) -> None:
    outside = build(tmp_path / "outside", {})
    receiver = Receiver(DiskWriter(str(tmp_path / "target")))
    receiver.receive(entry(b"d", DIRECTORY))
    (tmp_path / "target" / "d").rmdir()
    (tmp_path / "target" / "d").symlink_to(outside)
    receiver.receive(entry(b"d/x"))
    receiver.receive(wire.END_OF_STATS)
    with pytest.raises(ExportError):
        receiver.receive(wire.data_head(1, 1) + b"x")
    assert not list(outside.iterdir())


def test_a_failed_transfer_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = build(tmp_path / "target", {"f": File(b"old")})
    receiver = Receiver(DiskWriter(str(target)))
    receiver.receive(entry(b"f"))
    receiver.receive(entry(b"g"))
    receiver.receive(wire.data_head(0, 4) + b"half")
    with pytest.raises(ExportError, match="disk on fire"):
        receiver.receive(wire.encode_error("disk on fire"))
    receiver.abort()
    assert [path.name for path in target.iterdir()] == ["f"]
    assert (target / "f").read_bytes() == b"old"


def test_a_full_disk_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = Receiver(DiskWriter(str(tmp_path)))
    receiver.receive(entry(b"f"))

    def full(_fd: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(ExportError, match="f cannot be written: no space left on device"):
        receiver.receive(wire.data_head(0, 1) + b"x")
    receiver.abort()
    assert not list(tmp_path.iterdir())


def test_a_sender_refuses_invalid_requests(tmp_path: Path) -> None:
    source = build(tmp_path, {"d": Dir(), "f": File(b"x"), "p": Pipe()})
    sender = Sender(str(source), walk(str(source)))
    sender.produce(1 << 20)
    sender.receive(wire.encode_request(1))
    for number in (0, 1, 2, 9):
        with pytest.raises(ProtocolError, match=f"invalid file id {number}"):
            sender.receive(wire.encode_request(number))
    sender.close()


FIRST, PIECE = 32 * 1024, 256 * 1024


def start_sending(source: Path, content: bytes) -> Sender:
    """Return a sender that has told the one file of a directory."""
    (source / "f").write_bytes(content)
    sender = Sender(str(source), walk(str(source)))
    sender.produce(1 << 20)
    return sender


def sent(sender: Sender, room_bytes: int = 1 << 20) -> bytes:
    """Return the content of the file that a sender sends, up to its end or its error."""
    sender.receive(wire.encode_request(0))
    content = b""
    while messages := sender.produce(room_bytes):
        content += b"".join(bytes(part[1]) for part in messages if isinstance(part, list))
    return content


def replace_by(make: Callable[[Path], object]) -> Callable[[Path], object]:
    def replace(path: Path) -> object:
        path.unlink()
        return make(path)

    return replace


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (Path.unlink, "f was removed while it was sent"),
        (replace_by(os.mkfifo), "f was replaced while it was sent"),
        (replace_by(Path.mkdir), "f was replaced while it was sent"),
        (replace_by(lambda path: path.symlink_to("/etc/passwd")), "f was replaced while it was sent"),
        (replace_by(lambda path: path.symlink_to(path.name)), "f was replaced while it was sent"),
    ],
)
def test_a_file_that_is_something_else_now_fails_the_transfer(
    tmp_path: Path, change: Callable[[Path], object], message: str
) -> None:
    sender = start_sending(tmp_path, b"x")
    change(tmp_path / "f")
    assert sent(sender) == b""
    assert sender.error is not None
    assert sender.error.message == message
    assert not sender.done


@pytest.mark.timeout(20)
def test_a_pipe_with_a_writer_is_not_read(tmp_path: Path) -> None:
    sender = start_sending(tmp_path, b"x")
    (tmp_path / "f").unlink()
    os.mkfifo(tmp_path / "f")
    reader = os.open(tmp_path / "f", os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(tmp_path / "f", os.O_WRONLY)
    os.write(writer, b"stolen")
    assert sent(sender) == b""
    assert sender.error is not None
    assert os.read(reader, 10) == b"stolen"
    os.close(reader)
    os.close(writer)


def test_a_socket_is_sent_as_an_empty_file(tmp_path: Path) -> None:
    sender = start_sending(tmp_path, b"")
    (tmp_path / "f").unlink()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "f"))
        assert sent(sender) == b""
    assert sender.error is None
    assert sender.sockets == ["f"]


@pytest.mark.parametrize("content", [b"", b"y", b"y" * (FIRST - 1), b"y" * FIRST, b"y" * (PIECE + FIRST), b"y" * 700_000])
@pytest.mark.parametrize("old", [b"", b"x" * 10, b"x" * 700_000])
def test_a_file_rewritten_before_it_is_read_is_sent_with_its_new_content(tmp_path: Path, old: bytes, content: bytes) -> None:
    sender = start_sending(tmp_path, old)
    (tmp_path / "f").write_bytes(content)
    assert sent(sender) == content
    assert sender.error is None


def change_after_first_piece(sender: Sender, change: Callable[[], object]) -> bytes:
    sender.receive(wire.encode_request(0))
    (first,) = sender.produce(1)
    change()
    content = bytes(first[1])
    while messages := sender.produce(1 << 20):
        content += b"".join(bytes(part[1]) for part in messages if isinstance(part, list))
    return content


def test_a_growing_file_is_sent_up_to_its_first_size(tmp_path: Path) -> None:
    sender = start_sending(tmp_path, b"x" * 700_000)

    def grow() -> None:
        with open(tmp_path / "f", "ab") as file:
            file.write(b"y" * 700_000)

    assert change_after_first_piece(sender, grow) == b"x" * 700_000
    assert sender.error is None


def test_a_file_replaced_while_it_is_read_is_sent_with_its_old_content(tmp_path: Path) -> None:
    sender = start_sending(tmp_path, b"x" * 700_000)

    def replace() -> None:
        (tmp_path / "g").write_bytes(b"y" * 800_000)
        (tmp_path / "g").rename(tmp_path / "f")

    assert change_after_first_piece(sender, replace) == b"x" * 700_000
    assert sender.error is None


@pytest.mark.parametrize("size_bytes", [0, 10, FIRST - 1, FIRST, 600_000])
def test_a_file_that_shrinks_while_it_is_read_fails_the_transfer(tmp_path: Path, size_bytes: int) -> None:
    sender = start_sending(tmp_path, b"x" * 700_000)
    change_after_first_piece(sender, lambda: os.truncate(tmp_path / "f", size_bytes))
    assert sender.error is not None
    assert sender.error.message == "f was written to while it was sent"


def test_a_file_that_is_rewritten_while_it_is_read_fails_the_transfer(tmp_path: Path) -> None:
    sender = start_sending(tmp_path, b"x" * 700_000)
    change_after_first_piece(sender, lambda: (tmp_path / "f").write_bytes(b"y" * 700_000))
    assert sender.error is not None
    assert sender.error.message == "f was written to while it was sent"


def test_a_file_that_may_not_be_read_fails_the_transfer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = start_sending(tmp_path, b"x")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert sent(sender) == b""
    assert sender.error is not None
    assert sender.error.message == "cannot read f: permission denied"


def test_a_file_of_a_virtual_file_system_has_content_without_a_size(tmp_path: Path) -> None:
    content = Content.open(b"/proc", b"self/environ", 0)
    assert content is not None
    assert content.read() == (Path("/proc/self/environ").read_bytes()[:FIRST], True)
    content.close()


def test_a_failed_walk_is_reported_to_the_receiver(tmp_path: Path) -> None:
    def entries() -> object:
        yield wire.Stat(b"a", 0o644)
        raise ContextError("no such luck")

    sender = Sender(str(tmp_path), entries())  # type: ignore[arg-type]
    messages = sender.produce(1 << 20)
    assert messages[-1] == wire.encode_error("no such luck")
    assert isinstance(sender.error, ContextError)
    assert not sender.produce(1 << 20)
    with pytest.raises(ExportError, match="no such luck"):
        Receiver(DiskWriter(str(tmp_path / "t"))).receive(wire.encode_error("no such luck"))


def test_content_is_sent_in_pieces_that_fit_the_room(tmp_path: Path) -> None:
    source = build(tmp_path, {"f": File(b"x" * 3_000_000)})
    sender = Sender(str(source), walk(str(source)))
    sender.produce(1 << 20)
    sender.receive(wire.encode_request(0))
    sizes = []
    while messages := sender.produce(100_000):
        sizes.append(sum(len(part) for message in messages for part in (message if isinstance(message, list) else [message])))
    assert sum(sizes) > 3_000_000
    assert max(sizes) < 500_000
