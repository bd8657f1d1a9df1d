from functools import reduce

import attrs

from llbfront.progress.events import ProgressGroup, StatusEvent, Vertex, VertexLog, VertexStatus, VertexWarning
from llbfront.progress.trace import LOG_LINES_KEPT, StepState, Trace, flush_lines, fold
from tests.progress import recording


def vertexes(*items: Vertex) -> StatusEvent:
    return StatusEvent(vertexes=items)


def traced(*events: StatusEvent) -> Trace:
    return reduce(fold, events, Trace())


A = Vertex("a", "step a")
B = Vertex("b", "step b")


def test_steps_stand_in_the_order_they_started() -> None:
    trace = traced(vertexes(A, B), vertexes(attrs.evolve(B, started_ns=1)), vertexes(attrs.evolve(A, started_ns=2)))
    assert [(step.index, step.name) for step in trace.steps] == [(1, "step b"), (2, "step a")]
    assert list(trace.running) == ["b", "a"]


def test_steps_that_never_start_are_counted_but_not_listed() -> None:
    trace = traced(vertexes(A, B), vertexes(attrs.evolve(A, started_ns=1, completed_ns=2)))
    assert (trace.total, trace.completed, len(trace.steps)) == (2, 1, 1)


def ended(digest: str, *, cached: bool = False, error: str = "", group: ProgressGroup | None = None) -> Vertex:
    return Vertex(digest, started_ns=1, completed_ns=2, cached=cached, error=error, progress_group=group)


def test_states() -> None:
    trace = traced(
        vertexes(
            Vertex("waiting"),
            Vertex("running", started_ns=1),
            ended("done"),
            ended("cached", cached=True),
            ended("failed", error="exit code: 1"),
            ended("canceled", error="rpc error: context canceled"),
        )
    )
    assert {digest: step.state.value for digest, step in trace.by_digest.items()} == {
        name: name for name in ("waiting", "running", "done", "cached", "failed", "canceled")
    }
    assert (trace.total, trace.completed, trace.cached) == (6, 4, 1)
    assert [step.digest for step in trace.failed] == ["failed"]


def test_a_step_that_runs_again_does_not_count_its_pause() -> None:
    trace = traced(vertexes(attrs.evolve(A, started_ns=10, completed_ns=20)), vertexes(attrs.evolve(A, started_ns=50)))
    (step,) = trace.steps
    assert "a" in trace.running
    assert step.duration_ns(55) == 15
    fold(trace, vertexes(attrs.evolve(A, started_ns=50, completed_ns=60)))
    assert step.state is StepState.DONE
    assert step.duration_ns(0) == 20
    assert (step.started_ns, step.completed_ns) == (10, 60)


def test_announcing_a_step_again_keeps_its_state() -> None:
    trace = traced(vertexes(attrs.evolve(A, started_ns=1, completed_ns=2)), vertexes(A))
    assert trace.steps[0].state is StepState.DONE


LINK = ProgressGroup("g", "[final 2/2] COPY --link a /", weak=False)
WEAK = attrs.evolve(LINK, weak=True)


def test_a_linked_copy_and_its_merge_are_one_step_which_shows_when_the_merge_runs() -> None:
    copy = Vertex("copy", started_ns=1, completed_ns=4, progress_group=WEAK)
    merge = Vertex("merge", progress_group=LINK)
    trace = traced(vertexes(copy, merge))
    assert (trace.steps, trace.total) == ([], 0)
    fold(trace, vertexes(attrs.evolve(merge, started_ns=3, completed_ns=9)))
    (step,) = trace.steps
    assert (step.name, step.intervals, step.state) == (LINK.name, ((1, 9),), StepState.DONE)
    assert trace.total == 1
    fold(trace, StatusEvent(logs=(VertexLog("copy", b"hello\n", 5),)))
    assert [line.text for line in step.log] == ["hello"]


def test_a_group_is_cached_if_all_its_members_are() -> None:
    both = vertexes(ended("copy", cached=True, group=WEAK), ended("merge", cached=True, group=LINK))
    assert traced(both).cached == 1
    fold(trace := traced(both), vertexes(ended("copy", group=WEAK)))
    assert trace.cached == 0


def test_a_group_whose_weak_member_fails_shows() -> None:
    trace = traced(vertexes(ended("copy", error="not found", group=WEAK)))
    assert [step.state for step in trace.steps] == [StepState.FAILED]


