"""`llbfront workers`: the workers of an engine, their platforms and rules of garbage collection.

Source: buildctl debug workers; docker buildx inspect.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from llbfront.cli import engine_flags, humanize, listing
from llbfront.cli.listing import Column
from llbfront.cli.output import show

if TYPE_CHECKING:
    from llbfront.cli.main import Parser
    from llbfront.client.control.workers import GCRule, Worker

SCHEMA = "llbfront.workers/1"
_LABELS = "org.mobyproject.buildkit.worker."


def columns() -> tuple[Column[Worker], ...]:
    """Return the columns of a table of workers."""
    return (
        Column("id", lambda worker: worker.id),
        Column("version", lambda worker: worker.info.version),
        Column("executor", lambda worker: worker.labels.get(f"{_LABELS}executor", "")),
        Column("snapshotter", lambda worker: worker.labels.get(f"{_LABELS}snapshotter", "")),
        Column("hostname", lambda worker: worker.labels.get(f"{_LABELS}hostname", ""), is_default=False),
        Column("platforms", lambda worker: ",".join(map(str, worker.platforms)), is_flexible=True),
    )


def add_arguments(command: Parser) -> None:
    command.set_defaults(run=run)
    add = command.add_argument
    add(
        "-f",
        "--filter",
        action="append",
        default=[],
        dest="filters",
        metavar="FILTER",
        help="a filter of containerd, such as id==ID",
    )
    add("-v", "--verbose", action="store_true", help="print labels, devices and rules of garbage collection")
    listing.add_arguments(command, columns(), SCHEMA)
    engine_flags.add_arguments(command)


def run(parsed: argparse.Namespace) -> int:
    listing.choose(columns(), parsed.columns)
    with engine_flags.connected(parsed) as engine:
        workers = engine.workers(filters=parsed.filters)
    if parsed.json:
        listing.show_document(SCHEMA, workers=workers)
    elif parsed.verbose:
        show("\n\n".join("\n".join(describe(worker)) for worker in workers))
    else:
        listing.show_table(workers, columns(), parsed)
    return 0


def describe(worker: Worker) -> Iterator[str]:
    """Yield the lines about a worker."""
    info = worker.info
    yield f"ID:          {worker.id}"
    yield f"Platforms:   {', '.join(map(str, worker.platforms))}"
    yield f"BuildKit:    {' '.join(filter(None, (info.package, info.version, info.revision)))}"
    if info.dockerfile_version:
        yield f"Dockerfile:  {info.dockerfile_version}"
    yield "Labels:"
    yield from (f"  {name}: {value}" for name, value in worker.labels.items())
    for device in worker.devices:
        yield f"Device {device.name}: {'on demand' if device.is_on_demand else 'allowed' if device.is_allowed else 'needs --allow device'}"
        yield from (f"  {name}: {value}" for name, value in device.annotations.items())
    for number, rule in enumerate(worker.gc_policy):
        yield f"GC rule {number}:"
        yield from (f"  {name}: {value}" for name, value in gc_fields(rule) if value)


def gc_fields(rule: GCRule) -> Iterator[tuple[str, str]]:
    """Yield names and values of a rule of garbage collection."""
    yield "all", "yes" if rule.all else "no"
    yield "filters", " ".join(rule.filters)
    yield "keep duration", humanize.duration(rule.keep_duration_ns) if rule.keep_duration_ns else ""
    yield "reserved space", humanize.size(rule.reserved_bytes) if rule.reserved_bytes else ""
    yield "max used space", humanize.size(rule.max_used_bytes) if rule.max_used_bytes else ""
    yield "min free space", humanize.size(rule.min_free_bytes) if rule.min_free_bytes else ""
