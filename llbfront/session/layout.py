"""A directory in the form of an OCI image layout: blobs by digest, writes that are not complete yet, index.json.

    blobs/sha256/…    what is complete
    ingest/…          what is being written; renamed when its digest is right
    index.json        the manifests, changed under the lock index.json.lock
    cache.lock        held (shared) from the first write until `release`, so that a `reset` elsewhere deletes nothing under us

Source: client/ociindex and client/solve.go of BuildKit, plugins/content/local of containerd, image-layout.md of the OCI image spec.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from llbfront.errors import ContextError, ExportError
from llbfront.files.writing import write_file

INDEX = "index.json"
LOCK = "cache.lock"
_PARENTS = ("image.index.v1+json", "image.manifest.v1+json", "manifest.list.v2+json", "distribution.manifest.v2+json")
_INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
_IMAGE_NAME = "io.containerd.image.name"
_REF_NAME = "org.opencontainers.image.ref.name"
_DIGEST = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")
_LOCK_PATIENCE_S = 10.0


@attrs.frozen
class Blob:
    digest: str
    size_bytes: int
    mtime_ns: int


class Ingest:
    """One blob being written."""

    def __init__(self, layout: Layout, ref: str, total: int, expected: str) -> None:
        self.ref, self.total, self.expected = ref, total, expected
        self.offset = 0
        self.started_ns = self.updated_ns = time.time_ns()
        self.path = layout.ingest_path(ref)
        self._layout = layout
        self._hash = hashlib.sha256()
        self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]
        self._hash.update(data)
        self.offset += len(data)
        self.updated_ns = time.time_ns()

    def truncate(self) -> None:
        """Begin again."""
        os.ftruncate(self._fd, 0)
        os.lseek(self._fd, 0, os.SEEK_SET)
        self._hash = hashlib.sha256()
        self.offset = 0

    def commit(self) -> None:
        """Put the blob in its place under its digest."""
        path = self._layout.path_of(self.digest)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.fchmod(self._fd, 0o444)
        os.replace(self.path, path)
        self.close()

    def close(self) -> None:
        """Give up; what was written is removed unless it was committed."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)


