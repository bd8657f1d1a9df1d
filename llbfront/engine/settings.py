"""The saved settings of the private engine: `llbfront engine config` changes them, every start uses them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import attrs

from llbfront.engine.config import Registry, Settings
from llbfront.engine.directories import make_directory
from llbfront.errors import EngineError, InvalidJson
from llbfront.files.paths import reason
from llbfront.files.reading import open_regular
from llbfront.files.writing import write_file
from llbfront.foreign_json import parse_object

if TYPE_CHECKING:
    from llbfront.engine.directories import Directories
    from llbfront.foreign_json import JsonObject


def load_settings(directories: Directories) -> Settings:
    """Return the saved settings, the defaults if there are none. Raises: EngineError if the file is damaged."""
    path = _path(directories)
    try:
        with open_regular(path) as file:
            return _settings(parse_object(file.read()))
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except (InvalidJson, OSError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        hint = "llbfront engine config --reset"
        raise EngineError(f"the settings of the private engine in {path} cannot be read: {why}", hint=hint) from None


def save(settings: Settings, directories: Directories) -> None:
    """Save settings for the starts to come."""
    make_directory(directories.state, mode=0o700)
    write_file(_path(directories), json.dumps(attrs.asdict(settings), indent=2).encode(), mode=0o600)


def _path(directories: Directories) -> str:
    return os.path.join(directories.state, "settings.json")


def _settings(document: JsonObject) -> Settings:
    return Settings(
        registries=tuple(map(_registry, document.objects("registries"))),
        snapshotter=document.text("snapshotter") or Settings().snapshotter,
        has_gc=document.flag("has_gc"),
        max_parallelism=document.integer("max_parallelism") or None,
        is_debug=document.flag("is_debug"),
        entitlements=document.texts("entitlements"),
        addresses=document.texts("addresses"),
        extra=document.text("extra"),
        reserved_bytes=document.integer("reserved_bytes") or None,
        max_used_bytes=document.integer("max_used_bytes") or None,
        min_free_bytes=document.integer("min_free_bytes") or None,
    )


def _registry(document: JsonObject) -> Registry:
    return Registry(
        document.text("host"),
        mirrors=document.texts("mirrors"),
        is_http=document.flag("is_http"),
        is_insecure=document.flag("is_insecure"),
        ca=document.texts("ca"),
    )
