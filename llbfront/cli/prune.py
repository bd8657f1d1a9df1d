"""`llbfront prune`: remove records of the engine's build cache, after showing what would go.

Source: docker buildx prune; buildctl prune.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

from llbfront.cli import engine_flags, humanize, listing
from llbfront.cli.du import FILTER_HELP, columns, show_verbose
from llbfront.cli.output import is_answered, is_confirmed, show
from llbfront.errors import OptionError

if TYPE_CHECKING:
    from llbfront.cli.main import Parser
    from llbfront.client.control.prune import PruneResult

SCHEMA = "llbfront.prune/1"
EPILOG = """\
examples:
  llbfront prune --dry-run                                  what would go
  llbfront prune --force --filter until=72h
  llbfront prune --force --max-used-space 20GB --all
Only records that the list shows are removed. Sizes without a unit are bytes; units are powers of 1024.
"""
# Flags of buildctl whose numbers are megabytes, and what they are called here.
MEGABYTES = {
    "--keep-storage": "max_used_space",
    "--keep-storage-min": "reserved_space",
    "--free-storage": "min_free_space",
}


class _Megabytes(argparse.Action):
    def __call__(self, _parser: object, namespace: argparse.Namespace, values: Any, option_string: str | None = None) -> None:
        name = MEGABYTES[option_string or ""]
        try:
            size = int(float(values) * 1e6)
        except (ValueError, OverflowError):
            hint = f"use --{name.replace('_', '-')} for a size with a unit"
            raise OptionError(f"{option_string} takes a number of megabytes, not {values!r}", hint=hint) from None
        setattr(namespace, name, size)


def add_arguments(command: Parser) -> None:
    command.epilog = EPILOG
    command.set_defaults(run=run)
    add = command.under("records to remove").add_argument
    add("-a", "--all", action="store_true", help="also remove internal records and records of frontends")
    add("--filter", action="append", default=[], dest="filters", metavar="FILTER", help=FILTER_HELP)
    add("--keep-duration", default="", metavar="DURATION", help="keep records that were used in this time, such as 24h")
    add("--reserved-space", default="0", metavar="SIZE", help="keep at least this much")
    add("--max-used-space", default="0", metavar="SIZE", help="remove records until the cache is smaller than this")
    add("--min-free-space", default="0", metavar="SIZE", help="remove records until the engine's disk has this much free space")
    for flag in MEGABYTES:
        add(flag, action=_Megabytes, help=argparse.SUPPRESS)
    add = command.add_argument
    add("--dry-run", action="store_true", help="remove nothing, list what would go")
    add("-f", "--force", action="store_true", help="do not ask before removing")
    add("-v", "--verbose", action="store_true", help="print all fields of each record")
    listing.add_arguments(command, columns(0), SCHEMA)
    engine_flags.add_arguments(command)


def run(parsed: argparse.Namespace) -> int:
    from llbfront.client.control.prune import prune_options

    listing.choose(columns(0), parsed.columns)
    if not (parsed.dry_run or parsed.force or is_answered()):
        raise OptionError("prune asks before it removes, and standard input is not a terminal", hint="use --force or --dry-run")
    options = {
        "filters": parsed.filters,
        "all": parsed.all,
        "keep_duration": parsed.keep_duration,
        "reserved_space": parsed.reserved_space,
        "max_used_space": parsed.max_used_space,
        "min_free_space": parsed.min_free_space,
    }
    prune_options(**options)  # wrong values are reported before an engine is asked
    with engine_flags.connected(parsed) as engine:
        result = engine.prune(**options, dry_run=True)
        if not parsed.dry_run:
            if not parsed.force:
                show_result(result, parsed)
                if not (result.records and is_confirmed(f"Remove {_count(result)} of the build cache?")):
                    return 0
            result = engine.prune(**options, only=result)
    show_result(result, parsed)
    return 0


def show_result(result: PruneResult, parsed: argparse.Namespace) -> None:
    """Print the records of a result, and their size."""
    if parsed.json:
        members = {"is_dry_run": result.is_dry_run, "is_upper_bound": result.is_upper_bound, "total_bytes": result.total_bytes}
        listing.show_document(SCHEMA, **members, records=result.records)
        return
    if result.records and parsed.verbose:
        show_verbose(result.records, time.time_ns())
    elif result.records:
        listing.show_table(result.records, columns(time.time_ns()), parsed)
    show(("\n" if result.records else "") + _sum(result))


def _sum(result: PruneResult) -> str:
    if not result.is_dry_run:
        return f"Removed: {humanize.size(result.total_bytes)}"
    limit = "at most " if result.is_upper_bound else ""
    return f"Would remove: {limit}{humanize.size(result.total_bytes)}"


def _count(result: PruneResult) -> str:
    number = len(result.records)
    return f"{number} record{'' if number == 1 else 's'} ({humanize.size(result.total_bytes)})"
