"""Record a build for `llbfront why` and `llbfront trace`: what was solved, the files that were offered, how each step went.

A build loads this only if it is recorded. Files are known by size, times and inode from the record before, so that only those that
changed are hashed. A record holds no content of files and secrets: of a secret it has a digest with a random key of this user. Values
of build arguments and variables whose names say that they are secret are replaced by such digests, and credentials in URLs by stars.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.client.records.build_place import place_of_inputs
from llbfront.client.records.record_store import RecordStore, key_of
from llbfront.errors import LlbfrontError
from llbfront.files.paths import is_regular
from llbfront.files.reading import open_regular
from llbfront.fsutil.stat import TYPE_BITS
from llbfront.inspection import record_codec
from llbfront.printable import hide_credentials, is_sensitive_name

if TYPE_CHECKING:
    from llbfront.client.buildflags.secrets import SecretSource
    from llbfront.client.inputs.contexts import Inputs
    from llbfront.client.request.build_request import BuildRequest
    from llbfront.client.solve.frontend_run import FrontendRun, PreparedGraph
    from llbfront.fsutil.stat import Stat
    from llbfront.llb.definition import Definition
    from llbfront.pb import control_pb2 as control
    from llbfront.progress.trace import Step, Trace
    from llbfront.session.filesync import Observer

HASH_LIMIT_BYTES = 64 << 20
ENTRY_LIMIT = 500_000
MANY_ENTRIES = 1000  # fewer are compared after the build in no time
_RACY_NS = 100_000_000  # a file that changed so shortly before it was hashed may change again without a new time
_DIGEST_BYTES = record_codec.FILE_DIGEST_BYTES
_UNKNOWN = bytes(_DIGEST_BYTES)
_SECRET_LIMIT_BYTES = 1 << 20
_MIN_MASKED_LENGTH = 8
_URL_CREDENTIALS = rb"(?<=://)[^/?#@\s\x00-\x1f]{1,256}(?=@)"
_EXTRACTING = "extracting "  # the engine counts seconds there, not bytes


@attrs.frozen
class _Digested:
    """A directory in the form of a record, with the digests of its files, and the number of entries that it had then."""

    count: int
    context: Mapping[str, Any]


class OfferedEntries:
    """The entries of directories that an engine was offered, by the names of the directories.

    `digested` has the directories whose files have been hashed, so that builds that share a directory hash it once.
    """

    def __init__(self) -> None:
        self.columns: dict[str, record_codec.EntryColumns] = {}
        self.digested: dict[str, _Digested] = {}

    def of(self, name: str) -> record_codec.EntryColumns:
        """Return the entries of a directory, which may still be coming."""
        return self.columns.setdefault(name, record_codec.EntryColumns())

    def observe(self, name: str, entries: Iterator[Stat]) -> Iterator[Stat]:
        """Pass on the entries of a directory and keep them."""
        return self.of(name).keep(entries)


class Recorder:
    """Collects what one build does. `finish` writes the record; a failure to write is ignored, since the build is done.

    Directories with many entries are compared with those of the record before while the engine works. Files that changed are hashed by `finish`.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        address: str,
        *,
        bake_target: str = "",
        bake_targets: Sequence[str] = (),
        store: RecordStore | None = None,
    ) -> None:
        """Begin a record.

        Args:
            environ: the environment.
            address: the address of the engine.
            bake_target: the name of the build among those that are built together.
            bake_targets: the names of these.
            store: where records are kept, by default that of the environment.
        """
        self._store = store or RecordStore.of(environ)
        self._environ = environ
        self._address = address
        self._bake_target, self._bake_targets = bake_target, list(bake_targets)
        self._started_ns = time.time_ns()
        self._entries = OfferedEntries()
        self._shared: dict[str, OfferedEntries] = {}

    def observer(
        self, offered: Inputs, options: Mapping[str, str], call_later: Callable[[float, Callable[[], None]], object]
    ) -> Observer:
        """Return what keeps the entries of the directories of a build while they are sent."""

        def observe(name: str, entries: Iterator[Stat]) -> Iterator[Stat]:
            compare = functools.partial(self._compare, name, offered, options)
            return self._entries.of(name).keep(entries, functools.partial(call_later, 0, compare))

        return observe

    def _compare(self, name: str, offered: Inputs, options: Mapping[str, str]) -> None:
        """Compare a directory with that of the record before."""
        columns = self._entries.of(name)
        if name not in offered.directories or not MANY_ENTRIES <= len(columns.paths) <= ENTRY_LIMIT:
            return
        with contextlib.suppress(OSError, LlbfrontError, LookupError, TypeError, ValueError):
            key = key_of(*place_of_inputs(offered, options), self._bake_target)
            known = _last_contexts(self._store, key)
            context = _unchanged(offered.directories[name], columns, columns.encode(), known, name)
            if context is not None:
                self._entries.digested[name] = _Digested(len(columns.paths), context)

    def share(self, name: str, entries: OfferedEntries) -> None:
        """Take the entries of a directory from those that several builds are offered."""
        self._entries.columns[name] = entries.of(name)
        self._shared[name] = entries

    def finish(
        self,
        message: control.SolveRequest,
        request: BuildRequest,
        offered: Inputs,
        frontend: FrontendRun | PreparedGraph,
        trace: Trace,
        *,
        has_failed: bool = False,
    ) -> None:
        """Write the record of a build that has ended. A build whose graph is not known is not recorded."""
        definitions, config, options = frontend.graphs, frontend.config, message.FrontendAttrs
        if not definitions:
            return
        with contextlib.suppress(OSError, LlbfrontError, LookupError, TypeError, ValueError):
            context, dockerfile = place_of_inputs(offered, options)
            key = key_of(context, dockerfile, self._bake_target)
            mask = _Mask(self._store, options)
            members: dict[str, Any] = {
                "ref": message.Ref,
                "started_ns": self._started_ns,
                "ended_ns": time.time_ns(),
                "address": hide_credentials(self._address),
                "context": context,
                "dockerfile": dockerfile,
                "options": {name: mask.option(name, value) for name, value in options.items()},
                "definitions": [mask.definition(definition) for definition in definitions],
                "config": None if config is None else mask.masked(config),
                "images": [[ref, image.digest, mask.masked(image.config)] for ref, image in frontend.images],
                "runs": [_run(step, digest) for digest, step in trace.by_digest.items()],
                "secrets": _secrets(request.secrets, self._environ, self._store),
                "caches": [[cache.type, cache.attrs.get("mode", "")] for cache in request.cache_to],
                "has_failed": has_failed,
                "bake_target": self._bake_target,
                "bake_targets": self._bake_targets,
                "contexts": self._contexts(offered.directories, key),
                "hashed_ns": time.time_ns(),
            }
            self._store.add(record_codec.pack(members), time_ns=self._started_ns, key=key, ref=message.Ref)

    def _contexts(self, directories: Mapping[str, str], key: str) -> dict[str, Any]:
        offered = {name: columns for name, columns in self._entries.columns.items() if name in directories and columns.paths}
        if sum(len(columns.paths) for columns in offered.values()) > ENTRY_LIMIT:
            return {}
        contexts: dict[str, Any] = {}
        known: _Known | None = None
        for name, columns in offered.items():
            digested = self._shared.get(name, self._entries).digested
            if name not in digested or digested[name].count != len(columns.paths):
                known = known or _last_contexts(self._store, key)
                digested[name] = _Digested(len(columns.paths), _context(directories[name], columns, known, name))
            contexts[name] = digested[name].context
        return contexts


