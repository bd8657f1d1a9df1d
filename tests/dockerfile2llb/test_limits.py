"""What multiplies beyond any use ends with an error that names the line, and what is merely large does not."""

from __future__ import annotations

import pytest

import llbfront
from llbfront.errors import LlbfrontError

LARGE = "x" * 50_000


@pytest.mark.parametrize(
    ("dockerfile", "line", "message"),
    [
        (f"FROM scratch\nENV A={LARGE}\n" + "LABEL l=$A\n" * 2100, 2016, "variables expand to more than 96 MiB"),
        (f"FROM scratch\nWORKDIR /{LARGE}\n" + "COPY a b\n" * 2800, None, "paths and history take more than 128 MiB"),
        ("FROM scratch\n" + "EXPOSE 0-65535\n" * 1000, None, "paths and history take more than 128 MiB"),
        (f"FROM scratch\nARG A={LARGE}\n" + f"LABEL l=${{A//{'?' * 2000}/y}}\n" * 20, None, "patterns take too long to find"),
    ],
    ids=["variables", "paths", "ports", "patterns"],
)
def test_what_multiplies_is_refused(dockerfile: str, line: int | None, message: str) -> None:
    with pytest.raises(LlbfrontError) as refused:
        llbfront.convert(dockerfile)
    assert message in str(refused.value)
    assert refused.value.span is not None
    assert line is None or refused.value.span.line == line


def test_what_is_large_is_not() -> None:
    dockerfile = (
        f"FROM scratch\nENV A={LARGE}\nWORKDIR /{LARGE}\n" + "LABEL l=$A\n" * 500 + "COPY a b\n" * 500 + "EXPOSE 1-9999\n" * 100
    )
    assert len(llbfront.convert(dockerfile).nodes) > 500
