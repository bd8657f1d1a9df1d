"""How many builds run at the same time, and what a failure stops."""

from __future__ import annotations

import pytest

from llbfront.client.request.jobs import Jobs, read_jobs
from llbfront.errors import OptionError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Jobs("fail-fast", 0)), ("2", Jobs("fail-fast", 2)), (3, Jobs("fail-fast", 3)), ("0", Jobs("fail-fast", 0)),
        ("parallel=4", Jobs("fail-fast", 4)), ("defer-output", Jobs("defer-output", 0)), ("defer-error,parallel=2", Jobs("defer-error", 2)),
        ("mode=fail-fast", Jobs("fail-fast", 0)), (" parallel=1 , mode=defer-error ", Jobs("defer-error", 1)), ("PARALLEL=1", Jobs("fail-fast", 1)),
    ],
)  # fmt: skip
def test_jobs(text: str | int, expected: Jobs) -> None:
    assert read_jobs(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "many",
        "-1",
        "parallel=x",
        "parallel=-1",
        "parallel=",
        "mode=fast",
        "size=3",
        "1,2",
        "parallel=1,parallel=2",
        "fail-fast,defer-error",
    ],
)
def test_wrong_jobs(text: str) -> None:
    with pytest.raises(OptionError):
        read_jobs(text)
