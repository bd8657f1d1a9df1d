"""JSON text as Go's encoding/json writes it: compact, keys of maps sorted, `<`, `>`, `&`, U+2028 and U+2029 escaped.

Source: Go's encoding/json.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]
    Members = dict[str, Json]
    Texts = list[str]
else:
    Members, Texts = dict, list

_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


class Ordered(Members):
    """A mapping whose keys are written in their own order, as the members of a Go struct are."""


class Parts(Texts):
    """The parts of one text, which is long."""


def dumps(value: Json) -> str:
    """Write a value. Keys of mappings are sorted; wrap them in `Ordered` to keep an order."""
    return "".join(_written(value, {}))


def write_json(value: Json) -> bytes:
    """Write a value as bytes, without ever holding it as a text."""
    file = io.BytesIO()
    for text in _written(value, {}):
        file.write(text.encode())
    return file.getvalue()


def _written(value: Json, known: dict[str, str]) -> Iterator[str]:
    """Yield the text in pieces. `known` are the parts of the last text in parts as they are written, for the next may share some."""
    if value is None or isinstance(value, bool):
        yield {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, str):
        yield _string(value)
    elif isinstance(value, int):
        yield str(int(value))
    elif isinstance(value, dict):
        mark = "{"
        for key in value if isinstance(value, Ordered) else sorted(value):
            item = value[key]
            if type(item) is str:
                yield f"{mark}{_string(key)}:{_string(item)}"
            else:
                yield f"{mark}{_string(key)}:"
                yield from _written(item, known)
            mark = ","
        yield "}" if value else "{}"
    elif isinstance(value, Parts):
        yield '"'
        written = {part: known.get(part) or _string(part)[1:-1] for part in value}
        yield from (written[part] for part in value)
        known.clear()
        known.update(written)
        yield '"'
    else:
        mark = "["
        for item in value:
            yield mark
            yield from _written(item, known)
            mark = ","
        yield "]" if value else "[]"


def _string(text: str) -> str:
    """Quote a text; bytes that are no UTF-8 (surrogates here) become U+FFFD, as an escape."""
    quoted: str = encode_basestring(text)
    if quoted.isascii() and "<" not in quoted and ">" not in quoted and "&" not in quoted:
        return quoted
    quoted = quoted.translate(_HTML)
    if quoted.isascii():
        return quoted
    return "".join("\\ufffd" if "\ud800" <= char <= "\udfff" else char for char in quoted)