class Layout:
    """One layout directory, made when something is written to it.

    locked: hold `cache.lock` while writing, as caches do.
    """

    def __init__(self, path: str, *, locked: bool = False) -> None:
        self.path = path
        self.ingests: dict[str, Ingest] = {}
        self._locked = locked
        self._lock_fd = -1

    def path_of(self, digest: str) -> str:
        """Return where a blob is or would be. Raises: ValueError for a text that is no digest."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest!r} is not a digest")
        algorithm, _, name = digest.partition(":")
        return os.path.join(self.path, "blobs", algorithm, name)

    def ingest_path(self, ref: str) -> str:
        directory = os.path.join(self.path, "ingest")
        os.makedirs(directory, exist_ok=True)
        return os.path.join(directory, hashlib.sha256(ref.encode()).hexdigest())

    def find(self, digest: str) -> Blob | None:
        """Return what is known of a blob; None if it is not there."""
        try:
            info = os.stat(self.path_of(digest))
        except (FileNotFoundError, NotADirectoryError):
            return None
        return Blob(digest, info.st_size, info.st_mtime_ns)

    def blobs(self) -> Iterator[Blob]:
        """Yield all blobs, by digest."""
        top = os.path.join(self.path, "blobs")
        for algorithm in sorted(os.listdir(top)) if os.path.isdir(top) else ():
            for name in sorted(os.listdir(os.path.join(top, algorithm))):
                if _DIGEST.fullmatch(f"{algorithm}:{name}") and (blob := self.find(f"{algorithm}:{name}")):
                    yield blob

    def begin(self, ref: str, *, total: int, expected: str) -> Ingest:
        """Begin to write a blob. Raises: OSError."""
        os.makedirs(self.path, exist_ok=True)
        if self._locked and self._lock_fd < 0:
            self._lock_fd = os.open(os.path.join(self.path, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock_fd, fcntl.LOCK_SH)
        ingest = self.ingests[ref] = Ingest(self, ref, total, expected)
        return ingest

    def end(self, ref: str) -> None:
        """Forget a write, complete or not."""
        ingest = self.ingests.pop(ref, None)
        if ingest is not None:
            ingest.close()

    def release(self) -> None:
        """Give up all writes that are under way, and the lock."""
        for ref in tuple(self.ingests):
            self.end(ref)
        with contextlib.suppress(OSError):
            os.rmdir(os.path.join(self.path, "ingest"))
        if self._lock_fd >= 0:
            os.close(self._lock_fd)
            self._lock_fd = -1

    def prune(self) -> bool:
        """Delete the blobs that nothing in the index leads to, unless somebody else holds the layout; return whether it was done."""
        fd = os.open(os.path.join(self.path, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            kept = self._reached(self.manifests())
            for blob in self.blobs():
                if blob.digest not in kept:
                    os.unlink(self.path_of(blob.digest))
        except BlockingIOError:
            return False
        finally:
            os.close(fd)
        return True

    def _reached(self, descriptors: Sequence[Mapping[str, Any]]) -> set[str]:
        """The digests of all that descriptors lead to."""
        found: set[str] = set()
        left = list(descriptors)
        while left:
            descriptor = left.pop()
            if descriptor["digest"] in found:
                continue
            found.add(descriptor["digest"])
            if descriptor.get("mediaType", "").endswith(_PARENTS) and self.find(descriptor["digest"]):
                with open(self.path_of(descriptor["digest"]), "rb") as file:
                    parent = json.load(file)
                left += [*(parent.get("manifests") or ()), *(parent.get("layers") or ()), *filter(None, (parent.get("config"),))]
        return found

    def manifests(self) -> tuple[Mapping[str, Any], ...]:
        """Return the descriptors of index.json. Raises: ContextError."""
        path = os.path.join(self.path, INDEX)
        try:
            with open(path, "rb") as file:
                found = json.load(file)["manifests"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ContextError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no OCI index'}") from error
        return tuple(found)

    def find_manifest(self, tag: str | None) -> Mapping[str, Any] | None:
        """Return the descriptor of an image name or tag; with None the only one there is."""
        found = self.manifests()
        if tag is None:
            return found[0] if len(found) == 1 else None
        for key in (_IMAGE_NAME, _REF_NAME):
            for descriptor in found:
                if (descriptor.get("annotations") or {}).get(key) == tag:
                    return descriptor
        return None

    def put(self, descriptor: Mapping[str, Any], *, names: Sequence[str] = (), tags: Sequence[str] = ()) -> None:
        """Add a manifest to index.json under image names and plain tags, in the place of those that had them.

        Raises: ExportError if the index cannot be written, or stays locked.
        """
        marks = [{_IMAGE_NAME: name, _REF_NAME: _ref_of(name)} for name in names] + [{_REF_NAME: tag} for tag in tags]
        path = os.path.join(self.path, INDEX)
        try:
            os.makedirs(self.path, exist_ok=True)
            with _file_lock(path + ".lock"):
                index = _read_index(path)
                for mark in marks or [{}]:
                    _insert(index, descriptor, mark)
                _write(os.path.join(self.path, "oci-layout"), {"imageLayoutVersion": "1.0.0"})
                _write(path, index)
        except (OSError, ValueError) as error:
            raise ExportError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from error


def _ref_of(name: str) -> str:
    """Return the tag and digest of an image name, as containerd cuts them off; the name itself if it has neither."""
    head, slash, last = name.rpartition("/")
    cut = min((i for i in (last.find(":"), last.find("@")) if i >= 0), default=-1)
    if not slash or not head or cut < 0:
        return name if not slash else ""
    return last[cut + 1 :] if last[cut] == ":" else last[cut:]


def _read_index(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        data = b""
    index = json.loads(data) if data else {}
    if not isinstance(index, dict):
        raise ValueError("it is no OCI index")  # noqa: TRY004 (a bad file, not a bad type)
    return {"schemaVersion": 2, "mediaType": _INDEX_TYPE, **index, "manifests": list(index.get("manifests") or [])}


def _insert(index: dict[str, Any], descriptor: Mapping[str, Any], mark: Mapping[str, str]) -> None:
    entry = dict(descriptor)
    if mark:
        entry["annotations"] = {**(descriptor.get("annotations") or {}), **mark}
        wanted = (mark[_REF_NAME], mark.get(_IMAGE_NAME, ""))
        index["manifests"] = [one for one in index["manifests"] if _marks(one) != wanted]
    index["manifests"].append(entry)


def _marks(descriptor: Mapping[str, Any]) -> tuple[str, str]:
    annotations = descriptor.get("annotations") or {}
    return annotations.get(_REF_NAME, ""), annotations.get(_IMAGE_NAME, "")


def _write(path: str, value: object) -> None:
    write_file(path, json.dumps(value, separators=(",", ":")).encode())


@contextlib.contextmanager
def _file_lock(path: str) -> Iterator[None]:
    """Hold a lock file that its holders remove. Raises: BlockingIOError if somebody else keeps it too long."""
    deadline = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.exists(path) and os.fstat(fd).st_ino == os.stat(path).st_ino:
                break
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(fd)
                raise
            time.sleep(0.05)
        os.close(fd)
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        os.close(fd)
