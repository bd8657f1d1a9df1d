"""Disk usage: the records of an engine's cache.

Source: client/diskusage.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront.client.control.calls import call
from llbfront.client.control.filters import Filters
from llbfront.pb import control_pb2 as control
from llbfront.rpc.services.control import ControlMethods
from llbfront.rpc.timestamp import to_nanoseconds

if TYPE_CHECKING:
    from llbfront.rpc.channel import Channel


@attrs.frozen
class CacheRecord:
    """A record of an engine's build cache: a layer, a directory of files that were sent, or a cache mount.

    Attributes:
        id: the ID of the record.
        type: `regular`, `internal`, `frontend`, `source.local`, `source.git.checkout` or `exec.cachemount`.
        size_bytes: its size, without that of its parents; 0 while it is being written.
        created_at_ns, last_used_at_ns: times in nanoseconds since 1970; None if it was never used.
        use_count: how often builds used it.
        is_mutable: builds may write to it.
        is_in_use: a build uses it, or something that depends on it.
        is_shared: an image of a docker engine uses it, too.
        description: which step made it.
        parents: the IDs of the records below it.
    """

    id: str
    type: str
    size_bytes: int
    created_at_ns: int
    last_used_at_ns: int | None
    use_count: int
    is_mutable: bool
    is_in_use: bool
    is_shared: bool
    description: str
    parents: tuple[str, ...]

    @property
    def is_reclaimable(self) -> bool:
        """Whether it can be removed."""
        return not self.is_in_use


@attrs.frozen
class DiskUsage:
    """The cache records of an engine, the smallest first."""

    records: tuple[CacheRecord, ...]

    @property
    def total_bytes(self) -> int:
        return sum(record.size_bytes for record in self.records)

    @property
    def reclaimable_bytes(self) -> int:
        return sum(record.size_bytes for record in self.records if record.is_reclaimable)

    @property
    def shared_bytes(self) -> int:
        return sum(record.size_bytes for record in self.records if record.is_shared)


def disk_usage(channel: Channel, filters: Filters | None = None) -> DiskUsage:
    """Return the cache records that `filters` select, by default all. Raises: OptionError for a filter that the engine cannot read."""
    filters = filters or Filters()
    request = control.DiskUsageRequest(filter=filters.texts, ageLimit=filters.unused_ns)
    records = map(cache_record, call(channel, ControlMethods.DiskUsage, request).record)
    return DiskUsage(tuple(sorted(records, key=lambda record: (record.size_bytes, record.id))))


def cache_record(record: control.UsageRecord) -> CacheRecord:
    """Decode a record. Engines before v0.10 name one parent."""
    return CacheRecord(
        record.ID,
        record.RecordType or "regular",
        max(record.Size, 0),
        to_nanoseconds(record.CreatedAt),
        to_nanoseconds(record.LastUsedAt) if record.HasField("LastUsedAt") else None,
        record.UsageCount,
        record.Mutable,
        record.InUse,
        record.Shared,
        record.Description,
        tuple(record.Parents) or ((record.Parent,) if record.Parent else ()),
    )
