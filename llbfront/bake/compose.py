"""Compose files: not read yet.

Source: bake/compose.go of docker/buildx.
"""

from __future__ import annotations

from llbfront.bake.files import DefinitionFile
from llbfront.errors import BakeError


def is_compose(file: DefinitionFile) -> bool:
    """Whether a file is a Compose file, told by its name."""
    return file.name.lower().endswith((".yml", ".yaml"))


def refuse(file: DefinitionFile) -> BakeError:
    return BakeError(f"{file.name}: Compose files are not supported yet")
