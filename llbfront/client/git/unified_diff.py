"""The paths that a unified diff names, by git or by diff -u.

Source: the section on generating patch text of the manual of git diff.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

NOTHING = "/dev/null"
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_QUOTED_PAIR = re.compile(r'("(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*")')
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_COMBINED = ("diff --cc ", "diff --combined ")
_MOVED = ("rename from ", "rename to ", "copy to ")


def paths_of(text: str) -> Iterator[str]:
    """Yield the paths that a unified diff names, without the prefixes `a/` and `b/` or others; one may come several times."""
    lines = iter(text.split("\n"))
    is_named, old = False, ""
    for line in (text.removesuffix("\r") for text in lines):
        if line.startswith("@@"):
            _skip_hunk(line, lines)
        elif line.startswith("diff "):
            paths = _of_head(line)
            is_named = bool(paths)
            yield from paths
        elif line.startswith(_MOVED):
            is_named = True
            yield unquoted(line.removeprefix(next(filter(line.startswith, _MOVED))))
        elif line.startswith("+++ ") and old and not is_named:
            yield from _of_pair(_file(old), _file(line))
        old = line if line.startswith("--- ") else ""


def unquoted(name: str) -> str:
    """Return a path without the quotes and escapes that git writes around unusual names."""
    if len(name) < len('""') or not (name[0] == name[-1] == '"'):
        return name
    return os.fsdecode(_ESCAPE.sub(_unescaped, os.fsencode(name[1:-1])))


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) & 0xFF]) if code.isdigit() else _LETTERS.get(code, code)


def _skip_hunk(head: str, lines: Iterator[str]) -> None:
    """Skip the lines of a hunk. The hunks of a merge have no counts that matter: a context line cannot look like a head."""
    match = _HUNK.match(head)
    if match is None:
        return
    old, new = (1 if count is None else int(count) for count in match.groups())
    while old > 0 or new > 0:
        line = next(lines, None)
        if line is None:
            return
        old -= not line.startswith(("+", "\\"))
        new -= not line.startswith(("-", "\\"))


def _of_head(line: str) -> tuple[str, ...]:
    """Return the path in the first line of a file; none if it moved, since other lines say so better."""
    for head in _COMBINED:
        if line.startswith(head):
            return (unquoted(line.removeprefix(head)),)
    names = line.removeprefix("diff --git ")
    if names == line:
        return ()
    if match := _QUOTED_PAIR.fullmatch(names):
        old, new = match.groups()
    else:
        old, new = names[: len(names) // 2], names[len(names) // 2 + 1 :]
    paths = tuple(_of_pair(unquoted(old), unquoted(new)))
    return paths if len(paths) == 1 else ()


def _of_pair(old: str, new: str) -> Iterator[str]:
    """Yield the common path of two names with different prefixes, or both names."""
    below_old, below_new = old.partition("/")[2], new.partition("/")[2]
    if NOTHING in {old, new}:
        name = new if old == NOTHING else old
        yield name.removeprefix("a/" if new == NOTHING else "b/")
    elif old == new:
        yield old
    elif below_old and below_old == below_new:
        yield below_old
    else:
        yield from (old, new)


def _file(line: str) -> str:
    """Return the name in a line that begins with `---` or `+++`, without the time after it."""
    return unquoted(line[len("+++ ") :].partition("\t")[0])
