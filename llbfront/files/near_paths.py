"""Suggest the path that was probably meant by one that does not exist, as a whole, so that it can be pasted."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable

from llbfront.files.paths import descriptor_of
from llbfront.suggestions import SUGGESTION, near_name

_ENTRIES = 10_000


def near_path_hint(path: str | os.PathLike[str], *, is_meant: Callable[[str], bool] = os.path.exists) -> str | None:
    """Return a hint such as `did you mean src/Dockerfile?`, None if nothing is near.

    Args:
        path: one that does not exist.
        is_meant: whether a path can be suggested; it is called with paths that may not exist.
    """
    near = None if descriptor_of(path) is not None else near_path(os.fspath(path), is_meant=is_meant)
    return None if near is None else f"{SUGGESTION}{near}?"


def near_path(path: str, root: str = "", *, is_meant: Callable[[str], bool] = os.path.exists) -> str | None:
    """Return a path with its first name that does not exist replaced by the most similar one beside it.

    Args:
        path: the path, relative to `root`.
        root: a directory, by default the current one.
        is_meant: whether the new path, below `root`, can be suggested.

    Returns:
        The path relative to `root`, None if no name is similar, or if the rest of the path does not exist there.
    """
    names = path.split("/")
    for number, name in enumerate(names):
        before = "/".join([*names[:number], ""])
        if not name or os.path.lexists(os.path.join(root, before + name)):
            continue
        near = _nearest(name, os.path.join(root, before) or ".")
        whole = None if near is None else before + "/".join([near, *names[number + 1 :]])
        return whole if whole is not None and is_meant(os.path.join(root, whole)) else None
    return None


def files_below(directory: str, name: str) -> list[str]:
    """Return the paths of the files with a name in the directories of a directory, except hidden ones."""
    try:
        with os.scandir(directory) as entries:
            places = sorted(entry.path for entry in itertools.islice(entries, _ENTRIES) if not entry.name.startswith("."))
    except (OSError, ValueError):
        return []
    return [path for place in places if os.path.isfile(path := os.path.join(place, name))]


def _nearest(name: str, directory: str) -> str | None:
    try:
        with os.scandir(directory) as entries:
            known = sorted(entry.name for entry in itertools.islice(entries, _ENTRIES))
    except (OSError, ValueError):
        return None
    return near_name(name, known)
