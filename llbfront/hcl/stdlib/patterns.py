"""Functions on regular expressions in Go's syntax.

google-re2 (extra `hcl`) reads them as Go does, in time that is linear in the length of the text. Without it, Python's `re` takes what both
have in common, and an unfortunate pattern may take long.

Source: cty/function/stdlib/regexp.go and string_replace.go of zclconf/go-cty; regexp of Go.
"""

from __future__ import annotations

import functools
import importlib
import re
import warnings
from collections.abc import Iterator
from typing import Any

import attrs

from llbfront.hcl.functions import Function, FunctionError, function
from llbfront.hcl.stdlib.arguments import require_size
from llbfront.hcl.types import STRING, Type, object_of, tuple_of
from llbfront.hcl.values import Value, list_value, null, object_value, string, tuple_value
from llbfront.optional_packages import PACKAGES, install_command

_NAMED_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": "\\x00-\\x7F", "blank": "\\t ", "cntrl": "\\x00-\\x1F\\x7F", "digit": "0-9",
    "graph": "!-~", "lower": "a-z", "print": " -~", "punct": "!-/:-@[-`{-~", "space": "\\t\\n\\v\\f\\r ", "upper": "A-Z",
    "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_ONLY_PYTHON = re.compile(r"\(\?(?:[=!>(#]|<[=!]|P=)|\\[1-9Z]|[*+?}]\+|(?<!\\)\{,")
_GO_PATTERNS = f"read by Python, since {PACKAGES['re2']} is not installed: {install_command('re2')}"
_UTF8_LENGTHS = {0b110: 2, 0b111: 3}


@attrs.frozen
class Match:
    """A part of a string that matches, by the offsets of it and of its groups; None for a group that took no part."""

    start: int
    end: int
    groups: tuple[str | None, ...]
    text: str


@attrs.frozen
class Pattern:
    """A compiled pattern. `expression` is one of google-re2, which reads bytes, or of Python, which reads text."""

    expression: Any
    is_re2: bool

    @property
    def names(self) -> dict[str, int]:
        """The numbers of the groups by their names."""
        return {_text(name): number for name, number in self.expression.groupindex.items()}

    @property
    def group_count(self) -> int:
        """The number of the groups."""
        count = self.expression.groups
        assert isinstance(count, int)
        return count

    def encode(self, text: str) -> Any:
        """Encode a string for the expression."""
        return text.encode() if self.is_re2 else text

    def search(self, text: Any, position: int) -> Match | None:
        """Return the first match at or after a position of an encoded text."""
        match = self.expression.search(text, position)
        if match is None:
            return None
        groups = tuple(None if group is None else _text(group) for group in match.groups())
        return Match(match.start(), match.end(), groups, _text(match.group(0)))

    def matches(self, value: str) -> Iterator[Match]:
        """Return all matches, without empty matches directly after another one."""
        text, position, previous_end = self.encode(value), 0, -1
        while position <= len(text) and (match := self.search(text, position)) is not None:
            if match.end == position:
                position += _width(text, position)
                if match.start == previous_end:
                    previous_end = match.end
                    continue
            else:
                position = match.end
            previous_end = match.end
            yield match

    def replace(self, value: str, template: str) -> str:
        """Replace all matches by a template: `$1` and `${name}` are groups."""
        text, position, end, size = self.encode(value), 0, 0, 0
        parts: list[str] = []
        while position <= len(text) and (match := self.search(text, position)) is not None:
            parts.append(_text(text[end : match.start]))
            if match.end > end or match.start == 0:
                parts.append(self._expanded(template, match))
                size += len(parts[-1])
                require_size(size)
            end = match.end
            position = max(match.end, position + _width(text, position))
        return "".join([*parts, _text(text[end:])])

    def _expanded(self, template: str, match: Match) -> str:
        groups = dict(enumerate((match.text, *match.groups)))

        def group(reference: re.Match[str]) -> str:
            if reference[0] == "$$":
                return "$"
            name = reference[1] or reference[2]
            number = int(name) if name.isdigit() else self.names.get(name, -1)
            return groups.get(number) or ""

        return re.sub(r"\$\$|\$\{(\w+)\}|\$(\w+)", group, template)


def _text(piece: Any) -> str:
    return piece.decode() if isinstance(piece, bytes) else str(piece)


def _width(text: Any, position: int) -> int:
    """Return the length of the letter at a position."""
    if isinstance(text, str) or position >= len(text):
        return 1
    lead = text[position]
    return 1 if lead < 0x80 else 4 if lead >= 0xF0 else _UTF8_LENGTHS[lead >> 5]


@functools.cache
def _re2() -> Any:
    """Return the module of google-re2, or None if it is not installed."""
    try:
        return importlib.import_module("re2")
    except ImportError:
        return None


def compiled(pattern: str) -> Pattern:
    """Compile a pattern in Go's syntax. Raises: FunctionError."""
    engine = _re2()
    if engine is None:
        return Pattern(_python(pattern), is_re2=False)
    if re.search(r"(?<!\\)(?:\\\\)*\\C", pattern):
        raise FunctionError(r"error parsing pattern: invalid escape sequence: `\C`", 0)
    options = engine.Options()
    options.log_errors = False
    try:
        return Pattern(engine.compile(pattern.encode(), options), is_re2=True)
    except engine.error as error:
        detail = error.args[0] if error.args else ""
        raise FunctionError(f"error parsing pattern: {_text(detail)}", 0) from None


def _python(pattern: str) -> re.Pattern[str]:
    """Compile with Python's `re`. Raises: FunctionError."""
    text = pattern.replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!")
    text = re.sub(r"\[:(\w+):\]", lambda match: _NAMED_CLASSES.get(match[1], match[0]), text)
    if _ONLY_PYTHON.search(text):
        raise FunctionError(f"error parsing pattern: invalid or unsupported Perl syntax ({_GO_PATTERNS})", 0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(text.replace("\\z", "\\Z"), re.ASCII)
    except (re.error, FutureWarning, DeprecationWarning) as error:
        raise FunctionError(f"error parsing pattern: {error} ({_GO_PATTERNS})", 0) from None


def _result_type(pattern: Pattern) -> Type:
    if not pattern.group_count:
        return STRING
    if not pattern.names:
        return tuple_of([STRING] * pattern.group_count)
    if len(pattern.names) != pattern.group_count:
        raise FunctionError("invalid pattern: cannot mix both named and unnamed capture groups", 0)
    return object_of(dict.fromkeys(pattern.names, STRING))


def _result(match: Match, pattern: Pattern, type_: Type) -> Value:
    def text(value: str | None) -> Value:
        return null(STRING) if value is None else string(value)

    if type_ == STRING:
        return string(match.text)
    if type_.kind == "tuple":
        return tuple_value(text(value) for value in match.groups)
    return object_value({name: text(match.groups[number - 1]) for name, number in pattern.names.items()})


@function(STRING, STRING)
def regex(pattern: Value, string: Value) -> Value:
    expression = compiled(pattern.data)
    type_ = _result_type(expression)
    match = expression.search(expression.encode(string.data), 0)
    if match is None:
        raise FunctionError("pattern did not match any part of the given string")
    return _result(match, expression, type_)


@function(STRING, STRING)
def regex_all(pattern: Value, string: Value) -> Value:
    expression = compiled(pattern.data)
    type_ = _result_type(expression)
    return list_value([_result(match, expression, type_) for match in expression.matches(string.data)], type_)


@function(STRING, STRING, STRING)
def regex_replace(text: Value, pattern: Value, replace: Value) -> Value:
    return string(compiled(pattern.data).replace(text.data, replace.data))


FUNCTIONS: dict[str, Function] = {"regex": regex, "regexall": regex_all, "regex_replace": regex_replace}
