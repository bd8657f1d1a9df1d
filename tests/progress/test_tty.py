import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import attrs
import pytest

from llbfront.errors import Cancelled
from llbfront.progress.display import Display, display
from llbfront.progress.events import StatusEvent, Vertex, VertexLog, VertexStatus, VertexWarning
from llbfront.progress.trace import LOG_LINES_KEPT
from llbfront.source import LineRange, Source
from tests.progress.terminal import Terminal

SECOND = 1_000_000_000
ROOT = pathlib.Path(__file__).parent.parent.parent


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal(80, 24) as opened:
        yield opened


def shown(terminal: Terminal, **environ: str) -> Display:
    return display("auto", terminal.stream, {"TERM": "xterm-256color", **environ})


def running(name: str, start_s: float = 0) -> Vertex:
    return Vertex(name, f"[{name} 1/1] RUN {name}", started_ns=int(start_s * SECOND))


def ended(name: str, start_s: float = 0, end_s: float = 1, *, cached: bool = False, error: str = "") -> Vertex:
    return attrs.evolve(running(name, start_s), completed_ns=int(end_s * SECOND), cached=cached, error=error)


def log(vertex: str, *lines: str) -> tuple[VertexLog, ...]:
    return tuple(VertexLog(vertex, f"{line}\n".encode(), 0) for line in lines)


def test_nothing_is_drawn_when_a_build_ends_before_its_first_step(terminal: Terminal) -> None:
    view = shown(terminal)
    view.update(StatusEvent(), 0)
    view.tick(SECOND)
    view.finish(OSError("no engine"), SECOND)
    terminal.settle()
    assert terminal.text() == ""


def test_a_picture_has_a_header_a_row_per_step_and_times_at_the_right_edge(terminal: Terminal) -> None:
    view = shown(terminal)
    view.update(StatusEvent((ended("a", 0, 1.25), ended("b", 0, 0, cached=True), running("c", 1), Vertex("d"))), 0)
    view.tick(3 * SECOND)
    terminal.settle()
    assert terminal.text().splitlines() == [
        "[+] Building 3.0s (2/4, 1 cached)",
        " => [a 1/1] RUN a" + "1.2s".rjust(62),
        " => CACHED [b 1/1] RUN b" + "0.0s".rjust(55),
        " => [c 1/1] RUN c" + "2.0s".rjust(62),
    ]


def test_the_display_is_redrawn_in_place(terminal: Terminal) -> None:
    terminal.stream.write("$ llbfront build .\n")
    view = shown(terminal)
    for second in range(20):
        view.update(StatusEvent((running("a"),), logs=log("a", f"line {second}")), second * SECOND)
    terminal.settle()
    assert terminal.rows()[:3] == ["$ llbfront build .", "[+] Building 19.0s (0/1)", " => [a 1/1] RUN a" + "19.0s".rjust(62)]
    assert terminal.rows()[3:9] == [f" => => # line {second}" for second in range(14, 20)]
    assert terminal.history() == []


def test_only_what_changed_is_written(terminal: Terminal) -> None:
    view = shown(terminal)
    view.update(StatusEvent(tuple(ended(name) for name in "abcdefgh")), 0)
    terminal.settle()
    before = len(terminal.bytes)
    view.tick(SECOND)
    terminal.settle()
    assert b"RUN" not in terminal.bytes[before:]
    assert terminal.rows()[0].startswith("[+] Building 1.0s (8/8)")


def test_pictures_come_at_a_limited_rate(terminal: Terminal) -> None:
    view = shown(terminal, TTY_DISPLAY_RATE="500")
    assert view.interval_s == 0.5
    for millisecond in range(1000):
        view.update(StatusEvent((running("a"),)), millisecond * 1_000_000)
    terminal.settle()
    assert terminal.bytes.count(b"\x1b[?25l") == 2


def test_the_cursor_is_visible_and_below_after_every_picture(terminal: Terminal) -> None:
    view = shown(terminal)
    view.update(StatusEvent((running("a"),)), 0)
    terminal.settle()
    assert not terminal.screen.cursor.hidden
    assert (terminal.screen.cursor.x, terminal.screen.cursor.y) == (0, 2)


