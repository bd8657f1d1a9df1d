"""The directory of build records: a file for each build, the oldest removed when there are too many.

Names of files begin with the time, so that their order is that of the builds, and hold a key that builds of one Dockerfile share. The key of
a target of `llbfront bake` goes on with that of its name.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping
from typing import Self

import attrs

from llbfront.files import xdg
from llbfront.files.paths import make_directories
from llbfront.files.reading import open_regular
from llbfront.files.writing import write_file
from llbfront.gostd.strconv import parse_bool

VARIABLE = "LLBFRONT_RECORD"
SUFFIX = ".build"
COUNT_LIMIT = 200
SIZE_LIMIT_BYTES = 128 << 20
_KEY_FILE = "key"
_KEY_BYTES = 32


def is_enabled(environ: Mapping[str, str]) -> bool:
    """Return whether builds are recorded, as far as the environment decides."""
    return parse_bool(environ.get(VARIABLE, "")) is not False


def key_of(context: str, dockerfile: str, bake_target: str = "") -> str:
    """Return what the names of all records of one Dockerfile and context hold, or of those of a target of `llbfront bake`."""
    key = hashlib.sha256(f"{context}\0{dockerfile}".encode(errors="surrogateescape")).hexdigest()[:16]
    return key + target_key(bake_target)


def target_key(bake_target: str) -> str:
    """Return the end of the key of a target of `llbfront bake`; empty without a target."""
    return f".{hashlib.sha256(bake_target.encode()).hexdigest()[:16]}" if bake_target else ""


def key_in(path: str) -> str:
    """Return the key that the name of a record holds."""
    return "".join(os.path.basename(path).split("-")[1:2])


def _has_key(name: str, key: str) -> bool:
    """Return whether a record has a key: that of a Dockerfile, of a target (which begins with a dot), or of both."""
    known = key_in(name)
    return not key or known == key or known.partition(".")[0] == key or (key.startswith(".") and known.endswith(key))


@attrs.frozen
class RecordStore:
    """The records of a user."""

    directory: str

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Return the records below the XDG state directory of an environment."""
        return cls(os.path.join(xdg.directory(environ, xdg.STATE), "builds"))

    def paths(self, key: str = "") -> list[str]:
        """Return the paths of records, the latest first: of all builds, or of those whose key is, or begins or ends with, a key."""
        try:
            names = os.listdir(self.directory)
        except (OSError, ValueError):
            return []
        chosen = [name for name in names if name.endswith(SUFFIX) and _has_key(name, key)]
        return [os.path.join(self.directory, name) for name in sorted(chosen, reverse=True)]

    def latest(self, key: str) -> str | None:
        """Return the path of the latest record with a key."""
        return next(iter(self.paths(key)), None)

    def secret_key(self) -> bytes:
        """Return the random key that digests of secrets depend on; it is made at the first call. Raises: OSError, ExportError."""
        path = os.path.join(self.directory, _KEY_FILE)
        with contextlib.suppress(FileNotFoundError), open_regular(path) as file:
            if len(key := file.read(_KEY_BYTES)) == _KEY_BYTES:
                return key
        make_directories(self.directory, mode=0o700)
        key = os.urandom(_KEY_BYTES)
        write_file(path, key, mode=0o600)
        return key

    def add(self, data: bytes, *, time_ns: int, key: str, ref: str) -> None:
        """Write a record, and remove the oldest ones beyond the limits. Raises: OSError, ExportError."""
        self.write(data, time_ns=time_ns, key=key, ref=ref)
        self.remove_oldest()

    def write(self, data: bytes, *, time_ns: int, key: str, ref: str) -> None:
        """Write a record. Raises: OSError, ExportError."""
        make_directories(self.directory, mode=0o700)
        write_file(os.path.join(self.directory, f"{time_ns:020d}-{key}-{ref}{SUFFIX}"), data, mode=0o600)

    def remove_oldest(self) -> None:
        """Remove the oldest records beyond the limits."""
        size_bytes = 0
        for count, path in enumerate(self.paths(), 1):
            with contextlib.suppress(OSError):
                size_bytes += os.stat(path).st_size
                if count > COUNT_LIMIT or (size_bytes > SIZE_LIMIT_BYTES and count > 1):
                    os.unlink(path)
