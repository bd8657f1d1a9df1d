"""Which records a prune removes, and in which order."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs
import pytest

from llbfront.client.control.filters import Filters
from llbfront.client.control.prune import PruneOptions, PruneResult, choose, prune_options, restricted
from llbfront.client.control.prune_order import in_order
from llbfront.client.control.sizes import parse_duration_text, parse_size
from llbfront.client.control.usage import CacheRecord, DiskUsage
from llbfront.errors import OptionError


def record(name: str, **fields: object) -> CacheRecord:
    plain = CacheRecord(
        name, "regular", 100, 0, 10, 1, is_mutable=False, is_in_use=False, is_shared=False, description="", parents=()
    )
    return attrs.evolve(plain, **fields)  # type: ignore[arg-type]  # fields of any type


BASE = record("base")
CHAIN = (BASE, record("middle", parents=("base",)), record("top", parents=("middle",)))
TYPES = (
    record("regular"),
    record("internal", type="internal"),
    record("frontend", type="frontend"),
    record("shared", is_shared=True),
)
USED = (
    record("old", last_used_at_ns=1),
    record("new", last_used_at_ns=3),
    record("often", last_used_at_ns=2, use_count=9),
    record("never", last_used_at_ns=None, use_count=0),
)


@pytest.mark.parametrize(
    ("records", "selected", "options", "expected"),
    [
        (CHAIN, "base middle top", PruneOptions(), "top middle base"),
        (CHAIN, "base top", PruneOptions(), "top"),  # base stays below middle
        (CHAIN, "base", PruneOptions(), ""),
        ((*CHAIN[:2], record("top", parents=("middle",), is_in_use=True)), "base middle top", PruneOptions(), ""),
        ((record("used", is_in_use=True), record("free")), "used free", PruneOptions(), "free"),
        (TYPES, "regular internal frontend shared", PruneOptions(), "regular"),
        (TYPES, "regular internal frontend shared", PruneOptions(all=True), "shared frontend internal regular"),
        (USED, "old new often never", PruneOptions(max_used_bytes=1), "never old new often"),
        (USED, "old new often never", PruneOptions(max_used_bytes=250), "never old"),
        (USED, "old new often never", PruneOptions(max_used_bytes=400), "never"),  # the cache is as large as the limit
        (USED, "old new often never", PruneOptions(max_used_bytes=401), ""),
        (USED, "old new often never", PruneOptions(max_used_bytes=100, reserved_bytes=350), "never"),
        (USED, "old new often never", PruneOptions(reserved_bytes=150), "never old new"),
        (USED, "new", PruneOptions(max_used_bytes=1), "new"),
        (USED, "old new often never", PruneOptions(min_free_bytes=1), "never old new often"),
        (USED, "old new often never", PruneOptions(min_free_bytes=1, reserved_bytes=350), "never"),
        # ranks of (time, count) are (1/2, 2/2) and (2/2, 1/2) of those that are left: the number of uses decides
        (
            (record("often", last_used_at_ns=1, use_count=2), record("once", last_used_at_ns=2)),
            "often once",
            PruneOptions(max_used_bytes=150),
            "once",
        ),
        ((), "", PruneOptions(max_used_bytes=1), ""),
    ],
)
def test_choice(records: tuple[CacheRecord, ...], selected: str, options: PruneOptions, expected: str) -> None:
    assert [each.id for each in choose(records, selected.split(), options)] == expected.split()


def test_a_record_with_two_dependents_goes_after_both() -> None:
    records = (BASE, record("a", parents=("base",)), record("b", parents=("base",)))
    assert [each.id for each in choose(records, ["a", "b", "base"], PruneOptions())][-1] == "base"


def slowly_in_order(records: Sequence[CacheRecord], removable: Mapping[str, CacheRecord]) -> Iterator[CacheRecord]:
    """Yield the removable records as an engine does, which ranks all free records again before each that goes."""
    dependents = [parent for record in records for parent in record.parents]
    free = [record for record in removable.values() if record.id not in dependents]
    while free:
        times, counts = ranks(each.last_used_at_ns or 0 for each in free), ranks(each.use_count for each in free)
        least = min(
            free,
            key=lambda each: (times[each.last_used_at_ns or 0] + counts[each.use_count], each.use_count, each.last_used_at_ns or 0),
        )
        free.remove(least)
        yield least
        for parent in least.parents:
            dependents.remove(parent)
            if parent not in dependents and parent in removable:
                free.append(removable[parent])


def ranks(values: Iterable[int]) -> dict[int, float]:
    distinct = sorted(set(values))
    first = 1 if distinct[0] == 0 else 2
    return {value: (first + place) / (first + len(distinct) - 1) for place, value in enumerate(distinct)}


def random_records(chance: random.Random) -> list[CacheRecord]:
    """Return records of which some depend on earlier ones, with few or many different times and numbers of uses."""
    number, times, uses = chance.randrange(60), chance.choice((3, 1000)), chance.choice((2, 9, 1000))
    return [
        record(
            str(index),
            last_used_at_ns=chance.choice((None, chance.randrange(times), chance.randrange(-1, times))),
            use_count=chance.randrange(uses),
            parents=tuple(str(chance.randrange(index)) for _ in range(chance.choice((0, 0, 1, 2)) if index else 0)),
        )
        for index in range(number)
    ]


@pytest.mark.parametrize("seed", range(200))
def test_the_order_is_that_of_ranking_again_before_each_record(seed: int) -> None:
    chance = random.Random(seed)
    records = random_records(chance)
    removable = {each.id: each for each in records if chance.random() < 0.9}
    assert list(in_order(records, removable, by_use=True)) == list(slowly_in_order(records, removable))


def test_a_plan_restricted_to_another_one_has_no_record_more() -> None:
    plan = PruneResult(CHAIN, is_dry_run=True)
    assert restricted(plan, PruneResult((BASE, record("gone")))).records == (BASE,)


def test_sums() -> None:
    usage = DiskUsage((record("a", is_in_use=True), record("b", is_shared=True), record("c")))
    assert (usage.total_bytes, usage.reclaimable_bytes, usage.shared_bytes) == (300, 200, 100)


def test_the_age_is_given_once() -> None:
    options = prune_options(("until=1h",))
    assert options.filters == Filters("", 3_600_000_000_000)
    with pytest.raises(OptionError, match="say the same"):
        prune_options(("until=1h",), keep_duration="1ns")


@pytest.mark.parametrize(
    ("text", "size"), [("0", 0), (0, 0), ("", 0), (12, 12), ("1kb", 1024), ("1.5GiB", 3 << 29), ("10g", 10 << 30)]
)
def test_sizes(text: str | int, size: int) -> None:
    assert parse_size(text, "max_used_space") == size


@pytest.mark.parametrize("text", ["x", "-1", "10 parsecs", "1e"])
def test_wrong_sizes(text: str) -> None:
    with pytest.raises(OptionError, match="max_used_space takes a size such as 10GB"):
        parse_size(text, "max_used_space")


@pytest.mark.parametrize("text", ["x", "-1h", "1", "1 day"])
def test_wrong_durations(text: str) -> None:
    with pytest.raises(OptionError, match="keep_duration takes a duration such as 24h"):
        parse_duration_text(text, "keep_duration")
