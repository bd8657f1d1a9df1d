"""Read YAML into Python values that know their lines.

Source: go.yaml.in/yaml/v3 for how plain scalars are read: only `true` and `false` are booleans.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
from collections.abc import Iterator
from typing import Any

from llbfront.bake.files import DefinitionFile
from llbfront.errors import BakeError
from llbfront.optional_packages import install_command
from llbfront.source import Source, Span

_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*|0)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_TIMESTAMP = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?")
_NULLS = {"", "~", "null", "Null", "NULL"}
_INFINITE = re.compile(r"([-+]?)\.(?:inf|Inf|INF)")
_NOT_A_NUMBER = {".nan", ".NaN", ".NAN"}
_BOOLEANS = dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_MAX_DEPTH = 200
RESET, OVERRIDE = "!reset", "!override"


class Mapping(dict[str, Any]):
    """A mapping with the line of each key, and the tags `!reset` and `!override` of values. The mapping has no values with `!reset`."""

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span
        self.spans: dict[str, Span] = {}
        self.tags: dict[str, str] = {}

    def span_of(self, key: str) -> Span:
        """Return the span of a key, or of the mapping if the key has none."""
        return self.spans.get(key, self.span)

    def copy(self) -> Mapping:
        copied = Mapping(self.span)
        copied.update(self)
        copied.spans, copied.tags = dict(self.spans), dict(self.tags)
        return copied


def copied(mapping: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a mapping, with its lines if it has some."""
    return mapping.copy()


def set_item(mapping: dict[str, Any], key: str, value: Any, origin: dict[str, Any]) -> None:
    """Set a key of a mapping, at the line that it has in `origin`."""
    mapping[key] = value
    if isinstance(mapping, Mapping) and isinstance(origin, Mapping):
        mapping.spans[key] = origin.span_of(key)


def yaml_module() -> Any:
    """PyYAML. Raises: BakeError with the command that installs it."""
    try:
        import yaml
    except ImportError:
        raise BakeError("YAML files need PyYAML", hint=install_command("yaml")) from None
    return yaml


def read_documents(file: DefinitionFile) -> list[Any]:
    """Return the documents of a YAML file. Raises: BakeError at the line that is wrong."""
    yaml = yaml_module()
    source = Source(file.name, file.data, "YAML")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = file.data.decode("utf-8-sig")
        nodes = list(yaml.compose_all(text, loader))
    except UnicodeDecodeError as error:
        raise BakeError("the file is not UTF-8", span=source.at(file.data.count(b"\n", 0, error.start) + 1)) from None
    except yaml.YAMLError as error:
        raise _syntax_error(error, source) from None
    except RecursionError:
        raise BakeError(f"{file.name}: values are nested too deep") from None
    reader = _Reader(source)
    return [reader.value(node, 0) for node in nodes if node is not None]


def _syntax_error(error: Any, source: Source) -> BakeError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    context = getattr(error, "context", None)
    message = f"{problem} ({context})" if context and context != problem else problem
    return BakeError(f"not valid YAML: {message}", span=source.at(mark.line + 1) if mark is not None else None)


