"""Turn the targets of a plan into requests, the same that `Engine.build` makes of its arguments.

Source: bake/bake.go (toBuildOpt) of docker/buildx.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llbfront.bake.checks import LOCAL
from llbfront.bake.codefresh.variables import unknown
from llbfront.bake.resolution import LINK
from llbfront.bake.target import Target
from llbfront.client.joint_build import LinkedRequest
from llbfront.client.request.settings import build_request
from llbfront.dockerfile2llb.git_ref import is_git, is_http
from llbfront.errors import BakeError, LlbfrontError

if TYPE_CHECKING:
    from llbfront.client.request.build_request import BuildRequest


def linked_request(target: Target) -> LinkedRequest:
    """Make the request of a target. Raises BakeError, which names the target."""
    _check_variables(target)
    if any(not policy.disabled for policy in target.policy or []):
        raise BakeError(f"target {target.name}: policies are not supported")
    return LinkedRequest(_request(target, arguments_of(target)), links_of(target))


def conversion_request(target: Target) -> BuildRequest:
    """Make a request of what decides about the graph of a target, without results, caches and secrets. Raises BakeError."""
    arguments = arguments_of(target)
    return _request(target, {name: arguments[name] for name in _OF_CONVERSION})


def links_of(target: Target) -> dict[str, str]:
    """Return the contexts that are results of other targets: names of contexts to names of targets."""
    return {name: value.removeprefix(LINK) for name, value in (target.contexts or {}).items() if value.startswith(LINK)}


def _request(target: Target, arguments: dict[str, Any]) -> BuildRequest:
    try:
        return build_request(arguments)
    except LlbfrontError as error:
        raise BakeError(f"target {target.name}: {error.message}", hint=error.hint, span=error.span) from None


_OF_CONVERSION = (
    "context", "file", "target", "platforms", "build_args", "labels", "build_contexts", "no_cache", "no_cache_filter", "network", "add_hosts",
    "ulimits", "shm_size", "resources",
)  # fmt: skip


def arguments_of(target: Target) -> dict[str, Any]:
    """The arguments of `Engine.build` that a target stands for."""
    contexts = {name: _local(value) for name, value in (target.contexts or {}).items() if not value.startswith(LINK)}
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
        "attest": [{"type": each.type, **each.attrs} for each in target.attest or [] if not each.disabled],
        "annotations": dict(text.split("=", 1) for text in target.annotations or []),
        "add_hosts": _given(target.extra_hosts),
        "ulimits": target.ulimits or (),
        "shm_size": target.shm_size or 0,
        "allow": target.entitlements or (),
        "resources": {name: str(value) for name, value in (target.resources or {}).items()},
    }


def _check_variables(target: Target) -> None:
    """Refuse a target of a pipeline that names variables without values. Raises BakeError."""
    names = unknown(json.dumps(target.to_json()).replace("$${", "${"))
    if names:
        raise BakeError(f"target {target.name}: the variable {names[0]} has no value", hint=f"give it with --var {names[0]}=VALUE")


def _given(values: Mapping[str, str | None] | None) -> dict[str, str]:
    return {name: value for name, value in (values or {}).items() if value is not None}


def _local(path: str) -> str:
    return os.path.normpath(path.removeprefix(LOCAL)) if path.startswith(LOCAL) else path


def _dockerfile(target: Target) -> str | bytes | None:
    """The Dockerfile of a target: its text, or its path, which is relative to a local context."""
    if target.dockerfile_inline is not None:
        return target.dockerfile_inline.encode()
    name, context = target.dockerfile or "Dockerfile", target.context or "."
    if name.startswith(LOCAL):
        return os.path.abspath(name.removeprefix(LOCAL))
    if is_http(name) or is_http(context) or is_git(context):
        return name
    return os.path.join(context, name)
