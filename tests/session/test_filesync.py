"""The engine asks for directories: names, filters in metadata, windows, failures."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import attrs
import pytest

from llbfront.fsutil import stat as wire
from llbfront.fsutil.diffcopy import Receiver
from llbfront.fsutil.disk_writer import DiskWriter
from llbfront.session.filesync import DIFF_COPY, FileSync, LocalDir, unescape_value
from tests.fsutil.trees import File, Link, build, seen
from tests.session.calls import Peer

if TYPE_CHECKING:
    from pathlib import Path

    from llbfront.session.filesync import Filters


def receive(peer: Peer, target: Path) -> None:
    receiver = Receiver(DiskWriter(str(target)))
    while not receiver.done:
        messages = peer.take()
        for message in messages:
            for answer in receiver.receive(message):
                peer.send(answer)
        assert messages or peer.call.status is None


@pytest.mark.parametrize("limit", [1, 300, 65536])
def test_a_directory_arrives(tmp_path: Path, limit: int) -> None:
    source = build(
        tmp_path / "source",
        {"a/f": File(b"1"), "big": File(bytes(700_000)), "l": Link("a"), **{f"f{i}": File() for i in range(200)}},
    )
    peer = Peer(FileSync({"context": LocalDir(str(source))}).services(), DIFF_COPY, (("dir-name", "context"),), limit=limit)
    receive(peer, tmp_path / "target")
    assert seen(tmp_path / "target") == seen(source)
    peer.take()
    assert peer.call.status == (0, "")


def told(root: Path, *metadata: tuple[str, str]) -> list[str]:
    peer = Peer(FileSync({"c": LocalDir(str(root))}).services(), DIFF_COPY, (("dir-name", "c"), *metadata))
    packets = [wire.decode(message) for message in peer.take_all()]
    return [packet.stat.path.decode() for packet in packets if packet.stat]


def test_filters_come_as_metadata(tmp_path: Path) -> None:
    build(tmp_path, {"a": File(), "b": File(), "ä b": File(), "l": Link("a"), "x+y": File()})
    assert told(tmp_path, ("exclude-patterns", "a"), ("exclude-patterns", "l")) == ["b", "x+y", "ä b"]
    assert told(tmp_path, ("include-patterns", "a"), ("include-patterns", "b")) == ["a", "b"]
    assert told(tmp_path, ("followpaths", "l")) == ["a", "l"]
    assert told(tmp_path, ("include-patterns", "%C3%A4+b"), ("include-patterns-encoded", "1")) == ["ä b"]
    assert told(tmp_path, ("include-patterns", "x+y")) == ["x+y"]


def test_an_unknown_name_is_not_found() -> None:
    peer = Peer(FileSync({"context": LocalDir("/")}).services(), DIFF_COPY, (("dir-name", "other"),))
    assert peer.call.status == (5, "no access allowed to dir 'other': this session offers context")


def test_a_missing_directory_and_a_bad_pattern_are_reported(tmp_path: Path) -> None:
    peer = Peer(FileSync({"": LocalDir(str(tmp_path / "gone"))}).services(), DIFF_COPY)
    assert peer.call.status is not None
    assert "does not exist" in peer.call.status[1]
    bad = (("exclude-patterns", "!"),)
    peer = Peer(FileSync({"": LocalDir(str(tmp_path))}).services(), DIFF_COPY, bad)
    assert peer.call.status == (2, 'illegal exclusion pattern: "!" (a pattern must follow the ! in the ignore file)')


def test_the_offer_may_edit_the_filters(tmp_path: Path) -> None:
    build(tmp_path, {"a": File(), "secret": File()})

    def edit(filters: Filters) -> Filters:
        return attrs.evolve(filters, exclude=(*filters.exclude, "secret"))

    peer = Peer(FileSync({"": LocalDir(str(tmp_path), edit=edit)}).services(), DIFF_COPY)
    assert [packet.stat.path for message in peer.take_all() if (packet := wire.decode(message)).stat] == [b"a"]


def test_a_failure_of_the_receiver_ends_the_call(tmp_path: Path) -> None:
    peer = Peer(FileSync({"": LocalDir(str(tmp_path))}).services(), DIFF_COPY)
    peer.send(wire.encode_error("no space"))
    assert peer.call.status is not None
    assert "no space" in peer.call.status[1]


def test_an_early_end_is_an_error_and_a_cancel_is_quiet(tmp_path: Path) -> None:
    build(tmp_path, {"a": File(bytes(100_000))})
    services = FileSync({"": LocalDir(str(tmp_path))}).services()
    assert Peer(services, DIFF_COPY).end()[0] == 2
    peer = Peer(services, DIFF_COPY)
    peer.take()
    peer.send(wire.encode_request(0))
    peer.handler.on_cancel()
    peer.take()
    assert not peer.call.sent


def test_a_file_that_cannot_be_sent_fails_the_transfer_and_is_remembered(tmp_path: Path) -> None:
    build(tmp_path, {"a": File(b"x")})
    service = FileSync({"c": LocalDir(str(tmp_path))})
    peer = Peer(service.services(), DIFF_COPY, (("dir-name", "c"),))
    peer.take_all()
    (tmp_path / "a").unlink()
    peer.send(wire.encode_request(0))
    peer.take_all()
    assert peer.call.status is not None
    assert peer.call.status[0] == 2
    ((name, error),) = service.errors
    assert (name, error.message) == ("c", "a was removed while it was sent")


def test_sockets_are_remembered(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        service = FileSync({"c": LocalDir(str(tmp_path))})
        peer = Peer(service.services(), DIFF_COPY, (("dir-name", "c"),))
        peer.take_all()
        peer.send(wire.encode_request(0))
        peer.send(wire.FIN_PACKET)
        peer.take_all()
    assert peer.call.status == (0, "")
    assert service.sockets == {"c": ("s",)}


@pytest.mark.parametrize(
    ("text", "expected"), [("a+b%2Fc", "a b/c"), ("%C3%A4", "ä"), ("%", ""), ("%zz", ""), ("", ""), ("%+1", "")]
)
def test_unescaping(text: str, expected: str) -> None:
    assert unescape_value(text) == expected
