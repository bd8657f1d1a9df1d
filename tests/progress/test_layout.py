from functools import reduce

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront.progress.cell_width import width
from llbfront.progress.events import StatusEvent, Vertex, VertexLog, VertexStatus
from llbfront.progress.layout import Frame, final_rows, live_rows
from llbfront.progress.palette import PLAIN
from llbfront.progress.trace import Trace, fold
from tests.progress import recording

NAMES = ("a", "RUN x\n\ty", "世界" * 30, "\x1b[2Jcleared\x07", "e\u0301" * 60, "")
TIMES = st.sampled_from([(None, None), (0, None), (0, 10**9), (5 * 10**9, 10**12)])
ERRORS = st.sampled_from(["", "", "exit code: 1", "context canceled"])
STEPS = st.tuples(st.sampled_from(NAMES), TIMES, st.booleans(), ERRORS, st.integers(0, 9), st.integers(0, 6))


def traced(steps: list[tuple[str, tuple[int | None, int | None], bool, str, int, int]]) -> Trace:
    trace = Trace()
    for number, (name, (start, end), cached, error, lines, tasks) in enumerate(steps):
        digest = str(number)
        logs = tuple(VertexLog(digest, f"{name}{line}\n".encode()) for line in range(lines))
        statuses = tuple(VertexStatus(f"{task}{name}", digest, "", 10**task, 10**6, 10**12, 0) for task in range(tasks))
        fold(trace, StatusEvent((Vertex(digest, name, (), start, end, cached, error),), statuses, logs))
    return trace


traces = st.lists(STEPS, max_size=40).map(traced)


@given(traces, st.integers(1, 120), st.integers(1, 50), st.integers(1, 20))
def test_every_picture_fits_the_terminal_and_shows_what_runs(trace: Trace, columns: int, lines: int, log_lines: int) -> None:
    rows = live_rows(trace, Frame(columns, lines, 10**12, PLAIN, log_lines))
    assert len(rows) <= max(2, lines - 1)
    assert all(width(row) <= columns - 1 for row in rows)
    assert all("\n" not in row and "\x1b" not in row for row in rows)
    if lines >= 3 and columns > 20:
        steps = sum(row.startswith(" => ") and not row.startswith((" => => ", " => (")) for row in rows)
        assert steps >= min(len(trace.running), lines - 3)


@given(traces, st.integers(1, 120))
def test_the_last_picture_shows_every_step(trace: Trace, columns: int) -> None:
    rows = final_rows(trace, Frame(columns, 24, 10**12, PLAIN), "FINISHED")
    assert len(rows) == 1 + len(trace.steps)
    assert all(width(row) <= columns - 1 for row in rows)


def test_the_last_picture_names_what_was_exported() -> None:
    trace = reduce(fold, recording.events("export"), Trace())
    rows = final_rows(trace, Frame(100, 24, 0, PLAIN), "FINISHED")
    (export,) = [number for number, row in enumerate(rows) if "exporting to oci image format" in row]
    tasks = [row.split()[2:5] for row in rows[export + 1 : export + 5]]
    assert [task[:2] for task in tasks] == [
        ["exporting", "layers"],
        ["exporting", "manifest"],
        ["exporting", "config"],
        ["sending", "tarball"],
    ]
    assert tasks[1][2].startswith("sha256:")
    assert "exporting cache" in rows[export + 5]


ADDRESS = "tcp://builder-7.internal.example.com:1234"
DONE = Vertex("a", "RUN x", (), 0, 12_300_000_000)


@pytest.mark.parametrize(
    ("columns", "description", "header"),
    [
        (120, ADDRESS, f"[+] Building 12.3s (1/1) FINISHED{ADDRESS:>86}"),
        (80, ADDRESS, f"[+] Building 12.3s (1/1) FINISHED{ADDRESS:>46}"),
        (70, ADDRESS, "[+] Building 12.3s (1/1) FINISHED tcp://builder-7.internal.example.c…"),
        (60, ADDRESS, "[+] Building 12.3s (1/1) FINISHED tcp://builder-7.internal…"),
        (44, ADDRESS, "[+] Building 12.3s (1/1) FINISHED tcp://bu…"),
        (43, ADDRESS, "[+] Building 12.3s (1/1) FINISHED tcp://b…"),
        (42, ADDRESS, "[+] Building 12.3s (1/1) FINISHED"),
        (34, ADDRESS, "[+] Building 12.3s (1/1) FINISHED"),
        (33, ADDRESS, "[+] 12.3s (1/1) FINISHED"),
        (20, ADDRESS, "12.3s FINISHED"),
        (10, ADDRESS, "12.3s FI…"),
        (80, "", "[+] Building 12.3s (1/1) FINISHED"),
        (80, "unix:///a\x1b[2Jb", "[+] Building 12.3s (1/1) FINISHED" + r"unix:///a\x1b[2Jb".rjust(46)),
        (60, "世界" * 20, "[+] Building 12.3s (1/1) FINISHED 世界世界世界世界世界世界…"),
    ],
)
def test_the_header_keeps_time_and_state_and_shortens_the_address(columns: int, description: str, header: str) -> None:
    trace = fold(Trace(), StatusEvent((DONE,)))
    frame = Frame(columns, 24, 12_300_000_000, PLAIN, description=description)
    assert final_rows(trace, frame, "FINISHED")[0] == header


def test_counts_give_way_before_time_and_state() -> None:
    trace = fold(Trace(), StatusEvent((attrs.evolve(DONE, cached=True),)))
    headers = [final_rows(trace, Frame(columns, 24, 12_300_000_000, PLAIN), "FAILED")[0] for columns in (60, 40, 30, 14)]
    assert headers == [
        "[+] Building 12.3s (1/1, 1 cached) FAILED",
        "[+] Building 12.3s (1/1) FAILED",
        "[+] 12.3s (1/1) FAILED",
        "12.3s FAILED",
    ]


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
@pytest.mark.parametrize(
    "what", ["exporting manifest {}", "pushing manifest for registry.example/team/app:v1@{}", "writing image {}"]
)
def test_digests_of_what_was_exported_are_whole_at_the_end(columns: int, what: str) -> None:
    name = what.format(f"sha256:{'0123456789abcdef' * 4}")
    task = VertexStatus(name, "a", "", 0, 0, 1, 0, 1)
    trace = fold(Trace(), StatusEvent((attrs.evolve(DONE, name="exporting to image"),), (task,)))
    rows = final_rows(trace, Frame(columns, 24, 0, PLAIN), "FINISHED")
    assert any(row.startswith(f" => => {name}") for row in rows)
