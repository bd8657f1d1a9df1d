"""Variables in Compose files: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+other}`, `$$`.

Source: template/template.go of compose-spec/compose-go.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping

import attrs

from llbfront.errors import BakeError

_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_BRACE = re.compile("[{}]")
_OPERATORS = (":?", ":-", ":+", "?", "-", "+")


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """Replace variables by their values; unset ones are empty. Raises: BakeError."""
    return _Template(text, variables).expand(0, len(text)) if "$" in text else text


@attrs.define
class _Template:
    """A string with variables. Its parts are read in place, so that nested ones are not read again at each level."""

    text: str
    variables: Mapping[str, str]

    def expand(self, start: int, end: int) -> str:
        """Replace the variables in the text between two offsets. Raises: BakeError."""
        parts: list[str] = []
        position = start
        while (dollar := self.text.find("$", position, end)) >= 0:
            parts.append(self.text[position:dollar])
            value, position = self._variable(dollar, end)
            parts.append(value)
        return "".join([*parts, self.text[position:end]])

    def _variable(self, dollar: int, end: int) -> tuple[str, int]:
        """Return the value of the variable at a dollar sign, and the offset after it."""
        following = self.text[dollar + 1 : min(dollar + 2, end)]
        if following == "$":
            return "$", dollar + 2
        if following == "{":
            closing = self._closing_braces.get(dollar + 1)
            if closing is None:
                raise self._invalid()
            return self._braced(dollar + 2, closing), closing + 1
        match = _NAME.match(self.text, dollar + 1, end)
        if match is None:
            return "$", dollar + 1
        return self.variables.get(match[0], ""), match.end()

    @functools.cached_property
    def _closing_braces(self) -> dict[int, int]:
        """The offset of the brace that closes each opening one."""
        opened: list[int] = []
        closing: dict[int, int] = {}
        for brace in _BRACE.finditer(self.text):
            if brace[0] == "{":
                opened.append(brace.start())
            elif opened:
                closing[opened.pop()] = brace.start()
        return closing

    def _braced(self, start: int, end: int) -> str:
        name = _NAME.match(self.text, start, end)
        if name is None:
            raise self._invalid()
        value = self.variables.get(name[0])
        if name.end() == end:
            return value or ""
        operator = next((candidate for candidate in _OPERATORS if self.text.startswith(candidate, name.end(), end)), None)
        if operator is None:
            raise self._invalid()
        is_set = value is not None and (bool(value) or not operator.startswith(":"))
        alternative = functools.partial(self.expand, name.end() + len(operator), end)
        return _RULES[operator[-1]](name[0], value if is_set else None, alternative)

    def _invalid(self) -> BakeError:
        return BakeError(f'invalid interpolation format "{self.text}"', hint="write $$ for a dollar sign")


def _default(_name: str, value: str | None, default: Callable[[], str]) -> str:
    return default() if value is None else value


def _other(_name: str, value: str | None, other: Callable[[], str]) -> str:
    return "" if value is None else other()


def _required(name: str, value: str | None, message: Callable[[], str]) -> str:
    if value is None:
        reason = message()
        raise BakeError(f"required variable {name} is missing a value" + (f": {reason}" if reason else ""))
    return value


_RULES: dict[str, Callable[[str, str | None, Callable[[], str]], str]] = {"-": _default, "+": _other, "?": _required}
