"""A content store over an OCI layout: blobs in, blobs out, and the index."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from llbfront.errors import ContextError, ExportError
from llbfront.foreign_json import JsonObject
from llbfront.pb import content
from llbfront.session import layout
from llbfront.session.content import Content
from llbfront.session.layout import Layout
from tests.session.calls import Peer, unary

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = content.Content
STORE = (("buildkit-attachable-store-id", "export"),)
DATA = os.urandom(700_000)
DIGEST = f"sha256:{hashlib.sha256(DATA).hexdigest()}"


def ask(store: Content, method: Any, request: Any, metadata: Any = STORE) -> Any:
    data, code, message = unary(store.services(), method.path, request.SerializeToString(), metadata)
    return method.response.FromString(data) if code == 0 else (code, message)


def request(action: int = 1, data: bytes = b"", **fields: Any) -> bytes:
    return content.WriteContentRequest(action=action, data=data, **fields).SerializeToString()


def write(store: Content, data: bytes, *, ref: str = "ref", expected: str = "", total: int = 0) -> Peer:
    peer = Peer(store.services(), SERVICE.Write.path, STORE)
    peer.send(request(content.STAT, ref=ref, expected=expected, total=total))
    for start in range(0, len(data), 300_000):
        peer.send(request(content.WRITE, data[start : start + 300_000], offset=start))
    if peer.call.status is None:
        peer.send(request(content.COMMIT, offset=len(data), expected=expected, total=total, labels={"a": "b"}))
    return peer


def read(store: Content, digest: str, *, offset: int = 0, size: int = 0) -> bytes | tuple[int, str]:
    peer = Peer(store.services(), SERVICE.Read.path, STORE, limit=1000)
    peer.send(content.ReadContentRequest(digest=digest, offset=offset, size=size).SerializeToString())
    data = b""
    for message in peer.take_all():
        piece = content.ReadContentResponse.FromString(message)
        assert piece.offset == len(data)
        data += piece.data
    assert peer.call.status is not None
    return data if peer.call.status[0] == 0 else peer.call.status


def test_a_blob_is_written_and_read_back(tmp_path: Path) -> None:
    store = Content({"export": Layout(str(tmp_path / "new"), is_writable=True)})
    peer = write(store, DATA, expected=DIGEST, total=len(DATA))
    answers = [content.WriteContentResponse.FromString(message) for message in peer.take()]
    assert [answer.offset for answer in answers] == [0, 300_000, 600_000, 700_000, 700_000]
    assert answers[-1].digest == DIGEST
    assert peer.call.status == (0, "")
    assert (tmp_path / "new" / "blobs" / "sha256" / DIGEST[7:]).read_bytes() == DATA
    assert read(store, DIGEST) == DATA
    assert read(store, DIGEST, offset=10, size=20) == DATA[10:30]
    assert read(store, DIGEST, offset=len(DATA)) == b""
    assert read(store, DIGEST, offset=len(DATA) + 1) == (11, f"read past object length {len(DATA)} bytes")
    info = ask(store, SERVICE.Info, content.InfoRequest(digest=DIGEST)).info
    assert (info.digest, info.size, dict(info.labels)) == (DIGEST, len(DATA), {"a": "b"})
    store.release()
    assert sorted(os.listdir(tmp_path / "new")) == ["blobs"]


def test_a_blob_that_exists_is_not_written_again(tmp_path: Path) -> None:
    store = Content({"export": Layout(str(tmp_path), is_writable=True)})
    write(store, DATA)
    assert write(store, b"", expected=DIGEST).call.status == (6, f"content {DIGEST}: already exists")
    peer = Peer(store.services(), SERVICE.Write.path, STORE)
    peer.send(request(content.STAT, ref="r"))
    peer.send(request(content.COMMIT, expected=DIGEST))
    assert peer.call.status is not None
    assert peer.call.status[0] == 6


@pytest.mark.parametrize(
    ("expected", "total", "code"), [(f"sha256:{'0' * 64}", 0, 9), ("", 5, 9), ("no digest", 0, 3), ("sha256:../../x", 0, 3)]
)
def test_a_wrong_blob_leaves_nothing(tmp_path: Path, expected: str, total: int, code: int) -> None:
    store = Content({"export": Layout(str(tmp_path), is_writable=True)})
    peer = write(store, b"abc", expected=expected, total=total)
    assert peer.call.status is not None
    assert peer.call.status[0] == code
    store.release()
    assert not list(tmp_path.iterdir())


def test_a_write_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    store = Content({"export": Layout(str(tmp_path), is_writable=True)})
    peer = Peer(store.services(), SERVICE.Write.path, STORE)
    peer.send(request(content.WRITE, b"half", ref="ref"))
    status = ask(store, SERVICE.Status, content.StatusRequest(ref="ref")).status
    assert (status.ref, status.offset) == ("ref", 4)
    assert [one.ref for one in ask(store, SERVICE.ListStatuses, content.ListStatusesRequest()).statuses] == ["ref"]
    second = Peer(store.services(), SERVICE.Write.path, STORE)
    second.send(request(content.STAT, ref="ref"))
    assert second.call.status == (14, "ref ref locked: unavailable")
    peer.handler.on_cancel()
    assert ask(store, SERVICE.Status, content.StatusRequest(ref="ref"))[0] == 5
    assert ask(store, SERVICE.Abort, content.AbortRequest(ref="ref"))[0] == 5
    store.release()
    assert not list(tmp_path.iterdir())


def test_a_write_may_begin_again_but_not_jump(tmp_path: Path) -> None:
    store = Content({"export": Layout(str(tmp_path), is_writable=True)})
    peer = Peer(store.services(), SERVICE.Write.path, STORE)
    peer.send(request(content.WRITE, b"wrong", ref="ref"))
    peer.send(request(content.WRITE, b"right"))
    peer.send(request(content.COMMIT, b"!", offset=5))
    assert peer.call.status == (0, "")
    assert read(store, f"sha256:{hashlib.sha256(b'right!').hexdigest()}") == b"right!"
    peer = Peer(store.services(), SERVICE.Write.path, STORE)
    peer.send(request(content.WRITE, b"x", ref="ref", offset=3))
    assert peer.call.status == (11, "write @3 must occur at current offset 0")


def test_blobs_are_listed_labelled_and_deleted(tmp_path: Path) -> None:
    store = Content({"export": Layout(str(tmp_path), is_writable=True)})
    assert not ask(store, SERVICE.List, content.ListContentRequest()).info
    for i in range(3):
        write(store, str(i).encode())
    listed = [info.digest for info in ask(store, SERVICE.List, content.ListContentRequest()).info]
    assert len(listed) == 3
    info = content.Info(digest=listed[0], labels={"x": "y"})
    assert dict(ask(store, SERVICE.Update, content.UpdateRequest(info=info)).info.labels) == {"a": "b", "x": "y"}
    ask(store, SERVICE.Delete, content.DeleteContentRequest(digest=listed[0]))
    assert ask(store, SERVICE.Info, content.InfoRequest(digest=listed[0])) == (5, f"content {listed[0]}: not found")


def test_unknown_stores_and_bad_digests(tmp_path: Path) -> None:
    store = Content({"export": Layout(str(tmp_path), is_writable=True)})
    info = content.InfoRequest(digest=DIGEST)
    assert ask(store, SERVICE.Info, info, ()) == (3, "the request lacks the metadata buildkit-attachable-store-id")
    assert ask(store, SERVICE.Info, info, ((STORE[0][0], "other"),)) == (5, "unknown store other")
    assert ask(store, SERVICE.Info, content.InfoRequest(digest="sha256:../x"))[0] == 3
    assert read(store, DIGEST) == (5, f"content {DIGEST}: not found")


def test_manifests_are_found_by_name_and_tag(tmp_path: Path) -> None:
    index = Layout(str(tmp_path))
    one, two = JsonObject({"digest": "sha256:1", "size": 1}), JsonObject({"digest": "sha256:2", "size": 2})
    index.put(one, names=["docker.io/library/app:v1"])
    index.put(two, tags=["latest"])
    index.put(one, tags=["latest", "old"])
    document = json.loads((tmp_path / "index.json").read_text())
    assert document["schemaVersion"] == 2
    assert [entry["annotations"] for entry in document["manifests"]] == [
        {"io.containerd.image.name": "docker.io/library/app:v1", "org.opencontainers.image.ref.name": "v1"},
        {"org.opencontainers.image.ref.name": "latest"},
        {"org.opencontainers.image.ref.name": "old"},
    ]
    assert json.loads((tmp_path / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    for tag in ("docker.io/library/app:v1", "v1", "latest", "old"):
        found = index.find_manifest(tag)
        assert found is not None
        assert found.text("digest") == "sha256:1"
    assert index.find_manifest("other") is None
    assert index.find_manifest(None) is None
    assert sorted(os.listdir(tmp_path)) == ["index.json", "oci-layout"]


def test_an_index_that_is_damaged_or_locked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Layout(str(tmp_path))
    with pytest.raises(ContextError, match="No such file"):
        index.manifests()
    (tmp_path / "index.json").write_text("[]")
    with pytest.raises(ContextError, match="not a valid OCI index"):
        index.manifests()
    with pytest.raises(ExportError, match="not a valid OCI index"):
        index.put(JsonObject({}))
    monkeypatch.setattr(layout, "_LOCK_PATIENCE_S", 0.0)
    with open(tmp_path / "index.json.lock", "wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ExportError, match="index.json cannot be written"):
            index.put(JsonObject({}))


def test_a_cache_is_locked_while_it_is_written(tmp_path: Path) -> None:
    store = Content({"export": Layout(str(tmp_path), is_writable=True, locked=True)})
    write(store, b"x")
    with open(tmp_path / "cache.lock", "rb") as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        store.release()
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
