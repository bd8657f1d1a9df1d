"""Decide `when` conditions of steps as far as the variables are known.

Source: the documentation of Codefresh pipelines (conditional execution of steps).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from llbfront.bake.codefresh.variables import REFERENCE, expand

BRANCH = "CF_BRANCH"
FUNCTIONS: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "trim": str.strip,
    "length": lambda text: str(len(text)),
    "string": str,
}
_OPERATOR = re.compile("[=!]=")
_CALL = re.compile(r"([a-z]+)\((.*)\)")
_FLAGS = {"true": re.IGNORECASE, "false": re.NOFLAG}
_MAX_DEPTH = 100


def decide(when: Any, variables: Mapping[str, str]) -> bool | None:
    """Return whether a step runs, or None if that depends on unknown values."""
    if not isinstance(when, dict):
        return True
    decisions = []
    if isinstance(when.get("branch"), dict):
        decisions.append(_branch(when["branch"], variables.get(BRANCH)))
    if isinstance(when.get("condition"), dict):
        condition = when["condition"]
        decisions.append(_all(_expression(text, variables) for text in (condition.get("all") or {}).values()))
        if condition.get("any"):
            decisions.append(_any(_expression(text, variables) for text in condition["any"].values()))
    return _all(decisions)


def _all(decisions: Iterable[bool | None]) -> bool | None:
    decided = list(decisions)
    return False if False in decided else None if None in decided else True


def _any(decisions: Iterable[bool | None]) -> bool | None:
    decided = list(decisions)
    return True if True in decided else None if None in decided else False


def _branch(rule: Mapping[str, Any], branch: str | None) -> bool | None:
    if branch is None:
        return None
    only, ignored = rule.get("only"), rule.get("ignore")
    if only is not None and not any(_matches(pattern, branch) for pattern in _listed(only)):
        return False
    return not any(_matches(pattern, branch) for pattern in _listed(ignored))


def _listed(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [] if value is None else [str(value)]


def _matches(pattern: str, branch: str) -> bool:
    """Return whether a branch matches a pattern: its name, or a regular expression between slashes."""
    if not pattern.startswith("/"):
        return pattern == branch
    body, _, flags = pattern[1:].rpartition("/")
    try:
        return re.search(body, branch, re.IGNORECASE if "i" in flags else 0) is not None
    except re.error:
        return False


def _expression(text: Any, variables: Mapping[str, str]) -> bool | None:
    """Decide an expression: comparisons of strings, joined by && and ||."""
    if isinstance(text, bool):
        return text
    expanded = expand(str(text), variables).strip()
    if REFERENCE.search(expanded):
        return None
    if "||" in expanded:
        return _any(_expression(part, variables) for part in expanded.split("||"))
    if "&&" in expanded:
        return _all(_expression(part, variables) for part in expanded.split("&&"))
    if expanded in {"true", "false"}:
        return expanded == "true"
    return _comparison(expanded)


def _comparison(text: str) -> bool | None:
    """Decide `match(subject, pattern, ignore case)`, or a comparison of two values."""
    call = _CALL.fullmatch(text)
    if call and call[1] == "match":
        return _match(call[2])
    operator = _OPERATOR.search(text, 1)
    if operator is None:
        return None
    left, right = _operand(text[: operator.start()]), _operand(text[operator.end() :])
    if left is None or right is None:
        return None
    return (left == right) is (operator[0] == "==")


def _match(arguments: str) -> bool | None:
    first, _, rest = arguments.partition(",")
    second, _, ignores_case = rest.rpartition(",")
    subject, pattern, flags = _operand(first), _operand(second), _FLAGS.get(ignores_case.strip())
    if subject is None or pattern is None or flags is None:
        return None
    try:
        return re.search(pattern, subject, flags) is not None
    except re.error:
        return None


def _operand(text: str) -> str | None:
    """Return the value of a quoted text, a number, or function calls on these; None if it cannot be decided."""
    text = text.strip()
    functions: list[Callable[[str], str]] = []
    while (call := _CALL.fullmatch(text)) and call[1] in FUNCTIONS:
        if len(functions) == _MAX_DEPTH:
            return None
        functions.append(FUNCTIONS[call[1]])
        text = call[2].strip()
    value = _literal(text)
    return value if value is None else functools.reduce(lambda result, function: function(result), reversed(functions), value)


def _literal(text: str) -> str | None:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text if re.fullmatch(r"-?\d+(\.\d+)?|true|false", text) else None
