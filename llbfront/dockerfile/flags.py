"""Parse builder flags, the leading `--name=value` words of an instruction.

Source: frontend/dockerfile/parser/split_command.go and frontend/dockerfile/instructions/bflag.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llbfront.dockerfile.statements import decode, encode
from llbfront.dockerfile.words import split_first
from llbfront.errors import FlagError
from llbfront.gostd.strings import BYTE_WHITESPACE, WHITESPACE
from llbfront.suggestions import suggestion

BOOL, TEXT, LIST = "bool", "text", "list"
"""The type of a flag: a boolean (true without a value), a string, or a list of strings for a flag that may be repeated."""


class Flags:
    """The values of flags."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        """Return the value of a string flag."""
        return self._values[name][-1] if name in self._values else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all values of a list flag, in the order of the line."""
        return tuple(self._values.get(name, ()))

    def boolean(self, name: str) -> bool | None:
        """Return the value of a boolean flag, None when it was not given."""
        return self._values[name][-1] == "true" if name in self._values else None


_NONE = Flags({})
_EXAMPLES = {BOOL: "true", TEXT: "…", LIST: "…"}


def parse_flags(words: Sequence[str], known: Mapping[str, str]) -> Flags:
    """Read flag words. Raises: FlagError for one that is unknown, given twice, or has a bad value."""
    if not words:
        return _NONE
    values: dict[str, list[str]] = {}
    for word in words:
        flag, equals, value = word.partition("=")
        name = flag[2:]
        if name not in known:
            raise FlagError(f"unknown flag: {flag}", hint=suggestion(name, known, match_case=True) or _known(known))
        if name in values and known[name] != LIST:
            raise FlagError(f"duplicate flag specified: {flag}")
        if not equals if known[name] != BOOL else equals and not value:
            raise FlagError(f"missing a value on flag: {flag}", hint=f"write {flag}={_EXAMPLES[known[name]]}, without spaces")
        values.setdefault(name, []).append(_boolean(flag, value) if known[name] == BOOL else value)
    return Flags(values)


def _known(known: Mapping[str, str]) -> str:
    return f"flags are {', '.join(f'--{name}' for name in known)}" if known else "this instruction has no flags"


def _boolean(flag: str, value: str) -> str:
    word = value.lower() or "true"
    if word not in {"true", "false"}:
        raise FlagError(f"expecting boolean value for flag {flag}, not: {value}", hint="use true or false")
    return word


def split_command(line: str, escape: str) -> tuple[str, tuple[str, ...], str]:
    """Split an instruction into its keyword, its flags without quotes, and the rest, which has no blanks around it."""
    keyword, *others = split_first(line.strip(WHITESPACE))
    if not others:
        return keyword, (), ""
    flags, rest = split_flags(others[0], escape)
    return keyword, flags, rest.strip(WHITESPACE)


def split_flags(text: str, escape: str) -> tuple[tuple[str, ...], str]:
    """Split off the leading flags, and a bare `--` that ends them. Return them without quotes, and the text after them."""
    if not text.startswith("--") and (text.isascii() or text[:1] not in "\udc85\udca0"):
        return (), text
    # Parity: BuildKit reads this part byte by byte, which turns non-ASCII characters in flags into Latin-1 characters of their bytes
    characters = text if text.isascii() else encode(text).decode("latin-1")
    words, position = _scan(characters, escape)
    rest = characters[position:]
    return tuple(words), rest if text.isascii() else decode(rest.encode("latin-1"))


def _scan(text: str, escape: str) -> tuple[list[str], int]:
    words: list[str] = []
    position = 0
    while True:
        position = _skip_blanks(text, position)
        if not text.startswith("--", position):
            return words, position
        word, position = _flag_word(text, position, escape)
        if word == "--":
            return words, position
        words.append(word)


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in BYTE_WHITESPACE:
        position += 1
    return position


def _flag_word(text: str, position: int, escape: str) -> tuple[str, int]:
    """Read a word without its quotes and escape characters, and return where it ends."""
    characters: list[str] = []
    quote = ""
    while position < len(text):
        character = text[position]
        if character == quote:
            quote = ""
        elif not quote and character in BYTE_WHITESPACE:
            break
        elif not quote and character in "'\"":
            quote = character
        else:
            if character == escape:
                position += 1
                character = text[position : position + 1]
            characters.append(character)
        position += 1
    return "".join(characters), min(position, len(text))
