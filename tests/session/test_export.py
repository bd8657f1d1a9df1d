"""Results that the engine sends: trees and files, by exporter number, whole or not at all."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

from llbfront.errors import ExportError
from llbfront.files.writing import open_output
from llbfront.fsutil import stat as wire
from llbfront.fsutil.diffcopy import Sender
from llbfront.fsutil.walk import walk
from llbfront.pb import filesync_pb2 as filesync
from llbfront.session.export import DIFF_COPY, DirectoryTarget, Export, FileTarget, OutputTarget, StreamTarget
from tests.files import kinds
from tests.fsutil.trees import File, Hard, Link, build, seen
from tests.session.calls import Peer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def send_tree(peer: Peer, source: Path) -> tuple[int, str]:
    """Be the engine: send a tree, half-close after FIN."""
    sender = Sender(str(source), walk(str(source)))
    while not sender.done and peer.call.status is None:
        for message in sender.produce(1 << 16):
            peer.send(message if isinstance(message, bytes) else b"".join(message))
        for answer in peer.take():
            sender.receive(answer)
    return peer.call.status or peer.end()


def chunk(data: bytes) -> bytes:
    return filesync.BytesMessage(data=data).SerializeToString()


def test_a_tree_is_merged_into_a_directory(tmp_path: Path) -> None:
    target = build(tmp_path / "out", {"old": File(b"old"), "both": File(b"old")})
    source = build(tmp_path / "result", {"both": File(b"new"), "d/f": File(b"f"), "d/h": Hard("d/f"), "l": Link("d")})
    peer = Peer(Export({0: DirectoryTarget(str(target))}).services(), DIFF_COPY)
    assert send_tree(peer, source) == (0, "")
    assert (target / "old").read_bytes() == b"old"
    assert {path: seen(target)[path] for path in seen(source)} == seen(source)


def test_a_tree_replaces_a_directory(tmp_path: Path) -> None:
    target = build(tmp_path / "out", {"old/deep": File(b"old"), "d": File(b"in the way")})
    source = build(tmp_path / "result", {"d/f": File(b"f")})
    export = Export({0: DirectoryTarget(str(target), mirror=True)})
    peer = Peer(export.services(), DIFF_COPY, (("buildkit-exporter-multi-platform", "1"),))
    assert send_tree(peer, source) == (0, "")
    assert seen(target) == seen(source)


def test_replacing_needs_an_engine_that_sends_all_platforms_at_once(tmp_path: Path) -> None:
    export = Export({0: DirectoryTarget(str(tmp_path / "out"), mirror=True)})
    peer = Peer(export.services(), DIFF_COPY)
    assert peer.call.status is not None
    assert peer.call.status[0] == 2
    assert "mode=delete" in str(export.errors[0])
    assert not (tmp_path / "out").exists()


def test_exporters_have_numbers(tmp_path: Path) -> None:
    source = build(tmp_path / "result", {"f": File(b"f")})
    export = Export({0: DirectoryTarget(str(tmp_path / "zero")), 1: DirectoryTarget(str(tmp_path / "one"))})
    assert send_tree(Peer(export.services(), DIFF_COPY, (("buildkit-attachable-exporter-id", "1"),)), source) == (0, "")
    assert (tmp_path / "one" / "f").exists()
    assert not (tmp_path / "zero").exists()
    peer = Peer(export.services(), DIFF_COPY, (("buildkit-attachable-exporter-id", "7"),))
    assert peer.call.status == (2, "exporter 7 not found")


def test_paths_outside_are_refused(tmp_path: Path) -> None:
    export = Export({0: DirectoryTarget(str(tmp_path / "out"))})
    for path in (b"../evil", b"/evil"):
        peer = Peer(export.services(), DIFF_COPY)
        peer.send(wire.encode_stat(wire.Stat(path, 0o644)))
        assert peer.call.status is not None
        assert "bad path" in peer.call.status[1]
    assert len(export.errors) == 2
    assert not list(tmp_path.rglob("evil"))


def test_a_directory_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    export = Export({0: DirectoryTarget(str(tmp_path / "file" / "out"))})
    peer = Peer(export.services(), DIFF_COPY)
    assert peer.call.status is not None
    assert str(export.errors[0]) == f"{tmp_path}/file/out cannot be written: not a directory"


def test_an_export_that_is_cut_off_leaves_whole_files_only(tmp_path: Path) -> None:
    export = Export({0: DirectoryTarget(str(tmp_path / "out"))})
    peer = Peer(export.services(), DIFF_COPY)
    peer.send(wire.encode_stat(wire.Stat(b"a", 0o644)))
    peer.send(wire.encode_stat(wire.Stat(b"b", 0o644)))
    peer.send(wire.data_head(0, 1) + b"x")
    peer.send(wire.data_head(0, 0))
    peer.send(wire.data_head(1, 1) + b"x")
    assert peer.end()[0] == 2
    assert os.listdir(tmp_path / "out") == ["a"]
    assert isinstance(export.errors[0], ExportError)


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "new" / "image.tar"
    peer = Peer(Export({0: FileTarget(str(target))}).services(), DIFF_COPY)
    peer.send(chunk(b"one "))
    peer.send(chunk(b"two"))
    peer.send(b"")
    assert not target.exists()
    assert peer.end() == (0, "")
    assert target.read_bytes() == b"one two"
    assert os.listdir(target.parent) == ["image.tar"]


def test_a_cancelled_file_leaves_the_old_one(tmp_path: Path) -> None:
    target = build(tmp_path, {"image.tar": File(b"old")}) / "image.tar"
    peer = Peer(Export({0: FileTarget(str(target))}).services(), DIFF_COPY)
    peer.send(chunk(b"half"))
    peer.handler.on_cancel()
    assert os.listdir(tmp_path) == ["image.tar"]
    assert target.read_bytes() == b"old"


def test_a_full_disk_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export = Export({0: FileTarget(str(tmp_path / "image.tar"))})
    peer = Peer(export.services(), DIFF_COPY)

    def full(_fd: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    peer.send(chunk(b"x"))
    peer.send(chunk(b"x"))
    assert peer.call.status == (2, f"cannot write {tmp_path}/image.tar: no space left on device")
    assert [str(error) for error in export.errors] == [peer.call.status[1]]
    assert not list(tmp_path.iterdir())


def test_a_file_may_be_named_by_the_response_or_skipped(tmp_path: Path) -> None:
    def name(response: Mapping[str, str]) -> str | None:
        return str(tmp_path / response["image.name"]) if "image.name" in response else None

    services = Export({0: FileTarget(name=name)}).services()
    peer = Peer(services, DIFF_COPY, (("exporter-md-image.name", "x"), ("exporter-md-image.name", "y")))
    assert peer.end() == (0, "")
    assert os.listdir(tmp_path) == ["x,y"]
    assert Peer(services, DIFF_COPY).call.status == (6, "target already exists")


def test_a_stream_gets_the_file_as_it_comes() -> None:
    stream = io.BytesIO()
    peer = Peer(Export({0: StreamTarget(stream)}).services(), DIFF_COPY)
    peer.send(chunk(b"abc"))
    assert stream.getvalue() == b"abc"
    assert peer.end() == (0, "")


def test_a_device_is_written_and_not_replaced() -> None:
    peer = Peer(Export({0: FileTarget("/dev/null")}).services(), DIFF_COPY)
    peer.send(chunk(b"abc"))
    assert peer.end() == (0, "")
    assert not os.path.isfile("/dev/null")


def test_success_without_an_output_is_a_failure(tmp_path: Path) -> None:
    export = Export({0: DirectoryTarget(str(tmp_path / "out")), 1: FileTarget(str(tmp_path / "a.tar"))})
    with pytest.raises(ExportError, match=f"the engine did not send the output {tmp_path}/out"):
        export.check()
    assert send_tree(Peer(export.services(), DIFF_COPY), build(tmp_path / "result", {"f": File(b"f")})) == (0, "")
    with pytest.raises(ExportError, match=f"the engine did not send the output {tmp_path}/a.tar"):
        export.check()
    peer = Peer(export.services(), DIFF_COPY, (("buildkit-attachable-exporter-id", "1"),))
    peer.send(chunk(b"tar"))
    assert peer.end() == (0, "")
    export.check()


def test_success_despite_an_output_that_was_refused_is_a_failure(tmp_path: Path) -> None:
    export = Export({0: DirectoryTarget(str(tmp_path / "out"))})
    peer = Peer(export.services(), DIFF_COPY)
    peer.send(wire.encode_stat(wire.Stat(path=b"../evil", mode=0o644)))
    assert peer.call.status is not None
    with pytest.raises(ExportError, match="evil"):
        export.check()


def test_a_tree_that_breaks_off_is_not_received(tmp_path: Path) -> None:
    export = Export({0: DirectoryTarget(str(tmp_path / "out"))})
    peer = Peer(export.services(), DIFF_COPY)
    peer.send(wire.encode_stat(wire.Stat(path=b"f", mode=0o644, size_bytes=3)))
    peer.handler.on_cancel()
    with pytest.raises(ExportError, match="did not send the output"):
        export.check()


def test_an_open_output_gets_the_file_and_is_closed_in_any_case(tmp_path: Path) -> None:
    for text in (b"tar", b""):
        with kinds.read(tmp_path / f"pipe{len(text)}") as contents:
            export = Export({0: OutputTarget(open_output(tmp_path / f"pipe{len(text)}"))})
            if text:
                peer = Peer(export.services(), DIFF_COPY)
                peer.send(chunk(text))
                assert peer.end() == (0, "")
            export.close()
        assert contents == [text]
