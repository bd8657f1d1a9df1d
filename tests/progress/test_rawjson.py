import json

import pytest

from llbfront.progress.events import StatusEvent, Vertex, VertexLog, VertexStatus
from llbfront.progress.rawjson import RawJSONDisplay, encode_event
from tests.progress import recording


@pytest.mark.parametrize("name", ["stages", "cached", "failing", "multi", "export"])
def test_recorded_lines_come_back_byte_for_byte(name: str) -> None:
    lines = [line for line in recording.lines(name) if "warnings" not in json.loads(line)]
    assert lines
    assert [encode_event(recording.decode(json.loads(line))) for line in lines] == lines


def test_a_warning_comes_back_without_the_graph_of_its_source() -> None:
    (message,) = [message for line in recording.lines("stages") if "warnings" in (message := json.loads(line))]
    del message["warnings"][0]["sourceInfo"]["definition"]
    assert json.loads(encode_event(recording.decode(message))) == message


def test_what_go_writes_even_when_empty() -> None:
    event = StatusEvent(statuses=(VertexStatus("s", "v"),), logs=(VertexLog("v"),))
    assert encode_event(event) == (
        '{"statuses":[{"id":"s","vertex":"v","current":0,"timestamp":"1970-01-01T00:00:00Z"}],'
        '"logs":[{"vertex":"v","stream":1,"data":null,"timestamp":"1970-01-01T00:00:00Z"}]}'
    )
    assert encode_event(StatusEvent()) == "{}"


def test_text_is_escaped_as_go_does() -> None:
    name = "a < b && c > \u2028 ü 🚀 \x01"
    line = encode_event(StatusEvent(vertexes=(Vertex("v", name),)))
    assert r"a \u003c b \u0026\u0026 c \u003e \u2028 ü 🚀 \u0001" in line
    assert json.loads(line)["vertexes"][0]["name"] == name


def test_each_event_is_a_line_and_the_end_says_nothing() -> None:
    written: list[str] = []
    display = RawJSONDisplay(written.append)
    for event in recording.events("failing"):
        display.update(event)
    display.finish(RuntimeError())
    assert len(written) == len(recording.events("failing"))
    assert all(line.endswith("}\n") and line.count("\n") == 1 for line in written)
    assert len(display.trace.failed) == 1
