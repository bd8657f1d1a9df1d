"""Where `llbfront history` takes build records from: an engine, or archives that were imported.

Imported records are files below `$XDG_STATE_HOME/llbfront/history`.

Source: docker buildx history import, which gives the records to Docker Desktop.
"""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from llbfront.cli import engine_flags
from llbfront.errors import OptionError
from llbfront.files.paths import STANDARD_STREAM, STDIN_PATH

if TYPE_CHECKING:
    import argparse

    from llbfront.client.control.bundle import Bundle
    from llbfront.client.control.history import Attachment, BuildRecord
    from llbfront.client.engine import Engine
    from llbfront.progress.events import StatusEvent

SUFFIX = ".dockerbuild"


class Builds(Protocol):
    """Build records, with their logs and attachments."""

    def list(self, filters: Sequence[str]) -> tuple[BuildRecord, ...]:
        """Return the records that filters select, the newest first."""

    def record(self, ref: str | None) -> BuildRecord:
        """Return the record that a user means."""

    def attachments(self, record: BuildRecord) -> Sequence[Attachment]:
        """Return its attachments."""

    def blob(self, digest: str) -> bytes:
        """Return content."""

    def logs(self, ref: str, on_event: Callable[[StatusEvent], object]) -> None:
        """Replay the progress of a build."""


@contextlib.contextmanager
def opened(parsed: argparse.Namespace) -> Iterator[Builds]:
    """Return the records that the flags select."""
    if parsed.imported:
        yield ImportedBuilds(stored())
        return
    with engine_flags.connected(parsed) as engine:
        yield EngineBuilds(engine)


class EngineBuilds:
    """The records of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, filters: Sequence[str]) -> tuple[BuildRecord, ...]:
        return self._engine.history(filters=filters)

    def record(self, ref: str | None) -> BuildRecord:
        return self._engine.build_record(ref)

    def attachments(self, record: BuildRecord) -> Sequence[Attachment]:
        return self._engine.build_attachments(record.ref)

    def blob(self, digest: str) -> bytes:
        return self._engine.build_blob(digest)

    def logs(self, ref: str, on_event: Callable[[StatusEvent], object]) -> None:
        self._engine.build_logs(ref, on_event=on_event)


class ImportedBuilds:
    """The records of an archive."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def list(self, filters: Sequence[str]) -> tuple[BuildRecord, ...]:
        from llbfront.client.control.history import build_record

        if filters:
            raise OptionError("imported build records cannot be filtered", hint="use --json and filter the output")
        return tuple(map(build_record, self._bundle.messages))

    def record(self, ref: str | None) -> BuildRecord:
        from llbfront.client.control.history import build_record, resolve

        return build_record(resolve(self._bundle.messages, ref))

    def attachments(self, record: BuildRecord) -> Sequence[Attachment]:
        return record.attachments

    def blob(self, digest: str) -> bytes:
        return self._bundle.read_blob(digest)

    def logs(self, ref: str, on_event: Callable[[StatusEvent], object]) -> None:
        for event in self._bundle.logs(ref):
            on_event(event)


def _directory() -> str:
    from llbfront.engine import directories

    return os.path.join(os.path.dirname(directories.default().state), "history")


def store(path: str) -> list[BuildRecord]:
    """Keep the records of an archive; return them. Raises: ContextError."""
    from llbfront.client.control.bundle import read_bundle, write_bundle
    from llbfront.client.control.history import build_record
    from llbfront.files.paths import make_directories
    from llbfront.files.reading import read_file
    from llbfront.files.writing import write_file

    bundle = read_bundle(read_file(STDIN_PATH if path == STANDARD_STREAM else path, "the archive"), path)
    for message in bundle.messages:
        if not (message.Ref.isascii() and message.Ref.isalnum()):
            raise OptionError(f"{path} holds a build record of a bad name: {message.Ref!r}")
    make_directories(_directory(), mode=0o700)
    for message in bundle.messages:
        write_file(os.path.join(_directory(), message.Ref + SUFFIX), write_bundle([message], bundle.read_blob))
    return list(map(build_record, bundle.messages))


def stored() -> Bundle:
    """Return all records that were imported, the newest first. Raises: OptionError if there are none."""
    from llbfront.client.control.bundle import Bundle, read_bundle
    from llbfront.files.reading import read_file

    paths = glob.glob(os.path.join(glob.escape(_directory()), f"*{SUFFIX}"))
    bundles = [read_bundle(read_file(path, "the imported build record"), path) for path in sorted(paths)]
    if not bundles:
        raise OptionError("no build records were imported", hint="import some with llbfront history import --file FILE")
    messages = sorted(
        (message for bundle in bundles for message in bundle.messages), key=lambda message: -message.CreatedAt.ToNanoseconds()
    )
    return Bundle(tuple(messages), {name: data for bundle in bundles for name, data in bundle.blobs.items()})


def chosen(engine: Engine, parsed: argparse.Namespace) -> list[BuildRecord]:
    """Return the records that REF arguments or `--all` select. Running builds must be named."""
    if parsed.all and parsed.refs:
        raise OptionError("--all and refs cannot be used together")
    if parsed.all:
        return [record for record in engine.history() if record.completed_at_ns is not None]
    if not parsed.refs and parsed.run.__name__ == "run_rm":
        raise OptionError("no build records to remove", hint="name refs or use --all")
    return [engine.build_record(ref) for ref in parsed.refs or [None]]


def local_filter(is_local: bool) -> list[str]:
    """Return the filter for builds of the git repository of the current directory. Raises: OptionError if there is none."""
    if not is_local:
        return []
    from llbfront.client.git.commit_labels import remote_of

    remote = remote_of(".")
    if not remote:
        raise OptionError("the current directory is in no git repository with a remote")
    return [f"repository={remote}"]
