"""A content store over an OCI layout: blobs in, blobs out, and the index."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from llbfront.errors import ContextError, ExportError
from llbfront.foreign_json import JsonObject
from llbfront.pb import content_pb2 as content
from llbfront.rpc.codes import Code
from llbfront.rpc.services.content import ContentMethods
from llbfront.session import oci_layout
from llbfront.session.content import Content
from llbfront.session.oci_layout import Layout
from tests.session.calls import Peer, unary

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = ContentMethods
STORE = (("buildkit-attachable-store-id", "export"),)
DATA = os.urandom(700_000)
DIGEST = f"sha256:{hashlib.sha256(DATA).hexdigest()}"


def ask(store: Content, method: Any, request: Any, metadata: Any = STORE) -> Any:
    data, code, message = unary(store.services(), method.path, request.SerializeToString(), metadata)
    return method.response.FromString(data) if code == 0 else (code, message)


def request(action: content.WriteAction.ValueType = content.WRITE, data: bytes = b"", **fields: Any) -> bytes:
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
    assert [write_status.ref for write_status in ask(store, SERVICE.ListStatuses, content.ListStatusesRequest()).statuses] == [
        "ref"
    ]
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


def layout_with(folder: Path, data: bytes) -> str:
    """Make a layout with one blob, as another tool would; return its digest."""
    name = hashlib.sha256(data).hexdigest()
    (folder / "blobs" / "sha256").mkdir(parents=True)
    (folder / "blobs" / "sha256" / name).write_bytes(data)
    return f"sha256:{name}"


CHANGES: dict[str, tuple[Any, Any]] = {
    "delete": (SERVICE.Delete, lambda digest: content.DeleteContentRequest(digest=digest)),
    "update": (SERVICE.Update, lambda digest: content.UpdateRequest(info=content.Info(digest=digest, labels={"a": "b"}))),
    "abort": (SERVICE.Abort, lambda _: content.AbortRequest(ref="ref")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_layout_that_is_read_from_cannot_be_changed(tmp_path: Path, change: str) -> None:
    digest = layout_with(tmp_path, b"blob")
    store = Content({"export": Layout(str(tmp_path))})
    method, make = CHANGES[change]
    assert ask(store, method, make(digest)) == (7, f"{tmp_path} is served read-only")
    assert read(store, digest) == b"blob"


@pytest.mark.parametrize(
    "first",
    [
        {"action": content.STAT, "ref": "r"},
        {"action": content.WRITE, "ref": "r", "data": b"x"},
        {"action": content.COMMIT, "ref": "r", "data": b"x"},
        {"action": content.COMMIT, "ref": "r", "data": b"x", "expected": f"sha256:{hashlib.sha256(b'x').hexdigest()}"},
        {"action": content.WRITE, "ref": "../../x", "data": b"x"},
    ],
    ids=["stat", "write", "commit", "expected", "path"],
)
def test_nothing_is_written_to_a_layout_that_is_read_from(tmp_path: Path, first: dict[str, Any]) -> None:
    layout_with(tmp_path, b"blob")
    before = sorted(tmp_path.rglob("*"))
    store = Content({"export": Layout(str(tmp_path))})
    peer = Peer(store.services(), SERVICE.Write.path, STORE)
    peer.send(content.WriteContentRequest(**first).SerializeToString())
    assert peer.call.status == (7, f"{tmp_path} is served read-only")
    store.release()
    assert sorted(tmp_path.rglob("*")) == before


def test_what_was_there_before_is_not_deleted(tmp_path: Path) -> None:
    digest = layout_with(tmp_path, b"blob")
    store = Content({"export": Layout(str(tmp_path), is_writable=True)})
    write(store, b"new")
    assert ask(store, SERVICE.Delete, content.DeleteContentRequest(digest=digest)) == (
        7,
        f"content {digest} was not written by this build",
    )
    new = f"sha256:{hashlib.sha256(b'new').hexdigest()}"
    ask(store, SERVICE.Delete, content.DeleteContentRequest(digest=new))
    assert [blob.digest for blob in store.stores["export"].blobs()] == [digest]


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        ("no digest", Code.INVALID_ARGUMENT),
        ("sha256:../../x", Code.INVALID_ARGUMENT),
        ("a:/", Code.INVALID_ARGUMENT),
        ("\ud7ff:x", Code.INVALID_ARGUMENT),
        (f"sha512:{'0' * 128}", Code.FAILED_PRECONDITION),
        ("sha256:" + "0" * 5000, Code.FAILED_PRECONDITION),
    ],
)
def test_a_digest_that_comes_late_is_checked_too(tmp_path: Path, expected: str, code: Code) -> None:
    store = Content({"export": Layout(str(tmp_path), is_writable=True)})
    peer = Peer(store.services(), SERVICE.Write.path, STORE)
    peer.send(request(content.WRITE, b"abc", ref="ref"))
    peer.send(request(content.COMMIT, offset=3, expected=expected))
    assert peer.call.status is not None
    assert peer.call.status[0] == code
    store.release()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "digest",
    [
        "", "x", "sha256:", ":x", "sha256:..", "sha256:../../../etc/passwd", "../../etc:passwd", "..:passwd", "sha256:a/b", "SHA256:00",
        "sha256:a\0b", "sha256:a\nb", "sha256/x:y",
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_writable", [False, True])
def test_a_digest_names_nothing_outside_of_the_blobs(tmp_path: Path, digest: str, is_writable: bool) -> None:
    store = Content({"export": Layout(str(tmp_path), is_writable=is_writable)})
    refused = (Code.INVALID_ARGUMENT, f"{digest!r} is not a digest")
    assert ask(store, SERVICE.Info, content.InfoRequest(digest=digest)) == refused
    assert read(store, digest) == refused
    read_only = (Code.PERMISSION_DENIED, f"{tmp_path} is served read-only")
    assert ask(store, SERVICE.Delete, content.DeleteContentRequest(digest=digest)) == (refused if is_writable else read_only)


def test_a_digest_that_no_file_name_can_hold_is_not_found(tmp_path: Path) -> None:
    store = Content({"export": Layout(str(tmp_path), is_writable=True)})
    digest = "sha256:" + "0" * 5000
    not_found = (Code.NOT_FOUND, f"content {digest}: not found")
    assert ask(store, SERVICE.Info, content.InfoRequest(digest=digest)) == not_found
    assert read(store, digest) == not_found
    assert ask(store, SERVICE.Delete, content.DeleteContentRequest(digest=digest)) == not_found


@pytest.mark.parametrize("kind", ["directory", "pipe", "socket", "loop"])
def test_only_files_are_blobs(tmp_path: Path, kind: str) -> None:
    digest = layout_with(tmp_path, b"blob")
    path = tmp_path / "blobs" / "sha256" / ("0" * 64)
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            os.chdir(path.parent)
            listener.bind(path.name)
    else:
        path.symlink_to(path.name)
    store = Content({"export": Layout(str(tmp_path))})
    assert read(store, f"sha256:{path.name}") == (5, f"content sha256:{path.name}: not found")
    assert [info.digest for info in ask(store, SERVICE.List, content.ListContentRequest()).info] == [digest]


def test_one_call_reads_one_blob(tmp_path: Path) -> None:
    digest = layout_with(tmp_path, b"blob" * 1000)
    store = Content({"export": Layout(str(tmp_path))})
    peer = Peer(store.services(), SERVICE.Read.path, STORE, limit=10)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        peer.send(content.ReadContentRequest(digest=digest).SerializeToString())
    assert len(os.listdir("/proc/self/fd")) <= before + 1
    peer.handler.on_cancel()


INDEXES: dict[bytes, str] = {
    b"": "it is empty",
    b"[]": "it is not an object",
    b"null": "it has no manifests",
    b"{}": "it has no manifests",
    b"\xff": "it is not JSON",
    b'{"manifests": {}}': "manifests is not a list",
    b'{"manifests": [1]}': "manifests[0] is not an object",
    b'{"manifests": [{}]}': "manifests[0] has no digest",
    b'{"manifests": [{"digest": 1}]}': "manifests[0].digest is not a string",
    b'{"manifests": [{"digest": "../x"}]}': "manifests[0] has no digest",
    b'{"manifests": [{"digest": "sha256:1", "annotations": []}]}': "manifests[0].annotations is not an object",
    b'{"manifests": [{"digest": "sha256:1", "annotations": {"a": 1}}]}': "manifests[0].annotations is not an object of strings",
    b"[" * 100_000: "it is nested too deep",
}


@pytest.mark.parametrize("data", INDEXES, ids=lambda data: repr(data[:40]))
def test_an_odd_index_is_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "index.json").write_bytes(data)
    with pytest.raises(ContextError) as caught:
        Layout(str(tmp_path)).manifests()
    assert str(caught.value) == f"{tmp_path}/index.json is not a valid OCI index: {caught.value.message.partition(': ')[2]}"
    assert INDEXES[data] in str(caught.value)


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b'{"layers": 1}', b'{"layers": [{}]}', b'{"manifests": [{"digest": "x"}]}', b'{"config": "x"}', b"[" * 100_000],
)
def test_nothing_is_pruned_around_a_damaged_manifest(tmp_path: Path, manifest: bytes) -> None:
    digest = layout_with(tmp_path, manifest)
    layout = Layout(str(tmp_path), is_writable=True)
    layout.put(JsonObject({"digest": digest, "mediaType": "application/vnd.oci.image.manifest.v1+json"}))
    write(Content({"export": layout}), b"other")
    assert not layout.prune()
    assert len(list(layout.blobs())) == 2


def test_unknown_stores_and_bad_digests(tmp_path: Path) -> None:
    store = Content({"export": Layout(str(tmp_path), is_writable=True)})
    info = content.InfoRequest(digest=DIGEST)
    assert ask(store, SERVICE.Info, info, ()) == (3, "the request lacks the metadata buildkit-attachable-store-id")
    assert ask(store, SERVICE.Info, info, ((STORE[0][0], "other"),)) == (5, "unknown store other")
    assert ask(store, SERVICE.Info, content.InfoRequest(digest="sha256:../x"))[0] == 3
    assert read(store, DIGEST) == (5, f"content {DIGEST}: not found")


def test_manifests_are_found_by_name_and_tag(tmp_path: Path) -> None:
    index = Layout(str(tmp_path))
    first, two = JsonObject({"digest": "sha256:1", "size": 1}), JsonObject({"digest": "sha256:2", "size": 2})
    index.put(first, names=["docker.io/library/app:v1"])
    index.put(two, tags=["latest"])
    index.put(first, tags=["latest", "old"])
    document = json.loads((tmp_path / "index.json").read_text())
    assert document["schemaVersion"] == 2
    assert [entry["annotations"] for entry in document["manifests"]] == [
        {"io.containerd.image.name": "docker.io/library/app:v1", "org.opencontainers.image.ref.name": "v1"},
        {"org.opencontainers.image.ref.name": "latest"},
        {"org.opencontainers.image.ref.name": "old"},
    ]
    assert json.loads((tmp_path / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    for tag in ("docker.io/library/app:v1", "v1", "latest", "old"):
        manifest = index.find_manifest(tag)
        assert manifest is not None
        assert manifest.text("digest") == "sha256:1"
    assert index.find_manifest("other") is None
    assert index.find_manifest(None) is None
    assert sorted(os.listdir(tmp_path)) == ["index.json", "oci-layout"]


def test_an_index_that_is_damaged_or_locked_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Layout(str(tmp_path))
    with pytest.raises(ContextError, match="No such file"):
        index.manifests()
    (tmp_path / "index.json").write_text("[]")
    with pytest.raises(ContextError, match="not a valid OCI index"):
        index.manifests()
    with pytest.raises(ExportError, match="not a valid OCI index"):
        index.put(JsonObject({}))
    monkeypatch.setattr(oci_layout, "_LOCK_PATIENCE_S", 0.0)
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
