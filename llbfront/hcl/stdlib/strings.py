"""Functions on strings and paths.

Source: cty/function/stdlib/string.go, string_replace.go and bytes.go of zclconf/go-cty; bake/hclparser/stdlib.go of docker/buildx.
"""

from __future__ import annotations

import os
import re

from llbfront.gostd import path as gopath
from llbfront.gostd.strings import to_lower, to_title, to_upper
from llbfront.hcl.functions import Function, FunctionError, function
from llbfront.hcl.stdlib.arguments import require_size, whole
from llbfront.hcl.stdlib.graphemes import split_graphemes
from llbfront.hcl.types import NUMBER, STRING, list_of
from llbfront.hcl.values import Value, list_value, number, string

MAX_SPACES = 10_000


def base_name(path: str) -> str:
    """Return the last element of a path, like Go's `path.Base`."""
    if not path:
        return "."
    return path.rstrip("/").rsplit("/", 1)[-1] or "/"


@function(STRING)
def basename(path: Value) -> Value:
    return string(base_name(path.data))


@function(STRING)
def dirname(path: Value) -> Value:
    return string(gopath.clean(path.data[: path.data.rfind("/") + 1]))


@function(STRING)
def sanitize(name: Value) -> Value:
    return string(re.sub(r"[^a-zA-Z0-9_-]", "_", name.data))


@function()
def homedir() -> Value:
    return string(os.path.expanduser("~"))


@function(STRING)
def upper(str: Value) -> Value:  # noqa: A002  the name that messages give it
    return string(to_upper(str.data))


@function(STRING)
def lower(str: Value) -> Value:  # noqa: A002
    return string(to_lower(str.data))


@function(STRING)
def title(str: Value) -> Value:  # noqa: A002
    return string(to_title(str.data))


@function(STRING)
def reverse(str: Value) -> Value:  # noqa: A002
    return string("".join(reversed(split_graphemes(str.data))))


@function(STRING)
def strlen(str: Value) -> Value:  # noqa: A002
    return number(len(split_graphemes(str.data)))


@function(STRING, NUMBER, NUMBER)
def substr(str: Value, offset: Value, length: Value) -> Value:  # noqa: A002
    text, start, count = split_graphemes(str.data), whole(offset, 1), whole(length, 2)
    if start < 0:
        start = max(0, len(text) + start)
    if count == 0:
        return string("")
    return string("".join(text[start:] if count < 0 else text[start : start + count]))


@function(STRING, STRING)
def split(separator: Value, str: Value) -> Value:  # noqa: A002
    parts = str.data.split(separator.data) if separator.data else list(str.data)
    return list_value([string(part) for part in parts], STRING)


@function(STRING, variadic=list_of(STRING))
def join(separator: Value, *lists: Value) -> Value:
    if not lists:
        raise FunctionError("at least one list is required")
    texts: list[str] = []
    for index, values in enumerate(lists, 1):
        for position, element in enumerate(values.elements):
            if element.is_null:
                raise FunctionError(f"element {position} of list {index - 1} is null; cannot concatenate null values", index)
            texts.append(element.data)
    require_size(sum(map(len, texts)) + len(separator.data) * len(texts))
    return string(separator.data.join(texts))


@function(STRING)
def chomp(str: Value) -> Value:  # noqa: A002
    return string(str.data.rstrip("\r\n"))


@function(NUMBER, STRING)
def indent(spaces: Value, str: Value) -> Value:  # noqa: A002
    count = whole(spaces, 0)
    if count > MAX_SPACES:
        raise FunctionError(f"spaces must not be more than {MAX_SPACES}", 0)
    require_size(len(str.data) + str.data.count("\n") * count)
    return string(str.data.replace("\n", "\n" + " " * count))


@function(STRING, STRING)
def trim(str: Value, cutset: Value) -> Value:  # noqa: A002
    return string(str.data.strip(cutset.data) if cutset.data else str.data)


@function(STRING, STRING)
def trim_prefix(str: Value, prefix: Value) -> Value:  # noqa: A002
    return string(str.data.removeprefix(prefix.data))


@function(STRING, STRING)
def trim_suffix(str: Value, suffix: Value) -> Value:  # noqa: A002
    return string(str.data.removesuffix(suffix.data))


@function(STRING)
def trim_space(str: Value) -> Value:  # noqa: A002
    return string(str.data.strip())


@function(STRING, STRING, STRING)
def replace(str: Value, substr: Value, replace: Value) -> Value:  # noqa: A002
    require_size(len(str.data) + str.data.count(substr.data) * len(replace.data))
    return string(str.data.replace(substr.data, replace.data))


@function(list_of(STRING))
def sort(list: Value) -> Value:  # noqa: A002
    for position, element in enumerate(list.elements):
        if element.is_null:
            raise FunctionError(f"given list element {position} is null; a null string cannot be sorted")
    texts = sorted((element.data for element in list.elements), key=str.encode)
    return list_value([string(text) for text in texts], STRING)


FUNCTIONS: dict[str, Function] = {
    "basename": basename, "dirname": dirname, "sanitize": sanitize, "homedir": homedir,
    "upper": upper, "lower": lower, "title": title, "reverse": reverse, "strlen": strlen, "substr": substr,
    "split": split, "join": join, "chomp": chomp, "indent": indent, "trim": trim, "trimprefix": trim_prefix,
    "trimsuffix": trim_suffix, "trimspace": trim_space, "replace": replace, "sort": sort,
}  # fmt: skip