class _Reader:
    """Turns the nodes of a file into values. Aliases give the same value again; their number is limited."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._left = 500_000

    def value(self, node: Any, depth: int) -> Any:
        self._left -= 1
        if depth > _MAX_DEPTH or self._left < 0:
            raise BakeError("the file is nested too deep, or its aliases repeat too much", span=self._span(node))
        kind = type(node).__name__
        if kind == "MappingNode":
            return self._mapping(node, depth)
        if kind == "SequenceNode":
            return [self.value(item, depth + 1) for item in node.value if item.tag != RESET]
        return scalar(node.value, node.tag, is_plain=not node.style)

    def _span(self, node: Any) -> Span:
        return self._source.at(node.start_mark.line + 1)

    def _mapping(self, node: Any, depth: int) -> Mapping:
        mapping = Mapping(self._span(node))
        merged: list[Any] = []
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge" or (key_node.value == "<<" and key_node.style is None):
                merged += [value_node] if type(value_node).__name__ == "MappingNode" else value_node.value
                continue
            key = self._key(key_node)
            if key in mapping.spans:
                raise BakeError(f'mapping key "{key}" already defined at {mapping.span_of(key)}', span=self._span(key_node))
            mapping.spans[key] = self._span(key_node)
            if value_node.tag in {RESET, OVERRIDE}:
                mapping.tags[key] = value_node.tag
            if value_node.tag != RESET:
                mapping[key] = self.value(value_node, depth + 1)
        for other in self._merged(merged, depth):
            for key, value in other.items():
                if key not in mapping:
                    mapping[key], mapping.spans[key] = value, other.span_of(key)
        return mapping

    def _merged(self, nodes: list[Any], depth: int) -> Iterator[Mapping]:
        for node in nodes:
            value = self.value(node, depth + 1)
            if not isinstance(value, Mapping):
                raise BakeError("map merge requires map or sequence of maps as the value", span=self._span(node))
            yield value

    def _key(self, node: Any) -> str:
        if type(node).__name__ != "ScalarNode":
            raise BakeError("a key must be a string", span=self._span(node))
        return str(node.value)


def scalar(text: str, tag: str, *, is_plain: bool) -> Any:
    """Read a scalar: a plain one by its form, others are strings."""
    if tag in {"tag:yaml.org,2002:str", "!"} and not is_plain:
        return text
    if tag.startswith("!") and tag not in {RESET, OVERRIDE}:
        return text
    if not is_plain and tag == "tag:yaml.org,2002:str":
        return text
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(digits := text.replace("_", "")):
        return float(digits) if math.isfinite(float(digits)) else text
    if match := _INFINITE.fullmatch(text):
        return float(f"{match[1]}inf")
    if text in _NOT_A_NUMBER:
        return math.nan
    return Timestamp(text) if _is_timestamp(text) else text


def _is_timestamp(text: str) -> bool:
    if not _TIMESTAMP.fullmatch(text):
        return False
    try:
        dt.datetime.fromisoformat(_padded(text))
    except ValueError:
        return False
    return True


def _integer(text: str) -> int | float | str:
    digits = text.replace("_", "")
    sign, digits = (-1, digits[1:]) if digits.startswith("-") else (1, digits.removeprefix("+"))
    if len(digits) > 1 and digits[0] == "0" and digits[1] in "01234567":
        digits = f"0o{digits[1:]}"
    try:
        value = sign * int(digits, 0)
        return value if -(2**63) <= value < 2**64 else float(value)
    except (ValueError, OverflowError):
        return text


class Timestamp(str):
    """A plain scalar that is a date or a time, as it is written."""

    __slots__ = ()

    @property
    def as_text(self) -> str:
        """The time as Go writes it."""
        moment = dt.datetime.fromisoformat(_padded(self))
        zone = moment.strftime("%z") or "+0000"
        fraction = f".{moment.microsecond:06}".rstrip("0") if moment.microsecond else ""
        return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} {zone} {'UTC' if zone == '+0000' else zone}"


def _padded(text: str) -> str:
    """Return a time in the form of ISO 8601, with two digits in each number."""
    return re.sub(r"(?<=[-:Tt ])(\d)(?=[-:.Tt ]|$)", r"0\1", text).replace("t", "T")


def text_of(value: Any) -> str:
    """Write a scalar as Go's fmt package does."""
    if isinstance(value, Timestamp):
        return value.as_text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    return "<nil>" if value is None else str(value)


def _float_text(value: float) -> str:
    """Write a number with as few digits as identify it, and with an exponent below -4 and from 6 on."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    digits = len(format(decimal.Decimal(repr(value)).normalize(), "e").partition("e")[0].replace(".", "").lstrip("-"))
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    if -4 <= int(exponent) < 6:
        return f"{value:.{max(0, digits - 1 - int(exponent))}f}"
    return f"{mantissa}e{exponent}"
