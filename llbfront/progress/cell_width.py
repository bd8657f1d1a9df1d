"""Measure how many cells of a terminal a string fills at most, and cut it to fit.

East Asian characters and emoji fill two cells, combining marks and joiners none. Terminals differ in emoji sequences: some show one emoji,
some its parts one by one. The larger number counts, since a line that is longer than expected would break the redrawn screen.
"""

from __future__ import annotations

from collections.abc import Iterator

ELLIPSIS = "…"
_FIRST_COMBINING = "\u0300"


def width(text: str) -> int:
    """Return the number of cells that printable text fills."""
    return len(text) if _is_narrow(text) else sum(cells for _, cells in _clusters(text))


def fit(text: str, cells: int) -> str:
    """Return the text, or as much of it as fits with an ellipsis if it is wider than `cells`."""
    if _is_narrow(text):
        return text if len(text) <= cells else text[: cells - 1] + ELLIPSIS if cells > 0 else ""
    used = end = cut = 0
    for cluster, cluster_cells in _clusters(text):
        used += cluster_cells
        if used > cells:
            return text[:cut] + ELLIPSIS if cells > 0 else ""
        end += len(cluster)
        if used < cells:
            cut = end
    return text


def _is_narrow(text: str) -> bool:
    """Return whether each character certainly fills one cell. Most text does, and is measured without loading the tables of wcwidth."""
    return text.isascii() or max(text.replace(ELLIPSIS, ".")) < _FIRST_COMBINING


def _clusters(text: str) -> Iterator[tuple[str, int]]:
    """Yield each character with its marks, and its cells."""
    from wcwidth import iter_graphemes, wcswidth, wcwidth

    for cluster in iter_graphemes(text):
        yield cluster, max(wcswidth(cluster), sum(max(0, wcwidth(character)) for character in cluster))
