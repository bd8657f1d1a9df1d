"""Apply the operator of `${name...}` once its operand is expanded.

Source: frontend/dockerfile/shell/lex.go of BuildKit (processDollar).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from llbfront.dockerfile import shell_patterns
from llbfront.errors import ExpansionError

if TYPE_CHECKING:
    import re


class Frame:
    """A part of the word that ends at `stop`: the whole (no stop), a double quote, or an operand of a `${...}`.

    `start` is where it began to write. `name`, `sign` and `pattern` belong to the `${...}` whose operand it is.
    """

    __slots__ = ("doubles_escapes", "keeps_escapes", "name", "pattern", "plain", "sign", "start", "stop")

    def __init__(
        self, stop: str, start: int, plain: re.Pattern[str], *, keeps_escapes: bool, doubles_escapes: bool = False
    ) -> None:
        self.stop = stop
        self.start = start
        self.plain = plain
        self.keeps_escapes = keeps_escapes
        self.doubles_escapes = doubles_escapes
        self.name = self.sign = ""
        self.pattern: str | None = None


PATTERNS = frozenset(("#", "%", "/", "//"))
MAX_CHARACTERS = 1 << 22
"""How many characters of variables one word may hold. Nothing that runs, and no registry, takes a variable of 4 MiB; a file of 24 lines
makes one by doubling, and one of 40 would fill any memory."""

MAX_STEPS, PATTERN_STEPS = 1 << 29, 1024
"""How many steps of about a nanosecond the search for patterns may take, and how many each letter of a pattern takes to be read."""


def too_slow() -> ExpansionError:
    """Return the error for a pattern that is too long for its value."""
    return ExpansionError("patterns take too long to find", hint="the pattern has many ?, or the values are long")


def too_long(most: int = MAX_CHARACTERS) -> ExpansionError:
    """Return the error for variables whose values grow too long."""
    return ExpansionError(f"variables expand to more than {most >> 20} MiB")


def unsupported(sign: str) -> ExpansionError:
    """Return the error for an unknown modifier after `${name`."""
    is_open = sign in {"\ufffd", "\n"}  # what BuildKit takes for a sign at the end of the text or line
    hint = "the closing } is missing" if is_open else "modifiers are - + ? :- :+ :? # ## % %% / //"
    return ExpansionError(f"unsupported modifier ({sign}) in substitution", hint=hint)


def substitute(out: list[str], frame: Frame, value: str | None) -> None:
    """Replace the operand by the result. Raises: ExpansionError."""
    put = _SUBSTITUTIONS.get(frame.sign)
    if put is None:
        raise unsupported(frame.sign)
    put(out, frame, value)


def _put(out: list[str], frame: Frame, text: str) -> None:
    out[frame.start :] = [text]


def _default(out: list[str], frame: Frame, value: str | None) -> None:
    if value is not None and (value or frame.sign == "-"):
        _put(out, frame, value)


def _alternate(out: list[str], frame: Frame, value: str | None) -> None:
    if value is None or (not value and frame.sign == ":+"):
        _put(out, frame, "")


def _demand(out: list[str], frame: Frame, value: str | None) -> None:
    if value is None or (not value and frame.sign == ":?"):
        state = "unset" if value is None else "empty"
        raise ExpansionError(f"{frame.name}: {''.join(out[frame.start :]) or f'is not allowed to be {state}'}")
    _put(out, frame, value)


def _cut(out: list[str], frame: Frame, value: str | None) -> None:
    pattern = "".join(out[frame.start :])
    longest = pattern.startswith(frame.sign)
    cut = shell_patterns.cut_prefix if frame.sign == "#" else shell_patterns.cut_suffix
    _put(out, frame, cut(pattern[longest:], value or "", longest=longest))


def _replace_first(out: list[str], frame: Frame, value: str | None) -> None:
    match = shell_patterns.find(frame.pattern or "", value := value or "")
    if match is None:
        _put(out, frame, value)
        return
    out[frame.start] = value[: match[0]]
    out.append(value[match[1] :])


def _replace_all(out: list[str], frame: Frame, value: str | None) -> None:
    replaced = shell_patterns.replace_all(frame.pattern or "", value or "", "".join(out[frame.start :]), limit=MAX_CHARACTERS)
    if replaced is None:
        raise too_long()
    _put(out, frame, replaced)


_SUBSTITUTIONS: dict[str, Callable[[list[str], Frame, str | None], None]] = {
    "-": _default,
    ":-": _default,
    "+": _alternate,
    ":+": _alternate,
    "?": _demand,
    ":?": _demand,
    "#": _cut,
    "%": _cut,
    "/": _replace_first,
    "//": _replace_all,
}
