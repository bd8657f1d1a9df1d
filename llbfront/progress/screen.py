"""Redraw a region at the bottom of a terminal.

Only rows that changed are written, all in one piece to avoid flicker. The cursor is hidden only within a piece: a program that is killed
leaves it visible, below the region.

Source: ECMA-48 for the sequences; the idea of a region is BuildKit's progressui's.
"""

from __future__ import annotations

from collections.abc import Sequence

from llbfront.progress.cell_width import width as cells_of
from llbfront.progress.logs import without_color

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
ERASE_LINE, ERASE_BELOW = "\x1b[K", "\x1b[J"


class Screen:
    """The text of the region. `reflows`: the terminal wraps long lines again when it becomes narrower."""

    def __init__(self, *, reflows: bool = True) -> None:
        self._reflows = reflows
        self._rows: list[str] = []
        self._size = (0, 0)

    def draw(self, rows: Sequence[str], size: tuple[int, int], *, is_last: bool = False) -> str:
        """Return what to write so that the region shows `rows`, each narrower than the terminal of `size` (columns, lines).

        Rows above what the terminal can reach are left as they stand. Empty when nothing changes. `is_last`: nothing is drawn afterwards,
        so that rows may wrap.
        """
        if size != self._size or is_last:
            text = self._up(self._height(size[0]), size[1]) + ERASE_BELOW + "".join(f"{row}\n" for row in rows)
        elif list(rows) == self._rows:
            return ""
        else:
            text = self._up(len(self._rows), size[1]) + "".join(self._changes(rows)) + ERASE_BELOW
        self._rows, self._size = list(rows), size
        return f"{HIDE}{text}{SHOW}"

    def _changes(self, rows: Sequence[str]) -> list[str]:
        known = len(self._rows)
        return ["\n" if i < known and row == self._rows[i] else f"{row}{ERASE_LINE}\n" for i, row in enumerate(rows)]

    @staticmethod
    def _up(rows: int, lines: int) -> str:
        reach = min(rows, lines - 1)
        return f"\r\x1b[{reach}A" if reach > 0 else "\r"

    def _height(self, columns: int) -> int:
        """Lines that the region fills in a terminal that has become `columns` wide."""
        if not self._reflows:
            return len(self._rows)
        return sum(max(1, -(-cells_of(without_color(row)) // columns)) for row in self._rows)
