"""What displays cost grows in proportion to what they are shown: warnings, log lines, carriage returns, names."""

from __future__ import annotations

import time
import timeit
from typing import TYPE_CHECKING

import pytest

from llbfront.progress.cell_width import fit
from llbfront.progress.events import StatusEvent, Vertex, VertexLog, VertexWarning
from llbfront.progress.layout import Frame, live_rows
from llbfront.progress.logs import LineCutter, clean
from llbfront.progress.palette import PLAIN
from llbfront.progress.reports import warning_report
from llbfront.progress.trace import Trace, fold
from llbfront.source import LineRange, Source, Span, excerpt

if TYPE_CHECKING:
    from collections.abc import Callable

RUNNING = Vertex("a", "RUN x", started_ns=1)


def warnings(count: int) -> None:
    data = b"ENV a b\n" * 1000
    trace = fold(Trace(), StatusEvent((RUNNING,)))
    for line in range(count):
        source = Source("Dockerfile", bytes(bytearray(data)))  # each warning brings the file anew
        fold(trace, StatusEvent(warnings=(VertexWarning("a", f"warning {line}", source=source, ranges=(LineRange(line, line),)),)))
    assert len(trace.sources) == 1
    assert warning_report(trace, PLAIN).count("warning ") == count


def repeated_warnings(count: int) -> None:
    trace = Trace()
    for number in range(count):
        fold(trace, StatusEvent(warnings=(VertexWarning(str(number), "the same"),)))
    assert len(trace.warnings) == 1


def bytes_of_a_line(count: int) -> None:
    cutter = LineCutter(1)
    assert not [line for _ in range(count) for line in cutter.feed(b"x", 0)][1:]


def carriage_returns(count: int) -> None:
    assert len(LineCutter(1).feed(b"12%\r" * count, 0)) == count
    assert len(LineCutter(1, overwrites=True).feed(b"12%\r" * count + b"\n", 0)) == 1


def escapes(count: int) -> None:
    assert not clean(b"\x1b[1;2" * count + b"\x1b]8;;" * count + b"\x1b" * count).startswith("\x1b")


def long_name(count: int) -> None:
    trace = fold(Trace(), StatusEvent((Vertex("a", "RUN \n\x1b世界" * count, started_ns=1),)))
    fold(trace, StatusEvent(logs=(VertexLog("a", "世界".encode() * min(count, 10_000)),)))
    assert len(live_rows(trace, Frame(80, 24, 2, PLAIN))) == 3
    assert fit("世" * count, 10) == "世世世世…"


def lines_of_an_excerpt(count: int) -> None:
    span = Span(Source("Dockerfile", b"RUN x\n" * count), (LineRange(1, 2_000_000_000), *([LineRange(2, 9)] * 100)))
    assert excerpt(span).count(">>>") == count


@pytest.mark.parametrize(
    ("work", "count"),
    [
        (warnings, 1000), (repeated_warnings, 5000), (bytes_of_a_line, 15_000), (carriage_returns, 20_000), (escapes, 20_000),
        (long_name, 20_000), (lines_of_an_excerpt, 5000),
    ],
)  # fmt: skip
def test_cost_is_linear(work: Callable[[int], None], count: int) -> None:
    def seconds(amount: int) -> float:
        return min(timeit.repeat(lambda: work(amount), timer=time.process_time, number=1, repeat=3))

    assert seconds(4 * count) < 12 * max(seconds(count), 0.02)
