"""`llbfront du`: the records of the engine's build cache, and how much space they take.

Source: buildctl du; docker buildx du.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from llbfront.cli import engine_flags, humanize, listing
from llbfront.cli.listing import Column
from llbfront.cli.output import show

if TYPE_CHECKING:
    from llbfront.cli.main import Parser
    from llbfront.client.control.usage import CacheRecord, DiskUsage

SCHEMA = "llbfront.disk-usage/1"
FILTER_HELP = (
    "select records: KEY=VALUE (type, id, description), shared, private, mutable, immutable, inuse, until=DURATION, "
    "or a filter of containerd; several must all hold"
)
EPILOG = """\
examples:
  llbfront du
  llbfront du --filter type=exec.cachemount --columns id,size,description
  llbfront du --filter until=48h --json | jq .total_bytes
"""


def columns(now_ns: int) -> tuple[Column[CacheRecord], ...]:
    """Return the columns of a table of cache records."""
    return (
        Column("id", lambda record: record.id + "*" * record.is_mutable),
        Column("type", lambda record: record.type),
        Column("reclaimable", lambda record: yes(record.is_reclaimable)),
        Column("size", lambda record: humanize.size(record.size_bytes) + "*" * record.is_shared, is_number=True),
        Column("last-used", lambda record: humanize.ago(record.last_used_at_ns, now_ns)),
        Column("uses", lambda record: str(record.use_count), is_number=True),
        Column("created", lambda record: humanize.ago(record.created_at_ns, now_ns), is_default=False),
        Column("shared", lambda record: yes(record.is_shared), is_default=False),
        Column("mutable", lambda record: yes(record.is_mutable), is_default=False),
        Column("parents", lambda record: ",".join(record.parents), is_default=False, is_flexible=True),
        Column("description", lambda record: record.description, is_flexible=True),
    )


def yes(value: bool) -> str:
    return "yes" if value else "no"


def add_arguments(command: Parser) -> None:
    command.epilog = EPILOG
    command.set_defaults(run=run)
    command.add_argument("-f", "--filter", action="append", default=[], dest="filters", metavar="FILTER", help=FILTER_HELP)
    command.add_argument("-v", "--verbose", action="store_true", help="print all fields of each record")
    listing.add_arguments(command, columns(0), SCHEMA)
    engine_flags.add_arguments(command)


def run(parsed: argparse.Namespace) -> int:
    from llbfront.client.control.filters import parse_filters

    listing.choose(columns(0), parsed.columns)  # wrong names are reported before an engine is asked
    parse_filters(parsed.filters)
    with engine_flags.connected(parsed) as engine:
        usage = engine.disk_usage(filters=parsed.filters)
    if parsed.json:
        show_json(usage)
        return 0
    now_ns = time.time_ns()
    if parsed.verbose:
        show_verbose(usage.records, now_ns)
    else:
        listing.show_table(usage.records, columns(now_ns), parsed)
    show("\n".join(["", *summary(usage)]))
    return 0


def show_json(usage: DiskUsage) -> None:
    listing.show_document(
        SCHEMA,
        total_bytes=usage.total_bytes,
        reclaimable_bytes=usage.reclaimable_bytes,
        shared_bytes=usage.shared_bytes,
        records=usage.records,
    )


def show_verbose(records: Sequence[CacheRecord], now_ns: int) -> None:
    """Print all fields of each record, a block of lines for each."""
    for number, record in enumerate(records):
        if number:
            show("")
        listing.show_fields([(column.name.replace("-", " "), column.text(record)) for column in columns(now_ns)])


def summary(usage: DiskUsage) -> list[str]:
    """Return the sums below the table."""
    sums = [("Reclaimable", usage.reclaimable_bytes), ("Total", usage.total_bytes)]
    if usage.shared_bytes:
        sums = [("Shared", usage.shared_bytes), ("Private", usage.total_bytes - usage.shared_bytes), *sums]
    return [f"{name + ':':12}  {humanize.size(count)}" for name, count in sums]
