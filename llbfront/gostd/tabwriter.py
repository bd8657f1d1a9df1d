"""Align the columns of text tables.

A cell may contain tabs and line feeds, which separate cells and lines. A column is as wide as its neighbouring lines need.

Source: text/tabwriter of Go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby


def format_table(rows: Sequence[Sequence[str]], *, gap: int) -> str:
    """Align columns but the last of each line, `gap` blanks between them. A form feed ends a line and all columns."""
    text = "".join("\t".join(row) + "\n" for row in rows)
    sheets = ([re.split("[\t\v]", line) for line in sheet.split("\n")] for sheet in text.split("\f"))
    return "\n".join(line for sheet in sheets for line in _aligned(sheet, gap, ()))


def _aligned(lines: Sequence[list[str]], gap: int, widths: tuple[int, ...]) -> Iterator[str]:
    column = len(widths)
    for has_column, group in groupby(lines, lambda line: len(line) > column + 1):
        block = list(group)
        if has_column:
            width = max(len(line[column]) for line in block) + gap
            yield from _aligned(block, gap, (*widths, width))
        else:
            yield from ("".join([*map(str.ljust, line, widths), *line[column:]]) for line in block)
