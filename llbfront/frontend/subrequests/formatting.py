"""Format the results of subrequests: places in files and protobuf messages as JSON.

Source: encoding/json of Go.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from llbfront.dockerfile2llb.places import single_lines
from llbfront.llb import op_encoding, protojson

if TYPE_CHECKING:
    from google.protobuf.descriptor import FieldDescriptor

    from llbfront.source import LineRange, Source, Span


def without_empty(**members: Any) -> dict[str, Any]:
    """Return the members that are not empty."""
    return {key: value for key, value in members.items() if value}


def _line(number: int) -> dict[str, int]:
    return {"line": number} if number else {}


class Places:
    """Places in a file, and in the files that it was put together from. `sources` are all that were spoken of, the file first."""

    def __init__(self, source: Source) -> None:
        self.sources = [source]

    def of(self, where: LineRange | None) -> dict[str, Any]:
        """Return the ranges of a place, line by line, without zero numbers."""
        return self.span(self.sources[0].place(single_lines(where) if where else ()))

    def span(self, span: Span) -> dict[str, Any]:
        """Return the location of a span."""
        if span.source not in self.sources:
            self.sources.append(span.source)
        places = [
            {"start": _line(part.start), "end": _line(part.end)} for line_range in span.ranges for part in single_lines(line_range)
        ]
        return without_empty(sourceIndex=self.sources.index(span.source), ranges=places)


def base64_text(data: bytes) -> str:
    """Bytes as Go writes them in JSON."""
    return base64.b64encode(data).decode()


def message(value: Message) -> dict[str, Any]:
    """Return a protobuf message as Go's encoding/json encodes it: with the declared names, without zero values, bytes in base64."""
    return {field.name: _field(field, content) for field, content in protojson.set_fields(value)}


def _field(field: FieldDescriptor, content: Any) -> Any:
    if op_encoding.map_value(field):
        return {key: _plain(content[key]) for key in sorted(content)}
    return [_plain(item) for item in content] if field.is_repeated else _plain(content)


def _plain(content: Any) -> Any:
    return message(content) if isinstance(content, Message) else base64_text(content) if isinstance(content, bytes) else content