def test_both_streams_keep_their_lines_whole() -> None:
    logs = (VertexLog("a", b"out", 2, 1), VertexLog("a", b"err\n", 3, 2), VertexLog("a", b"put\n", 4, 1))
    trace = traced(vertexes(attrs.evolve(A, started_ns=1)), StatusEvent(logs=logs))
    assert [(line.text, line.stream) for line in trace.steps[0].log] == [("err", 2), ("output", 1)]
    assert [line.text for _, line in trace.new_lines] == ["err", "output"]


def test_an_unfinished_line_ends_with_its_step() -> None:
    trace = traced(vertexes(attrs.evolve(A, started_ns=1)), StatusEvent(logs=(VertexLog("a", b"no newline", 2),)))
    (step,) = trace.steps
    assert [line.text for line in step.unfinished_lines()] == ["no newline"]
    fold(trace, vertexes(attrs.evolve(A, started_ns=1, completed_ns=3)))
    assert step.log_tail(5) == ("no newline",)
    assert flush_lines(trace, step) == []


def test_the_log_keeps_its_end_and_counts_all() -> None:
    data = b"".join(b"%d\n" % number for number in range(LOG_LINES_KEPT + 50))
    trace = traced(vertexes(attrs.evolve(A, started_ns=1)), StatusEvent(logs=(VertexLog("a", data, 2),)))
    (step,) = trace.steps
    assert step.log_count == LOG_LINES_KEPT + 50
    assert step.log_tail(2) == (str(LOG_LINES_KEPT + 48), str(LOG_LINES_KEPT + 49))
    assert step.log[0].text == "50"


def test_the_time_of_a_line_counts_from_the_run_that_wrote_it() -> None:
    trace = traced(
        vertexes(attrs.evolve(A, started_ns=100, completed_ns=200)),
        vertexes(attrs.evolve(A, started_ns=500)),
        StatusEvent(logs=(VertexLog("a", b"late\n", 530),)),
    )
    (step,) = trace.steps
    assert step.offset_ns(step.log[0]) == 30


def test_the_last_word_of_a_task_counts() -> None:
    first, last = (
        VertexStatus("layer", "a", current=1, started_ns=1),
        VertexStatus("layer", "a", current=9, started_ns=1, completed_ns=2),
    )
    trace = traced(vertexes(A), StatusEvent(statuses=(first, VertexStatus("other", "a"))), StatusEvent(statuses=(last,)))
    assert next(iter(trace.by_digest["a"].statuses.items())) == ("layer", last)


def test_the_same_warning_from_two_steps_is_one() -> None:
    warning = VertexWarning("a", "StageNameCasing: use lower case", url="https://example.com")
    trace = traced(vertexes(A, B), StatusEvent(warnings=(warning, attrs.evolve(warning, vertex="b"))))
    assert trace.warnings == [warning]


def test_what_belongs_to_no_known_step_is_passed_over() -> None:
    trace = traced(StatusEvent(statuses=(VertexStatus("x", "gone"),), logs=(VertexLog("gone", b"x\n"),)))
    assert trace.total == 0


def test_the_first_start_gives_the_clock_skew_unless_it_is_known() -> None:
    started = vertexes(attrs.evolve(A, started_ns=1_000))
    assert fold(Trace(), started, now_ns=1_500).engine_time(2_500) == 2_000
    assert fold(Trace(skew_ns=7), started, now_ns=1_500).engine_time(107) == 100


def test_a_recorded_build_ends_with_all_steps_done_and_an_untouched_one_with_all_cached() -> None:
    built, again = (reduce(fold, recording.events(name), Trace()) for name in ("stages", "cached"))
    assert (built.total, built.completed, built.cached, built.running) == (13, 13, 0, {})
    assert (again.total, again.completed) == (13, 13)
    assert {step.state for step in again.steps if "[internal]" not in step.name} == {StepState.CACHED}
    assert len(built.warnings) == 1


def test_a_recorded_failure_names_the_step_that_failed_and_those_it_stopped() -> None:
    trace = reduce(fold, recording.events("failing"), Trace())
    (failed,) = trace.failed
    assert failed.error.endswith("exit code: 17")
    assert failed.log_tail(1) == ("part 24: größer 世界 🚀 not found",)
    assert trace.counts[StepState.CANCELED] == 1
