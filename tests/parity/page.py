"""The table as a page of the docs."""

from __future__ import annotations

import pathlib
from itertools import groupby

from tests.parity.table import Row, rows

PAGE = pathlib.Path(__file__).parents[2] / "docs/parity.md"
HEAD = """\
# Commands and flags of docker buildx and buildctl

<!-- Written by `make parity`; do not edit. -->

Each command and flag that `--help` of docker buildx v0.38.2 and buildctl v0.34.2 lists, experimental ones included. *Same*: the same word
with the same meaning. *Extended*: it does more. *Other spelling*: llbfront has it in another form. *Not applicable*: it is refused, and the
error has the text of the last column.
"""


def text() -> str:
    """Return the page."""
    parts = [HEAD]
    for command, group in groupby(rows(), key=lambda row: row.command):
        head, *flags = group
        parts.append(f"## `{command}`\n\n{_sentence(head)}\n")
        if flags:
            lines = [f"| `{row.flag}` | {row.kind} | {_cell(row.note)} |" for row in flags]
            parts.append("\n".join(["| flag | llbfront | |", "| --- | --- | --- |", *lines]) + "\n")
    return "\n".join(parts)


def _sentence(row: Row) -> str:
    return f"{row.kind.capitalize()}{f': {row.note}' if row.note else ''}."


def _cell(note: str) -> str:
    return note.replace("|", "\\|")
