from functools import reduce

from llbfront.progress.events import ProgressGroup, StatusEvent, Vertex
from llbfront.progress.timings import Overlap, overlaps, stage_timings, step_timings
from llbfront.progress.trace import Trace, fold
from tests.progress import recording


def trace(*steps: tuple[str, int, int | None]) -> Trace:
    vertexes = tuple(Vertex(name, name, started_ns=start, completed_ns=stop) for name, start, stop in steps)
    return fold(Trace(), StatusEvent(vertexes=vertexes))


def test_every_step_that_started_has_a_timing() -> None:
    first, second = step_timings(trace(("[internal] load .dockerignore", 5, 9), ("[a 1/1] RUN x", 6, None)))
    assert (first.name, first.duration_ns, first.completed_ns) == ("[internal] load .dockerignore", 4, 9)
    assert (second.duration_ns, second.completed_ns) == (0, None)


def test_steps_belong_to_the_stage_and_platform_in_their_name() -> None:
    timings = stage_timings(
        trace(
            ("[internal] load metadata for docker.io/library/golang:1", 0, 1),
            ("[linux/amd64 build  1/10] FROM golang", 1, 2),
            ("[linux/amd64 build 10/10] RUN go build", 5, 9),
            ("[linux/amd64->arm64 build 1/2] RUN x", 3, 4),
            ("[1/2] FROM alpine", 4, 5),
        )
    )
    assert [(stage.stage, stage.platform, stage.steps, stage.intervals) for stage in timings] == [
        ("build", "linux/amd64", 2, ((1, 2), (5, 9))),
        ("build", "linux/amd64->arm64", 1, ((3, 4),)),
        ("", "", 1, ((4, 5),)),
    ]


def test_overlaps_are_what_two_stages_spent_at_the_same_time() -> None:
    timings = overlaps(
        trace(("[a 1/2] RUN x", 0, 10), ("[a 2/2] RUN y", 20, 30), ("[b 1/1] RUN z", 5, 25), ("[c 1/1] COPY w", 40, 50))
    )
    assert timings == (Overlap("a", "b", 10),)


def test_a_step_that_still_runs_does_not_hide_those_that_ended() -> None:
    assert overlaps(trace(("[a 1/2] RUN x", 0, None), ("[a 2/2] RUN y", 2, 6), ("[b 1/1] RUN z", 4, 9))) == (Overlap("a", "b", 2),)


def test_the_recorded_stages_ran_at_the_same_time() -> None:
    (longest, *_) = overlaps(reduce(fold, recording.events("stages"), Trace()))
    assert {longest.first, longest.second} == {"web", "server"}
    assert longest.duration_ns > 1_500_000_000


def test_a_group_of_vertices_has_the_digest_of_the_one_that_works() -> None:
    weak, strong = (ProgressGroup("g", "COPY --link", weak) for weak in (True, False))
    vertexes = (
        Vertex("merge", "LINK COPY", started_ns=2, completed_ns=3, progress_group=weak),
        Vertex("copy", "COPY", started_ns=1, completed_ns=2, progress_group=strong),
        Vertex("run", "RUN", started_ns=4, completed_ns=5),
    )
    timings = step_timings(fold(Trace(), StatusEvent(vertexes=vertexes)))
    assert [(timing.digest, timing.digests) for timing in timings] == [("copy", ("merge", "copy")), ("run", ("run",))]
