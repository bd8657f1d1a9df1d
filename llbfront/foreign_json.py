"""JSON that other programs wrote: registries, engines, helper programs, configuration files.

Everything foreign is decoded here, as Go decodes it: invalid UTF-8 becomes U+FFFD, member names match in any case, null is absence.
Odd input (too deep, too large, a list where an object is expected) raises `InvalidJson`, whose message never quotes a value.

Source: encoding/json of Go.
"""

from __future__ import annotations

import json
import re
from typing import Any

import attrs

from llbfront.errors import InvalidJson

MAX_DEPTH = 200
_BLANKS = " \t\r\n"
_SURROGATE_ESCAPE = r"\\u[dD][89a-fA-F]"
_INT64 = 1 << 63


def parse_json(data: bytes | str, *, ignore_rest: bool = False) -> Any:
    """Decode one JSON document.

    Args:
        data: the document; bytes are UTF-8.
        ignore_rest: accept anything after the first value, as Go's stream decoder does.

    Raises:
        InvalidJson: it is not JSON, or is nested more than `MAX_DEPTH` levels deep.
    """
    text = (data.decode(errors="replace") if isinstance(data, bytes) else valid_unicode(data)).lstrip(_BLANKS)
    try:
        value, end = _DECODER.raw_decode(text)
    except ValueError as error:
        raise InvalidJson(describe_error(error)) from None
    except RecursionError:
        raise InvalidJson("it is nested too deep") from None
    if not ignore_rest and text[end:].strip(_BLANKS):
        raise InvalidJson("it is not JSON: extra data after the first value")
    if _is_deeper_than(value, MAX_DEPTH):
        raise InvalidJson("it is nested too deep")
    return _with_valid_texts(value) if re.search(_SURROGATE_ESCAPE, text) else value


def describe_error(error: ValueError) -> str:
    """Say what is wrong with a document that Python's decoder refuses, and where."""
    if not isinstance(error, json.JSONDecodeError):
        return f"it is not JSON: {error}"
    if not error.doc.strip(_BLANKS):
        return "it is empty"
    if error.pos >= len(error.doc.rstrip(_BLANKS)):
        return "it is not JSON: it ends too early"
    return f"it is not JSON: line {error.lineno}, column {error.colno} is wrong"


def parse_object(data: bytes | str, *, ignore_rest: bool = False) -> JsonObject:
    """Decode a document that is an object; null is an empty one. Raises: InvalidJson."""
    return as_object(parse_json(data, ignore_rest=ignore_rest))


def parse_strings(data: bytes | str) -> tuple[str, ...]:
    """Decode a document that is a list of strings; null is an empty one. Raises: InvalidJson."""
    values = parse_json(data)
    if values is None:
        return ()
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _wrong_type("", "a list of strings")
    return tuple(values)


def as_object(value: Any, where: str = "") -> JsonObject:
    """Return a decoded value as an object; None is an empty one. Raises: InvalidJson."""
    if value is None:
        return JsonObject({}, where)
    if not isinstance(value, dict):
        raise _wrong_type(where, "an object")
    return JsonObject(value, where)


@attrs.frozen
class JsonObject:
    """An object of a document, with typed access to its members. Every method raises InvalidJson for a member of another type.

    `members` are as in the document; `where` is the path of the object in it, for messages.
    """

    members: dict[str, Any] = attrs.field(repr=False)
    where: str = ""
    _folded: dict[str, Any] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_folded", {name.casefold(): value for name, value in self.members.items()})

    def get(self, name: str) -> Any:
        """Return a member as it was decoded; None when it is absent."""
        return self._folded.get(name.casefold())

    def text(self, name: str) -> str:
        """Return a string; "" when it is absent."""
        return self._typed(name, str, "a string") or ""

    def flag(self, name: str) -> bool:
        """Return true or false; False when it is absent."""
        return bool(self._typed(name, bool, "true or false"))

    def integer(self, name: str) -> int:
        """Return a 64-bit integer; 0 when it is absent."""
        value = self.get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None:
            return 0
        if not isinstance(value, int) or isinstance(value, bool) or not -_INT64 <= value < _INT64:
            raise _wrong_type(self._path(name), "a 64-bit integer")
        return value

    def object(self, name: str) -> JsonObject:
        """Return an object; an empty one when it is absent."""
        return as_object(self.get(name), self._path(name))

    def entry(self, key: str) -> JsonObject:
        """Return an object under its exact key, for an object that is used as a map; an empty one when it is absent."""
        return as_object(self.members.get(key), f"{self.where}[{json.dumps(key)}]")

    def text_map(self, name: str) -> dict[str, str]:
        """Return an object whose members are strings, with their names as written; {} when it is absent."""
        members = self.object(name).members
        if not all(isinstance(value, str) for value in members.values()):
            raise _wrong_type(self._path(name), "an object of strings")
        return members

    def objects(self, name: str) -> tuple[JsonObject, ...]:
        """Return a list of objects; () when it is absent."""
        return tuple(as_object(item, f"{self._path(name)}[{index}]") for index, item in enumerate(self._list(name)))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings; () when it is absent."""
        values = self._list(name)
        if not all(isinstance(value, str) for value in values):
            raise _wrong_type(self._path(name), "a list of strings")
        return tuple(values)

    def _list(self, name: str) -> list[Any]:
        return self._typed(name, list, "a list") or []

    def _typed(self, name: str, kind: type, expected: str) -> Any:
        value = self.get(name)
        if value is not None and not isinstance(value, kind):
            raise _wrong_type(self._path(name), expected)
        return value

    def _path(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name


def _wrong_type(where: str, expected: str) -> InvalidJson:
    return InvalidJson(f"{where or 'it'} is not {expected}")


def _reject_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


_DECODER = json.JSONDecoder(parse_constant=_reject_constant)


def _is_deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        level = [item for container in level for item in _children(container) if isinstance(item, (dict, list))]
        if not level:
            return False
    return True


def _children(container: Any) -> Any:
    if isinstance(container, dict):
        return container.values()
    return container if isinstance(container, list) else ()


def _with_valid_texts(value: Any) -> Any:
    """Replace lone surrogates in all strings of a document that is not too deep."""
    if isinstance(value, str):
        return valid_unicode(value)
    if isinstance(value, list):
        return [_with_valid_texts(item) for item in value]
    if isinstance(value, dict):
        return {valid_unicode(name): _with_valid_texts(item) for name, item in value.items()}
    return value


def valid_unicode(text: str) -> str:
    """Replace lone surrogates, which no encoding can write, by U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
