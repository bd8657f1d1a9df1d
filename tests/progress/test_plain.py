import os
import pathlib

import attrs
import pytest

from llbfront.progress.events import StatusEvent, Vertex, VertexLog, VertexStatus
from llbfront.progress.plain import PlainDisplay
from tests.progress import recording

EXPECTED = pathlib.Path(__file__).parent / "expected"
SECOND = 1_000_000_000
A = Vertex("a", "step a", started_ns=0)
B = Vertex("b", "step b", started_ns=0)


class Paper:
    """A display whose clock the test moves."""

    def __init__(self, *, name_limit: int | None = None, colors: bool = True) -> None:
        self.written: list[str] = []
        self.display = PlainDisplay(self.written.append, name_limit=name_limit, colors=colors)
        self.now_ns = 0

    def at(
        self, seconds: float, *vertexes: Vertex, statuses: tuple[VertexStatus, ...] = (), logs: tuple[VertexLog, ...] = ()
    ) -> str:
        """Let time pass in steps of a tick, give the event, print; return what was printed."""
        before = len(self.written)
        while self.now_ns < seconds * SECOND:
            self.now_ns += SECOND // 10
            self.display.tick(self.now_ns)
        self.display.update(StatusEvent(vertexes, statuses, logs), self.now_ns)
        self.now_ns += SECOND // 10
        self.display.tick(self.now_ns)
        return "".join(self.written[before:])

    def finish(self) -> str:
        before = len(self.written)
        self.display.finish(None, self.now_ns)
        return "".join(self.written[before:])


def log(vertex: str, text: str, seconds: float = 0) -> tuple[VertexLog, ...]:
    return (VertexLog(vertex, text.encode(), int(seconds * SECOND)),)


def ended(vertex: Vertex, seconds: float, *, cached: bool = False, error: str = "") -> Vertex:
    return attrs.evolve(vertex, completed_ns=int(seconds * SECOND), cached=cached, error=error)


@pytest.mark.parametrize("name", ["stages", "cached", "failing", "multi", "export"])
def test_a_recorded_build_reads_well(name: str) -> None:
    written: list[str] = []
    display = PlainDisplay(written.append, description="a private engine")
    now_ns = None
    for sent_ns, event in recording.timed(name):
        while now_ns is not None and now_ns + 150_000_000 < sent_ns:
            now_ns += 150_000_000
            display.tick(now_ns)
        now_ns = sent_ns
        display.update(event, sent_ns)
    display.finish(None, now_ns)
    page = EXPECTED / f"{name}.txt"
    if os.environ.get("LLBFRONT_GOLDEN"):
        page.write_text("".join(written))
    assert "".join(written) == page.read_text()


def test_a_step_prints_its_name_its_log_and_its_end() -> None:
    paper = Paper()
    assert paper.at(0, A) == "#1 step a\n"
    assert paper.at(1, logs=log("a", "hello\n", 0.5)) == "#1 0.500 hello\n"
    assert paper.at(2, ended(A, 1.25)) == "#1 DONE 1.2s\n"


@pytest.mark.parametrize(
    ("vertex", "line"),
    [
        (ended(A, 0, cached=True), "#1 CACHED"),
        (ended(A, 0, error="exit code: 3"), "#1 ERROR: exit code: 3"),
        (ended(A, 0, error="context canceled"), "#1 CANCELED"),
    ],
)
def test_the_last_line_of_a_step_says_how_it_ended(vertex: Vertex, line: str) -> None:
    assert Paper().at(0, vertex) == f"#1 step a\n{line}\n"


def test_the_time_of_a_line_has_fewer_decimals_the_longer_it_took() -> None:
    paper = Paper()
    paper.at(0, A)
    logs = tuple(VertexLog("a", b"x\n", int(seconds * SECOND)) for seconds in (9.9994, 99.99, 1234.56))
    assert paper.at(1, logs=logs) == "#1 9.999 x\n#1 99.99 x\n#1 1234.6 x\n"


