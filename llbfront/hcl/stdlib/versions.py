"""semvercmp: whether a version satisfies a constraint such as `>= 1.2, < 2` or `^1.4 || ~2.0.1`.

Source: Masterminds/semver.
"""

from __future__ import annotations

import re

import attrs

from llbfront.hcl.functions import Function, FunctionError, function
from llbfront.hcl.types import STRING
from llbfront.hcl.values import Value, boolean

_SUFFIX = r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
_VERSION = re.compile(rf"v?(?P<major>\d+)(?:\.(?P<minor>\d+))?(?:\.(?P<patch>\d+))?{_SUFFIX}")
_WILD = r"(?:\d+|[xX*])"
_CONSTRAINT = re.compile(
    rf"\s*+(?P<operator>!=|>=|=>|<=|=<|~>|[=<>~^]|)\s*+v?(?P<major>{_WILD})(?:\.(?P<minor>{_WILD}))?(?:\.(?P<patch>{_WILD}))?{_SUFFIX}\s*+,?"
)
_RANGE = re.compile(r"(?<!\S)(\S++)\s++-\s++(\S++)")


@attrs.frozen
class _Version:
    numbers: tuple[int, int, int]
    pre: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """The order of versions: a prerelease comes before its release, numbers before words."""
        parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.pre.split(".")) if self.pre else ()
        return (self.numbers, not self.pre, parts)


@attrs.frozen
class _Constraint:
    """An operator and a version, of which the first `given` numbers were written."""

    operator: str
    version: _Version
    part_count: int


def _parse_version(text: str) -> _Version:
    match = _VERSION.fullmatch(text)
    if match is None:
        raise FunctionError("invalid semantic version")
    return _Version((int(match["major"]), int(match["minor"] or 0), int(match["patch"] or 0)), match["pre"] or "")


def _parse_constraints(text: str) -> list[_Constraint]:
    text = _RANGE.sub(r">= \1, <= \2", text)
    constraints: list[_Constraint] = []
    position = 0
    while position < len(text) or not constraints:
        match = _CONSTRAINT.match(text, position) if text.strip() else None
        if match is None:
            if not text.strip():
                return [_Constraint("", _Version((0, 0, 0)), 0)]
            raise FunctionError(f"improper constraint: {text}")
        position = match.end()
        numbers: list[int] = []
        for part in ("major", "minor", "patch"):
            if match[part] is None or not match[part].isdigit():
                break
            numbers.append(int(match[part]))
        padded = (*numbers, 0, 0, 0)
        constraints.append(_Constraint(match["operator"], _Version(padded[:3], match["pre"] or ""), len(numbers)))  # type: ignore[arg-type]
    return constraints


def _tilde(version: _Version, constraint: _Constraint) -> bool:
    if version.key < constraint.version.key:
        return False
    if constraint.version.numbers == (0, 0, 0) and constraint.part_count in {0, 3}:
        return True
    same = min(max(constraint.part_count, 1), 2)
    return version.numbers[:same] == constraint.version.numbers[:same]


def _caret(version: _Version, constraint: _Constraint) -> bool:
    if version.key < constraint.version.key:
        return False
    if constraint.part_count == 0:
        return True
    leading = next(
        (index for index, value in enumerate(constraint.version.numbers[: constraint.part_count]) if value),
        constraint.part_count - 1,
    )
    return version.numbers[: leading + 1] == constraint.version.numbers[: leading + 1]


def _satisfies(version: _Version, constraint: _Constraint) -> bool:
    operator, part_count = constraint.operator, constraint.part_count
    key, other = version.key, constraint.version.key
    prefix, other_prefix = version.numbers[:part_count], constraint.version.numbers[:part_count]
    if operator in {"~", "~>"} or (operator in {"", "="} and part_count < 3):
        return _tilde(version, constraint)
    if operator == "^":
        return _caret(version, constraint)
    if operator in {"", "="}:
        return key == other
    if operator == "!=":
        return prefix != other_prefix if part_count < 3 else key != other
    if operator == ">":
        return prefix > other_prefix if part_count < 3 else key > other
    if operator == "<":
        return key < other
    if operator in {">=", "=>"}:
        return key >= other
    return prefix <= other_prefix if part_count < 3 else key <= other


@function(STRING, STRING)
def semver_compare(version: Value, contraint: Value) -> Value:
    parsed = _parse_version(version.data)
    for alternative in contraint.data.split("||"):
        constraints = _parse_constraints(alternative)
        allows_prerelease = not parsed.pre or any(constraint.version.pre for constraint in constraints)
        if allows_prerelease and all(_satisfies(parsed, constraint) for constraint in constraints):
            return boolean(True)
    return boolean(False)


FUNCTIONS: dict[str, Function] = {"semvercmp": semver_compare}
