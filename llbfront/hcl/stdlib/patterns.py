"""Functions on regular expressions, in Go's syntax as far as Python's `re` has the same.

Source: cty/function/stdlib/regexp.go and string_replace.go of zclconf/go-cty.
"""

from __future__ import annotations

import re
import warnings

from llbfront.hcl.functions import Function, FunctionError, function
from llbfront.hcl.types import STRING, Type, object_of, tuple_of
from llbfront.hcl.values import Value, list_value, null, object_value, string, tuple_value

_NAMED_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": "\\x00-\\x7F", "blank": "\\t ", "cntrl": "\\x00-\\x1F\\x7F", "digit": "0-9",
    "graph": "!-~", "lower": "a-z", "print": " -~", "punct": "!-/:-@[-`{-~", "space": "\\t\\n\\v\\f\\r ", "upper": "A-Z",
    "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip


def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern in Go's syntax. Raises FunctionError."""
    text = pattern.replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!")
    text = re.sub(r"\[:(\w+):\]", lambda match: _NAMED_CLASSES.get(match[1], match[0]), text).replace("\\z", "\\Z")
    if re.search(r"\(\?(?:[=!>(#]|<[=!])|\\[1-9]", text):
        raise FunctionError("error parsing pattern: invalid or unsupported Perl syntax", 0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(text, re.ASCII)
    except (re.error, FutureWarning, DeprecationWarning) as error:
        raise FunctionError(f"error parsing pattern: {error}", 0) from None


def _result_type(pattern: re.Pattern[str]) -> Type:
    if not pattern.groups:
        return STRING
    if not pattern.groupindex:
        return tuple_of([STRING] * pattern.groups)
    if len(pattern.groupindex) != pattern.groups:
        raise FunctionError("invalid pattern: cannot mix both named and unnamed capture groups", 0)
    return object_of(dict.fromkeys(pattern.groupindex, STRING))


def _result(match: re.Match[str], type_: Type) -> Value:
    def text(value: str | None) -> Value:
        return null(STRING) if value is None else string(value)

    if type_ is STRING:
        return string(match[0])
    if type_.kind == "tuple":
        return tuple_value(text(value) for value in match.groups())
    return object_value({name: text(value) for name, value in match.groupdict().items()})


@function(STRING, STRING)
def regex(pattern: Value, string: Value) -> Value:
    expression = compiled(pattern.data)
    type_ = _result_type(expression)
    match = expression.search(string.data)
    if match is None:
        raise FunctionError("pattern did not match any part of the given string")
    return _result(match, type_)


@function(STRING, STRING)
def regex_all(pattern: Value, string: Value) -> Value:
    expression = compiled(pattern.data)
    type_ = _result_type(expression)
    return list_value([_result(match, type_) for match in expression.finditer(string.data)], type_)


def _expanded(template: str, match: re.Match[str]) -> str:
    """Put the groups of a match in place of `$1`, `${name}` and `$$`."""

    def group(reference: re.Match[str]) -> str:
        if reference[0] == "$$":
            return "$"
        name = reference[1] or reference[2]
        key: str | int = int(name) if name.isdigit() else name
        is_known = key in match.re.groupindex if isinstance(key, str) else key <= match.re.groups
        return (match[key] or "") if is_known else ""

    return re.sub(r"\$\$|\$\{(\w+)\}|\$(\w+)", group, template)


@function(STRING, STRING, STRING)
def regex_replace(text: Value, pattern: Value, replace: Value) -> Value:
    return string(compiled(pattern.data).sub(lambda match: _expanded(replace.data, match), text.data))


FUNCTIONS: dict[str, Function] = {"regex": regex, "regexall": regex_all, "regex_replace": regex_replace}
