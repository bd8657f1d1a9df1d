"""The order in which an engine prunes: a record goes after all that depend on it, and the least used of those that are free goes first.

The least used record has the lowest sum of two ranks: that of its last use, and that of its number of uses. Both count distinct values
among the free records, so that they change with each record that goes. `_LeastUsed` keeps the ranks up to date: a step takes time in
proportion to the numbers of uses that differ, and to the logarithm of the records.

Source: sortDeleteRecords in cache/manager.go of BuildKit.
"""

from __future__ import annotations

import bisect
import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from llbfront.client.control.usage import CacheRecord


class _Free(Protocol):
    """The records on which no other depends."""

    def add(self, record: CacheRecord) -> None: ...
    def take(self) -> CacheRecord | None:
        """Remove and return the next record, None if there is none."""
        ...


def in_order(records: Sequence[CacheRecord], removable: Mapping[str, CacheRecord], *, by_use: bool) -> Iterator[CacheRecord]:
    """Yield the removable records, each when all that depend on it are gone; least used first if `by_use`, else the latest one."""
    dependents = Counter(parent for record in records for parent in record.parents)
    free: _Free = _LeastUsed(removable.values()) if by_use else _Latest()
    for record in removable.values():
        if not dependents[record.id]:
            free.add(record)
    while taken := free.take():
        yield taken
        for parent in taken.parents:
            dependents[parent] -= 1
            if not dependents[parent] and parent in removable:
                free.add(removable[parent])


class _Latest:
    """Free records; the one that was added last is the next."""

    def __init__(self) -> None:
        self._records: list[CacheRecord] = []

    def add(self, record: CacheRecord) -> None:
        self._records.append(record)

    def take(self) -> CacheRecord | None:
        return self._records.pop() if self._records else None


class _LeastUsed:
    """Free records; the one that was used least is the next. Of equal ones it is the one with fewer uses, the older one, the first one."""

    def __init__(self, all_records: Iterable[CacheRecord]) -> None:
        self._times = _DistinctValues(map(_time_ns, all_records))
        self._counts: list[int] = []  # the distinct numbers of uses, sorted
        self._by_count: dict[int, list[tuple[int, int, CacheRecord]]] = defaultdict(list)  # heaps: the time, the place in line
        self._added = 0

    def add(self, record: CacheRecord) -> None:
        heap = self._by_count[record.use_count]
        if not heap:
            bisect.insort(self._counts, record.use_count)
        self._added += 1
        heapq.heappush(heap, (_time_ns(record), self._added, record))
        self._times.add(_time_ns(record))

    def take(self) -> CacheRecord | None:
        if not self._counts:
            return None
        count = self._least_count()
        heap = self._by_count[count]
        time_ns, _, record = heapq.heappop(heap)
        self._times.remove(time_ns)
        if not heap:
            self._counts.remove(count)
        return record

    def _least_count(self) -> int:
        """Return the number of uses of the next record."""
        first_count, first_time = _first_rank(self._counts[0]), _first_rank(self._times.least)
        highest_count, highest_time = first_count + len(self._counts) - 1, first_time + len(self._times) - 1
        best, best_rank, oldest_ns = self._counts[0], math.inf, None
        for position, count in enumerate(self._counts):
            time_ns = self._by_count[count][0][0]
            if oldest_ns is not None and time_ns >= oldest_ns:
                continue  # it was used more often, and later
            oldest_ns = time_ns
            rank = (first_time + self._times.position(time_ns)) / highest_time + (first_count + position) / highest_count
            if rank < best_rank:
                best, best_rank = count, rank
        return best


def _first_rank(least: int) -> int:
    """Return the rank of the least value: the engine counts from 1, and leaves that to a zero."""
    return 1 if least == 0 else 2


def _time_ns(record: CacheRecord) -> int:
    return record.last_used_at_ns or 0


class _DistinctValues:
    """A changing multiset of known values, which knows the position of a value among the distinct ones: a Fenwick tree."""

    def __init__(self, known: Iterable[int]) -> None:
        self._known = sorted(set(known))
        self._place = {value: place for place, value in enumerate(self._known, 1)}
        self._sums = [0] * (len(self._known) + 1)
        self._numbers: Counter[int] = Counter()
        self._distinct = 0

    def __len__(self) -> int:
        return self._distinct

    @property
    def least(self) -> int:
        """The least value; there must be one."""
        step = 1 << len(self._known).bit_length()
        place = 0
        while step := step >> 1:  # go to the last place before which there is no value
            if place + step < len(self._sums) and not self._sums[place + step]:
                place += step
        return self._known[place]

    def add(self, value: int) -> None:
        self._numbers[value] += 1
        if self._numbers[value] == 1:
            self._change(value, 1)

    def remove(self, value: int) -> None:
        self._numbers[value] -= 1
        if not self._numbers[value]:
            self._change(value, -1)

    def position(self, value: int) -> int:
        """Return how many distinct values are less."""
        place, below = self._place[value] - 1, 0
        while place:
            below += self._sums[place]
            place &= place - 1
        return below

    def _change(self, value: int, difference: int) -> None:
        self._distinct += difference
        place = self._place[value]
        while place < len(self._sums):
            self._sums[place] += difference
            place += place & -place
