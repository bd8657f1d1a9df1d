"""Near-valid texts: a good Dockerfile with one small damage. The two frontends must agree on whether it is one.

Source: features.md sections 1.1 to 1.3, the errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.generator.dice import Odds, Table

if TYPE_CHECKING:
    from tests.differential.generator.draft import Draft

MUTATED = Odds(0.12)
CHARACTERS = "$\"'\\`{}[]=-<#:,/ \n\t@"


def place(d: Draft, text: str) -> int:
    return d.random.randrange(len(text) + 1)


def insert(d: Draft, text: str) -> str:
    at = place(d, text)
    return text[:at] + d.pick(CHARACTERS) + text[at:]


def delete(d: Draft, text: str) -> str:
    at = place(d, text)
    return text[:at] + text[at + d.random.randint(1, 3) :]


def swap(d: Draft, text: str) -> str:
    at = place(d, text)
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def drop_line(d: Draft, text: str) -> str:
    lines = text.split("\n")
    del lines[d.random.randrange(len(lines))]
    return "\n".join(lines)


def double_line(d: Draft, text: str) -> str:
    lines = text.split("\n")
    at = d.random.randrange(len(lines))
    return "\n".join([*lines[: at + 1], *lines[at:]])


def move_line(d: Draft, text: str) -> str:
    lines = text.split("\n")
    line = lines.pop(d.random.randrange(len(lines)))
    lines.insert(d.random.randrange(len(lines) + 1), line)
    return "\n".join(lines)


def cut(d: Draft, text: str) -> str:
    return text[: place(d, text)]


def join_lines(d: Draft, text: str) -> str:
    lines = text.split("\n")
    at = d.random.randrange(len(lines))
    return "\n".join(lines[:at]) + " ".join(lines[at:][:2]) + "\n" + "\n".join(lines[at + 2 :])


DAMAGES = Table(
    (4, "M character put in", lambda d: lambda text: insert(d, text)),
    (3, "M characters taken out", lambda d: lambda text: delete(d, text)),
    (2, "M characters swapped", lambda d: lambda text: swap(d, text)),
    (2, "M line dropped", lambda d: lambda text: drop_line(d, text)),
    (2, "M line doubled", lambda d: lambda text: double_line(d, text)),
    (2, "M line moved", lambda d: lambda text: move_line(d, text)),
    (4, "M text cut off", lambda d: lambda text: cut(d, text)),
    (3, "M lines joined", lambda d: lambda text: join_lines(d, text)),
)
WRECKS = ("", "\n", "# only a comment\n", "ARG A=1\n", "RUN x\nFROM a\n", "FROM\n", "FROM a b\n", "FROM a AS\n", "FROM a AS b c\n", "FROM a AS 1x\n", "FROM scratch\nRUN " + "x" * 70000 + "\n",
          "FROM --platform=\n", "FROM --platform=$NOPE a\n", "FROM --bogus=1 a\n", "FROM ${X:?no}\n", "FROM $UNSET\n", "FROM a\nFROM b AS a\nCOPY --from=a x y\n",
          "FROM a AS x\nCOPY --from=y . .\nFROM b AS y\nCOPY --from=x . .\n", "FROM a AS x\nCOPY --from=x . .\n", "FROM --platform=bad/bad/bad/bad a\n", "FROM a AS scratch\n", "FROM a as Context\n")  # fmt: skip
WRECKED = Odds(0.015)


def damage(d: Draft, text: str) -> str:
    if d.maybe(WRECKED):
        return d.pick(WRECKS)
    if d.maybe(MUTATED):
        return str(d.choose(DAMAGES)(text))
    return text
