"""The configuration of the private engine: settings become the text of a buildkitd.toml.

Enters: `Settings` and the places. Leaves: TOML.

Source: docs/buildkitd.toml.md of BuildKit v0.34.2.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from llbfront.engine.places import Places


@attrs.frozen
class Registry:
    """How to reach the registry of `host`. Mirrors are asked before it, in order."""

    host: str
    mirrors: tuple[str, ...] = ()
    is_http: bool = False  # plain HTTP instead of TLS
    is_insecure: bool = False  # TLS without a certificate that can be checked


@attrs.frozen
class Settings:
    """What may be chosen about the private engine; the rest is buildkitd's own default."""

    registries: tuple[Registry, ...] = ()
    snapshotter: str = "auto"  # overlayfs where the kernel allows it on this file system, else native
    has_gc: bool = True
    max_parallelism: int | None = None
    is_debug: bool = False
    entitlements: tuple[str, ...] = ()
    addresses: tuple[
        str, ...
    ] = ()  # to listen on besides its own socket, such as tcp://127.0.0.1:1234; anybody who gets there may build
    extra: str = ""  # further TOML, appended as it is


def render(settings: Settings, places: Places, *, runc: str, is_rootless: bool = False) -> str:
    """Write the configuration for an engine that listens on the socket of `places`, and on `settings.addresses`."""
    worker: dict[str, object] = {
        "enabled": True,
        "snapshotter": settings.snapshotter,
        "binary": runc,
        "gc": settings.has_gc,
    }
    if is_rootless:
        worker["rootless"] = True
    if settings.max_parallelism is not None:
        worker["max-parallelism"] = settings.max_parallelism
    top: dict[str, object] = {"root": places.root, "debug": settings.is_debug}
    if settings.entitlements:
        top["insecure-entitlements"] = list(settings.entitlements)
    parts = [
        _table("", top),
        _table("grpc", {"address": [places.address, *settings.addresses]}),
        _table("otel", {"socketPath": places.traces}),  # the default is one path for all engines of a machine
        _table("cdi", {"disabled": True}),
        _table("worker.oci", worker),
        _table("worker.containerd", {"enabled": False}),
        *(_registry(registry) for registry in settings.registries),
        settings.extra,
    ]
    return "\n".join(part for part in parts if part)


def _registry(registry: Registry) -> str:
    values: dict[str, object] = {}
    if registry.mirrors:
        values["mirrors"] = list(registry.mirrors)
    if registry.is_http:
        values["http"] = True
    if registry.is_insecure:
        values["insecure"] = True
    return _table(f"registry.{json.dumps(registry.host)}", values)


def _table(name: str, values: dict[str, object]) -> str:
    """One TOML table. Strings, lists of strings, booleans and ints are written alike in JSON and TOML."""
    head = f"[{name}]\n" if name else ""
    return head + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
