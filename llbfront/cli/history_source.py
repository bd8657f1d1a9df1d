"""Where `llbfront history` takes build records from: an engine, or archives that were imported."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from llbfront.cli import engine_flags
from llbfront.cli.history_imports import stored
from llbfront.errors import OptionError

if TYPE_CHECKING:
    import argparse

    from llbfront.client.control.bundle import Bundle
    from llbfront.client.control.history import Attachment, BuildRecord
    from llbfront.client.engine import Engine
    from llbfront.progress.events import StatusEvent


class Builds(Protocol):
    """Build records, with their logs and attachments."""

    def list(self, filters: Sequence[str]) -> tuple[BuildRecord, ...]:
        """Return the records that filters select, the newest first."""

    def record(self, ref: str | None) -> BuildRecord:
        """Return the record that a user means."""

    def attachments(self, record: BuildRecord) -> Sequence[Attachment]:
        """Return the attachments of a record."""

    def blob(self, digest: str) -> bytes:
        """Return the blob with a digest."""

    def logs(self, ref: str, on_event: Callable[[StatusEvent], object]) -> None:
        """Replay the progress of a build."""


@contextlib.contextmanager
def opened(parsed: argparse.Namespace) -> Iterator[Builds]:
    """Open the source of build records that the flags select: the engine, or with `--imported` the imported archives."""
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
    """The records that were imported."""

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


def selected_records(engine: Engine, parsed: argparse.Namespace) -> list[BuildRecord]:
    """Return the records that REF arguments or `--all` select, or the newest. `--all` leaves out running builds."""
    if parsed.all and parsed.refs:
        raise OptionError("--all and refs cannot be used together")
    if parsed.all:
        return [record for record in engine.history() if record.completed_at_ns is not None]
    return [engine.build_record(ref) for ref in parsed.refs or [None]]


def repository_filter() -> str:
    """Return the filter for builds of the git repository of the current directory. Raises: OptionError if there is none."""
    from llbfront.client.git.commit_labels import remote_of

    remote = remote_of(".")
    if not remote:
        raise OptionError("the current directory is in no git repository with a remote")
    return f"repository={remote}"
