"""Build contexts to measure with: the same on every machine, made once in a temporary directory."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathlib

TINY = "FROM scratch\nCOPY hello /hello\nCOPY hello /again\n"
TARGET = """\
FROM alpine AS base
RUN echo shared > /shared && sleep 0.2
FROM base AS middle
RUN echo middle >> /shared && sleep 0.1
FROM alpine
COPY --from=middle /shared /shared
COPY file /file
RUN echo NAME > /name
"""
LONG_STAGES = 7
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


def targets(root: pathlib.Path, *, count: int) -> None:
    """A bake file whose targets share two stages. Each target has a context and a last step of its own."""
    root.mkdir()
    names = [f"t{number}" for number in range(count)]
    for name in names:
        (root / name).mkdir()
        (root / name / "Dockerfile").write_text(TARGET.replace("NAME", name))
        (root / name / "file").write_text(f"{name}\n")
    group = {"default": {"targets": names}}
    (root / "docker-bake.json").write_text(json.dumps({"group": group, "target": {name: {"context": name} for name in names}}))


def long(root: pathlib.Path, *, stages: int = LONG_STAGES) -> None:
    """A Dockerfile of the size and kind of the largest that people publish: hundreds of steps with long commands, comments, many stages."""
    root.mkdir()
    texts = [_stage(number) for number in range(stages)]
    collected = "".join(f"COPY --from=part{number} /kept/ /kept/\n" for number in range(stages))
    (root / "Dockerfile").write_text(
        "# syntax-like remarks stand before everything\n" + "\n".join(texts) + f"\nFROM alpine\n{collected}"
    )


def _stage(number: int) -> str:
    """A stage that installs a program: arguments, variables, steps of many lines."""
    lines = [f"FROM alpine AS part{number}", f"ARG VERSION=1.{number}.0 MIRROR=https://example.test/part{number}"]
    for step in range(3):
        lines += [
            f"# Step {step}: why it is needed, for whom, and which version of the library {number} it was last seen to work with.",
            f"ENV PART_{number}_{step}=/opt/part{number}/$VERSION/step{step} PATH=$PATH:/opt/part{number}/step{step}/bin",
            f'LABEL org.example.part{number}.step{step}="$VERSION of $MIRROR"',
            "RUN set -eu; \\",
            *(
                f"    # what {word} wants\n    : fetch $MIRROR/{word}-$VERSION.tar.gz --sha256 {number:032x}{step:032x} && : unpack {word} /opt; \\"
                for word in ("library", "headers", "programs", "manuals", "data", "tests")
            ),
            f"    mkdir -p /kept && echo {step} > /kept/part{number}-{step}",
        ]
    return "\n".join(lines) + "\n"
