"""Build contexts to measure with: the same on every machine, made once in a temporary directory.

Source: none.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathlib

TINY = "FROM scratch\nCOPY hello /hello\nCOPY hello /again\n"
WHOLE = "FROM scratch\nCOPY . /\n"


def tiny(root: pathlib.Path) -> None:
    """A context whose build is nothing but conversation."""
    root.mkdir()
    (root / "Dockerfile").write_text(TINY)
    (root / "hello").write_text("hello\n")


def many(root: pathlib.Path, *, files: int, size_bytes: int = 2048) -> None:
    """Files of one size, a hundred in a directory."""
    chance = random.Random(1)
    root.mkdir()
    for number in range(files):
        path = root / f"d{number // 100:04}" / f"f{number % 100:02}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(chance.randbytes(size_bytes))
    (root / "Dockerfile").write_text(WHOLE)


def large(root: pathlib.Path, *, size_bytes: int) -> None:
    """One file."""
    chance = random.Random(2)
    root.mkdir()
    with (root / "blob").open("wb") as file:
        for _ in range(size_bytes >> 20):
            file.write(chance.randbytes(1 << 20))
    (root / "Dockerfile").write_text(WHOLE)