def test_open_tasks_show_their_size_and_rate_and_fold_into_their_step_at_its_end(terminal: Terminal) -> None:
    view = shown(terminal)
    status = VertexStatus("sha256:abc", "a", "", 25_000_000, 100_000_000, 5 * SECOND, 0)
    view.update(StatusEvent((running("a"),), (status,)), 0)
    view.tick(5 * SECOND)
    terminal.settle()
    assert terminal.rows()[2] == " => => sha256:abc" + "25.00MB / 100.00MB  5.00MB/s   5.0s".rjust(62)
    done = attrs.evolve(status, current=100_000_000, completed_ns=9 * SECOND)
    view.update(StatusEvent((ended("a", 0, 9),), (done,)), 9 * SECOND)
    terminal.settle()
    assert terminal.rows()[1:3] == [" => [a 1/1] RUN a" + "100.00MB   9.0s".rjust(62), ""]


@pytest.mark.parametrize("lines", [5, 10, 24, 60])
def test_more_steps_than_lines_leave_the_running_ones_and_the_newest(lines: int) -> None:
    with Terminal(60, lines) as terminal:
        terminal.stream.write("$\n")
        view = shown(terminal)
        names = [f"step{number}" for number in range(80)]
        for number, name in enumerate(names):
            view.update(StatusEvent((ended(name),)), number * SECOND)
        view.update(StatusEvent((running("last"),), logs=log("last", "working")), 80 * SECOND)
        terminal.settle()
        rows = [row for row in terminal.rows() if row]
        assert len(rows) <= lines - 1 or rows[0] == "$"
        assert rows[-2].startswith(" => [last 1/1]") or rows[-1].startswith(" => [last 1/1]")
        assert any("more ended)" in row for row in rows)
        assert [row for row in terminal.history() if "Building" in row] == []


def test_more_running_steps_than_lines_are_counted() -> None:
    with Terminal(60, 10) as terminal:
        view = shown(terminal)
        view.update(StatusEvent(tuple(running(f"step{number}") for number in range(50))), 0)
        terminal.settle()
        assert len(terminal.text().splitlines()) == 9
        assert terminal.rows()[8] == " => (43 more running)"


def test_a_failed_step_stays_in_sight() -> None:
    with Terminal(60, 10) as terminal:
        view = shown(terminal)
        view.update(StatusEvent((ended("bad", error="exit code: 1"),)), 0)
        view.update(StatusEvent(tuple(ended(f"step{number}") for number in range(50))), SECOND)
        terminal.settle()
        (row,) = [number for number, text in enumerate(terminal.rows()) if "ERROR [bad 1/1]" in text]
        assert terminal.color(row) == "red"


@pytest.mark.parametrize(
    ("environ", "colors"),
    [
        ({}, ("blue", "blue", "brown", "red")),
        ({"NO_COLOR": "1"}, ("default",) * 4),
        ({"BUILDKIT_COLORS": "run=green:cancel=cyan:error=10,20,30"}, ("green", "green", "cyan", "0a141e")),
    ],
)
def test_colours_say_how_a_step_ended(terminal: Terminal, environ: dict[str, str], colors: tuple[str, ...]) -> None:
    view = shown(terminal, **environ)
    steps = (
        ended("a"),
        ended("b", cached=True),
        ended("c", error="context canceled"),
        ended("d", error="exit code: 1"),
        running("e"),
    )
    view.update(StatusEvent(steps), 0)
    terminal.settle()
    assert tuple(terminal.color(row) for row in range(1, 5)) == colors
    assert terminal.color(5) == "default"
    assert (b"\x1b[3" in terminal.bytes) == ("NO_COLOR" not in environ)


def test_the_log_tail_is_as_long_as_asked_for(terminal: Terminal) -> None:
    view = shown(terminal, BUILDKIT_TTY_LOG_LINES="2")
    view.update(StatusEvent((running("a"),), logs=log("a", "one", "two", "three")), 0)
    terminal.settle()
    assert terminal.rows()[2:5] == [" => => # two", " => => # three", ""]


def test_what_a_step_writes_cannot_move_the_cursor(terminal: Terminal) -> None:
    view = shown(terminal)
    view.update(
        StatusEvent((running("a\x1b[5A"),), logs=(VertexLog("a\x1b[5A", b"\x1b[2Jcleared\x1b[10A\ttab\x07\n10%\r50%", 0),)), 0
    )
    terminal.settle()
    assert terminal.rows()[0].startswith("[+] Building")
    assert terminal.rows()[2:4] == [" => => # cleared tab", " => => # 50%"]


