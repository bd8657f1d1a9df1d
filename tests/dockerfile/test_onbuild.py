"""ONBUILD triggers: text that becomes an instruction at the FROM that fires it."""

import pytest

from llbfront.dockerfile.instructions import Copy
from llbfront.dockerfile.onbuild import parse_trigger
from llbfront.dockerfile.statements import Heredoc
from llbfront.errors import DockerfileError
from llbfront.source import LineRange, Source


def test_a_trigger_stands_where_its_from_stands() -> None:
    source = Source("Dockerfile", b"# escape=`\nFROM a\n")
    instruction = parse_trigger("COPY a\\ \\\n b <<E /x\nc\nE", source=source, range=LineRange(2, 2))
    assert instruction == Copy(instruction.statement, ("a\\", "b"), "/x", (Heredoc("E", "c\n"),))
    assert instruction.range == LineRange(2, 2)


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        ("RUN a\nRUN b", "onbuild trigger should be a single expression"),
        ("FROM a", "*instructions.Stage is not a command type"),
        ("RNU a", "unknown instruction: RNU"),
        ("CMDß a", "unknown instruction: CMDß"),
        ("ENV a", "ENV must have two arguments"),
        ("", "file with no instructions"),
    ],
)
def test_bad_triggers_are_errors_at_the_from(trigger: str, message: str) -> None:
    source = Source("Dockerfile", b"FROM a\n")
    with pytest.raises(DockerfileError) as caught:
        parse_trigger(trigger, source=source, range=LineRange(7, 7))
    assert caught.value.message == message
    assert str(caught.value.span) == "Dockerfile:7"
