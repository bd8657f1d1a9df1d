"""The filter of conversion cases as a program: every line that holds something has its answer, at once and in order."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.differential import filters, subject
from tests.differential.subject import CRASH, answer, answer_line, answers

if TYPE_CHECKING:
    from tests.differential.filters import Answer

ALPINE = "docker.io/library/alpine:latest"
BROKEN = (
    "{",
    "[]",
    "{}[]",
    "null",
    '{"id": 5}',
    '{"dockerfile": 5}',
    '{"dockerfile": "FROM alpine", "opts": []}',
    '{"dockerfile": "FROM alpine", "opts": {"target": 1}}',
    '{"dockerfile": "FROM alpine", "images": {"alpine": "x"}}',
    '{"dockerfile": "FROM alpine", "dockerignore": {"context": 1}}',
    "[" * 200_000,
)
ODD = (
    {"id": "nothing"},
    {"id": "nulls", "dockerfile": None, "opts": None, "images": None, "caps": None, "dockerignore": None, "def": None},
    {"id": "null members", "dockerfile": "FROM alpine\n", "opts": {"build-arg:X": None}, "images": {ALPINE: None}},
    {"id": "null ignore", "dockerfile": "FROM alpine\nCOPY a b\n", "dockerignore": {"context": None}},
    {"id": "null answers", "dockerfile": "FROM alpine\n", "images": {ALPINE: {"digest": None, "error": None}}},
    {"id": "unknown members", "dockerfile": "FROM alpine\n", "more": {"a": 1}, "images": {ALPINE: {"more": 1}}},
    {"id": "caps", "dockerfile": "FROM alpine\nCOPY --link a b\n", "caps": "all,-mergeop,-no.such.cap,,"},
    {"id": "half a pair", "dockerfile": 'FROM alpine\nENV A="\ud800 \udc80"\n', "opts": {"label:\udfff": "\ud83d \U0001f600"}},
    {"id": "é\U0001f600", "dockerfile": "FROM alpine\nENV A=é\U0001f600\n"},
)


def test_each_answer_is_written_before_the_next_case_is_read() -> None:
    with subprocess.Popen(filters.subject(), cwd=filters.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for number in range(3):
            process.stdin.write(b'\n{"id":"%d","dockerfile":"FROM scratch"}\n' % number)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == str(number)
        process.stdin.close()
        assert not process.stdout.read()


@pytest.mark.parametrize("line", BROKEN)
def test_a_line_that_is_not_a_case_gets_an_error_and_does_not_stop_the_run(line: str) -> None:
    [broken, good] = map(json.loads, answers(iter((line, '{"id": "good", "dockerfile": "FROM scratch"}'))))
    assert broken["error"].startswith("not a case: ")
    assert (good["id"], good["error"]) == ("good", None)


def test_odd_cases_get_the_answer_of_the_reference() -> None:
    [theirs] = filters.ask(ODD, filters.oracle())
    assert [compared(answer_line(json.dumps(case))) for case in ODD] == [compared(each) for each in theirs]


def compared(answer: Answer) -> tuple[object, ...]:
    return answer["id"], bool(answer["error"]), answer.get("ops"), json.dumps(answer.get("image")), answer.get("meta") or None


def test_a_crash_is_an_answer_of_the_filter_and_an_exception_in_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: object) -> None:
        raise ZeroDivisionError("crashed")

    monkeypatch.setattr(subject, "build", crash)
    crashed = answer_line('{"id": "a", "dockerfile": "FROM scratch"}')
    assert (crashed["id"], crashed["error"][: len(CRASH)]) == ("a", CRASH)
    with pytest.raises(ZeroDivisionError, match="crashed"):
        answer({"dockerfile": "FROM scratch"})