def test_wide_characters_keep_the_times_in_line(terminal: Terminal) -> None:
    view = shown(terminal)
    names = ("größer", "世界" * 30, "🚀 e\u0301 ok")
    view.update(StatusEvent(tuple(Vertex(name, name, started_ns=0, completed_ns=0) for name in names)), 0)
    terminal.settle()
    cells = [[terminal.screen.buffer[row][column].data for column in range(75, 79)] for row in (1, 2, 3)]
    assert cells == [["0", ".", "0", "s"]] * 3


def test_the_end_shows_all_steps_and_the_log_of_the_one_that_failed(terminal: Terminal) -> None:
    view = shown(terminal)
    view.update(StatusEvent(tuple(ended(f"step{number}") for number in range(100))), 0)
    lines = [f"line {number}" for number in range(LOG_LINES_KEPT + 7)]
    view.update(StatusEvent((running("bad"),), logs=log("bad", *lines)), 100 * SECOND)
    view.update(StatusEvent((ended("bad", error="exit code: 1"),)), 100 * SECOND)
    view.finish(RuntimeError("failed"), 101 * SECOND)
    view.finish(RuntimeError("failed"), 101 * SECOND)
    terminal.settle()
    page = [*terminal.history(), *terminal.rows()]
    (header,) = [number for number, row in enumerate(page) if "Building" in row]
    assert page[header].endswith("(101/101) FAILED")
    assert [row.split()[1] for row in page[header + 1 : header + 101]] == [f"[step{number}" for number in range(100)]
    assert page[header + 102 : header + 105] == ["------", " > [bad 1/1] RUN bad:", "(7 earlier lines)"]
    assert page.count(f"0.000 line {LOG_LINES_KEPT + 6}") == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(None, "FINISHED"), (KeyboardInterrupt(), "CANCELED"), (Cancelled("stopped"), "CANCELED"), (OSError(), "FAILED")],
)
def test_the_header_says_how_it_ended(terminal: Terminal, error: BaseException | None, outcome: str) -> None:
    view = shown(terminal)
    view.update(StatusEvent((ended("a"),)), 0)
    view.finish(error, SECOND)
    terminal.settle()
    assert terminal.rows()[0] == f"[+] Building 1.0s (1/1) {outcome}"


@pytest.mark.parametrize("sizes", [[(40, 24), (100, 24)], [(80, 8), (80, 40)], [(20, 5), (120, 50)], [(5, 2), (1, 1), (80, 24)]])
def test_after_a_resize_there_is_one_picture_and_it_fits(sizes: list[tuple[int, int]]) -> None:
    with Terminal(80, 24) as terminal:
        view = shown(terminal, XTERM_VERSION="an emulator that does not wrap anew")
        view.update(StatusEvent((*(ended(f"step{number}") for number in range(10)), running("x"))), 0)
        terminal.settle()
        for moment, (columns, lines) in enumerate(sizes, 1):
            terminal.resize(columns, lines)
            view.update(StatusEvent((running("x"),), logs=log("x", f"at {columns}x{lines}")), moment * SECOND)
            terminal.settle()
            assert sum("[+] " in row for row in terminal.rows()) == (columns > 10 and lines > 2)
        assert f" => => # at {columns}x{lines}" in terminal.rows()


def play(terminal: Terminal, name: str, speed: float, **environ: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.progress.play", name, "auto", str(speed)]
    kept = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "BUILDKIT_PROGRESS", "BUILDKIT_COLORS"}}
    return subprocess.Popen(
        command, cwd=ROOT, stderr=terminal.slave, stdin=subprocess.DEVNULL, env={**kept, "TERM": "xterm", **environ}
    )


def test_a_recorded_build_on_a_terminal_that_is_resized_meanwhile() -> None:
    with Terminal(100, 30) as terminal:
        process = play(terminal, "stages", speed=2)
        for size in ((60, 12), (132, 40), (80, 24), (100, 30)):
            time.sleep(0.3)
            terminal.resize(*size)
        assert process.wait(30) == 0
        terminal.hang_up()
        rows = [row for row in terminal.rows() if row]
        assert any(row.startswith("[+] Building") and "(13/13) FINISHED" in row for row in rows)
        assert sum("[web 1/2] RUN" in row for row in rows) == 1
        assert rows[-4:-2] == [" 1 warning:", " - FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 15)"]


