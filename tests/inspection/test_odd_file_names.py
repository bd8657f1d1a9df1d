"""Reports about files whose names have line breaks and control characters: each row stays one line."""

import pathlib

import pytest

from llbfront.inspection import IgnoreRules, affected, ignored, inputs_report
from llbfront.printable import visible_rows
from llbfront.scripting import convert

ODD = "a\nstage-0: not affected\x1b[1m\u2028b"
SHOWN = r"a\nstage-0: not affected\x1b[1m\u2028b"


def test_rows_stay_lines() -> None:
    assert visible_rows(["head", ODD, ""]) == f"head\n{SHOWN}\n"


def test_ignored() -> None:
    assert ignored.to_text(IgnoreRules.parse(b"", ".dockerignore").decide(ODD)) == f"{SHOWN}: not ignored, no rule matches"


def test_affected() -> None:
    cause = affected.Cause(affected.FILE, path=ODD, stage="stage-0", line=2, instruction="COPY . /x")
    assert affected.to_text({"stage-0": [cause]}) == f"stage-0: affected\n  {SHOWN} changed: stage-0:2 COPY . /x"


@pytest.mark.parametrize("source", [".", "a*"])
def test_inputs(source: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM scratch\nCOPY {source} /\n")
    (tmp_path / ODD).write_text("x")
    text = inputs_report.to_text(convert(tmp_path).inputs(), ())
    assert f"  {SHOWN}  1 B" in text.splitlines()
