"""Find and read the files of a definition.

Source: bake/bake.go and commands/bake.go of docker/buildx.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping

import attrs

from llbfront.errors import BakeError
from llbfront.files.paths import reason

DEFAULT_NAMES = (
    "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml",
    "docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl",
)  # fmt: skip
PIPELINE = "codefresh.yml"  # read where there is none of the usual files
LARGEST_BYTES = 64 << 20


@attrs.frozen
class DefinitionFile:
    """A file of a definition as it was read."""

    name: str
    data: bytes = attrs.field(repr=False)


def read_files(
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], environ: Mapping[str, str]
) -> list[DefinitionFile]:
    """Read the files that are named, else those of BUILDX_BAKE_FILE, else those with the usual names. Raises BakeError."""
    names = [os.fspath(files)] if isinstance(files, str | os.PathLike) else [os.fspath(name) for name in files]
    names = names or _from_environment(environ)
    if names:
        return [_read(name.removeprefix("cwd://")) for name in names]
    found = [_read(name) for name in DEFAULT_NAMES if os.path.lexists(name)]
    if not found and os.path.lexists(PIPELINE):
        return [_read(PIPELINE)]
    if not found:
        raise BakeError(
            "couldn't find a bake definition", hint=f"name a file with -f; {DEFAULT_NAMES[5]} and others are looked for"
        )
    return found


def _from_environment(environ: Mapping[str, str]) -> list[str]:
    separator = environ.get("BUILDX_BAKE_PATH_SEPARATOR") or os.pathsep
    texts = environ.get("BUILDX_BAKE_FILE", "").split(separator)
    return [text.strip() for text in texts if text.strip()]


def _read(name: str) -> DefinitionFile:
    try:
        if name == "-":
            return DefinitionFile(name, sys.stdin.buffer.read(LARGEST_BYTES))
        with open(name, "rb") as file:
            return DefinitionFile(name, file.read(LARGEST_BYTES))
    except (OSError, ValueError) as error:
        raise BakeError(f"cannot read {name}: {reason(error)}") from None
