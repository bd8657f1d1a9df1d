"""Find the engine that the docker command would use: DOCKER_HOST, else the current context under ~/.docker.

Source: cli/command and cli/context/store of the docker CLI; DOCKER_HOST replaces the context there too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlencode

import attrs

from llbfront.docker import config as docker_config
from llbfront.errors import InvalidJson, LlbfrontError
from llbfront.files.paths import reason
from llbfront.files.reading import read_bytes
from llbfront.foreign_json import parse_object
from llbfront.oci import digest


@attrs.frozen
class Setting:
    """A setting of docker. With a `problem`, the address cannot be used."""

    origin: str
    address: str = ""
    problem: str | None = None


def chosen(environ: Mapping[str, str], *, context: str | None = None) -> Setting | None:
    """Return the engine that the docker command is configured to use, None if none is configured. `context` names one directly."""
    host = environ.get("DOCKER_HOST")
    if host and context is None:
        certs = environ.get("DOCKER_CERT_PATH") or docker_config.directory(environ)
        verify = bool(environ.get("DOCKER_TLS_VERIFY"))
        return _usable("DOCKER_HOST", host, certs=certs if verify or environ.get("DOCKER_TLS") else None, verify=verify)
    return _context(environ, context or environ.get("DOCKER_CONTEXT"))


def _context(environ: Mapping[str, str], name: str | None) -> Setting | None:
    if not name:
        try:
            name = docker_config.load(environ).text("currentContext")
        except LlbfrontError as error:
            return Setting("docker context", problem=error.message)
    if not name or name == "default":
        return None
    origin = f"docker context {name}"
    home = docker_config.directory(environ)
    key = digest.of(name.encode(errors="surrogateescape")).partition(":")[2]
    meta = os.path.join(home, "contexts", "meta", key, "meta.json")
    tls = os.path.join(home, "contexts", "tls", key, "docker")
    try:
        endpoint = parse_object(read_bytes(meta, limit_bytes=docker_config.MAX_BYTES)).object("Endpoints").object("docker")
        host, verify = endpoint.text("Host"), not endpoint.flag("SkipTLSVerify")
    except FileNotFoundError:
        return Setting(origin, problem="there is no such context")
    except InvalidJson as error:
        return Setting(origin, problem=f"cannot read {meta}: {error.message}")
    except (OSError, ValueError) as error:
        return Setting(origin, problem=f"cannot read {meta}: {reason(error)}")
    if not host:
        return Setting(origin, problem=f"cannot read {meta}: it names no docker host")
    return _usable(origin, host, certs=tls if os.path.isdir(tls) or not verify else None, verify=verify)


def _usable(origin: str, host: str, *, certs: str | None, verify: bool) -> Setting:
    scheme, _, rest = host.partition("://")
    if scheme == "tcp" and certs is not None:
        query = {"certs": certs} if verify else {"certs": certs, "verify": "no"}
        return Setting(origin, f"docker+tcp://{rest}?{urlencode(query)}")
    if scheme == "ssh":
        return Setting(origin, f"docker+ssh://{rest}")
    if scheme not in {"unix", "tcp"}:
        return Setting(origin, host, f"a docker daemon at a {scheme}:// address cannot be used")
    return Setting(origin, host)
