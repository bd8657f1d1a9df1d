"""One build as a value: everything that the caller decides, in the terms of docker buildx.

Enters: keyword arguments of the library or flags of the command. Leaves: a BuildRequest, checked, and the frontend options it means.

Source: commands/build.go and build/opt.go of docker/buildx.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.client import exporters, syntax
from llbfront.errors import ContextError, OptionError
from llbfront.oci import platform

if TYPE_CHECKING:
    from llbfront.client.caches import Cache
    from llbfront.client.exporters import Export
    from llbfront.session.ssh import SshAgent
    from llbfront.session.ssh_keys import KeyAgent

NETWORKS = ("default", "none", "host")
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
SECRET_LIMIT_BYTES = 500 * 1024


@attrs.frozen
class SecretSource:
    """Where a secret comes from: a file or an environment variable. The content is read only when a step asks for it."""

    id: str
    path: str | None = None
    env: str | None = None


@attrs.frozen
class BuildRequest:
    """What to build. Every field is spelled and behaves as the flag of the same name of `docker buildx build`.

    The fields from `ssh` on are read from texts by `client.flags`. `attestations` are attributes by type, `annotations` attributes of
    exporters, `hosts` pairs of a name and an address, `resources` limits by the names of the frontend's options. `syntax` is the image of
    a frontend, or `builtin`; None leaves it to the Dockerfile.
    """

    context: str = "."
    file: str | None = None
    target: str | None = None
    platforms: tuple[str, ...] = ()
    build_args: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    labels: Mapping[str, str] = attrs.field(factory=dict)
    tags: tuple[str, ...] = ()
    outputs: tuple[Export, ...] = ()
    push: bool = False
    load: bool = False
    no_cache: bool = False
    no_cache_filter: tuple[str, ...] = ()
    pull: bool = False
    secrets: tuple[SecretSource, ...] = ()
    build_contexts: Mapping[str, str] = attrs.field(factory=dict)
    network: str = "default"
    ssh: Mapping[str, SshAgent | KeyAgent] = attrs.field(factory=dict)
    cache_from: tuple[Cache, ...] = ()
    cache_to: tuple[Cache, ...] = ()
    attestations: Mapping[str, str] = attrs.field(factory=dict)
    annotations: Mapping[str, str] = attrs.field(factory=dict)
    hosts: tuple[tuple[str, str], ...] = ()
    ulimits: tuple[str, ...] = ()
    shm_size_bytes: int = 0
    cgroup_parent: str = ""
    allow: tuple[str, ...] = ()
    resources: Mapping[str, str] = attrs.field(factory=dict)
    syntax: str | None = None

    def __attrs_post_init__(self) -> None:
        for tag in self.tags:
            exporters.check_name(tag)
        exporters.plan(self.outputs, tags=self.tags, push=self.push, load=self.load)
        if self.network not in NETWORKS:
            raise OptionError(f"unknown network mode {self.network}", hint=f"one of {', '.join(NETWORKS)}")
        if self.no_cache and self.no_cache_filter:
            raise OptionError("--no-cache and --no-cache-filter cannot be used together")


def frontend_options(request: BuildRequest) -> dict[str, str]:
    """The options of the frontend that a request stands for; those of its inputs are not among them."""
    options = syntax.frontend_options(request.build_args, request.syntax)
    options |= {f"label:{name}": value for name, value in request.labels.items()}
    if request.target:
        options["target"] = request.target
    if request.platforms:
        options["platform"] = ",".join(
            str(platform.default() if text == "local" else platform.parse(text)) for text in request.platforms
        )
    if request.no_cache or request.no_cache_filter:
        options["no-cache"] = ",".join(request.no_cache_filter)
    if request.pull:
        options["image-resolve-mode"] = "pull"
    if request.network != "default":
        options["force-network-mode"] = request.network
    options |= {f"attest:{kind}": attributes for kind, attributes in request.attestations.items()}
    if request.hosts:
        options["add-hosts"] = ",".join(f"{name}={address}" for name, address in request.hosts)
    if request.ulimits:
        options["ulimit"] = ",".join(request.ulimits)
    if request.shm_size_bytes:
        options["shm-size"] = str(request.shm_size_bytes)
    if request.cgroup_parent:
        options["cgroup-parent"] = request.cgroup_parent
    return {**options, **request.resources}


def entitlements(request: BuildRequest) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(("network.host",) if request.network == "host" else ()), *request.allow)))


def parse_assignments(texts: Iterable[str], *, option: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Read `NAME=VALUE` arguments, the last of a repeated name winning.

    With `environ`, a bare NAME takes its value from there and is dropped if it has none.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name:
            raise OptionError(f"invalid {option} {text!r}: it has no name")
        if equals:
            found[name] = value
        elif environ is None:
            raise OptionError(f"invalid {option} {text!r}: it is not NAME=VALUE")
        elif name in environ:
            found[name] = environ[name]
    return found


def parse_secret(text: str, *, environ: Mapping[str, str]) -> SecretSource:
    """Read one `--secret`: `id=NAME[,src=FILE][,env=VAR][,type=file|env]`.

    Without file or variable, the variable called like the id is taken, if it is set, else the file of that name.

    Raises:
        OptionError: an unknown key, no id, or both a file and a variable.
        ContextError: the file or the variable does not exist, or the file is larger than an engine takes.
    """
    from llbfront.client import csv

    found = csv.pairs(text, option="secret")
    kind, name = found.pop("type", None), found.pop("id", "")
    path, env = found.pop("src", found.pop("source", None)), found.pop("env", None)
    if found:
        raise OptionError(f"invalid secret {text!r}: unknown key {next(iter(found))}", hint="keys are id, src, env, type")
    if kind not in {None, "file", "env"}:
        raise OptionError(f"invalid secret {text!r}: unknown type {kind}", hint="file or env")
    if kind == "env" and env is None:
        path, env = None, path
    if path is not None and env is not None:
        raise OptionError(f"invalid secret {text!r}: it names both a file and a variable")
    name = name or (os.path.basename(path) if path else env or "")
    if not name:
        raise OptionError(f"invalid secret {text!r}: it has no id")
    if path is None and env is None:
        path, env = (None, name) if kind == "env" or (kind is None and name in environ) else (name, None)
    return _checked_secret(SecretSource(name, path, env), environ)


def _checked_secret(secret: SecretSource, environ: Mapping[str, str]) -> SecretSource:
    if secret.env is not None and secret.env not in environ:
        raise ContextError(f"cannot read the secret {secret.id}: the variable {secret.env} is not set")
    if secret.path is not None:
        try:
            size = os.stat(secret.path).st_size
        except OSError as error:
            raise ContextError(f"cannot read the secret {secret.id} from {secret.path}: {(error.strerror or '').lower()}") from None
        if size > SECRET_LIMIT_BYTES:
            raise ContextError(f"the secret {secret.id} has {size} bytes; engines take at most {SECRET_LIMIT_BYTES}")
    return secret
