"""Remove cache records: first plan what would go, then remove that and nothing else.

The engine has no dry run. `plan` follows its rules on the records that it lists; `remove` asks it to prune with the IDs of the plan as
a filter, so that it decides again with its own knowledge, but never about other records.

Source: prune, pruneOnce and calculateKeepBytes in cache/manager.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.client.control import engine_version
from llbfront.client.control.calls import stream
from llbfront.client.control.filters import Filters, parse_filters
from llbfront.client.control.prune_order import in_order
from llbfront.client.control.sizes import parse_duration_text, parse_size
from llbfront.client.control.usage import CacheRecord, cache_record, disk_usage
from llbfront.errors import OptionError
from llbfront.pb import control_pb2 as control
from llbfront.rpc.services.control import ControlMethods
from llbfront.setting_names import setting

if TYPE_CHECKING:
    from llbfront.rpc.channel import Channel

KEPT_TYPES = frozenset(("internal", "frontend"))
IDS_PER_CALL = 500


@attrs.frozen
class PruneOptions:
    """The options of a prune.

    Attributes:
        filters: only records that they select.
        all: also remove internal records, records of frontends, and records that images of a docker engine use.
        reserved_bytes: keep at least this much.
        max_used_bytes: remove records, least recently used first, until the cache is smaller.
        min_free_bytes: remove records until the disk has this much free space.
    """

    filters: Filters = attrs.field(factory=Filters)
    all: bool = False
    reserved_bytes: int = 0
    max_used_bytes: int = 0
    min_free_bytes: int = 0

    @property
    def has_limits(self) -> bool:
        return bool(self.reserved_bytes or self.max_used_bytes or self.min_free_bytes)


def prune_options(
    filters: Iterable[str] = (),
    *,
    all: bool = False,  # noqa: A002  the name of the flag
    keep_duration: str = "",
    reserved_space: str | int = 0,
    max_used_space: str | int = 0,
    min_free_space: str | int = 0,
) -> PruneOptions:
    """Read options as users write them. Raises: OptionError."""
    selection = parse_filters(arguments.texts(filters, "filters"))
    keep_ns = parse_duration_text(keep_duration, "keep_duration")
    if keep_ns and selection.unused_ns:
        raise OptionError(f"{setting('keep_duration')} and the filter until=… say the same", hint="use one of them")
    selection = attrs.evolve(selection, unused_ns=keep_ns or selection.unused_ns)
    return PruneOptions(
        selection,
        arguments.flag(all, "all"),
        parse_size(reserved_space, "reserved_space"),
        parse_size(max_used_space, "max_used_space"),
        parse_size(min_free_space, "min_free_space"),
    )


@attrs.frozen
class PruneResult:
    """The records that were removed, or that would be.

    Attributes:
        records: in the order of removal.
        is_dry_run: nothing was removed.
        is_upper_bound: the engine may keep some of the records, because only it knows how much space its disk has free.
    """

    records: tuple[CacheRecord, ...]
    is_dry_run: bool = False
    is_upper_bound: bool = False

    @property
    def total_bytes(self) -> int:
        return sum(record.size_bytes for record in self.records)


def plan(channel: Channel, options: PruneOptions) -> PruneResult:
    """Return what `remove` would remove.

    Raises:
        OptionError: the engine cannot read a filter, or is too old for `min_free_bytes`.
    """
    if options.min_free_bytes:
        # An old engine would ignore the limit and remove the whole plan.
        engine_version.require(channel, engine_version.FREE_SPACE, "a limit of free space", accepts_own_builds=False)
    if options.has_limits:  # an engine that determines the size of a record for the first time counts that as a use of it
        disk_usage(channel)
    records = disk_usage(channel).records
    selected = records if options.filters == Filters() else disk_usage(channel, options.filters).records
    chosen = choose(records, {record.id for record in selected}, options)
    return PruneResult(tuple(chosen), is_dry_run=True, is_upper_bound=bool(options.min_free_bytes))


def restricted(planned: PruneResult, only: PruneResult) -> PruneResult:
    """Return a plan without the records that another one does not have."""
    ids = {record.id for record in only.records}
    return attrs.evolve(planned, records=tuple(record for record in planned.records if record.id in ids))


def remove(channel: Channel, planned: PruneResult, options: PruneOptions) -> PruneResult:
    """Remove the records of a plan that may still go; return them."""
    types = {record.id: record.type for record in planned.records}  # old engines do not repeat them
    removed: list[CacheRecord] = []
    for start in range(0, len(planned.records), IDS_PER_CALL):
        removed += _prune(channel, [record.id for record in planned.records[start : start + IDS_PER_CALL]], options)
    return PruneResult(tuple(attrs.evolve(record, type=types.get(record.id, record.type)) for record in removed))


def _prune(channel: Channel, ids: Iterable[str], options: PruneOptions) -> Iterator[CacheRecord]:
    request = control.PruneRequest(
        filter=[f'id=="{record_id}"' for record_id in ids], all=options.all, keepDuration=options.filters.unused_ns
    )
    if options.min_free_bytes:  # the plan has all that may go; the engine stops when there is enough space
        request.reservedSpace = options.reserved_bytes
        request.maxUsedSpace = options.max_used_bytes
        request.minFreeSpace = options.min_free_bytes
    return map(cache_record, stream(channel, ControlMethods.Prune, request))


def choose(records: Sequence[CacheRecord], selected: Collection[str], options: PruneOptions) -> list[CacheRecord]:
    """Return the records that the engine would remove, in order, each after those that depend on it."""
    removable = {record.id: record for record in records if record.id in selected and _may_go(record, options)}
    kept_bytes = _keep_bytes(options)
    total_bytes = sum(record.size_bytes for record in records if not record.is_shared)
    chosen: list[CacheRecord] = []
    for record in in_order(records, removable, by_use=options.has_limits):
        if kept_bytes and total_bytes < kept_bytes:
            break
        chosen.append(record)
        total_bytes -= record.size_bytes
    return chosen


def _may_go(record: CacheRecord, options: PruneOptions) -> bool:
    is_kept = record.type in KEPT_TYPES or record.is_shared
    return record.is_reclaimable and (options.all or not is_kept)


def _keep_bytes(options: PruneOptions) -> int:
    """Return how much the engine keeps, 0 for no limit. With `min_free_bytes` this is the least that it may keep."""
    if options.min_free_bytes:
        return options.reserved_bytes
    return max(options.max_used_bytes, options.reserved_bytes)