def test_ctrl_c_leaves_the_terminal_in_order(terminal: Terminal) -> None:
    process = play(terminal, "stages", speed=1)
    while "[web 1/2]" not in terminal.text():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    terminal.hang_up()
    assert not terminal.screen.cursor.hidden
    assert "CANCELED" in terminal.rows()[0]
    assert terminal.screen.cursor.x == 0


def test_a_dumb_terminal_gets_plain_lines(terminal: Terminal) -> None:
    process = play(terminal, "cached", speed=1000, TERM="dumb")
    assert process.wait(30) == 0
    terminal.hang_up()
    assert b"\x1b" not in terminal.bytes
    assert b"#1 [internal] load build definition" in terminal.bytes


def test_2000_steps_cost_a_picture_no_more_than_20() -> None:
    def picture_bytes(count: int) -> int:
        with Terminal(80, 24) as terminal:
            view = shown(terminal)
            view.update(StatusEvent(tuple(ended(f"s{number}") for number in range(count))), 0)
            terminal.settle()
            return len(terminal.bytes)

    assert picture_bytes(2000) < 1.2 * picture_bytes(40)


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_rows_that_wrap_at_the_end_cover_no_others(columns: int) -> None:
    digest = f"sha256:{'0123456789abcdef' * 4}"
    steps = (ended("a"), attrs.evolve(ended("b"), name="exporting to image"), ended("c"))
    tasks = tuple(VertexStatus(f"{what} {digest}", "b", "", 0, 0, 1, 0, 1) for what in ("exporting manifest", "pushing manifest"))
    with Terminal(columns, 24) as terminal:
        view = shown(terminal)
        view.update(StatusEvent((*steps[:2], running("c"))), 0)
        view.update(StatusEvent(steps, tasks), SECOND)
        view.finish(None, 2 * SECOND)
        terminal.settle()
        rows = terminal.rows()
    page = "".join(row.ljust(columns) for row in rows)
    assert page.count(digest) == 2
    assert sum(row.startswith(" => ") for row in rows) == 5
    assert [row for row in rows if row.startswith(" => ") and "=> =>" not in row][-1].startswith(" => [c 1/1]")


def test_a_terminal_lets_text_replace_text_and_a_log_does_not(terminal: Terminal) -> None:
    chunk = (VertexLog("a", b"error: disk is bad\rdone\n", 0),)
    view = shown(terminal)
    view.update(StatusEvent((running("a"),), logs=chunk), 0)
    terminal.settle()
    assert " => => # done" in terminal.rows()
    assert not any("disk" in row for row in terminal.rows())
    quiet = display("quiet", terminal.stream, {})
    quiet.update(StatusEvent((running("a"),), logs=chunk), 0)
    assert quiet.trace.steps[0].log_tail(5) == ("error: disk is bad", "done")


EVIL = "\x1b[2J\x1b]8;;http://evil\x1b\\link\x07\u202e\x9b31m"


@pytest.mark.parametrize("mode", ["tty", "plain", "rawjson", "quiet"])
def test_no_display_lets_a_control_sequence_through(mode: str) -> None:
    source = Source(f"file{EVIL}", f"FROM a\nRUN {EVIL}\n\x0c\n".encode())
    warning = VertexWarning("a", f"short {EVIL}", 1, (EVIL,), f"http://{EVIL}", source, (LineRange(2, 2),))
    vertex = Vertex("a", f"exporting to {EVIL}", (), 0, SECOND, error=f"failed: {EVIL}\nsecond line")
    task = VertexStatus(f"task {EVIL}", "a", EVIL, 1, 1, SECOND, 0, SECOND)
    event = StatusEvent((vertex,), (task,), (VertexLog("a", f"log {EVIL}\n".encode(), 0),), (warning,))
    with Terminal(200, 50) as terminal:
        view = display(mode, terminal.stream, {"TERM": "xterm", "NO_COLOR": "1"}, description=f"unix://{EVIL}")
        view.update(event, 0)
        view.finish(None, 2 * SECOND)
        terminal.settle()
        written = terminal.bytes.decode().replace("\r\n", "\n")
    own = re.compile(r"\x1b\[(\?25[lh]|[0-9]*[AJK]|8;7;\d+z)|\r")  # of the display itself, and the mark of the test terminal
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", own.sub("", written))
    assert "\x1b[2J" not in written
    if mode == "rawjson":
        (line,) = [line for line in written.splitlines() if line.startswith("{")]
        assert json.loads(line)["vertexes"][0]["name"] == vertex.name
