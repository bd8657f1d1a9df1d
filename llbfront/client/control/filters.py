"""Filters of cache records: the spellings of docker buildx and of buildctl, as the engine reads them.

Source: toBuildkitPruneInfo in commands/prune.go of docker/buildx; adaptUsageInfo in cache/manager.go of BuildKit.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable

import attrs

from llbfront.client.control.sizes import duration_ns
from llbfront.errors import OptionError
from llbfront.suggestions import suggestion

FIELDS = ("description", "id", "immutable", "inuse", "mutable", "parents", "private", "shared", "type")
AGES = ("unused-for", "until")
_FIELD = re.compile(r"\s*([A-Za-z-]+)\s*(?=$|==|!=|~=|=)")
_ASSIGNMENT = re.compile(r"\s*([A-Za-z-]+)\s*=(?!=)(.*)", re.DOTALL)
# What is wrong in the regular expressions of Go, too.
_BAD_EVERYWHERE = re.compile("missing \\)|unbalanced|unterminated|nothing to repeat|bad character range")
_BARE_VALUE = re.compile(r"[A-Za-z0-9._:/-]+")


@attrs.frozen
class Filters:
    """A selection of records: all conditions of `text` hold, and the last use is at least `unused_ns` ago."""

    text: str = ""
    unused_ns: int = 0

    @property
    def texts(self) -> tuple[str, ...]:
        """The filters as requests hold them."""
        return (self.text,) if self.text else ()


def parse_filters(texts: Iterable[str], *, ages: Iterable[str] = AGES) -> Filters:
    """Read filters, all of which must hold.

    `KEY=VALUE` is the form of docker buildx: letter case of the key and spaces around the value do not matter, `id=…` takes a part of an
    ID, and `until=DURATION` selects records that were not used for that long. `KEY`, `KEY==VALUE`, `KEY!=VALUE` and `KEY~=REGEXP`, with
    commas between conditions, are the form of buildctl.

    Raises:
        OptionError: a filter names no field, or no duration.
    """
    conditions: list[str] = []
    unused: list[tuple[str, str]] = []
    for text in texts:
        assignment = _ASSIGNMENT.fullmatch(text)
        if assignment and (key := assignment[1].lower()) in ages:
            unused.append((key, assignment[2].strip()))
        elif text.strip():
            conditions.append(_condition(text))
    if len(unused) > 1:
        raise OptionError("only one of the filters until=… and unused-for=… can be used")
    if not unused:
        return Filters(",".join(conditions), 0)
    key, value = unused[0]
    return Filters(",".join(conditions), duration_ns(value, f"the filter {key}="))


def _condition(text: str) -> str:
    """Return one filter in the form of the engine."""
    if assignment := _ASSIGNMENT.fullmatch(text):
        return _equal(assignment[1].lower(), assignment[2].strip())
    for part in [text] if '"' in text else text.split(","):
        _check_field(part)
    return text


def _equal(key: str, value: str) -> str:
    """Return the condition `KEY=VALUE` in the form of the engine. Other conditions may follow the value, as in `type=regular,mutable`."""
    _check_field(key)
    first, *others = value.split(",")
    if any(_field_name(part) not in FIELDS for part in others):
        first, others = value, []
    operator = "~=" if key == "id" else "=="
    return ",".join([f"{key}{operator}{_quoted(first.strip())}", *map(_condition, others)])


def check_regexp(subject: str, expression: str) -> None:
    """Refuse a regular expression that engines cannot read: they would select nothing, without a word. Raises: OptionError."""
    try:
        with warnings.catch_warnings(action="ignore"):
            re.compile(expression)
    except (RecursionError, OverflowError):
        raise OptionError(f"{subject} has a regular expression that is too large") from None
    except re.error as error:
        if _BAD_EVERYWHERE.match(error.msg):
            raise OptionError(f"{subject} has a bad regular expression {expression!r}: {error.msg}") from None


def _check_field(part: str) -> None:
    name, operator, expression = part.partition("~=")
    if operator and '"' not in expression:
        check_regexp(f"the filter {name.strip()}", expression)
    name = _field_name(part)
    if name not in FIELDS:
        hint = suggestion(name, (*FIELDS, *AGES)) or f"one of {', '.join((*AGES, *FIELDS))}"
        raise OptionError(f"a filter cannot select by {name!r}", hint=hint)


def _field_name(part: str) -> str:
    """Return the field that a condition begins with, the whole text if that is no condition."""
    match = _FIELD.match(part)
    return match[1] if match else part


def _quoted(value: str) -> str:
    """Return a value as the engine reads it: quoted if it has characters that mean something in a filter."""
    if _BARE_VALUE.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
