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
    """A named context of a build: the name and value of its option, and the platform that it is read for.

    `name` is the name without platform, `key` that of the option, with `::platform` where it has one.
    """

    name: str
    key: str
    value: str
    shared_key: str
    platform: Platform | None


@attrs.frozen(eq=False)
class ConvertOptions:
    """The options of a conversion.

    Attributes:
        build_args: the build arguments.
        labels: labels for the image config.
        target: the name or number of the stage to build, by default the last one.
        target_platform: the platform to build for; None takes that of the base image.
        build_platforms: the platforms of the engine, the default one first.
        multi_platform: whether the result has several platforms, so that step names begin with theirs.
        no_cache: the stages that are built without cache, all for `()`, None for none.
        resolve_mode: how the engine looks images up, `default`, `pull` or `local`.
        cache_namespace: a prefix of the ids of cache mounts.
        cgroup_parent: the cgroup of RUN steps.
        hostname: the host name in RUN steps.
        network: the network of RUN steps that name none.
        extra_hosts: entries of /etc/hosts in RUN steps.
        ulimits: limits of the processes in RUN steps.
        shm_size_bytes: the size of /dev/shm in RUN steps, 0 for the engine's default.
        linux_resources: limits of memory and processors in RUN steps.
        git_advice: whether git's advice on a detached HEAD is kept in the log.
        contexts: the values of named contexts by name, with `::platform` where they are for one.
        shared_keys: what identifies local named contexts across builds, by the same names.
        caps: the capabilities of the engine.
        all_stages: convert the stages that the target does not need, too.
        every_target: convert each stage of the file as if it was the target. No engine is asked for such a graph.
        needs_graph: whether the graph is used. Checks and outlines need none, so values that cannot be written in a graph are no errors.
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
        """The requested platform, or else that of the engine."""
        return self.target_platform or self.build_platforms[0]

    def is_uncached(self, stage: str) -> bool:
        """Return whether the stage of this name is built without cache."""
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
        """Return the context for a name and a platform (None: the default one), or else for the name alone. `scratch` and `context` count, too."""
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
