"""A pool of real files: their texts, their instructions and their words, as raw material of mutations.

The splitting is rough on purpose and shares nothing with the parser under test.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LARGEST = 30_000
INSTRUCTION = re.compile(r"(?m)^[^\S\n]*[A-Za-z]+[^\S\n](?:[^\n]*[\\`][^\S\n]*\n)*[^\n]*\n?")
FLAG = re.compile(r"(?<!\S)--[a-z-]+(?:=\S*)?")
BASE = re.compile(r"(?im)^[^\S\n]*FROM[^\S\n]+(?:--\S+[^\S\n]+)*([^\s$]+)[^\S\n]*$|(?:--|[=,])from=([^\s,$]+)")
STAGE = re.compile(r"(?im)^[^\S\n]*FROM[^\n]*\sAS\s+(\S+)")
VARIABLE = re.compile(r"(?im)^[^\S\n]*(?:ARG|ENV)\s+(\w+)")


@attrs.frozen
class Pool:
    """Texts, and what was found in all of them together."""

    texts: tuple[str, ...]
    instructions: tuple[str, ...]
    flags: tuple[str, ...]


def read(files: Iterable[Path]) -> Pool:
    """Read the files that are not too large, each text once."""
    return of(path.read_bytes().decode("utf-8", "replace") for path in files if path.stat().st_size < LARGEST)


def of(candidates: Iterable[str]) -> Pool:
    """Take the texts themselves."""
    texts = tuple(dict.fromkeys(candidates))
    instructions = dict.fromkeys(match for text in texts for match in INSTRUCTION.findall(text) if len(match) < 2000)
    flags = dict.fromkeys(flag for text in texts for flag in FLAG.findall(text) if len(flag) < 100)
    return Pool(texts, tuple(instructions), tuple(flags))


def bases(text: str) -> list[str]:
    """The images and stages that a text names."""
    return list(dict.fromkeys(name for pair in BASE.findall(text) for name in pair if name))


def stages(text: str) -> list[str]:
    return STAGE.findall(text)


def variables(text: str) -> list[str]:
    return list(dict.fromkeys(VARIABLE.findall(text)))
