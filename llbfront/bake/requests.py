"""Turn the targets of a plan into requests, the same that `Engine.build` makes of its arguments.

Source: bake/bake.go (toBuildOpt) of docker/buildx.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.bake.codefresh.variables import unknown
from llbfront.bake.files import LOCAL
from llbfront.bake.remote import RemoteContexts, git_agents, local_path
from llbfront.bake.resolution import LINK
from llbfront.bake.target import Target
from llbfront.client.linked_requests import LinkedRequest
from llbfront.client.request.settings import build_request
from llbfront.client.sources.remote_files import is_remote
from llbfront.errors import BakeError, LlbfrontError
from llbfront.files.paths import absolute_path

if TYPE_CHECKING:
    from llbfront.client.request.build_request import BuildRequest


def linked_request(target: Target, remote: RemoteContexts | None = None) -> LinkedRequest:
    """Make the request of a target; `remote` says what the contexts of a remote definition are. Raises: BakeError, which names the target."""
    if any(not policy.disabled for policy in target.policy or []):
        raise BakeError(
            f"target {target.name}: policies written in Rego are not supported",
            hint="set EXPERIMENTAL_BUILDKIT_SOURCE_POLICY to a source policy of BuildKit",
        )
    arguments = arguments_of(target) if remote is None else _remote_arguments(target, remote)
    return LinkedRequest(_request(target, arguments), links_of(target), remote.graph(target.context or ".") if remote else None)


def conversion_request(target: Target) -> BuildRequest:
    """Make a request of what decides about the graph of a target, without results, caches and secrets. Raises: BakeError."""
    arguments = arguments_of(target)
    return _request(target, {name: arguments[name] for name in _OF_CONVERSION})


def links_of(target: Target) -> dict[str, str]:
    """Return the contexts that are results of other targets: names of contexts to names of targets."""
    return {name: value.removeprefix(LINK) for name, value in (target.contexts or {}).items() if value.startswith(LINK)}


def with_links(names: Iterable[str], targets: Mapping[str, Target]) -> set[str]:
    """Return names of targets together with those whose results they use."""
    needed: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in targets and name not in needed:
            needed.add(name)
            waiting += links_of(targets[name]).values()
    return needed


def _request(target: Target, arguments: dict[str, Any]) -> BuildRequest:
    try:
        return build_request(arguments)
    except LlbfrontError as error:
        raise BakeError(f"target {target.name}: {error.message}", hint=error.hint, span=error.span) from None


_OF_CONVERSION = (
    "context", "file", "target", "platforms", "build_args", "labels", "build_contexts", "no_cache", "no_cache_filter", "network", "add_hosts",
    "ulimits", "shm_size", "resources",
)  # fmt: skip


def _remote_arguments(target: Target, remote: RemoteContexts) -> dict[str, Any]:
    """Return the arguments of a target of a remote definition. A context inside the remote has an address, which is not fetched."""
    context = target.context or "."
    address = remote.shown(context) or remote.remote.address
    arguments = arguments_of(attrs.evolve(target, context=address))
    contexts = {name: path for name, path in (target.contexts or {}).items() if not path.startswith(LINK)}
    arguments["build_contexts"] = {
        name: remote.graph(path, name) or remote.shown(path) or remote.remote.address for name, path in contexts.items()
    }
    arguments["secrets"] += remote.secrets(address, os.environ)
    arguments["ssh"] = arguments["ssh"] or git_agents(address, os.environ)
    return arguments


def arguments_of(target: Target) -> dict[str, Any]:
    """Return the arguments of `Engine.build` for a target."""
    contexts = {name: local_path(value) for name, value in (target.contexts or {}).items() if not value.startswith(LINK)}
    return {
        "context": target.context or ".",
        "file": _dockerfile(target),
        "target": target.target,
        "tags": target.tags or (),
        "output": [{key: value for key, value in output.to_json().items() if value} for output in target.outputs or []],
        "platforms": [part for text in target.platforms or [] for part in text.split(",")],
        "build_args": _given(target.args),
        "labels": _given(target.labels),
        "secrets": [{key: value for key, value in secret.to_json().items() if value} for secret in target.secrets or []],
        "ssh": [f"{ssh.id or 'default'}={','.join(ssh.paths)}" if ssh.paths else ssh.id or "default" for ssh in target.ssh or []],
        "build_contexts": contexts,
        "no_cache": bool(target.no_cache),
        "no_cache_filter": target.no_cache_filter or (),
        "pull": bool(target.pull),
        "network": target.network or "default",
        "cache_from": [cache.to_json() for cache in target.cache_from or []],
        "cache_to": [cache.to_json() for cache in target.cache_to or []],
        "attest": [
            {"type": attestation.type, **attestation.attrs} for attestation in target.attest or [] if not attestation.disabled
        ],
        "annotations": dict(text.split("=", 1) for text in target.annotations or []),
        "add_hosts": _given(target.extra_hosts),
        "ulimits": target.ulimits or (),
        "shm_size": target.shm_size or 0,
        "allow": target.entitlements or (),
        "resources": {name: str(value) for name, value in (target.resources or {}).items()},
    }


def check_variables(targets: Iterable[Target]) -> None:
    """Refuse targets of a pipeline that name variables without values. Raises: BakeError, which names all of them."""
    users: dict[str, list[str]] = {}
    for target in targets:
        for name in unknown(json.dumps(target.to_json()).replace("$${", "${")):
            users.setdefault(name, []).append(target.name)
    if len(users) == 1:
        ((name, names),) = users.items()
        raise BakeError(f"target {', '.join(names)}: the variable {name} has no value", hint=f"set it with --var {name}=VALUE")
    if users:
        shown = ", ".join(f"{name} (target {', '.join(names)})" for name, names in users.items())
        raise BakeError(
            f"variables have no value: {shown}", hint=" ".join(("set them with", *(f"--var {name}=VALUE" for name in users)))
        )


def _given(values: Mapping[str, str | None] | None) -> dict[str, str]:
    return {name: value for name, value in (values or {}).items() if value is not None}


def _dockerfile(target: Target) -> str | bytes | None:
    """Return the Dockerfile of a target: its text, or its path, which is relative to a local context."""
    if target.dockerfile_inline is not None:
        return target.dockerfile_inline.encode()
    name, context = target.dockerfile or "Dockerfile", target.context or "."
    if name.startswith(LOCAL):
        return absolute_path(name.removeprefix(LOCAL))
    if is_remote(name) or is_remote(context):
        return name
    return os.path.join(context, name)
