"""Build hostile Dockerfiles of about 100 KB by repeating a line, a word or a bracket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SIZE = 100_000
LINE = 60_000  # a physical line has at most 65,535 bytes
BASE = "docker.io/library/base:latest"


@attrs.frozen
class Input:
    """A Dockerfile with what else a conversion is given."""

    dockerfile: str
    ignore: str | None = None
    options: Mapping[str, str] = attrs.field(factory=dict)
    triggers: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        return len(self.dockerfile) + len(self.ignore or "") + sum(map(len, self.triggers))


def many(line: Callable[[int], str] | str, *, size: int = SIZE, before: str = "FROM scratch\n", after: str = "") -> str:
    """As many lines as fit, each made for its number."""
    parts, length, number = [before], len(before) + len(after), 0
    while True:
        part = line if isinstance(line, str) else line(number)
        if length + len(part) > size:
            return "".join((*parts, after))
        parts.append(part)
        length += len(part)
        number += 1


def wrapped(text: str) -> str:
    """One instruction on physical lines that are short enough."""
    return "\\\n".join(text[at : at + LINE] for at in range(0, len(text), LINE)) + "\n"


def nested(start: str, end: str, middle: str = "", *, before: str = "FROM scratch\nENV x=y\nENV a=") -> str:
    depth = (SIZE - len(before)) // (len(start) + len(end))
    return before + wrapped(start * depth + middle + end * depth)


def single(before: str, word: Callable[[int], str] | str, after: str = "", *, size: int = SIZE - 200) -> str:
    """One instruction with as many words as fit."""
    return wrapped(many(word, size=size, before=before, after=after))


FROM = "FROM scratch\n"
LONG = "a" * 50_000