def _run(step: Step, digest: str) -> list[Any]:
    """Return how a vertex went, in the order of the fields of NodeRun."""
    vertex = step.members[digest]
    start = vertex.started_ns or 0
    end = start if vertex.completed_ns is None else vertex.completed_ns
    state = "waiting" if vertex.started_ns is None else "failed" if vertex.error else "cached" if vertex.cached else "ran"
    duration_ns = max(0, end - start) if step.is_group else step.duration_ns(end)
    statuses = (status for status in step.statuses.values() if status.vertex == digest and not status.id.startswith(_EXTRACTING))
    return [digest, state, start, vertex.completed_ns, duration_ns, sum(status.current for status in statuses), vertex.name]


@attrs.frozen
class _Known:
    """The contexts of the record before, and the time up to which their files had settled."""

    contexts: Mapping[str, Any]
    limit_ns: int


_NOTHING_KNOWN = _Known({}, 0)


def _last_contexts(store: RecordStore, key: str) -> _Known:
    """Return the contexts of the last record of the same Dockerfile."""
    if path := store.latest(key):
        with contextlib.suppress(OSError, LlbfrontError, LookupError, TypeError), open_regular(path) as file:
            members = record_codec.unpack(file.read())
            return _Known(members["contexts"], members["hashed_ns"] - _RACY_NS)
    return _NOTHING_KNOWN


def _context(root: str, entries: record_codec.EntryColumns, known: _Known, name: str) -> dict[str, Any]:
    """Return a context in the form of a record: columns of its entries, with digests of the content of files."""
    columns = entries.encode()
    if unchanged := _unchanged(root, entries, columns, known, name):
        return unchanged
    old = known.contexts.get(name)
    digests = b"".join(_digests(root, columns, {} if old is None else _settled(old, known.limit_ns)))
    return _members(root, entries, columns, digests)


def _unchanged(
    root: str, entries: record_codec.EntryColumns, columns: Mapping[str, bytes], known: _Known, name: str
) -> dict[str, Any] | None:
    """Return a context with the digests of the record before, None if any file may have changed since."""
    old = known.contexts.get(name)
    if old is None or not record_codec.is_same(old, columns) or record_codec.newest_ctime_ns(columns) >= known.limit_ns:
        return None
    return _members(root, entries, columns, old["digests"])


