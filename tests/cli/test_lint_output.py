"""Answers to `frontend.lint`, which may come from a custom frontend."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from llbfront.cli.lint_output import read_answer, show_text
from llbfront.errors import FrontendError

RANGES = [{"start": {"line": 2}, "end": {"line": 2}}]
SOURCE = {"filename": "site.txt", "data": base64.b64encode(b"one\ntwo\n").decode()}


def answer(document: Any) -> dict[str, str]:
    return {"result.json": json.dumps(document)}


ANSWERS: dict[str, tuple[Any, int, str | None]] = {
    "nothing": ({}, 0, None),
    "null": (None, 0, None),
    "no warnings": ({"warnings": None}, 0, None),
    "two warnings": ({"warnings": [{}, {"ruleName": "A"}]}, 2, None),
    "an error without a place": ({"buildError": {"message": "bad"}}, 0, "bad"),
    "an error without sources": ({"buildError": {"message": "bad", "location": {"ranges": RANGES}}}, 0, "bad"),
    "an error with a place": (
        {"warnings": [], "sources": [SOURCE], "buildError": {"message": "bad", "location": {"ranges": RANGES}}},
        0,
        "site.txt:2: bad",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_gives_a_count_and_an_error(name: str) -> None:
    document, count, message = ANSWERS[name]
    findings, error = read_answer(answer(document))
    assert findings == count
    assert (None if error is None else str(error)) == message


LOCATION = {"ranges": RANGES, "sourceIndex": 0}
INVALID: dict[str, tuple[dict[str, str], str]] = {
    "no member": ({}, "the frontend answered without result.json (return it as metadata 'result.json')"),
    "no JSON": ({"result.json": "{"}, "invalid result.json: it is not JSON"),
    "a list": (answer([]), "invalid result.json: it is not an object"),
    "warnings of another type": (answer({"warnings": 3}), "warnings is not a list"),
    "a warning of another type": (answer({"warnings": [3]}), "warnings[0] is not an object"),
    "an error of another type": (answer({"buildError": "x"}), "buildError is not an object"),
    "a message of another type": (answer({"buildError": {"message": 3}}), "buildError.message is not a string"),
    "a line of another type": (
        answer({"sources": [SOURCE], "buildError": {"location": {"ranges": [{"start": {"line": "2"}}]}}}),
        "start.line is not a 64-bit integer",
    ),
    "a source that is not there": (
        answer({"sources": [SOURCE], "buildError": {"location": {**LOCATION, "sourceIndex": 1}}}),
        "sourceIndex is not the number of a source",
    ),
    "a negative source": (
        answer({"sources": [SOURCE], "buildError": {"location": {**LOCATION, "sourceIndex": -1}}}),
        "sourceIndex is not the number of a source",
    ),
    "data that is not base64": (
        answer({"sources": [{**SOURCE, "data": "a"}], "buildError": {"location": LOCATION}}),
        "sources[0].data is not base64",
    ),
}


@pytest.mark.parametrize("name", INVALID)
def test_an_answer_that_is_none_is_one_clear_error(name: str) -> None:
    metadata, message = INVALID[name]
    with pytest.raises(FrontendError) as caught:
        read_answer(metadata)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("count", "is_failed", "text"),
    [
        (0, False, "Check complete, no warnings found.\n"),
        (0, True, ""),
        (1, False, "Check complete, 1 warning has been found!\nA"),
        (2, True, "Check complete, 2 warnings have been found!\nA\n"),
    ],
)
def test_the_number_of_findings_is_printed(capsys: pytest.CaptureFixture[str], count: int, is_failed: bool, text: str) -> None:
    show_text("A", count, is_failed=is_failed)
    assert capsys.readouterr().out == text
