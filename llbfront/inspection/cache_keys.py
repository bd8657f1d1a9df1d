"""The members of an op that its cache key depends on, besides its inputs.

Source: CacheMap in solver/llbsolver/ops/exec.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from llbfront.inspection.graph import Node

__all__ = ["keyed_op"]

_NUMBERS = frozenset(("input", "secondaryInput", "output"))


def keyed_op(node: Node) -> Mapping[str, Any]:
    """Return an op without the members that do not make an engine run it again: proxies, addresses of hosts, ids of cache mounts.

    The numbers of inputs and outputs are left out, too: the edges of the node have them.
    """
    op = node.op
    if node.kind == "file":
        return {**op, "actions": [_without(action, _NUMBERS) for action in op.get("actions", ())]}
    if node.kind != "exec":
        return op
    meta = _without(op.get("meta", {}), {"proxyEnv"})
    if "extraHosts" in meta:
        meta["extraHosts"] = [_without(host, {"IP"}) for host in meta["extraHosts"]]
    return {**op, "meta": meta, "mounts": [_keyed_mount(mount) for mount in op.get("mounts", ())]}


def _keyed_mount(mount: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a mount without the id and the sharing of a cache, unless they are those of a cache mount without options."""
    keyed, options = _without(mount, _NUMBERS), mount.get("cacheOpt")
    if options is not None and not _is_default(options, mount.get("dest", "")):
        keyed["cacheOpt"] = _without(options, {"ID", "sharing"})
    return keyed


def _is_default(options: Mapping[str, Any], target: str) -> bool:
    name = options.get("ID", "")
    _, slash, behind_namespace = name.partition("/")
    return "sharing" not in options and (name == target or (bool(slash) and behind_namespace == target))


def _without(members: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in members.items() if key not in keys}
