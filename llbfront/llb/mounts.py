"""The mounts of a command: what is mounted where, and which mounts have an output.

Source: client/llb/exec.go (MountOption, SecretInfo, SSHInfo) of BuildKit.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.llb import state_arguments

if TYPE_CHECKING:
    from llbfront.llb.op import Filesystem, Output


class Sharing(enum.IntEnum):
    """May several commands use one cache at the same time?"""

    SHARED = 0
    PRIVATE = 1
    LOCKED = 2


class ContentCache(enum.IntEnum):
    """May the content of a mount, rather than how it was made, decide about a cache hit?"""

    DEFAULT = 0
    ON = 1
    OFF = 2


def _sharing(value: Sharing | str, name: str = "sharing") -> Sharing:
    return arguments.member(value, Sharing, name)


def _content_cache(value: ContentCache | str, name: str = "content_cache") -> ContentCache:
    return arguments.member(value, ContentCache, name)


@attrs.frozen(eq=False, kw_only=True, field_transformer=arguments.checked)
class Bind:
    """Files of `source`, from `selector` downwards. Writable ones give an output unless `output` is False."""

    target: str = attrs.field(kw_only=False, converter=arguments.path)
    source: Filesystem = attrs.field(kw_only=False, converter=state_arguments.filesystem)
    selector: str = attrs.field(default="", converter=arguments.path)
    readonly: bool = False
    output: bool = True
    content_cache: ContentCache = attrs.field(default=ContentCache.DEFAULT, converter=_content_cache)


@attrs.frozen(eq=False, field_transformer=arguments.checked)
class Scratch:
    """An empty writable directory; it gives an output."""

    target: str = attrs.field(converter=arguments.path)


@attrs.frozen(eq=False, kw_only=True, field_transformer=arguments.checked)
class Cache:
    """A directory kept on the engine under `id`, filled from `source` when new. No output."""

    target: str = attrs.field(kw_only=False, converter=arguments.path)
    id: str
    sharing: Sharing = attrs.field(default=Sharing.SHARED, converter=_sharing)
    source: Filesystem | None = attrs.field(default=None, converter=state_arguments.optional_filesystem)
    selector: str = attrs.field(default="", converter=arguments.path)
    readonly: bool = False


@attrs.frozen(eq=False, field_transformer=arguments.checked)
class Tmpfs:
    """An empty directory in memory, 0 = no limit. No output. A selector chooses nothing, but a Dockerfile may give one."""

    target: str = attrs.field(converter=arguments.path)
    size_bytes: int = 0
    readonly: bool = False
    selector: str = attrs.field(default="", converter=arguments.path)


@attrs.frozen(eq=False, kw_only=True, field_transformer=arguments.checked)
class Secret:
    """A secret as a file at `target`, as the variable `env`, or both."""

    id: str = attrs.field(kw_only=False)
    target: str | None = attrs.field(default=None, converter=arguments.optional_path)
    env: str | None = None
    uid: int = 0
    gid: int = 0
    mode: int = 0o400
    optional: bool = False


@attrs.frozen(eq=False, kw_only=True, field_transformer=arguments.checked)
class Ssh:
    """A socket of an SSH agent of the client; `target` None is /run/buildkit/ssh_agent.N, N counting SSH mounts."""

    id: str = attrs.field(default="", kw_only=False)
    target: str | None = attrs.field(default=None, converter=arguments.optional_path)
    uid: int = 0
    gid: int = 0
    mode: int = 0o600
    optional: bool = False


Mount = Bind | Scratch | Cache | Tmpfs | Secret | Ssh


def mounted(mount: Mount) -> Output | None:
    """Return what is mounted, None if nothing of the graph is."""
    return mount.source.output if isinstance(mount, Bind | Cache) and mount.source is not None else None


def has_output(mount: Mount) -> bool:
    """Say whether the command leaves something new at the mount."""
    return isinstance(mount, Scratch) or (isinstance(mount, Bind) and mount.output and not mount.readonly)
