"""A row: one behaviour of the frontend as data; a Dockerfile with its context and options, and expectations of its build.

What two frontends agree on is compared elsewhere. A row says what they agree on, so that it also fails where both are wrong or where
the case shows nothing.

    row("V5", "the shortest suffix goes", "FROM scratch\\nENV A=a.b.c\\nENV B=${A%.*}\\n", Has("config/Env", "B=a.b"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from tests.fsutil.trees import File

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llbfront.llb import State
    from tests.fsutil.trees import Node
    from tests.live.rows.seen import Seen

    Input = State | bytes | Callable[[Callable[[str], str]], State]

SMALL = {
    "a.txt": File(b"a\n"),
    "b.txt": File(b"b\n"),
    "dir/c.txt": File(b"c\n"),
    "dir/d.md": File(b"d\n"),
    "dir/sub/e.txt": File(b"e\n", mode=0o600),
    "run.sh": File(b"#!/bin/sh\necho ran\n", mode=0o755),
}


@attrs.frozen
class Row:
    """One behaviour. `ids` are the rows of the specification that it belongs to."""

    ids: tuple[str, ...]
    says: str
    dockerfile: bytes
    sees: tuple[Seen, ...]
    options: Mapping[str, str]
    files: Mapping[str, Node]
    contexts: Mapping[str, str]
    secrets: Mapping[str, bytes]
    agents: tuple[str, ...]
    entitlements: tuple[str, ...]
    inputs: Mapping[str, Input]
    stdin: bytes | None
    has_own_words: bool

    @property
    def name(self) -> str:
        return f"{' '.join(self.ids)}: {self.says}"


def row(
    ids: str,
    says: str,
    dockerfile: str | bytes,
    *sees: Seen,
    options: Mapping[str, str] | None = None,
    files: Mapping[str, Node | str] | None = None,
    contexts: Mapping[str, str] | None = None,
    secrets: Mapping[str, bytes] | None = None,
    agents: tuple[str, ...] = (),
    entitlements: tuple[str, ...] = (),
    inputs: Mapping[str, Input] | None = None,
    stdin: bytes | None = None,
    has_own_words: bool = False,
) -> Row:
    """Make a Row.

    options: of the frontend, as an engine takes them. files: the context besides the Dockerfile, instead of SMALL.
    contexts: named contexts, as `--build-context` takes them. inputs: graphs that the frontend is given, as bytes
    where they are none, and made of a function that fills names in where they have some.
    In Dockerfile, options and contexts <registry> stands for the address of a registry, <context> for the directory of `files`,
    <web>, <main> and <old> for what is of `web`, <git>, <files> and <commit> for what is of `servers`, <frontend> and <scanner> for images.
    agents: ids of SSH agents that are offered. stdin: what comes on standard input, as a client's `-` takes it. has_own_words: an error has its phrase, and each frontend its words around it.
    """
    tree = SMALL if files is None else {path: File(one.encode()) if isinstance(one, str) else one for path, one in files.items()}
    text = dockerfile.encode() if isinstance(dockerfile, str) else dockerfile
    assert sees, "a row without anything to see shows nothing"
    return Row(
        tuple(ids.split()),
        says,
        text,
        sees,
        options or {},
        tree,
        contexts or {},
        secrets or {},
        agents,
        entitlements,
        inputs or {},
        stdin,
        has_own_words,
    )
