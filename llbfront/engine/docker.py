"""Where the docker command would find its engine: DOCKER_HOST, else the current context.

Enters: the environment and the files under ~/.docker. Leaves: `Setting`, an address and its certificates, or what is wrong.

Source: cli/command and cli/context/store of the docker CLI; DOCKER_HOST replaces the context there too.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class Setting:
    """What one setting of docker says. `tls` is a directory with ca.pem, cert.pem, key.pem; `problem` stands instead of an address."""

    origin: str
    address: str = ""
    tls: str | None = None
    problem: str | None = None


def chosen(environ: Mapping[str, str]) -> Setting | None:
    """Return the engine that the docker command was told to use, None if it was told nothing."""
    host = environ.get("DOCKER_HOST")
    if host:
        has_tls = bool(environ.get("DOCKER_TLS_VERIFY"))
        return Setting("DOCKER_HOST", host, environ.get("DOCKER_CERT_PATH") or _home(environ) if has_tls else None)
    return _context(environ)


def _context(environ: Mapping[str, str]) -> Setting | None:
    config = os.path.join(_home(environ), "config.json")
    name = environ.get("DOCKER_CONTEXT")
    if not name:
        try:
            name = _read(config).get("currentContext")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            return Setting("docker context", problem=f"cannot read {config}: {error}")
    if not name or name == "default":
        return None
    origin = f"docker context {name}"
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = os.path.join(_home(environ), "contexts", "meta", key, "meta.json")
    tls = os.path.join(_home(environ), "contexts", "tls", key, "docker")
    try:
        host = _read(meta)["Endpoints"]["docker"]["Host"]
    except FileNotFoundError:
        return Setting(origin, problem="there is no such context")
    except (OSError, ValueError, LookupError, TypeError) as error:
        return Setting(origin, problem=f"cannot read {meta}: {error}")
    return Setting(origin, str(host), tls if os.path.isdir(tls) else None)


def _home(environ: Mapping[str, str]) -> str:
    return environ.get("DOCKER_CONFIG") or os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".docker")


def _read(path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        value = json.load(file)
    if isinstance(value, dict):
        return value
    raise ValueError("not a JSON object")
