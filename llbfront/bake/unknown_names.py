"""Find names in bake files that nothing reads: unknown blocks and attributes, which docker buildx ignores without a word.

Source: bake/bake.go (Config, Group, Target) and bake/hclparser of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import attrs

from llbfront.bake.target import FIELDS
from llbfront.hcl.structure import Block, Body
from llbfront.source import Span
from llbfront.suggestions import suggestion

_ATTRIBUTES = {
    "target": (*(field.name for field in FIELDS), "name", "matrix"),
    "group": ("targets", "description", "name", "matrix"),
    "variable": ("default", "type", "description"),
    "function": ("params", "variadic_params", "result"),
}
_NESTED = {"variable": ("validation",)}
_EXTENSION = "x-"


@attrs.frozen
class UnknownName:
    """A name that nothing reads.

    Attributes:
        text: what it is, such as `target app has no attribute dockerfle`.
        hint: the name that is probably meant, None if none is near.
        span: its place.
    """

    text: str
    hint: str | None
    span: Span

    def __str__(self) -> str:
        return f"{self.span}: {self.text}, which is ignored{f' ({self.hint})' if self.hint else ''}"


def unknown_names(body: Body) -> Iterator[UnknownName]:
    """Yield the names of a bake file that nothing reads, in the order of the file. Names that begin with `x-` are left to their tools."""
    for block in body.blocks:
        if block.type in _ATTRIBUTES:
            yield from _in_block(block)
        elif not block.type.startswith(_EXTENSION):
            span = block.source_range.span
            yield UnknownName(f"there is no block {block.type}", suggestion(block.type, _ATTRIBUTES, match_case=True), span)


def _in_block(block: Block) -> Iterator[UnknownName]:
    known = _ATTRIBUTES[block.type]
    subject = f"{block.type} {block.labels[0]}" if block.labels else block.type
    for name, attribute in block.body.attributes.items():
        if name not in known and not name.startswith(_EXTENSION):
            yield UnknownName(f"{subject} has no attribute {name}", _near(name, known), attribute.name_range.span)
    for nested in block.body.blocks:
        if nested.type in _NESTED.get(block.type, ()) or nested.type.startswith(_EXTENSION):
            continue
        hint = f"write {nested.type} = {{ … }}" if nested.type in known else _near(nested.type, known)
        yield UnknownName(f"{subject} has no block {nested.type}", hint, nested.source_range.span)


def _near(name: str, known: Collection[str]) -> str | None:
    """Return a hint; names with `_` in the place of `-`, and in the singular, are near."""
    return suggestion(name.replace("_", "-"), known, match_case=True) or (
        f"did you mean {name.replace('_', '-')}?" if name.replace("_", "-") in known else None
    )
