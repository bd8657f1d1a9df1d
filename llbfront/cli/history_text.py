"""Build records as people read them.

Source: docker buildx history ls and inspect.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from llbfront.cli import humanize, listing
from llbfront.cli.listing import Column
from llbfront.printable import visible, without_status_codes

if TYPE_CHECKING:
    from llbfront.client.control.history import Attachment, BuildRecord, HistoryEvent

_SHOWN_OPTIONS = (
    ("Context", ("context", "vcs:localdir:context")),
    ("Dockerfile", ("filename",)),
    ("Target", ("target",)),
    ("Platform", ("platform",)),
    ("Source", ("vcs:source",)),
    ("Revision", ("vcs:revision",)),
)
_ARGUMENT = "build-arg:"
ATTACHMENT_COLUMNS = (
    Column["Attachment"]("digest", lambda attachment: attachment.digest),
    Column["Attachment"]("platform", lambda attachment: attachment.platform),
    Column["Attachment"]("size", lambda attachment: humanize.size(attachment.size_bytes), is_number=True),
    Column["Attachment"]("type", lambda attachment: attachment.type),
)


def columns(now_ns: int) -> tuple[Column[BuildRecord], ...]:
    """Return the columns of a table of builds."""
    return (
        Column("ref", lambda record: record.ref),
        Column("name", lambda record: record.name, is_flexible=True),
        Column("status", lambda record: record.status),
        Column("created", lambda record: humanize.ago(record.created_at_ns, now_ns)),
        Column("duration", lambda record: _duration(record, now_ns), is_number=True),
        Column("steps", _steps),
        Column("pinned", lambda record: "yes" if record.is_pinned else "", is_default=False),
        Column("warnings", lambda record: str(record.warning_count), is_number=True, is_default=False),
        Column("error", lambda record: without_status_codes(record.error), is_flexible=True, is_default=False),
    )


def _duration(record: BuildRecord, now_ns: int) -> str:
    if record.completed_at_ns is None:
        return f"{humanize.duration(max(now_ns - record.created_at_ns, 0))}+"
    return humanize.duration(max(record.completed_at_ns - record.created_at_ns, 0))


def _steps(record: BuildRecord) -> str:
    cached = f" ({record.cached_steps} cached)" if record.cached_steps else ""
    return f"{record.completed_steps}/{record.total_steps}{cached}"


COLUMNS_NOW: tuple[Column[Any], ...] = columns(0)


def describe(record: BuildRecord, attachments: Sequence[Attachment], now_ns: int) -> Iterator[str]:
    """Yield the lines about a build."""
    yield from listing.field_lines(
        [
            ("Ref", record.ref),
            ("Name", record.name),
            ("Status", record.status + ("" if not record.is_pinned else ", pinned")),
            ("Frontend", record.frontend),
            *_options(record),
            ("Started", f"{humanize.clock(record.created_at_ns)} ({humanize.ago(record.created_at_ns, now_ns)})"),
            ("Duration", _duration(record, now_ns)),
            ("Steps", _steps(record)),
            ("Warnings", str(record.warning_count or "")),
            ("Error", without_status_codes(record.error)),
        ]
    )
    arguments = [(name.removeprefix(_ARGUMENT), value) for name, value in record.options.items() if name.startswith(_ARGUMENT)]
    yield from _section("Build arguments", arguments)
    yield from _section("Outputs", [(exporter.type, exporter.attributes.get("name", "")) for exporter in record.exporters])
    yield from _section("Result", [(name, value) for name, value in record.response.items() if _is_short(value)])
    if attachments:
        yield ""
        yield "Attachments:"
        yield from (f"  {line}" for line in listing.table(attachments, ATTACHMENT_COLUMNS, cells=None))


def _options(record: BuildRecord) -> Iterator[tuple[str, str]]:
    for title, names in _SHOWN_OPTIONS:
        yield title, next((record.options[name] for name in names if name in record.options), "")


def _section(title: str, fields: Sequence[tuple[str, str]]) -> Iterator[str]:
    if fields:
        yield ""
        yield f"{title}:"
        yield from (f"  {visible(name)}  {visible(value)}".rstrip() for name, value in fields)


def _is_short(value: str) -> bool:
    """Return whether a value of a response is worth a line: documents such as an image config are not."""
    try:
        return not isinstance(json.loads(value), dict | list)
    except ValueError:
        return "\n" not in value


def event_line(event: HistoryEvent) -> str:
    """Return the line about a change."""
    record = event.record
    time_ns = record.completed_at_ns or record.created_at_ns
    outcome = f"{record.status} {_duration(record, time_ns)} {_steps(record)} " if record.completed_at_ns else ""
    return f"{humanize.clock(time_ns)}  {event.change.value:9}  {record.ref}  {outcome}{visible(record.name)}".rstrip()
