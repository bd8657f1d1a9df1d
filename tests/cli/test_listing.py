"""Tables fit the terminal and keep one line per record; sizes and times read as people write them."""

from __future__ import annotations

import pytest

from llbfront.cli import humanize, listing
from llbfront.cli.listing import Column
from llbfront.cli.main import parse_arguments
from llbfront.errors import OptionError

COLUMNS = (
    Column[tuple[str, int]]("name", lambda row: row[0], is_flexible=True),
    Column[tuple[str, int]]("use-count", lambda row: str(row[1]), is_number=True),
    Column[tuple[str, int]]("hidden", lambda _: "x", is_default=False),
)
ROWS = [("short", 1), ("a name that is long enough to be cut", 12345), ("two\nlines \x1b[2J", 3)]
SECOND_NS = 1_000_000_000


def test_a_table_without_a_width_is_whole() -> None:
    assert listing.table(ROWS, COLUMNS[:2], cells=None) == [
        "NAME                                  USE COUNT",
        "short                                         1",
        "a name that is long enough to be cut      12345",
        "two\\nlines \\x1b[2J                            3",
    ]


@pytest.mark.parametrize("cells", [24, 30, 40])
def test_a_table_is_cut_to_the_terminal(cells: int) -> None:
    lines = listing.table(ROWS, COLUMNS[:2], cells=cells)
    assert max(map(len, lines)) <= cells
    assert lines[2].endswith("…      12345")


def test_columns_are_chosen_by_name() -> None:
    assert [column.name for column in listing.choose(COLUMNS, None)] == ["name", "use-count"]
    assert [column.name for column in listing.choose(COLUMNS, "hidden, NAME")] == ["hidden", "name"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("nmae", "there is no column 'nmae' (did you mean name?)"),
        (",", "--columns names no column (one or more of name, use-count, hidden)"),
    ],
)
def test_wrong_columns(names: str, message: str) -> None:
    with pytest.raises(OptionError) as refused:
        listing.choose(COLUMNS, names)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds ago"), (1, "1 second ago"), (59, "59 seconds ago"), (60, "1 minute ago"), (3599, "59 minutes ago"),
        (3600, "1 hour ago"), (47 * 3600, "47 hours ago"), (48 * 3600, "2 days ago"), (14 * 86400, "2 weeks ago"),
        (60 * 86400, "2 months ago"), (730 * 86400, "2 years ago"), (-5, "0 seconds ago"),
    ],
)  # fmt: skip
def test_times(seconds: int, text: str) -> None:
    now_ns = 10**18
    assert humanize.ago(now_ns - seconds * SECOND_NS, now_ns) == text


def test_no_time_is_an_empty_text() -> None:
    assert humanize.ago(None, 10**18) == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0.0s"), (0.44, "0.4s"), (59.94, "59.9s"), (61, "1m 01s"), (3599, "59m 59s"), (7500, "2h 05m")]
)
def test_durations(seconds: float, text: str) -> None:
    assert humanize.duration(int(seconds * SECOND_NS)) == text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("du --format {{json .}}", "--format is not supported (use --json, or --columns to choose the columns of the table)"),
        ("du --format json", "--format is not supported (use --json)"),
        ("workers --format pretty", "--format is not supported (use --verbose)"),
        ("info --format x", "--format is not supported (use --json, or --columns to choose the columns of the table)"),
        ("du --builder x", "--builder is not supported (name an engine with --addr or BUILDKIT_HOST)"),
        ("prune --timeout 20s", "--timeout is not supported (llbfront waits 15 s for an engine)"),
        (
            "prune --keep-storage 10GB",
            "--keep-storage takes a number of megabytes, not '10GB' (use --max-used-space for a size with a unit)",
        ),
        ("prune --frce", "unknown flag --frce (did you mean --force?)"),
    ],
)
def test_flags_of_docker_and_buildctl(words: str, message: str) -> None:
    command, flag, *value = words.split(" ", 2)
    with pytest.raises(OptionError) as refused:
        parse_arguments([command, flag, *value])
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("flag", "name"),
    [("--keep-storage", "max_used_space"), ("--keep-storage-min", "reserved_space"), ("--free-storage", "min_free_space")],
)
def test_buildctl_counts_megabytes(flag: str, name: str) -> None:
    assert getattr(parse_arguments(["prune", "--force", flag, "1.5"]), name) == 1_500_000
