"""Parse and write the `key=value,key=value` form of --output, --secret, --cache-to and the like.

Fields may be quoted as in a CSV file, so that a value may hold a comma.

Source: util/buildflags of docker/buildx.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from llbfront.arguments import path_fault
from llbfront.errors import InvalidValue, OptionError
from llbfront.gostd.csv import split_fields
from llbfront.printable import has_control_characters

_SENSITIVE = r"(?i)secret|token|password|value|key"
_PIECE = r'"(?:[^"]|"")*+"?|[^,"]+|,'


def fields(text: str) -> list[str]:
    """Split one argument at its commas; a field in double quotes may hold commas, and `""` for a quote."""
    _check(text)
    try:
        return list(split_fields(text)) if text else []
    except InvalidValue as error:
        raise OptionError(f"cannot read {shown(text)}: {error.message}") from None


def _check(text: str) -> None:
    fault = path_fault(text) or (
        "it contains a control character" if has_control_characters(text) else None
    )  # a line end would cut it
    if fault:
        raise OptionError(f"cannot read {shown(text)}: {fault}")


def shown(text: str) -> str:
    """Return an argument for a message, in quotes and with `***` for the values of keys such as `token` and `secret_access_key`."""
    return repr("".join(_masked(piece) for piece in re.findall(_PIECE, text)))


def _masked(piece: str) -> str:
    names = piece.split("=")
    for count, name in enumerate(names[:-1], 1):
        if re.search(_SENSITIVE, name):
            return "=".join(names[:count]) + ('=***"' if piece.endswith('"') else "=***")
    return piece


def joined(texts: Iterable[str]) -> str:
    """Write fields as one argument, those that need it in quotes."""
    quoted = ('"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text for text in texts)
    return ",".join(quoted)


def written(attributes: Mapping[str, str]) -> str:
    """Write attributes as one argument. Raises: OptionError for a value that no argument can hold."""
    text = joined(f"{key}={value}" for key, value in attributes.items())
    _check(text)
    return text


def pairs(text: str, *, option: str) -> dict[str, str]:
    """Read `key=value` fields; keys are lower-cased, the last of a repeated key wins."""
    values: dict[str, str] = {}
    for field in fields(text):
        key, equals, value = field.partition("=")
        if not equals:
            raise OptionError(f"invalid {option} {shown(text)}: {field!r} is not key=value")
        values[key.strip().lower()] = value
    return values
