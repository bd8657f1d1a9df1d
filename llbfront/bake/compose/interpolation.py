"""Variables in Compose files: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+other}`, `$$`.

Source: template/template.go of compose-spec/compose-go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from llbfront.errors import BakeError

_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_OPERATORS = (":?", ":-", ":+", "?", "-", "+")


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """Put the values of variables in place of their names; unset ones are empty. Raises BakeError."""
    parts: list[str] = []
    position = 0
    while (dollar := text.find("$", position)) >= 0:
        parts.append(text[position:dollar])
        value, position = _variable(text, dollar, variables)
        parts.append(value)
    return "".join([*parts, text[position:]])


def _variable(text: str, dollar: int, variables: Mapping[str, str]) -> tuple[str, int]:
    """The value of the variable at a dollar sign, and where the text goes on."""
    following = text[dollar + 1 : dollar + 2]
    if following == "$":
        return "$", dollar + 2
    if following == "{":
        end = _closing_brace(text, dollar + 1)
        if end < 0:
            raise BakeError(f'invalid interpolation format "{text}"', hint="write $$ for a dollar sign")
        return _braced(text[dollar + 2 : end], text, variables), end + 1
    match = _NAME.match(text, dollar + 1)
    if match is None:
        return "$", dollar + 1
    return variables.get(match[0], ""), match.end()


def _closing_brace(text: str, start: int) -> int:
    depth = 0
    for position in range(start, len(text)):
        if text[position] == "{":
            depth += 1
        elif text[position] == "}":
            depth -= 1
            if depth == 0:
                return position
    return -1


def _braced(inside: str, text: str, variables: Mapping[str, str]) -> str:
    match = _NAME.match(inside)
    if match is None:
        raise BakeError(f'invalid interpolation format "{text}"', hint="write $$ for a dollar sign")
    name, rest = match[0], inside[match.end() :]
    if not rest:
        return variables.get(name, "")
    operator = next((each for each in _OPERATORS if rest.startswith(each)), None)
    if operator is None:
        raise BakeError(f'invalid interpolation format "{text}"', hint="write $$ for a dollar sign")
    value = variables.get(name)
    is_set = value is not None and (bool(value) or not operator.startswith(":"))
    return _RULES[operator[-1]](name, value if is_set else None, rest[len(operator) :], variables)


def _default(_name: str, value: str | None, default: str, variables: Mapping[str, str]) -> str:
    return substitute(default, variables) if value is None else value


def _other(_name: str, value: str | None, other: str, variables: Mapping[str, str]) -> str:
    return "" if value is None else substitute(other, variables)


def _required(name: str, value: str | None, message: str, variables: Mapping[str, str]) -> str:
    if value is None:
        reason = substitute(message, variables)
        raise BakeError(f"required variable {name} is missing a value" + (f": {reason}" if reason else ""))
    return value


_RULES: dict[str, Callable[[str, str | None, str, Mapping[str, str]], str]] = {"-": _default, "+": _other, "?": _required}
