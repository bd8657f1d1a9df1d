"""The rule for strings in a build request: which characters a name, a setting and a value may hold.

Names and settings become part of frontend options, command lines and messages, so they hold no control characters. Values of build
arguments, labels and annotations may have several lines, but no NUL, which no environment and no engine takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llbfront.errors import OptionError
from llbfront.printable import has_control_characters

_PATHS = frozenset(("src", "dest"))  # file names may hold any character but NUL, which is refused where they are read


def check_settings(settings: Mapping[str, Iterable[str]]) -> None:
    """Refuse control characters in strings, by what they are. Raises: OptionError."""
    for what, texts in settings.items():
        for text in texts:
            if has_control_characters(text):
                raise OptionError(f"the {what} {text!r} contains a control character")


def check_values(what: str, values: Mapping[str, str]) -> None:
    """Refuse control characters in names, and NUL in their values. Raises: OptionError."""
    check_settings({f"name of a {what}": values})
    for name, value in values.items():
        if "\0" in value:
            raise OptionError(f"the {what} {name} holds a NUL character")


def check_attributes(what: str, attributes: Mapping[str, str]) -> None:
    """Refuse control characters in attributes of an output or a cache, but for paths. Raises: OptionError."""
    check_settings({f"attribute of the {what}": attributes})
    check_settings({f"attribute {key} of the {what}": [text] for key, text in attributes.items() if key not in _PATHS})
