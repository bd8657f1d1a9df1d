"""Write JSON byte for byte as Go does: `<`, `>`, `&`, U+2028 and U+2029 escaped; compact with sorted keys, or indented in order.

Source: package encoding/json of Go.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]
    """A value that JSON can hold."""
    Members = dict[str, Json]
    """The members of a JSON object."""
    Texts = list[str]
else:
    Members, Texts = dict, list

_HTML_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_INVALID = dict.fromkeys(range(0xD800, 0xE000), "\\ufffd")


class OrderedObject(Members):
    """An object whose members keep their order, like the fields of a Go struct."""


class StringParts(Texts):
    """The parts of one long string."""


def marshal_text(value: Json) -> str:
    """Write a value as text. Keys of mappings are sorted except in an `OrderedObject`."""
    return "".join(_tokens(value, {}))


def marshal(value: Json) -> bytes:
    """Write a value as UTF-8, without building the text of the whole document."""
    file = io.BytesIO()
    for text in _tokens(value, {}):
        file.write(text.encode())
    return file.getvalue()


def marshal_indent(value: Any) -> str:
    """Write a value indented by two spaces; members of all objects keep their order."""
    return escape(json.dumps(value, indent=2, ensure_ascii=False))


def escape(document: str) -> str:
    """Escape the characters of a JSON document that Go escapes and Python does not, and replace bytes that are not UTF-8."""
    document = document.translate(_HTML_ESCAPES)
    return document if document.isascii() else document.translate(_INVALID)


def _tokens(value: Json, known: dict[str, str]) -> Iterator[str]:
    """Yield the text in pieces. `known` maps the parts of the last `StringParts` to their text, since the next may share them."""
    if value is None or isinstance(value, bool):
        yield {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, str):
        yield _string(value)
    elif isinstance(value, int):
        yield str(int(value))
    elif isinstance(value, Mapping):
        separator = "{"
        for key in value if isinstance(value, OrderedObject) else sorted(value):
            item = value[key]
            if type(item) is str:
                yield f"{separator}{_string(key)}:{_string(item)}"
            else:
                yield f"{separator}{_string(key)}:"
                yield from _tokens(item, known)
            separator = ","
        yield "}" if value else "{}"
    elif isinstance(value, StringParts):
        yield '"'
        encoded = {part: known.get(part) or _string(part)[1:-1] for part in value}
        yield from (encoded[part] for part in value)
        known.clear()
        known.update(encoded)
        yield '"'
    else:
        separator = "["
        for item in value:
            yield separator
            yield from _tokens(item, known)
            separator = ","
        yield "]" if value else "[]"


def _string(text: str) -> str:
    """Quote a string. A byte that is not UTF-8 (a surrogate here) becomes the escape of U+FFFD."""
    quoted: str = encode_basestring(text)
    if quoted.isascii() and "<" not in quoted and ">" not in quoted and "&" not in quoted:
        return quoted
    return escape(quoted)
