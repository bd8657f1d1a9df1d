"""Reading files out of results, none larger than the engine would send: the Dockerfile, ignore files, archives.

Enters: a reference and a path. Leaves: the file's bytes.

Source: frontend/dockerui/readfile.go, github.com/moby/patternmatcher/ignorefile.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from llbfront.dockerfile.golang import BLANKS
from llbfront.errors import ContextError

if TYPE_CHECKING:
    from llbfront.frontend.bridge import Reference

LIMIT = 16 << 20
_LONGEST_LINE = 64 << 10


class TooLarge(ContextError):
    """A file that no engine would send."""


def read_file(ref: Reference, path: str) -> bytes:
    """Read a file. Raises TooLarge, or what the bridge raises for a file that is missing."""
    size = ref.size_of(path)
    if size is None or size <= LIMIT:
        data = ref.read_file(path, limit=LIMIT + 1)
        if len(data) <= LIMIT:
            return data
    raise TooLarge(f"{path} exceeds maximum allowed size of {LIMIT} bytes")


def read_patterns(data: bytes, name: str) -> tuple[str, ...]:
    """Read the patterns of an ignore file: cleaned, without a slash in front, `!` kept. Raises ContextError for endless lines."""
    patterns = []
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if len(line) >= _LONGEST_LINE:
            raise ContextError(f"failed parsing {name}: bufio.Scanner: token too long")
        text = line.removesuffix(b"\r").decode(errors="surrogateescape")
        if text.startswith("#"):
            continue
        text = text.strip(BLANKS)
        inverted = text.startswith("!")
        pattern = text[1:].strip(BLANKS) if inverted else text
        if pattern:
            pattern = posixpath.normpath(pattern)
            pattern = pattern.lstrip("/") or "/"
        if text:
            patterns.append(f"!{pattern}" if inverted else pattern)
    return tuple(patterns)
