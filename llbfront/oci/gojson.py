"""JSON text as Go's encoding/json writes it: compact, keys of maps sorted, `<`, `>`, `&`, U+2028 and U+2029 escaped.

Source: Go's encoding/json.
"""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]
    Members = dict[str, Json]
else:
    Members = dict

_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


class Ordered(Members):
    """A mapping whose keys are written in their own order, as the members of a Go struct are."""


def dumps(value: Json) -> str:
    """Write a value. Keys of mappings are sorted; wrap them in `Ordered` to keep an order."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, dict):
        keys = value if isinstance(value, Ordered) else sorted(value)
        return "{" + ",".join([f"{_string(key)}:{dumps(value[key])}" for key in keys]) + "}"
    return "[" + ",".join([dumps(item) for item in value]) + "]"


def _string(text: str) -> str:
    """Quote a text; bytes that are no UTF-8 (surrogates here) become U+FFFD, as an escape."""
    quoted: str = encode_basestring(text).translate(_HTML)
    if quoted.isascii():
        return quoted
    return "".join("\\ufffd" if "\ud800" <= char <= "\udfff" else char for char in quoted)
