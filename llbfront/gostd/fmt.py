"""Print lists of strings.

Source: package fmt of Go.
"""

from __future__ import annotations

from collections.abc import Iterable

from llbfront.gostd.strconv import quote


def quoted_slice(texts: Iterable[str]) -> str:
    """Print a list as `%q` does: `["a" "b"]`."""
    return f"[{' '.join(map(quote, texts))}]"


def plain_slice(texts: Iterable[str]) -> str:
    """Print a list as `%v` does: `[a b]`."""
    return f"[{' '.join(texts)}]"
