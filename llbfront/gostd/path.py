"""Clean and join slash-separated paths by their text alone.

Source: package path of Go.
"""

from __future__ import annotations

import functools
import posixpath


def join(*parts: str) -> str:
    """Join paths and clean the result. Empty parts are left out; only empty parts give an empty path."""
    joined = "/".join(part for part in parts if part)
    return clean(joined) if joined else ""


@functools.lru_cache(maxsize=64)
def clean(path: str) -> str:
    """Return the shortest path that means the same by its text alone; an empty path becomes `.`.

    >>> clean("//a/./b/../c/")
    '/a/c'
    """
    if path.startswith("/") and not ("//" in path or "/." in path or path.endswith("/")):
        return path
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned
