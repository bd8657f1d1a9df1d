"""Read which files changed from a git range, a diff or a list, as absolute paths; and read files as they were before.

Source: the output of git diff.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Mapping

from llbfront.client.git import repository
from llbfront.client.git.unified_diff import paths_of, unquoted
from llbfront.errors import ContextError
from llbfront.files.paths import absolute_path, real_path

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def of_range(revisions: str, directory: str) -> tuple[str, ...]:
    """Return the paths that differ in a range of git, such as `main...HEAD`, or between a single revision and the work tree.

    Raises: ContextError if git fails.
    """
    _check(revisions)
    root = repository.toplevel(directory)
    names = repository.run(root, "diff", "--name-only", "--no-renames", "-z", revisions, "--")
    if ".." not in revisions:
        names += repository.run(root, "ls-files", "--others", "--exclude-standard", "-z")
    return tuple(os.path.join(root, os.fsdecode(name)) for name in names.split(b"\0") if name)


def of_diff(text: str, directory: str) -> tuple[str, ...]:
    """Return the paths of a unified diff, relative to the git repository of a directory, or to the directory.

    Raises: ContextError for a string that is not a diff.
    """
    paths = tuple(dict.fromkeys(paths_of(text)))
    if not paths and text.strip():
        raise ContextError("the changes are not a unified diff: they name no file", hint="--files takes a list of paths")
    try:
        root = repository.toplevel(directory)
    except ContextError:
        root = absolute_path(directory)
    return tuple(os.path.join(root, path) for path in paths)


def _without_mark(data: bytes) -> bytes:
    encoding = next((encoding for mark, encoding in _MARKS.items() if data.startswith(mark)), None)
    return data if encoding is None else data.decode(encoding, "replace").encode()


def of_list(data: bytes, directory: str) -> tuple[str, ...]:
    """Return the paths of a list, by lines or, if there is a NUL, ended by NUL; relative ones are below a directory.

    Lines may end with CR LF, and names may be quoted as git quotes them. A byte order mark says that the list is in UTF-8 or UTF-16.
    """
    data = _without_mark(data)
    names = [os.fsdecode(name) for name in data.split(b"\0")] if b"\0" in data else _lines(os.fsdecode(data))
    return tuple(os.path.normpath(os.path.join(absolute_path(directory), name)) for name in names if name)


def _lines(text: str) -> list[str]:
    end = "\r\n" if text.count("\n") == text.count("\r\n") else "\n"
    return [unquoted(name) for name in text.split(end)]


def reader_before(revisions: str, directories: Mapping[str, str], directory: str) -> Callable[[str, str], bytes | None]:
    """Return a function that reads files of directories as they were at the start of a range of git.

    Raises: ContextError if git fails.
    """
    root, start = repository.toplevel(directory), start_of(revisions, directory)

    def read(name: str, path: str) -> bytes | None:
        if name not in directories:
            raise NotImplementedError
        relative = os.path.relpath(os.path.join(real_path(directories[name]), path.lstrip("/")), real_path(root))
        try:
            return repository.run(root, "cat-file", "blob", f"{start}:{relative}")
        except ContextError:
            return None

    return read


def start_of(revisions: str, directory: str) -> str:
    """Return the revision at the start of a range of git. Raises: ContextError."""
    start, _, end = revisions.partition("..")
    if end.startswith("."):
        return repository.run(directory, "merge-base", start or "HEAD", end[1:] or "HEAD").decode().strip()
    return start or "HEAD"


def _check(revisions: str) -> None:
    """Refuse a string that git would read as an option or as a directory. Raises: ContextError."""
    if revisions.startswith("-") or not revisions.strip("."):
        raise ContextError(
            f"{revisions!r} is not a range of git", hint="use a range such as main...HEAD, or a revision such as HEAD"
        )
