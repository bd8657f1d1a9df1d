"""Read what `--help` of docker buildx and buildctl prints: commands below, and flags."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

_COBRA_FLAG = re.compile(r" +(?:(-\w), )?(--[\w-]+)(?: (\S+))?(?:  +.*)?")
_SECTION = re.compile(r"(?:Available Commands|Flags|Global Flags|COMMANDS|OPTIONS|GLOBAL OPTIONS):")


@attrs.frozen
class Flag:
    """A flag: its spellings, the long one last, and whether it has a value."""

    names: tuple[str, ...]
    has_value: bool


@attrs.frozen
class Help:
    """The help of one command: the commands below it and its own flags. Flags of all commands are left out."""

    commands: tuple[str, ...]
    flags: tuple[Flag, ...]
    global_flags: tuple[Flag, ...]


def read(text: str) -> Help:
    """Read a help text."""
    sections: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if _SECTION.fullmatch(line.strip()):
            lines = sections.setdefault(line.strip().rstrip(":").upper().replace("AVAILABLE ", ""), [])
        elif not line.strip():
            continue
        elif line.startswith(" "):
            lines.append(line)
        else:
            lines = []
    return Help(
        tuple(_commands(sections.get("COMMANDS", []))),
        tuple(_flags(sections.get("FLAGS", []) + sections.get("OPTIONS", []))),
        tuple(_flags(sections.get("GLOBAL FLAGS", []) + sections.get("GLOBAL OPTIONS", []))),
    )


def _commands(lines: list[str]) -> Iterator[str]:
    for line in lines:
        name = line.split()[0].rstrip(",")
        if name not in {"help", "h"}:
            yield name


def _flags(lines: list[str]) -> Iterator[Flag]:
    for line in lines:
        flag = _cobra_flag(line) or _cli_flag(line)
        if flag is not None and "--help" not in flag.names:
            yield flag


def _cobra_flag(line: str) -> Flag | None:
    """Read `  -f, --file string   text`."""
    match = _COBRA_FLAG.fullmatch(line)
    if match is None or "," in (match[3] or ""):
        return None
    return Flag(tuple(filter(None, (match[1], match[2]))), bool(match[3]))


def _cli_flag(line: str) -> Flag | None:
    """Read `   --filter string, -f string [ --filter string, -f string ]  text`."""
    words = re.split(r"  +| \[", line.strip())[0].split(", ")
    names = [word.split(" ")[0] for word in words]
    if not all(name.startswith("-") for name in names):
        return None
    return Flag(tuple(sorted(names, key=len)), any(" " in word for word in words))
