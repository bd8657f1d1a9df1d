r"""Regular expressions of Go → the same in Python's syntax, as far as ignore patterns can bring them about.

An ignore pattern may carry a character class or an escaped letter into the expression that the reference makes of it, and Go reads
those by its own rules: `[[:digit:]]` is a named class, `\d` a digit.

Source: regexp/syntax of Go.
"""

from __future__ import annotations

import re
from functools import cache

from llbfront.errors import InvalidValue
from llbfront.fs.globs import BAD_PATTERN

_LETTERS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_CLASSES = {"d": "0-9", "s": r"\t\n\f\r ", "w": "0-9A-Za-z_"}
_ASSERTIONS = {"A": r"\A", "z": r"\Z", "b": r"(?a:\b)", "B": r"(?a:\B)"}
_NAMED = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_MAX_REPEAT = 1000
_PLAIN = {"^": "(?:^)", "$": r"\Z", "|": "|", "(": "(?:", ")": ")", ".": ".", "*": "*", "?": "?"}
_EVERYTHING = r"\x00-\U0010ffff"


@cache
def _repeat() -> re.Pattern[str]:
    return re.compile(r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}")


def translate(expression: str) -> str:
    r"""Return the expression for `re`.

    Raises: InvalidValue for a malformed expression.
    Parity: `\x41`, `\p{..}`, `\Q..\E` and octal escapes are refused here, although Go knows them.
    """
    out: list[str] = []
    i = 0
    while i < len(expression):
        letter = expression[i]
        if letter == "[":
            text, i = _class(expression, i + 1)
            out.append(text)
        elif letter == "\\":
            out.append(_escape(expression[i + 1 : i + 2]))
            i += 2
        elif repeat := _repeat().match(expression, i):
            if max(int(repeat[1]), int(repeat[3] or 0)) > _MAX_REPEAT:
                raise InvalidValue(BAD_PATTERN)
            out.append(repeat[0])
            i = repeat.end()
        else:
            out.append(_PLAIN.get(letter) or re.escape(letter))
            i += 1
    return "".join(out)


def _escape(letter: str) -> str:
    if letter in _ASSERTIONS:
        return _ASSERTIONS[letter]
    if letter and letter.lower() in _CLASSES:
        return f"[{'^' if letter.isupper() else ''}{_CLASSES[letter.lower()]}]"
    return re.escape(_literal(letter))


def _literal(letter: str) -> str:
    if letter in _LETTERS:
        return _LETTERS[letter]
    if letter.isascii() and letter and not letter.isalnum():
        return letter
    raise InvalidValue(BAD_PATTERN)


def _class(expression: str, i: int) -> tuple[str, int]:
    """Translate a class from behind its bracket; return it and where the expression goes on."""
    negated = expression.startswith("^", i)
    i += negated
    parts: list[str] = []
    while not (parts and expression.startswith("]", i)):
        part, i = _class_part(expression, i)
        parts.append(part)
    return f"(?:(?!{'|'.join(parts)})[{_EVERYTHING}])" if negated else f"(?:{'|'.join(parts)})", i + 1


def _class_part(expression: str, i: int) -> tuple[str, int]:
    if expression.startswith("[:", i) and (end := expression.find(":]", i + 2)) >= 0:
        name = expression[i + 2 : end]
        if name.removeprefix("^") not in _NAMED:
            raise InvalidValue(BAD_PATTERN)
        return f"[{'^' if name.startswith('^') else ''}{_NAMED[name.removeprefix('^')]}]", end + 2
    if expression.startswith("\\", i) and (letter := expression[i + 1 : i + 2]) and letter.lower() in _CLASSES:
        return _escape(letter), i + 2
    low, i = _class_letter(expression, i)
    high = low
    if expression.startswith("-", i) and i + 1 < len(expression) and expression[i + 1] != "]":
        high, i = _class_letter(expression, i + 1)
    if high < low:
        raise InvalidValue(BAD_PATTERN)
    return f"[{re.escape(low)}-{re.escape(high)}]", i


def _class_letter(expression: str, i: int) -> tuple[str, int]:
    if i >= len(expression):
        raise InvalidValue(BAD_PATTERN)
    if expression[i] == "\\":
        return _literal(expression[i + 1 : i + 2]), i + 2
    return expression[i], i + 1
