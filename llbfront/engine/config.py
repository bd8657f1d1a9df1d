"""Write the configuration of the private engine: `Settings` and directories become the text of a buildkitd.toml.

Source: docs/buildkitd.toml.md of BuildKit v0.34.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import tomli_w

from llbfront.errors import EngineError

if TYPE_CHECKING:
    from llbfront.engine.directories import Directories


@attrs.frozen
class Registry:
    """How to reach the registry of `host`. Mirrors are asked before it, in order."""

    host: str
    mirrors: tuple[str, ...] = ()
    is_http: bool = False  # plain HTTP instead of TLS
    is_insecure: bool = False  # TLS without a certificate that can be checked
    ca: tuple[str, ...] = ()  # files with certificates of authorities to trust


@attrs.frozen
class Settings:
    """The settings of the private engine. All others have the defaults of buildkitd."""

    registries: tuple[Registry, ...] = ()
    snapshotter: str = "auto"  # overlayfs where the kernel allows it on this file system, else native
    has_gc: bool = True
    max_parallelism: int | None = None
    is_debug: bool = False
    entitlements: tuple[str, ...] = ()
    addresses: tuple[
        str, ...
    ] = ()  # to listen on besides its own socket, such as tcp://127.0.0.1:1234; anybody who can connect may build
    reserved_bytes: int | None = None  # garbage collection keeps at least this much
    max_used_bytes: int | None = None  # and at most this much
    min_free_bytes: int | None = None  # and leaves this much space on the disk
    extra: str = ""  # further TOML, appended as it is


def render(settings: Settings, directories: Directories, *, runc: str, is_rootless: bool = False) -> str:
    """Return the configuration for an engine that listens on the socket of `directories`, and on `settings.addresses`.

    Raises:
        EngineError: a path is not valid UTF-8, which TOML requires.
    """
    worker = {
        "enabled": True,
        "snapshotter": settings.snapshotter,
        "binary": runc,
        "gc": settings.has_gc,
        "rootless": is_rootless or None,
        "max-parallelism": settings.max_parallelism,
        "reservedSpace": settings.reserved_bytes,
        "maxUsedSpace": settings.max_used_bytes,
        "minFreeSpace": settings.min_free_bytes,
    }
    document = {
        "root": directories.root,
        "debug": settings.is_debug,
        "insecure-entitlements": list(settings.entitlements) or None,
        "grpc": {"address": [directories.address, *settings.addresses]},
        "otel": {"socketPath": directories.traces},  # the default is one path for all engines of a machine
        "cdi": {"disabled": True},
        "worker": {"oci": _filled(worker), "containerd": {"enabled": False}},
        "registry": {registry.host: _registry(registry) for registry in settings.registries} or None,
    }
    text = tomli_w.dumps(_filled(document)) + settings.extra
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise EngineError(
            f"the private engine cannot use a path that is not UTF-8: {directories.state!r}", hint="set XDG_STATE_HOME"
        )
    return text


def _registry(registry: Registry) -> dict[str, Any]:
    values = {
        "mirrors": list(registry.mirrors) or None,
        "http": registry.is_http or None,
        "insecure": registry.is_insecure or None,
        "ca": list(registry.ca) or None,
    }
    return _filled(values)


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