def test_an_end_shorter_than_a_tenth_of_a_second_is_not_printed() -> None:
    paper = Paper()
    paper.at(0, A)
    paper.display.update(StatusEvent((ended(A, 0),)), 3 * SECOND)
    paper.display.update(StatusEvent((attrs.evolve(A, started_ns=SECOND),)), 3 * SECOND + SECOND // 20)
    paper.now_ns = 3 * SECOND + SECOND // 20
    paper.at(4, attrs.evolve(A, started_ns=SECOND, completed_ns=2 * SECOND))
    assert "".join(paper.written) == "#1 step a\n#1 DONE 1.0s\n"


def test_lines_of_parallel_steps_do_not_mix() -> None:
    paper = Paper()
    paper.at(0, A)
    assert paper.at(1, B, logs=log("b", "from b\n")) == ""
    assert paper.at(2, logs=log("a", "from a\n")) == "#1 0.000 from a\n"
    assert paper.at(3, ended(A, 3)) == "#1 DONE 3.0s\n\n#2 step b\n#2 0.000 from b\n"


def test_the_end_of_a_step_is_printed_between_the_lines_of_another() -> None:
    paper = Paper()
    paper.at(0, A, B)
    assert paper.at(1, ended(B, 1)) == "#1 ...\n\n#2 step b\n#2 DONE 1.0s\n"
    assert paper.at(1.2, logs=log("a", "on\n", 1.2)) == "\n#1 step a\n#1 1.200 on\n"


def test_a_silent_step_gives_way_after_five_seconds_and_a_talkative_one_after_ten() -> None:
    for talks, seconds in ((False, 5), (True, 10)):
        paper = Paper()
        paper.at(0, A)
        paper.at(0.1, B, logs=log("b", "waiting\n"))
        moment = 0.1
        while "#2 0.000 waiting" not in "".join(paper.written):
            moment += 0.1
            paper.at(moment, logs=log("a", "more\n") if talks else ())
        assert round(moment) == seconds


def test_a_running_step_comes_back_when_nobody_else_speaks() -> None:
    paper = Paper()
    paper.at(0, A, B)
    paper.at(1, ended(B, 1))
    assert paper.at(4) == "\n#1 step a\n"


def test_an_unfinished_line_waits_for_its_end_but_not_for_ever() -> None:
    paper = Paper()
    paper.at(0, A)
    assert paper.at(1, logs=log("a", "work", 1)) == ""
    assert paper.at(2, logs=log("a", "ing\n", 2)) == "#1 1.000 working\n"
    assert paper.at(3, logs=log("a", "continue? ", 3)) == ""
    assert paper.at(9) == "#1 3.000 continue? \n"
    assert paper.at(10, ended(A, 10)) == "#1 DONE 10.0s\n"


def test_every_state_of_a_progress_bar_is_a_line_as_in_the_log_of_buildctl() -> None:
    paper = Paper()
    paper.at(0, A)
    for tenth in range(1, 120):
        paper.at(tenth / 10, logs=log("a", f"\r{tenth}%", tenth / 10))
    bars = [line for line in "".join(paper.written).splitlines() if "%" in line]
    assert [bar.split()[-1] for bar in bars] == [f"{tenth}%" for tenth in range(1, 119)]


def status(current: int, total: int, seconds: float, *, done: bool = False) -> tuple[VertexStatus, ...]:
    now_ns = int(seconds * SECOND)
    return (VertexStatus("layer", "a", "", current, total, now_ns, 0, now_ns if done else None),)


def test_tasks_speak_every_five_percent_or_seconds_and_at_their_end() -> None:
    paper = Paper()
    paper.at(0, A)
    assert paper.at(0.1, statuses=status(0, 100_000_000, 0)) == "#1 layer 0B / 100.00MB\n"
    assert paper.at(0.2, statuses=status(4_000_000, 100_000_000, 0.2)) == ""
    assert paper.at(2, statuses=status(5_000_000, 100_000_000, 2)) == "#1 layer 5.00MB / 100.00MB 2.0s 2.50MB/s\n"
    assert paper.at(7, statuses=status(6_000_000, 100_000_000, 7)) == "#1 layer 6.00MB / 100.00MB 7.0s 857.14kB/s\n"
    assert paper.at(7.2, statuses=status(7_000_000, 100_000_000, 7.2)) == ""
    end = paper.at(8, ended(A, 8), statuses=status(100_000_000, 100_000_000, 8, done=True))
    assert end == "#1 layer 100.00MB / 100.00MB 8.0s done\n#1 DONE 8.0s\n"


def test_tasks_of_unknown_size_count_only_what_came() -> None:
    paper = Paper()
    paper.at(0, A)
    assert paper.at(0.1, statuses=status(1234, 0, 0.1)) == "#1 layer 1.23kB 0.1s\n"


def test_events_of_a_tenth_of_a_second_are_printed_together() -> None:
    written: list[str] = []
    display = PlainDisplay(written.append)
    for number in range(50):
        display.update(StatusEvent((Vertex(str(number), str(number), started_ns=0, completed_ns=number),)), number * SECOND // 1000)
    assert written == []
    display.tick(SECOND)
    assert len(written) == 1
    assert written[0].startswith("#1 0\n#1 DONE 0.0s\n\n#2 1\n")


def test_the_end_prints_what_waits_even_of_steps_that_never_ended() -> None:
    paper = Paper()
    paper.at(0, A)
    paper.at(1, B, logs=log("b", "half a line"))
    assert paper.finish() == "#1 ...\n\n#2 step b\n#2 0.000 half a line\n"


def test_a_task_left_open_holds_back_the_end_of_its_step_but_not_for_ever() -> None:
    paper = Paper()
    assert paper.at(1, ended(A, 1), statuses=status(5, 0, 1)) == "#1 step a\n#1 layer 5B 1.0s 5B/s\n"
    assert paper.finish() == "#1 DONE 1.0s\n"


def test_names_are_cut_on_request_and_always_on_one_line() -> None:
    long = Vertex("a", "RUN x\n" + "y" * 100, started_ns=0)
    assert Paper().at(0, long) == f"#1 RUN x {'y' * 100}\n"
    assert Paper(name_limit=72).at(0, long) == f"#1 RUN x {'y' * 66}...\n"


def test_colours_of_a_log_are_removed_on_request() -> None:
    for colors, line in ((True, "#1 0.000 \x1b[31mred\x1b[0m\n"), (False, "#1 0.000 red\n")):
        paper = Paper(colors=colors)
        paper.at(0, A)
        assert paper.at(1, logs=log("a", "\x1b[31mred\n")) == line
