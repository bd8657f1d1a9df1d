"""`llbfront history`: the builds that an engine remembers: list, inspect, replay logs, export, pin, remove, follow.

Source: docker buildx history; buildctl debug histories, logs, ctl and monitor.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from llbfront.cli import engine_flags, history_imports, history_source, listing
from llbfront.cli.history_text import COLUMNS_NOW, columns, describe, event_line
from llbfront.cli.output import ReaderGone, flush, reader_watched, say, show, show_json
from llbfront.errors import OptionError

if TYPE_CHECKING:
    from llbfront.cli.history_source import Builds
    from llbfront.cli.main import Parser
    from llbfront.client.control.history import HistoryEvent

SCHEMA, RECORD_SCHEMA, EVENT_SCHEMA = "llbfront.history/1", "llbfront.build-record/1", "llbfront.history-event/1"
REF_HELP = "the ref of a build or the beginning of it, ^1 for the build before the last (default: the last)"
EPILOG = """\
examples:
  llbfront history ls --filter status=error
  llbfront history inspect
  llbfront history inspect attachment --type provenance
  llbfront history logs ^1
  llbfront history export -o build.dockerbuild
"""


def add_arguments(command: Parser) -> None:
    command.epilog = EPILOG
    verbs = command.add_subparsers(metavar="VERB", required=True, prog=command.prog)
    for name, (add, run, summary) in VERBS.items():
        verb = verbs.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", allow_abbrev=False)
        verb.set_defaults(run=run)
        add(verb)
        if name != "import":
            engine_flags.add_arguments(verb)


def _add_ref(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("ref", nargs="?", metavar="REF", help=REF_HELP)


def _add_refs(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("refs", nargs="*", metavar="REF", help="refs of builds, or the beginnings of them")
    verb.add_argument("--all", action="store_true", help="all builds that have ended")


def _add_imported(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--imported", action="store_true", help="use the imported build records instead of an engine's")


def _add_ls(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--filter",
        action="append",
        default=[],
        dest="filters",
        metavar="FILTER",
        help="status=error, repository=TEXT, ref=TEXT, startedAt>24h, completedAt<TIME, duration>5m; several must all hold",
    )
    verb.add_argument("--local", action="store_true", help="only builds of the git repository of the current directory")
    _add_imported(verb)
    listing.add_arguments(verb, COLUMNS_NOW, SCHEMA)


def run_ls(parsed: argparse.Namespace) -> int:
    from llbfront.client.control.history_filters import parse_history_filters

    listing.choose(COLUMNS_NOW, parsed.columns)
    parse_history_filters(parsed.filters)
    filters = [*parsed.filters, *([history_source.repository_filter()] if parsed.local else [])]
    with history_source.opened(parsed) as builds:
        records = builds.list(filters)
    if parsed.json:
        listing.show_document(SCHEMA, records=records)
    else:
        listing.show_table(records, columns(time.time_ns()), parsed)
    return 0


def _add_inspect(verb: argparse.ArgumentParser) -> None:
    verb.usage = "llbfront history inspect [REF] | llbfront history inspect attachment [REF [DIGEST]]"
    verb.add_argument("words", nargs="*", metavar="REF", help=f"{REF_HELP}; after the word attachment, also a DIGEST")
    verb.add_argument(
        "--type", default="", help="print the attachment of this type: provenance, sbom, index, manifest, image, or a full type"
    )
    verb.add_argument("--platform", default="", metavar="OS/ARCH", help="print the attachment of this platform")
    verb.add_argument("--json", action="store_true", help=f"print JSON, in the form {RECORD_SCHEMA}")
    verb.add_argument("--format", action=listing.GoFormat, help=argparse.SUPPRESS)
    _add_imported(verb)


def run_inspect(parsed: argparse.Namespace) -> int:
    is_attachment = parsed.words[:1] == ["attachment"]
    words = parsed.words[1:] if is_attachment else parsed.words
    if len(words) > 1 + is_attachment:
        raise OptionError(f"unexpected argument {words[1 + is_attachment]!r}", hint="see llbfront history inspect --help")
    is_digest = is_attachment and len(words) == 1 and ":" in words[0]
    ref, digest = (None, words[0]) if is_digest else (*words, None, None)[:2]
    with history_source.opened(parsed) as builds:
        if is_attachment or parsed.type or parsed.platform:
            return _show_attachment(builds, ref, digest, parsed)
        record = builds.record(ref)
        attachments = builds.attachments(record)
    if parsed.json:
        listing.show_document(RECORD_SCHEMA, record=attrs.evolve(record, attachments=tuple(attachments)))
    else:
        show("\n".join(describe(record, attachments, time.time_ns())))
    return 0


def _show_attachment(builds: Builds, ref: str | None, digest: str | None, parsed: argparse.Namespace) -> int:
    from llbfront.client.control.attachments import select

    if not (digest or parsed.type or parsed.platform):
        raise OptionError("which attachment?", hint="name a DIGEST, --type or --platform; llbfront history inspect lists them")
    record = builds.record(ref)
    if digest is None:
        matching = select(builds.attachments(record), parsed.type, parsed.platform)
        if not matching:
            raise OptionError(f"the build {record.ref} has no such attachment", hint="llbfront history inspect lists them")
        digest = matching[0].digest
    _write(builds.blob(digest))
    return 0


def _add_logs(verb: argparse.ArgumentParser) -> None:
    _add_ref(verb)
    verb.add_argument("--progress", default="plain", metavar="MODE", help="plain, rawjson, tty or auto (default: plain)")
    _add_imported(verb)


def run_logs(parsed: argparse.Namespace) -> int:
    from llbfront.progress import display as progress

    display = progress.display(parsed.progress, sys.stdout, os.environ)
    with history_source.opened(parsed) as builds:
        try:
            builds.logs(builds.record(parsed.ref).ref, display.update)
        except BaseException as error:
            display.finish(error)
            raise
    display.finish()
    return 0


def run_trace(parsed: argparse.Namespace) -> int:
    with engine_flags.connected(parsed) as engine:
        record = engine.build_record(parsed.ref)
        if not record.trace and record.completed_at_ns is not None:
            engine.update_build(record.ref, finalize=True)
            record = engine.build_record(record.ref)
        if not record.trace:
            raise OptionError(f"the build {record.ref} has no trace")
        _write(engine.build_blob(record.trace))
    return 0


def _write(data: bytes) -> None:
    """Write content to standard output; text to a terminal without what could control it."""
    if sys.stdout.isatty():
        show_json(data.decode(errors="replace"))
    else:
        sys.stdout.buffer.write(data)


def _add_export(verb: argparse.ArgumentParser) -> None:
    _add_refs(verb)
    verb.add_argument("--finalize", action="store_true", help="wait until the engine has written the traces of the builds")
    verb.add_argument("-o", "--output", metavar="FILE", help="write to this file (default: standard output)")


def run_export(parsed: argparse.Namespace) -> int:
    from llbfront.files.writing import check_output, write_file

    if parsed.output is None and sys.stdout.isatty():
        raise OptionError("an archive is not text for a terminal", hint="redirect it, or name a file with -o")
    if parsed.output not in {None, "-"}:
        check_output(parsed.output)
    with engine_flags.connected(parsed) as engine:
        refs = [record.ref for record in history_source.selected_records(engine, parsed)]
        for ref in refs if parsed.finalize else ():
            engine.update_build(ref, finalize=True)
        data = engine.export_builds(refs)
    if parsed.output in {None, "-"}:
        sys.stdout.buffer.write(data)
    else:
        write_file(parsed.output, data)
    return 0


def _add_import(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("-f", "--file", action="append", default=[], dest="files", metavar="FILE", help="an archive of build records")
    verb.add_argument("stdin", nargs="?", choices=("-",), metavar="-", help="read the archive from standard input")


def run_import(parsed: argparse.Namespace) -> int:
    if not (parsed.files or parsed.stdin):
        raise OptionError("no archive to import", hint="name one with --file, or - for standard input")
    for path in [*parsed.files, *([parsed.stdin] if parsed.stdin else [])]:
        for record in history_imports.store(path):
            show(f"{record.ref}  {record.name}".rstrip())
    return 0


def run_rm(parsed: argparse.Namespace) -> int:
    if not parsed.refs and not parsed.all:
        raise OptionError("no build records to remove", hint="name refs or use --all")
    with engine_flags.connected(parsed) as engine:
        for record in history_source.selected_records(engine, parsed):
            engine.remove_build(record.ref)
            show(record.ref)
    return 0


def _run_pin(parsed: argparse.Namespace, *, pinned: bool) -> int:
    with engine_flags.connected(parsed) as engine:
        ref = engine.build_record(parsed.ref).ref
        engine.update_build(ref, pinned=pinned)
    show(ref)
    return 0


def run_pin(parsed: argparse.Namespace) -> int:
    return _run_pin(parsed, pinned=True)


def run_unpin(parsed: argparse.Namespace) -> int:
    return _run_pin(parsed, pinned=False)


def _add_follow(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("ref", nargs="?", metavar="REF", help="only this build (default: all)")
    verb.add_argument("--ref", dest="ref_flag", metavar="REF", help=argparse.SUPPRESS)
    verb.add_argument("--completed", action="store_true", help="also list the builds that have ended before")
    verb.add_argument("--json", action="store_true", help=f"print a line of JSON per event, in the form {EVENT_SCHEMA}")


def run_follow(parsed: argparse.Namespace) -> int:
    def show_event(event: HistoryEvent) -> None:
        if parsed.json:
            members = {"change": event.change.value, "record": event.record}
            listing.show_document(EVENT_SCHEMA, indent=None, **members)
        else:
            show(event_line(event))
        flush()

    say("llbfront: following the build history; Ctrl-C ends it")
    with engine_flags.connected(parsed) as engine:
        text = parsed.ref or parsed.ref_flag
        ref = engine.build_record(text).ref if text else ""
        with contextlib.suppress(ReaderGone), reader_watched(lambda: engine.interrupt(ReaderGone())):
            engine.follow_history(on_event=show_event, ref=ref, only_running=not parsed.completed)
    return 0


Add = Callable[[argparse.ArgumentParser], None]
Run = Callable[[argparse.Namespace], int]
VERBS: dict[str, tuple[Add, Run, str]] = {
    "ls": (_add_ls, run_ls, "list past and running builds"),
    "inspect": (_add_inspect, run_inspect, "print all about a build, or one of its attachments"),
    "logs": (_add_logs, run_logs, "print the log of a build, or follow that of a running one"),
    "trace": (_add_ref, run_trace, "print the OpenTelemetry trace of a build as JSON"),
    "export": (_add_export, run_export, "write build records to an archive"),
    "import": (_add_import, run_import, "keep the build records of an archive for ls, inspect and logs --imported"),
    "rm": (_add_refs, run_rm, "remove build records"),
    "pin": (_add_ref, run_pin, "keep a build record when old ones are removed"),
    "unpin": (_add_ref, run_unpin, "undo pin"),
    "follow": (_add_follow, run_follow, "print builds as they start and end"),
}
