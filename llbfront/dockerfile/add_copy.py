"""Parse ADD and COPY. Their sources are split into paths and heredocs.

Source: frontend/dockerfile/instructions/parse.go of BuildKit (parseAdd, parseCopy, parseSourcesAndDest).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.dockerfile.flags import BOOL, LIST, TEXT, parse_flags
from llbfront.dockerfile.heredocs import is_heredoc, parse_heredoc
from llbfront.dockerfile.instructions import Add, Copy
from llbfront.dockerfile.statements import Heredoc
from llbfront.errors import DockerfileSyntaxError

if TYPE_CHECKING:
    from llbfront.dockerfile.statements import Statement

_ADD_FLAGS = {
    "chown": TEXT,
    "chmod": TEXT,
    "link": BOOL,
    "keep-git-dir": BOOL,
    "checksum": TEXT,
    "unpack": BOOL,
    "exclude": LIST,
}
_COPY_FLAGS = {
    "chown": TEXT,
    "from": TEXT,
    "chmod": TEXT,
    "link": BOOL,
    "exclude": LIST,
    "parents": BOOL,
}


def parse_add(statement: Statement) -> Add:
    """Parse an ADD. Raises: DockerfileError; `read_instruction` gives it the span of the statement."""
    _need_destination(statement, "ADD")
    flags = parse_flags(statement.flags, _ADD_FLAGS)
    sources, contents = _sources(statement, "ADD")
    return Add(
        statement,
        sources,
        statement.args[-1],
        contents,
        chown=flags.text("chown"),
        chmod=flags.text("chmod"),
        link=flags.boolean("link") or False,
        excludes=flags.texts("exclude"),
        checksum=flags.text("checksum"),
        keep_git_dir=flags.boolean("keep-git-dir"),
        unpack=flags.boolean("unpack"),
    )


def parse_copy(statement: Statement) -> Copy:
    """Parse a COPY. Raises: DockerfileError; `read_instruction` gives it the span of the statement."""
    _need_destination(statement, "COPY")
    flags = parse_flags(statement.flags, _COPY_FLAGS)
    sources, contents = _sources(statement, "COPY")
    return Copy(
        statement,
        sources,
        statement.args[-1],
        contents,
        chown=flags.text("chown"),
        chmod=flags.text("chmod"),
        link=flags.boolean("link") or False,
        excludes=flags.texts("exclude"),
        origin=flags.text("from"),
        parents=flags.boolean("parents") or False,
    )


def _need_destination(statement: Statement, name: str) -> None:
    if len(statement.args) < 2:
        raise DockerfileSyntaxError(
            f"{name} requires at least two arguments, but only one was provided. Destination could not be determined",
            hint=f"write {name} SOURCE DESTINATION",
        )


def _sources(statement: Statement, name: str) -> tuple[tuple[str, ...], tuple[Heredoc, ...]]:
    """Split the sources into paths and heredocs."""
    if is_heredoc(statement.args[-1]):
        raise DockerfileSyntaxError(f"{name} cannot accept a heredoc as a destination")
    words = statement.args[:-1]
    if not any("<<" in word for word in words):
        return words, ()
    contents = {heredoc.name: heredoc.content for heredoc in statement.heredocs}
    paths: list[str] = []
    documents: list[Heredoc] = []
    for word in words:
        heredoc = parse_heredoc(word) if is_heredoc(word) else None
        if heredoc is None:
            paths.append(word)
        else:
            documents.append(
                Heredoc(heredoc.name, contents.get(heredoc.name, ""), heredoc.expand, heredoc.chomp, heredoc.descriptor),
            )
    return tuple(paths), tuple(documents)
