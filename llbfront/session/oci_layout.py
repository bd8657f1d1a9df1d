"""A directory in the form of an OCI image layout: blobs by digest, writes that are not complete yet, index.json.

    blobs/sha256/…    what is complete
    ingest/…          what is being written; renamed when its digest is right
    index.json        the manifests, changed under the lock index.json.lock
    cache.lock        held (shared) from the first write until `release`, so that a `reset` elsewhere deletes nothing under us

Source: client/ociindex and client/solve.go of BuildKit, plugins/content/local of containerd, image-layout.md of the OCI image spec.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import stat
import time
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from llbfront.errors import ContextError, ExportError, InvalidJson
from llbfront.files.reading import read_bytes
from llbfront.files.writing import write_file
from llbfront.foreign_json import JsonObject, parse_object
from llbfront.oci.digest import PATTERN
from llbfront.oci.index import (
    INDEX_TYPES,
    MANIFEST_TYPES,
    OCI_INDEX,
    REF_NAME,
    descriptors_of,
    digest_of,
    find_by_name,
    insert,
    name_annotations,
)

INDEX = "index.json"
LOCK = "cache.lock"
_DIGEST = re.compile(PATTERN)
MAX_INDEX_BYTES, MAX_MANIFEST_BYTES = 64 << 20, 8 << 20
_LOCK_PATIENCE_S = 10.0
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP}


@attrs.frozen
class Blob:
    """What is known of a complete blob."""

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
        """Rename the blob to its digest."""
        path = self._layout.path_of(self.digest)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.fchmod(self._fd, 0o444)
        os.replace(self.path, path)
        self._layout.written.add(self.digest)
        self.close()

    def close(self) -> None:
        """Close, and remove what was written unless it was committed."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)


class Layout:
    """One layout directory, made when something is written to it. `written` are the digests of the blobs that it has written.

    Args:
        path: the directory.
        is_writable: let the engine write blobs; only for the destination of an export or a cache.
        locked: hold `cache.lock` while writing, as caches do.
    """

    def __init__(self, path: str, *, is_writable: bool = False, locked: bool = False) -> None:
        self.path = path
        self.is_writable = is_writable
        self.ingests: dict[str, Ingest] = {}
        self.written: set[str] = set()
        self._locked = locked
        self._lock_fd = -1

    def path_of(self, digest: str) -> str:
        """Return where a blob is or would be. Raises: ValueError for a string that is not a digest."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest!r} is not a digest")
        algorithm, _, name = digest.partition(":")
        return os.path.join(self.path, "blobs", algorithm, name)

    def ingest_path(self, ref: str) -> str:
        directory = os.path.join(self.path, "ingest")
        os.makedirs(directory, exist_ok=True)
        return os.path.join(directory, hashlib.sha256(ref.encode()).hexdigest())

    def find(self, digest: str) -> Blob | None:
        """Return what is known of a blob; None if there is no such file. Raises: ValueError, OSError."""
        try:
            info = os.stat(self.path_of(digest))
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise
        if not stat.S_ISREG(info.st_mode):
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
        """Abort all unfinished writes, and release the lock."""
        for ref in tuple(self.ingests):
            self.end(ref)
        with contextlib.suppress(OSError):
            os.rmdir(os.path.join(self.path, "ingest"))
        if self._lock_fd >= 0:
            os.close(self._lock_fd)
            self._lock_fd = -1

    def prune(self) -> bool:
        """Delete the blobs that nothing in the index leads to; return whether it was done.

        Nothing is deleted while another program holds the layout, or when a manifest in it is damaged.
        """
        fd = os.open(os.path.join(self.path, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            kept = self._reached(self.manifests())
            for blob in self.blobs():
                if blob.digest not in kept:
                    os.unlink(self.path_of(blob.digest))
        except (BlockingIOError, InvalidJson):
            return False
        finally:
            os.close(fd)
        return True

    def _reached(self, descriptors: Sequence[JsonObject]) -> set[str]:
        """Return the digests of everything that descriptors lead to. Raises: InvalidJson."""
        reached: set[str] = set()
        pending = list(descriptors)
        while pending:
            descriptor = pending.pop()
            digest = digest_of(descriptor)
            if digest in reached:
                continue
            reached.add(digest)
            if descriptor.text("mediaType") in {*INDEX_TYPES, *MANIFEST_TYPES} and self.find(digest):
                parent = parse_object(read_bytes(self.path_of(digest), limit_bytes=MAX_MANIFEST_BYTES))
                config = (parent.object("config"),) if parent.get("config") else ()
                pending += [*parent.objects("manifests"), *parent.objects("layers"), *config]
        return reached

    def manifests(self) -> tuple[JsonObject, ...]:
        """Return the descriptors of index.json. Raises: ContextError."""
        path = os.path.join(self.path, INDEX)
        try:
            return descriptors_of(parse_object(read_bytes(path, limit_bytes=MAX_INDEX_BYTES)))
        except OSError as error:
            raise ContextError(f"{path} cannot be read: {error.strerror}") from error
        except InvalidJson as error:
            raise ContextError(f"{path} is not a valid OCI index: {error.message}") from None

    def find_manifest(self, tag: str | None) -> JsonObject | None:
        """Return the descriptor of an image name or tag; with None the only one there is. Raises: ContextError."""
        descriptors = self.manifests()
        if tag is None:
            return descriptors[0] if len(descriptors) == 1 else None
        return find_by_name(descriptors, tag)

    def put(self, descriptor: JsonObject, *, names: Sequence[str] = (), tags: Sequence[str] = ()) -> None:
        """Add a manifest to index.json under image names and plain tags, in the place of those that had them.

        Raises: ExportError if the index cannot be written, or stays locked.
        """
        annotations = [*map(name_annotations, names), *({REF_NAME: tag} for tag in tags)]
        path = os.path.join(self.path, INDEX)
        try:
            os.makedirs(self.path, exist_ok=True)
            with _file_lock(path + ".lock"):
                index = _read_index(path)
                for entry in annotations or [{}]:
                    insert(index["manifests"], descriptor, entry)
                _write(os.path.join(self.path, "oci-layout"), {"imageLayoutVersion": "1.0.0"})
                _write(path, index)
        except OSError as error:
            raise ExportError(f"{path} cannot be written: {error.strerror}") from error
        except InvalidJson as error:
            raise ExportError(f"{path} is not a valid OCI index: {error.message}") from None


def _read_index(path: str) -> dict[str, Any]:
    """Return the members of index.json, or of an empty index if it does not exist. Raises: OSError, InvalidJson."""
    try:
        data = read_bytes(path, limit_bytes=MAX_INDEX_BYTES)
    except FileNotFoundError:
        data = b""
    index = parse_object(data or b"{}")
    manifests = [dict(descriptor.members) for descriptor in (descriptors_of(index) if "manifests" in index.members else ())]
    return {"schemaVersion": 2, "mediaType": OCI_INDEX, **index.members, "manifests": manifests}


def _write(path: str, value: object) -> None:
    write_file(path, json.dumps(value, separators=(",", ":")).encode())


@contextlib.contextmanager
def _file_lock(path: str) -> Iterator[None]:
    """Hold a lock file that its holders remove. Raises: BlockingIOError if another process keeps it too long."""
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
