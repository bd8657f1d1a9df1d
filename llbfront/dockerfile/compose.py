"""Join statements of several Dockerfiles and text from files of any language to one Dockerfile.

The result remembers where each line came from, so that errors, warnings and source maps name that place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from llbfront.dockerfile.lines import BOM
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.statements import Statement, encode
from llbfront.errors import DockerfileError
from llbfront.source import Composed, Source, Span


@attrs.frozen
class Piece:
    """Text of a Dockerfile that stands for a place in another file, such as a line of YAML.

    Args:
        text: whole lines.
        span: the place that errors and warnings about these lines name.
    """

    text: str
    span: Span


Part = Statement | Piece | str
"""A part of a composed Dockerfile: a statement, lines of another file, or a string."""


def compose(parts: Iterable[Part], main: Source) -> Source:
    """Join parts to one Dockerfile in place of the file `main`, whose directives stay on top.

    Raises: DockerfileError where a statement would mean something else, because the file it is from has another escape character.
    """
    lines: list[tuple[str, Span | None]] = []
    starts: dict[int, Statement] = {}
    for part in parts:
        if not lines and not (isinstance(part, Statement) and part.source is main):
            lines += _directives(main)
        written = list(_lines(part))
        if isinstance(part, Statement):
            starts[len(lines) + 1 + part.leading.count("\n")] = part
        lines += written
    source = Composed(
        f"{main.filename} (generated)", encode("".join(text for text, _ in lines)), origins=tuple(span for _, span in lines)
    )
    if starts:
        _check(source, starts)
    return source


def _lines(part: Part) -> Iterator[tuple[str, Span | None]]:
    match part:
        case str():
            yield from ((line, None) for line in _split(part))
        case Piece():
            yield from ((line, part.span) for line in _split(part.text))
        case Statement():
            first = part.range.start - part.leading.count("\n")
            for number, line in enumerate(_split(part.leading.removeprefix(BOM) + part.raw), first):
                yield line, part.source.at(number) if part.source else None


def _split(text: str) -> list[str]:
    """Return the lines, each with a line feed."""
    return [f"{line}\n" for line in text.removesuffix("\n").split("\n")]


def _directives(main: Source) -> list[tuple[str, Span | None]]:
    try:
        directives = parse(main).directives
    except DockerfileError:  # a file of another language
        return []
    kept = main.text.removeprefix(BOM).split("\n")[: max((directive.line for directive in directives), default=0)]
    return [(f"{line}\n", main.at(number)) for number, line in enumerate(kept, 1)]


def _check(source: Source, starts: dict[int, Statement]) -> None:
    parsed = {statement.range.start: statement for statement in parse(source).statements}
    for number, statement in starts.items():
        if number not in parsed or parsed[number].original != statement.original:
            raise DockerfileError(
                "this statement has another meaning in the file that it is put into",
                span=statement.span,
                hint="check the `# escape` directive",
            )
