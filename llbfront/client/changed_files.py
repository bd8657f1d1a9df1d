"""Which files changed: a git range, a diff, or a list → absolute paths, and files as they were.

Source: the output of git diff.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping

from llbfront.errors import ContextError

_TIMEOUT_S = 60
_DIFF_PATH = re.compile(r"(?:--- (?:a/)?|\+\+\+ (?:b/)?|rename from |rename to |copy to )(.+)")
_DIFF_HEAD = re.compile(r"diff --git a/(.+) b/\1")


def of_range(revisions: str, directory: str) -> tuple[str, ...]:
    """Return the paths that differ in a range of git, such as `main...HEAD`; for a single revision, those of the work tree.

    Raises: ContextError if git fails.
    """
    root = toplevel(directory)
    names = _git(root, "diff", "--name-only", "--no-renames", "-z", revisions, "--")
    if ".." not in revisions:
        names += _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return tuple(os.path.join(root, os.fsdecode(name)) for name in names.split(b"\0") if name)


def of_diff(text: str, directory: str) -> tuple[str, ...]:
    """Return the paths of a unified diff, relative to the git repository of a directory, or to the directory.

    Raises: ContextError if the text is not empty and names no file.
    """
    paths = tuple(dict.fromkeys(_named(text)))
    if text.strip() and not paths:
        raise ContextError("the changes are not a unified diff: they name no file", hint="--files takes a list of paths")
    try:
        root = toplevel(directory)
    except ContextError:
        root = os.path.abspath(directory)
    return tuple(os.path.join(root, path) for path in paths)


def of_list(data: bytes, directory: str) -> tuple[str, ...]:
    """Return the paths of a list, by lines or, if there is a NUL, ended by NUL; relative ones are below a directory."""
    names = data.split(b"\0" if b"\0" in data else b"\n")
    return tuple(os.path.normpath(os.path.join(os.path.abspath(directory), os.fsdecode(name))) for name in names if name)


def reader_before(revisions: str, directories: Mapping[str, str], directory: str) -> Callable[[str, str], bytes | None]:
    """Return a function that reads files of directories as they were at the start of a range of git.

    Raises: ContextError if git fails.
    """
    root = toplevel(directory)
    start, dots, end = re.match(r"(.*?)(\.{2,3}|$)(.*)", revisions).groups()  # type: ignore[union-attr]  # it matches every text
    if dots == "...":
        start = _git(root, "merge-base", start or "HEAD", end or "HEAD").decode().strip()

    def read(name: str, path: str) -> bytes | None:
        if name not in directories:
            raise NotImplementedError
        relative = os.path.relpath(os.path.join(os.path.realpath(directories[name]), path.lstrip("/")), os.path.realpath(root))
        try:
            return _git(root, "cat-file", "blob", f"{start or 'HEAD'}:{relative}")
        except ContextError:
            return None

    return read


def toplevel(directory: str) -> str:
    """Return the root of the git repository of a directory. Raises: ContextError."""
    return os.fsdecode(_git(directory, "rev-parse", "--show-toplevel")).rstrip("\n")


def _named(text: str) -> Iterator[str]:
    for line in text.splitlines():
        match = _DIFF_PATH.fullmatch(line) or _DIFF_HEAD.fullmatch(line)
        if match and match[1] != "/dev/null":
            yield match[1].partition("\t")[0]


def _git(directory: str, *arguments: str) -> bytes:
    command = ["git", "-C", directory, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=_TIMEOUT_S)
    except FileNotFoundError:
        raise ContextError("git is not installed", hint="--files and --diff need no git") from None
    except subprocess.TimeoutExpired:
        raise ContextError(f"git {arguments[0]} did not end within {_TIMEOUT_S} s") from None
    if done.returncode != 0:
        raise ContextError(f"git {arguments[0]} failed: {done.stderr.decode(errors='replace').strip().partition(chr(10))[0]}")
    return done.stdout
