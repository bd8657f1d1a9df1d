"""Edit a Dockerfile: replace one statement, keep every other byte, and parse the result."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.dockerfile.flags import split_command
from llbfront.dockerfile.lines import Lines
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.statements import Dockerfile, Statement, encode
from llbfront.gostd.strings import WHITESPACE

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import From


@arguments.typed
def replace_image(dockerfile: Dockerfile, base: From, image: str) -> Dockerfile:
    r"""Replace the image of a FROM. Flags, name, comments and blanks stay.

    Args:
        dockerfile: the file.
        base: the FROM, such as `stage.base`.
        image: the new image.

    Raises:
        DockerfileError: the result is not a Dockerfile.

    Example:
        >>> from llbfront.dockerfile import Source, parse, parse_stages, replace_image
        >>> tree = parse(Source("Dockerfile", b"FROM  alpine  AS app\n"))
        >>> _, (stage,) = parse_stages(tree)
        >>> print(replace_image(tree, stage.base, "busybox"), end="")
        FROM  busybox  AS app
    """
    return replace_word(dockerfile, base.statement, 0, image)


@arguments.typed
def replace_word(dockerfile: Dockerfile, statement: Statement, number: int, text: str) -> Dockerfile:
    """Replace a word of an instruction that blanks split into words: FROM, EXPOSE, and ADD, COPY, VOLUME not in JSON form.

    Args:
        dockerfile: the file.
        statement: the instruction.
        number: the index of the word after keyword and flags.
        text: the new word.

    Raises:
        IndexError: there is no such word.
        DockerfileError: the result is not a Dockerfile.
    """
    line = statement.original.rstrip(WHITESPACE)
    start = len(line) - len(split_command(line, dockerfile.escape)[2])
    word = list(_word().finditer(line, start))[number]
    return replace_range(dockerfile, statement, word.start(), word.end(), text)


@arguments.typed
def replace_range(dockerfile: Dockerfile, statement: Statement, start: int, end: int, text: str) -> Dockerfile:
    """Replace characters of an instruction, with any continuation between them.

    Args:
        dockerfile: the file.
        statement: the instruction.
        start: the first letter, an index into `statement.original`.
        end: the index after the last character.
        text: the new text.
    """
    lines = Lines(statement.raw)
    first = (lines.take() or "").rstrip("\r").lstrip(WHITESPACE)
    offset = len(statement.raw) - len(statement.raw.lstrip(WHITESPACE))
    places = lines.take_logical(first, offset, dockerfile.escape).places
    raw = statement.raw[: _place(places, start)] + text + statement.raw[_place(places, end - 1) + 1 :]
    return _with_raw(dockerfile, statement, raw)


def _place(places: list[tuple[int, int]], offset: int) -> int:
    """Return where the letter at `offset` of a line stands in the file."""
    begin, place = places[bisect_right(places, offset, key=lambda pair: pair[0]) - 1]
    return place + offset - begin


def _with_raw(dockerfile: Dockerfile, statement: Statement, raw: str) -> Dockerfile:
    statements = tuple(attrs.evolve(other, raw=raw) if other is statement else other for other in dockerfile.statements)
    text = str(attrs.evolve(dockerfile, statements=statements))
    return parse(attrs.evolve(dockerfile.source, data=encode(text)))


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"[^\t\v\f\r ]+")