def _members(root: str, entries: record_codec.EntryColumns, columns: Mapping[str, bytes], digests: bytes) -> dict[str, Any]:
    xattrs = {path: _attributes(values) for path, values in entries.xattrs.items()}
    return {"root": root, **columns, "digests": digests, "xattrs": list(xattrs.items())}


def _settled(old: Mapping[str, bytes], limit_ns: int) -> dict[bytes, tuple[tuple[int, ...], bytes]]:
    """Return the files whose digests are known, by path: what identifies their state, and the digest."""
    digests = (old["digests"][start : start + _DIGEST_BYTES] for start in range(0, len(old["digests"]), _DIGEST_BYTES))
    return {
        path: (identity, digest)
        for (path, identity), digest in zip(record_codec.identities(old), digests, strict=True)
        if digest != _UNKNOWN and identity[-1] < limit_ns
    }


def _digests(root: str, columns: Mapping[str, bytes], known: Mapping[bytes, tuple[tuple[int, ...], bytes]]) -> Iterator[bytes]:
    """Yield the digest of each entry."""
    top = os.fsencode(root)
    for mode, (path, identity) in zip(record_codec.modes(columns), record_codec.identities(columns), strict=True):
        size_bytes, mtime_ns, *_ = identity
        same = known.get(path)
        if same is not None and same[0] == identity:
            yield same[1]
        elif mode & TYPE_BITS or size_bytes > HASH_LIMIT_BYTES:
            yield _UNKNOWN
        else:
            yield _digest(top + b"/" + path, size_bytes, mtime_ns)


def _attributes(xattrs: Mapping[bytes, bytes]) -> bytes:
    return hashlib.sha256(repr(sorted(xattrs.items())).encode()).digest()[:_DIGEST_BYTES]


def _digest(path: bytes, size_bytes: int, mtime_ns: int) -> bytes:
    """Return a digest of a file; zeros for one that cannot be read, or is not the one that was sent any more."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb", buffering=0) as file:
            digest = hashlib.file_digest(file, "sha256").digest()[:_DIGEST_BYTES]
            info = os.fstat(descriptor)
    except OSError:
        return _UNKNOWN
    return digest if (info.st_size, info.st_mtime_ns) == (size_bytes, mtime_ns) else _UNKNOWN


def _secrets(sources: Iterable[SecretSource], environ: Mapping[str, str], store: RecordStore) -> dict[str, bytes]:
    """Return digests of secrets with the key of the user. What can be read only once is left out."""
    digests = {}
    for source in sources:
        data = _content(source, environ)
        if data is not None:
            digests[source.id] = _keyed(data, store.secret_key())
    return digests


def _content(source: SecretSource, environ: Mapping[str, str]) -> bytes | None:
    if source.value is not None:
        return source.value
    if source.env is not None:
        value = environ.get(source.env)
        return None if value is None else value.encode(errors="surrogateescape")
    if source.path is None or not is_regular(source.path):
        return None
    with open_regular(source.path) as file:
        return file.read(_SECRET_LIMIT_BYTES)


def _keyed(data: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(data, key=key, digest_size=_DIGEST_BYTES).digest()


class _Mask:
    """Replaces sensitive values by digests of the same length, so that encoded messages stay valid."""

    def __init__(self, store: RecordStore, options: Mapping[str, str]) -> None:
        self._key = store.secret_key
        self._values = {
            name.removeprefix("build-arg:"): value.encode(errors="surrogateescape")
            for name, value in options.items()
            if value and name.startswith("build-arg:") and is_sensitive_name(name.removeprefix("build-arg:"))
        }

    def option(self, name: str, value: str) -> str:
        return self.masked(value.encode(errors="surrogateescape"), name.removeprefix("build-arg:")).decode(errors="surrogateescape")

    def masked(self, data: bytes, name: str = "") -> bytes:
        """Return bytes without sensitive values; all of them is one if `name` says so."""
        if name in self._values:
            return self._replacement(data)
        for known, value in self._values.items():
            replacement = self._replacement(value)
            head = known.encode(errors="surrogateescape") + b"="
            data = data.replace(head + value, head + replacement)
            if len(value) >= _MIN_MASKED_LENGTH:
                data = data.replace(value, replacement)
        return re.sub(_URL_CREDENTIALS, lambda match: b"*" * len(match[0]), data) if b"@" in data else data

    def definition(self, definition: Definition) -> list[Any]:
        """Return the bytes of a definition, and the digests of its ops if they do not follow from the bytes any more."""
        data = definition.encode()
        masked = self.masked(data)
        return [masked, None if masked == data else list(definition.digests)]

    def _replacement(self, value: bytes) -> bytes:
        digest = _keyed(value, self._key()).hex().encode()
        return (digest * (len(value) // len(digest) + 1))[: len(value)]
