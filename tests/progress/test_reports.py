from functools import reduce

import attrs

from llbfront.progress.events import StatusEvent, Vertex, VertexWarning
from llbfront.progress.palette import PLAIN, read_palette
from llbfront.progress.reports import failure_report, warning_report
from llbfront.progress.trace import Trace, fold
from llbfront.source import LineRange, Source
from tests.progress import recording

SOURCE = Source("Dockerfile", b"FROM a\n\nfrom b as c\n  RUN x \\\n y\n")


def warned(*warnings: VertexWarning) -> Trace:
    return fold(Trace(), StatusEvent((Vertex("a"),), warnings=warnings))


def test_no_warnings_and_no_failures_say_nothing() -> None:
    assert warning_report(Trace(), PLAIN) == failure_report(Trace(), PLAIN, lines=10) == ""


def test_a_warning_shows_its_rule_its_line_and_where_to_read_more() -> None:
    warning = VertexWarning(
        "a", "FromAsCasing: mixed (line 3)", url="https://example.com/x", source=SOURCE, ranges=(LineRange(3, 3),)
    )
    assert warning_report(warned(warning), PLAIN) == (
        "\n 1 warning:\n - FromAsCasing: mixed (line 3)\n   Dockerfile:3 | from b as c\n   https://example.com/x\n"
    )


def test_several_warnings_are_counted_and_long_ranges_cut() -> None:
    first = VertexWarning("a", "One", source=SOURCE, ranges=(LineRange(2, 99),))
    second = VertexWarning("a", "Two", source=SOURCE, ranges=(LineRange(0, 0), LineRange(40, 41)))
    assert warning_report(warned(first, second, attrs.evolve(second, vertex="b")), PLAIN) == (
        "\n 2 warnings:\n - One\n   Dockerfile:2 |\n   Dockerfile:3 | from b as c\n   Dockerfile:4 |   RUN x \\\n - Two\n"
    )


def test_the_failed_step_is_named_in_red_above_its_last_lines() -> None:
    trace = reduce(fold, recording.events("failing"), Trace())
    report = failure_report(trace, read_palette({}), lines=2).splitlines()
    assert report[0] == report[-1] == "------"
    assert report[1].startswith("\x1b[31m > [broken 1/1] RUN")
    assert report[2] == "(23 earlier lines)"
    assert report[3].endswith(" checking part 24")
    assert report[4].endswith("part 24: größer 世界 🚀 not found")


def test_failed_steps_without_a_log_show_their_errors() -> None:
    vertices = tuple(
        Vertex(
            f"sha256:{name}",
            f"[{name} 1/1] COPY {name} /",
            (),
            1,
            2,
            error=f'rpc error: code = Unknown desc = "/{name}": not found',
        )
        for name in ("one", "two")
    )
    report = failure_report(fold(Trace(), StatusEvent(vertices)), PLAIN, lines=10).splitlines()
    rule = "------"
    assert report == [
        *(rule, " > [one 1/1] COPY one /:", '"/one": not found', rule),
        *(rule, " > [two 1/1] COPY two /:", '"/two": not found', rule),
    ]
