"""The table of invalid Dockerfiles, tests/data/error_messages.txt: each case with the lines and the message of its error.

    python -m tests.support.error_table       writes the answers of the present code into the file; review the difference

A case is a title behind `= `, lines behind `: ` (`opt KEY=VALUE`; `image REF CONFIG`, or `!ERROR` in place of the config; `ignore LOCAL
PATTERN`; `caps LIST`; `text`, the whole Dockerfile with escapes in it), the Dockerfile, and behind `> ` the answer: the lines that the error
is about, `-` without any, and its message. Lines with `# ` between cases are headings.
"""

from __future__ import annotations

import json
import pathlib
import re
from typing import TYPE_CHECKING, Any

import attrs

from tests.differential import subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

TABLE = pathlib.Path(__file__).parent.parent / "data" / "error_messages.txt"
_START = re.compile(r"(?:\A|\n\n)((?:# [^\n]*\n\n)?)= ")


@attrs.frozen
class ErrorCase:
    """One case: what stands above it, its title and text as written, what is asked, and the expected answer."""

    heading: str
    title: str
    written: str
    case: dict[str, Any]
    expected: str


def read(text: str) -> list[ErrorCase]:
    _, *parts = _START.split(text.rstrip("\n"))
    return [_read(heading, block) for heading, block in zip(parts[::2], parts[1::2], strict=True)]


def _read(heading: str, block: str) -> ErrorCase:
    written, _, expected = block.rpartition("\n> ")
    title, *lines = written.split("\n")
    case: dict[str, Any] = {"id": title, "opts": {}, "images": {}, "dockerignore": {}, "caps": "all"}
    while lines and lines[0].startswith(": "):
        _, kind, value = lines.pop(0).split(" ", 2)
        _SETTINGS[kind](case, value)
    case.setdefault("dockerfile", "\n".join(lines) + "\n")
    return ErrorCase(heading, title, written, case, expected)


def _option(case: dict[str, Any], value: str) -> None:
    key, _, text = value.partition("=")
    case["opts"][key] = text


def _image(case: dict[str, Any], value: str) -> None:
    ref, _, config = value.partition(" ")
    case["images"][ref] = {"error": config[1:]} if config.startswith("!") else {"config": json.loads(config)}


def _ignore(case: dict[str, Any], value: str) -> None:
    local, _, pattern = value.partition(" ")
    case["dockerignore"][local] = f"{pattern}\n"


_SETTINGS: Mapping[str, Callable[[dict[str, Any], str], None]] = {
    "opt": _option,
    "image": _image,
    "ignore": _ignore,
    "caps": lambda case, value: case.update(caps=value),
    "text": lambda case, value: case.update(dockerfile=value.encode("latin-1", "backslashreplace").decode("unicode_escape")),
}


def cases() -> list[ErrorCase]:
    return read(TABLE.read_text())


def answer(case: dict[str, Any]) -> str:
    """What we say: the lines, `-` without any, and the message with its hint."""
    result = subject.answer(case)
    return "(no error)" if result["error"] is None else f"{lines(result['error_lines'])} {result['message']}"


def lines(numbers: Iterable[int]) -> str:
    """Write line numbers as ranges: `3,5-7`."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges) or "-"


def main() -> None:
    blocks = [f"{each.heading}= {each.written}\n> {answer(each.case)}" for each in cases()]
    TABLE.write_text("\n\n".join(blocks) + "\n")


if __name__ == "__main__":
    main()
