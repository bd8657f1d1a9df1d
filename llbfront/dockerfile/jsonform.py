"""Parse JSON in Dockerfiles: the JSON form of an instruction, and a member of an object for syntax detection.

Source: encoding/json of Go as frontend/dockerfile/parser/line_parsers.go of BuildKit uses it.
"""

from __future__ import annotations

import re
from functools import cache

from llbfront.errors import DockerfileSyntaxError
from llbfront.gostd.strings import WHITESPACE, to_valid_utf8

MAX_DEPTH = 10_000

# Possessive groups hold nothing that repeats or branches: Python before 3.11.5 keeps what of an attempt that failed had matched there.
_STRING = r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F])*+"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?"
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_OPENED = {"[": "value or end", "{": "key or end"}
_CLOSES = {"[": "]", "{": "}"}


@cache
def _strings_only() -> re.Pattern[str]:
    return re.compile(rf"\[\s*+(?:{_STRING}\s*+(?:,\s*+{_STRING}\s*+)*)?\]\s*+".replace(r"\s", r"[ \t\r\n]"))


@cache
def _string() -> re.Pattern[str]:
    return re.compile(_STRING)


@cache
def _token() -> re.Pattern[str]:
    return re.compile(rf"[ \t\r\n]*+(?:(?P<string>{_STRING})|(?P<number>{_NUMBER})|(?P<word>true|false|null)|(?P<mark>[][{{}},:]))")


@cache
def _escaped() -> re.Pattern[str]:
    four = "[0-9a-fA-F]{4}"
    return re.compile(rf"\\(?:u([dD][89abAB][0-9a-fA-F]{{2}})\\u([dD][c-fC-F][0-9a-fA-F]{{2}})|u({four})|(.))")


def parse_array(text: str) -> tuple[str, ...] | None:
    """Read an array of strings. Raises: DockerfileSyntaxError for valid JSON with anything else in the array."""
    text = text.lstrip(WHITESPACE)
    if not text.startswith("["):
        return None
    text = to_valid_utf8(text)
    if _strings_only().fullmatch(text):
        return tuple(_unescape(word) for word in _string().findall(text))
    if _members(text) is None:
        return None
    raise DockerfileSyntaxError(
        "when using JSON array syntax, arrays must be comprised of strings only", hint="put every word in double quotes"
    )


def member(text: str, key: str) -> str | None:
    """Return a string member of an object, None when the text is not an object or has no such string."""
    if not text.lstrip(" \t\r\n").startswith("{"):
        return None
    return (_members(to_valid_utf8(text)) or {}).get(key)


def _unescape(word: str) -> str:
    word = word[1:-1]
    return _escaped().sub(_letter, word) if "\\" in word else word


def _letter(match: re.Match[str]) -> str:
    high, low, code, letter = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    if code:
        number = int(code, 16)
        return "\ufffd" if 0xD800 <= number < 0xE000 else chr(number)
    return _LETTERS.get(letter, letter)


def _members(text: str) -> dict[str, str | None] | None:
    """Read one JSON value. Return the members of a top-level object, None for members that are not strings; None if the text is not valid JSON.

    A number too large for a float spoils the text, as it does in Go.
    """
    members: dict[str, str | None] = {}
    open_marks: list[str] = []
    expected, key, position = "value", "", 0
    while match := _token().match(text, position):
        position = match.end()
        kind = match.lastgroup or ""
        token = match[kind]
        if kind == "number" and abs(float(token)) == float("inf"):
            return None
        if open_marks == ["{"] and expected in {"key", "key or end"} and kind == "string":
            key = _unescape(token)
        if open_marks == ["{"] and expected == "value":
            members[key] = _unescape(token) if kind == "string" else None
        following = _follow(expected, token if kind == "mark" else kind, open_marks)
        if following is None:
            return None
        expected = following
    return members if expected == "done" and not text[position:].strip(" \t\r\n") else None


def _follow(expected: str, token: str, open_marks: list[str]) -> str | None:
    """Take a token (a mark itself, else its kind) and return what may come next, None if the token may not stand here."""
    if token in _CLOSES and expected in {"value", "value or end"}:
        open_marks.append(token)
        return _OPENED[token] if len(open_marks) <= MAX_DEPTH else None
    if open_marks and token == _CLOSES[open_marks[-1]] and expected in {"value or end", "key or end", "comma or end"}:
        open_marks.pop()
        return "comma or end" if open_marks else "done"
    match expected, token:
        case (("value" | "value or end"), ("string" | "number" | "word")):
            return "comma or end" if open_marks else "done"
        case (("key" | "key or end"), "string"):
            return "colon"
        case "colon", ":":
            return "value"
        case "comma or end", ",":
            return "value" if open_marks[-1] == "[" else "key"
    return None
