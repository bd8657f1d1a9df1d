"""Filters of build records, in the spelling of docker buildx or of BuildKit.

Source: dockerFiltersToBuildkit in commands/history/utils.go of docker/buildx; solver/llbsolver/history/filter.go of BuildKit.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from llbfront.client.control.filters import check_regexp
from llbfront.errors import OptionError
from llbfront.gostd.time import parse_duration
from llbfront.suggestions import suggestion

STATUSES = ("canceled", "completed", "error", "running")
TEXTS = ("ref", "repository", "status")
TIMES = ("completedAt", "duration", "startedAt")
_FILTER = re.compile(r"([^!=~<>]+)(==|!=|~=|<=|>=|=|<|>)(.*)", re.DOTALL)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def parse_history_filters(texts: Iterable[str]) -> tuple[str, ...]:
    """Return filters, all of which must hold, as the engine reads them. Raises: OptionError."""
    conditions = [_condition(text) for text in texts if text.strip()]
    if not conditions:
        return ()
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(conditions)
    return (line.getvalue(),)


def split_condition(condition: str) -> tuple[str, str, str]:
    """Split a condition of `parse_history_filters` into name, operator and value."""
    match = _FILTER.fullmatch(condition)
    assert match is not None
    return match[1], match[2], match[3]


def _condition(text: str) -> str:
    match = _FILTER.fullmatch(text.strip())
    name = match[1].strip() if match else text
    if match is None or name not in (*TEXTS, *TIMES):
        hint = suggestion(name, (*TEXTS, *TIMES)) or f"one of {', '.join((*TEXTS, *TIMES))}, such as status=error or startedAt>24h"
        raise OptionError(f"build records cannot be filtered by {text!r}", hint=hint)
    operator, value = match[2], match[3].strip()
    is_time = name in TIMES
    if is_time != (operator in {"<", "<=", ">", ">="}):
        operators = "<, <=, > and >=" if is_time else "=, != and ~="
        raise OptionError(f"the filter {name} takes {operators}, not {operator}")
    _check_value(name, operator, value)
    if operator == "=":
        operator = "==" if name == "status" else "~="
    return f"{name}{operator}{value}"


def _check_value(name: str, operator: str, value: str) -> None:
    if operator == "~=":
        check_regexp(f"the filter {name}", value)
    if name == "status" and operator != "~=" and value not in STATUSES:
        raise OptionError(f"there is no status {value!r}", hint=suggestion(value, STATUSES) or f"one of {', '.join(STATUSES)}")
    if name in TIMES and not _is_time(name, value):
        example = "a duration such as 5m" if name == "duration" else "a time such as 2026-01-31T12:00:00Z, or an age such as 24h"
        raise OptionError(f"the filter {name} takes {example}, not {value!r}")


def _is_time(name: str, value: str) -> bool:
    try:
        parse_duration(value)
    except ValueError:
        return name != "duration" and bool(_TIME.fullmatch(value))
    return True
