"""Where the docker command would find its engine: DOCKER_HOST, else the current context.

Enters: the environment and the files under ~/.docker. Leaves: `Setting`, an address, or why there is none that can be used.

Source: cli/command and cli/context/store of the docker CLI; DOCKER_HOST replaces the context there too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import attrs

from llbfront.oci import digest


@attrs.frozen
class Setting:
    """What one setting of docker says. With a `problem` the address is of no use."""

    origin: str
    address: str = ""
    problem: str | None = None


def chosen(environ: Mapping[str, str], *, context: str | None = None) -> Setting | None:
    """Return the engine that the docker command was told to use, None if it was told nothing. `context` names one at once."""
    host = environ.get("DOCKER_HOST")
    if host and context is None:
        certs = environ.get("DOCKER_CERT_PATH") or _home(environ)
        verify = bool(environ.get("DOCKER_TLS_VERIFY"))
        return _usable("DOCKER_HOST", host, certs=certs if verify or environ.get("DOCKER_TLS") else None, verify=verify)
    return _context(environ, context or environ.get("DOCKER_CONTEXT"))


def _context(environ: Mapping[str, str], name: str | None) -> Setting | None:
    config = os.path.join(_home(environ), "config.json")
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
    key = digest.of(name.encode()).partition(":")[2]
    meta = os.path.join(_home(environ), "contexts", "meta", key, "meta.json")
    tls = os.path.join(_home(environ), "contexts", "tls", key, "docker")
    try:
        endpoint = _read(meta)["Endpoints"]["docker"]
        host, verify = endpoint["Host"], not endpoint.get("SkipTLSVerify")
    except FileNotFoundError:
        return Setting(origin, problem="there is no such context")
    except (OSError, ValueError, LookupError, TypeError) as error:
        return Setting(origin, problem=f"cannot read {meta}: {error}")
    return _usable(origin, str(host), certs=tls if os.path.isdir(tls) or not verify else None, verify=verify)


def _usable(origin: str, host: str, *, certs: str | None, verify: bool) -> Setting:
    scheme, _, rest = host.partition("://")
    if scheme == "tcp" and certs is not None:
        from urllib.parse import urlencode

        query = {"certs": certs} if verify else {"certs": certs, "verify": "no"}
        return Setting(origin, f"docker+tcp://{rest}?{urlencode(query)}")
    if scheme == "ssh":
        return Setting(origin, f"docker+ssh://{rest}")
    if scheme not in {"unix", "tcp"}:
        return Setting(origin, host, f"the engine of a docker daemon behind {scheme}:// cannot be used")
    return Setting(origin, host)


def _home(environ: Mapping[str, str]) -> str:
    return environ.get("DOCKER_CONFIG") or os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".docker")


def _read(path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        value = json.load(file)
    if isinstance(value, dict):
        return value
    raise ValueError("not a JSON object")
