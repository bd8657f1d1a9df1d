"""The configuration file of docker, `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`.

An absent or empty file means no settings. A file that cannot be read or decoded is one error that names it.

Source: cli/config/config.go and cli/config/configfile/file.go of docker/cli.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from llbfront.errors import InvalidJson, LlbfrontError
from llbfront.files.paths import reason
from llbfront.files.reading import read_bytes
from llbfront.foreign_json import JsonObject, parse_object

MAX_BYTES = 16 << 20


def directory(environ: Mapping[str, str]) -> str:
    """Return the directory in which docker keeps its configuration."""
    return environ.get("DOCKER_CONFIG") or os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".docker")


def path(environ: Mapping[str, str]) -> str:
    """Return the path of the configuration file."""
    return os.path.join(directory(environ), "config.json")


def load(environ: Mapping[str, str]) -> JsonObject:
    """Read the configuration file.

    Raises:
        LlbfrontError: the file exists and cannot be read, or is not a JSON object.
    """
    name = path(environ)
    try:
        data = read_bytes(name, limit_bytes=MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        data = b""
    except (OSError, ValueError) as error:
        raise LlbfrontError(f"cannot read the docker config {name}: {reason(error)}") from None
    try:
        return parse_object(data, ignore_rest=True) if data.strip() else JsonObject({})
    except InvalidJson as error:
        raise LlbfrontError(f"cannot read the docker config {name}: {error.message}") from None
