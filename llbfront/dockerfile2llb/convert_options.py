"""The options of a build that the conversion needs, parsed and checked by `frontend.options`.

Source: Config of frontend/dockerui/config.go and ConvertOpt of frontend/dockerfile/dockerfile2llb of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.errors import InvalidReference
from llbfront.llb.exec_settings import NetMode
from llbfront.oci import platform as platforms
from llbfront.oci import reference

if TYPE_CHECKING:
    from llbfront.llb.exec_settings import HostIP, Ulimit
    from llbfront.llb.op import LinuxResources
    from llbfront.oci.platform import Platform

ALL_STAGES: tuple[str, ...] = ()


@attrs.frozen
class ContextRef:
    """A named context that a build gives: the option's name and value, and for which platform it shall be read.

    `name` is the name without platform, `key` the one that the option bears, with `::platform` where it has one.
    """

    name: str
    key: str
    value: str
    shared_key: str
    platform: Platform | None


@attrs.frozen(eq=False)
class ConvertOptions:
    """The options of a conversion. `target_platform` None lets the base image choose; `no_cache` `()` means all stages.

    `all_stages` converts what the target does not need, too; without `needs_graph` values that only a graph cannot hold are accepted.
    `every_target` converts all stages of the file as if each was a target. No engine is asked for such a graph.
    """

    build_args: Mapping[str, str] = attrs.field(factory=dict)
    labels: Mapping[str, str] = attrs.field(factory=dict)
    target: str = ""
    target_platform: Platform | None = None
    build_platforms: tuple[Platform, ...] = ()
    multi_platform: bool = False
    no_cache: tuple[str, ...] | None = None
    resolve_mode: str = "default"
    cache_namespace: str = ""
    cgroup_parent: str = ""
    hostname: str = ""
    network: NetMode = NetMode.SANDBOX
    extra_hosts: tuple[HostIP, ...] = ()
    ulimits: tuple[Ulimit, ...] = ()
    shm_size_bytes: int = 0
    linux_resources: LinuxResources | None = None
    git_advice: bool = False
    contexts: Mapping[str, str] = attrs.field(factory=dict)
    shared_keys: Mapping[str, str] = attrs.field(factory=dict)
    caps: frozenset[str] = frozenset()
    all_stages: bool = False
    every_target: bool = False
    needs_graph: bool = True

    @property
    def platform(self) -> Platform:
        """The platform that is built for, asked for or not."""
        return self.target_platform or self.build_platforms[0]

    def is_uncached(self, stage: str) -> bool:
        """Return whether the stage of this name shall be built without cache."""
        if self.no_cache is None:
            return False
        return self.no_cache == ALL_STAGES or stage.lower() in (name.lower() for name in self.no_cache)

    def context(self, name: str, platform: Platform | None) -> ContextRef | None:
        """Find the named context that replaces a stage, an image or a path; one for the platform is preferred.

        Raises: InvalidReference where `name` could not be the name of a context.
        """
        if name.lower() in {"scratch", "context"}:
            return None
        return self.any_context(name, platform or self.target_platform)

    def any_context(self, name: str, platform: Platform | None) -> ContextRef | None:
        """Return the context for a name and exactly this platform. Names that are never replaced are not excluded."""
        try:
            name = reference.parse(name).familiar.removesuffix(":latest")
        except InvalidReference as error:
            raise InvalidReference(f"invalid context name {name}: {error.message}") from error
        if not self.contexts:
            return None
        requested = platform or platforms.default()
        for key in (f"{name}::{requested.normalized()}", name):
            if key in self.contexts:
                return ContextRef(name, key, self.contexts[key], self.shared_keys.get(key, ""), platform)
        return None
