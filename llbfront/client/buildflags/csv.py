"""Parse and write the `key=value,key=value` form of --output, --secret, --cache-to and the like.

Fields may be quoted as in a CSV file, so that a value may hold a comma.

Source: util/buildflags of docker/buildx.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

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
    """Return an argument for a message, in quotes and with `***` for the values of keys such as `token` and `secret_access_key`.

    Fields without a key that follow such a value are hidden too: they may be the rest of a value with a comma.
    """
    pieces = []
    is_hiding = False
    for piece in re.findall(_PIECE, text):
        masked = _masked(piece)
        if "=" in piece:
            is_hiding = masked != piece
        pieces.append("***" if is_hiding and "=" not in piece and piece != "," else masked)
    return repr("".join(pieces))


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
    """Return the values of `key=value` fields; keys are lower-cased, the last of a repeated key wins."""
    return {key.strip().lower(): value for key, value in split_pairs(text, option=option)}


def split_pairs(text: str, *, option: str) -> Iterator[tuple[str, str]]:
    """Yield the keys and values of `key=value` fields as written. Raises: OptionError for a field without `=`."""
    is_hiding = False
    for number, field in enumerate(fields(text), 1):
        key, equals, value = field.partition("=")
        if not equals:
            name = f"field {number}" if is_hiding else repr(field)
            raise OptionError(f"invalid {option} {shown(text)}: {name} is not key=value")
        is_hiding = _masked(field) != field
        yield key, value
