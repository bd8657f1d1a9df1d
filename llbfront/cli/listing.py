"""Lists of records: a table with columns to choose, one block of lines per record, or JSON.

A table is cut to the width of a terminal; anywhere else values are whole.

Source: the listings of docker buildx and buildctl.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import attrs

from llbfront.cli.output import show, show_json
from llbfront.errors import OptionError
from llbfront.oci.platform import Platform
from llbfront.printable import visible
from llbfront.progress.cell_width import fit, width
from llbfront.suggestions import suggestion

T = TypeVar("T")
GAP = 2
MIN_CELLS = 12
_GO_FORMATS = {"json": "use --json", "table": "leave it out", "raw": "use --json", "pretty": "use --verbose"}


@attrs.frozen
class Column(Generic[T]):
    """A column of a table.

    Attributes:
        name: what `--columns` calls it.
        text: the cell of a record.
        is_number: aligned to the right.
        is_flexible: cut where the terminal is too narrow.
        is_default: shown when no columns are chosen.
    """

    name: str
    text: Callable[[T], str]
    is_number: bool = False
    is_flexible: bool = False
    is_default: bool = True

    @property
    def title(self) -> str:
        return self.name.replace("-", " ").upper()


def add_arguments(command: argparse.ArgumentParser, columns: Sequence[Column[Any]], schema: str) -> None:
    """Add the flags that say how a list is printed."""
    names = ", ".join(column.name for column in columns)
    command.add_argument("--json", action="store_true", help=f"print JSON, in the form {schema}")
    command.add_argument("--columns", metavar="NAME,...", help=f"the columns of the table, of: {names}")
    command.add_argument("--no-trunc", action="store_true", help="do not cut the table to the width of the terminal")
    command.add_argument("--format", action=GoFormat, help=argparse.SUPPRESS)


class GoFormat(argparse.Action):
    """`--format` of docker and buildctl, a template in Go."""

    def __call__(self, _parser: object, _namespace: object, values: Any, option_string: str | None = None) -> None:
        hint = _GO_FORMATS.get(values, "use --json, or --columns to choose the columns of the table")
        raise OptionError(f"{option_string} is not supported", hint=hint)


def choose(columns: Sequence[Column[T]], names: str | None) -> list[Column[T]]:
    """Return the columns of a list of names, by default the usual ones. Raises: OptionError."""
    if names is None:
        return [column for column in columns if column.is_default]
    by_name = {column.name: column for column in columns}
    chosen = [name.strip().lower() for name in names.split(",") if name.strip()]
    for name in chosen:
        if name not in by_name:
            raise OptionError(f"there is no column {name!r}", hint=suggestion(name, by_name) or f"one of {', '.join(by_name)}")
    if not chosen:
        raise OptionError("--columns names no column", hint=f"one or more of {', '.join(by_name)}")
    return [by_name[name] for name in chosen]


def table(records: Sequence[T], columns: Sequence[Column[T]], *, cells: int | None) -> list[str]:
    """Return the lines of a table, a heading first; `cells` is the width to cut it to."""
    rows = [[column.title for column in columns], *([visible(column.text(record)) for column in columns] for record in records)]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    if cells is not None:
        widths = _narrowed(widths, columns, cells)
    return [_line(row, columns, widths) for row in rows]


def _narrowed(widths: list[int], columns: Sequence[Column[T]], cells: int) -> list[int]:
    """Shrink the flexible columns to fit, the last one first, down to a minimum width."""
    excess = sum(widths) + GAP * (len(widths) - 1) - cells
    narrowed = list(widths)
    for position in reversed(range(len(widths))):
        if columns[position].is_flexible and excess > 0:
            least = min(widths[position], max(MIN_CELLS, len(columns[position].title)))
            narrowed[position] = max(least, widths[position] - excess)
            excess -= widths[position] - narrowed[position]
    return narrowed


def _line(row: Sequence[str], columns: Sequence[Column[T]], widths: Sequence[int]) -> str:
    cells = [fit(cell, column_width) for cell, column_width in zip(row, widths, strict=True)]
    padded = [
        " " * (column_width - width(cell)) + cell if column.is_number else cell + " " * (column_width - width(cell))
        for cell, column, column_width in zip(cells, columns, widths, strict=True)
    ]
    return (" " * GAP).join(padded).rstrip()


def show_table(records: Sequence[T], columns: Sequence[Column[T]], parsed: argparse.Namespace) -> None:
    """Print a table of records as the flags say."""
    is_cut = sys.stdout.isatty() and not parsed.no_trunc
    cells = shutil.get_terminal_size().columns if is_cut else None
    show("\n".join(table(records, choose(columns, parsed.columns), cells=cells)))


def field_lines(fields: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield names and values, one per line, aligned; empty values are left out."""
    name_width = max(len(name) for name, _ in fields) + 1
    yield from (f"{name + ':':{name_width}}  {visible(value)}" for name, value in fields if value)


def show_fields(fields: Sequence[tuple[str, str]]) -> None:
    """Print the lines of `field_lines`."""
    for line in field_lines(fields):
        show(line)


def show_document(schema: str, *, indent: int | None = 2, **members: object) -> None:
    """Print a JSON document of a schema; values of attrs classes become objects."""
    show_json(json.dumps({"schema": schema, **members}, indent=indent, default=_plain))


def _plain(value: object) -> object:
    if attrs.has(type(value)) and not isinstance(value, Platform):
        return attrs.asdict(value, recurse=False)  # type: ignore[arg-type]  # it is an instance of an attrs class
    return str(value)
