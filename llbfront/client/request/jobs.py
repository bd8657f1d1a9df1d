"""How builds that run together are scheduled, and what happens when one fails.

Source: parseBakeJobs in commands/bake.go of docker/buildx.
"""

from __future__ import annotations

import attrs

from llbfront.client.buildflags.csv import fields
from llbfront.errors import OptionError
from llbfront.gostd.strconv import parse_int

FAIL_FAST, DEFER_OUTPUT, DEFER_ERROR = MODES = ("fail-fast", "defer-output", "defer-error")
HINT = f"N, or one of {', '.join(MODES)}, and parallel=N"


@attrs.frozen
class Jobs:
    """The schedule of builds.

    Attributes:
        mode: `fail-fast` cancels the others when a build fails, `defer-output` exports nothing before all builds have succeeded,
            `defer-error` lets the others end.
        parallel: how many builds run at the same time; 0 means all.
    """

    mode: str = FAIL_FAST
    parallel: int = 0


def read_jobs(text: str | int) -> Jobs:
    """Read `N`, `MODE`, `MODE,parallel=N` and the like. Raises: OptionError.

    >>> read_jobs("defer-error,parallel=2")
    Jobs(mode='defer-error', parallel=2)
    """
    text = str(text).strip()
    values: dict[str, str] = {}
    for field in fields(f"parallel={text}" if text.lstrip("+-").isdigit() else text):
        left, equals, right = (part.strip() for part in field.partition("="))
        key, value = (left.lower(), right) if equals else ("mode", left)
        if key in values:
            raise OptionError(f"{key} is given twice in the jobs {text}", hint=HINT)
        values[key] = value
    for key in values:
        if key not in {"mode", "parallel"}:
            raise OptionError(f"unknown jobs option {key}", hint=HINT)
    mode, parallel = values.get("mode", FAIL_FAST), values.get("parallel", "0")
    if mode not in MODES:
        raise OptionError(f"unknown jobs mode {mode}", hint=HINT)
    number = parse_int(parallel) if parallel.isdigit() else None
    if number is None:
        raise OptionError(f"{parallel} is not a number of jobs", hint=HINT)
    return Jobs(mode, number)
