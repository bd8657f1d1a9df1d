"""The mounts of a command: what is mounted where, in which order, and which mounts have an output.

Source: client/llb/exec.go (MountOption, SecretInfo, SSHInfo) of BuildKit.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.errors import MountError
from llbfront.gostd.sort import sort_slice
from llbfront.llb import state_arguments
from llbfront.short_repr import ShortRepr

if TYPE_CHECKING:
    from llbfront.llb.op import Filesystem, Output

_STABLE_SORT_LIMIT = 12  # Parity: Go's sort.Slice is stable only for up to 12 elements


class Sharing(enum.IntEnum):
    """How several commands use one cache mount at the same time.

    Attributes:
        SHARED: all at once.
        PRIVATE: each command gets a separate cache.
        LOCKED: one after the other.
    """

    SHARED = 0
    PRIVATE = 1
    LOCKED = 2


class ContentCache(enum.IntEnum):
    """Whether the content of a mount decides about a cache hit, in place of how it was made.

    Attributes:
        DEFAULT: the engine decides.
        ON: it does.
        OFF: it does not.
    """

    DEFAULT = 0
    ON = 1
    OFF = 2


def _sharing(value: Sharing | str, name: str = "sharing") -> Sharing:
    return arguments.member(value, Sharing, name)


def _content_cache(value: ContentCache | str, name: str = "content_cache") -> ContentCache:
    return arguments.member(value, ContentCache, name)


@attrs.frozen(eq=False, kw_only=True, repr=False, field_transformer=arguments.checked)
class Bind(ShortRepr):
    """Mount the files of a State.

    A writable mount has an output: `Exec.mount(target)` gives what the command left there.

    Args:
        target: where it is mounted; a relative path is relative to the directory of the command.
        source: a State with the files.
        selector: the path in `source` that is mounted, by default its root.
        readonly: the command cannot change the files.
        output: False: what the command writes is dropped.
        content_cache: whether the content decides about a cache hit.

    Example:
        >>> from llbfront import llb
        >>> source = llb.Bind("/src", llb.local("context"), readonly=True)
        >>> llb.image("golang").run("cd /src && go vet ./...", mounts=source).root
        State(output=Output(ExecOp, 0), settings=...)
    """

    target: str = attrs.field(kw_only=False, converter=arguments.path)
    source: Filesystem = attrs.field(kw_only=False, converter=state_arguments.filesystem)
    selector: str = attrs.field(default="", converter=arguments.path)
    readonly: bool = False
    output: bool = True
    content_cache: ContentCache = attrs.field(default=ContentCache.DEFAULT, converter=_content_cache)


@attrs.frozen(eq=False, repr=False, field_transformer=arguments.checked)
class Scratch(ShortRepr):
    """Mount an empty, writable directory. It has an output: `Exec.mount(target)`.

    Args:
        target: where it is mounted.
    """

    target: str = attrs.field(converter=arguments.path)


@attrs.frozen(eq=False, kw_only=True, repr=False, field_transformer=arguments.checked)
class Cache(ShortRepr):
    """Mount a directory that the engine keeps between builds. It has no output.

    Args:
        target: where it is mounted.
        id: the name of the cache on the engine.
        sharing: what happens when several commands use it: `shared`, `private` or `locked`.
        source: a State with the files of a new cache.
        selector: the path in `source`.
        readonly: the command cannot change the files.
    """

    target: str = attrs.field(kw_only=False, converter=arguments.path)
    id: str
    sharing: Sharing = attrs.field(default=Sharing.SHARED, converter=_sharing)
    source: Filesystem | None = attrs.field(default=None, converter=state_arguments.optional_filesystem)
    selector: str = attrs.field(default="", converter=arguments.path)
    readonly: bool = False


@attrs.frozen(eq=False, repr=False, field_transformer=arguments.checked)
class Tmpfs(ShortRepr):
    """Mount an empty directory in memory. It has no output.

    Args:
        target: where it is mounted.
        size_bytes: its greatest size, 0 for no limit.
        readonly: the command cannot write.
        selector: has no effect; a Dockerfile may name one.
    """

    target: str = attrs.field(converter=arguments.path)
    size_bytes: int = 0
    readonly: bool = False
    selector: str = attrs.field(default="", converter=arguments.path)


@attrs.frozen(eq=False, kw_only=True, repr=False, field_transformer=arguments.checked)
class Secret(ShortRepr):
    """Mount a secret of the client, as a file, as an environment variable, or both. One of `target` and `env` is needed.

    Args:
        id: the name under which the client offers it.
        target: the path of the file.
        env: the name of the variable.
        uid: the owner of the file, by number.
        gid: the group of the file, by number.
        mode: the mode of the file.
        optional: run the command also without the secret.
    """

    id: str = attrs.field(kw_only=False)
    target: str | None = attrs.field(default=None, converter=arguments.optional_path)
    env: str | None = None
    uid: int = 0
    gid: int = 0
    mode: int = 0o400
    optional: bool = False


@attrs.frozen(eq=False, kw_only=True, repr=False, field_transformer=arguments.checked)
class Ssh(ShortRepr):
    """Mount the socket of an SSH agent of the client.

    Args:
        id: the name under which the client offers it, by default `default`.
        target: the path of the socket, by default `/run/buildkit/ssh_agent.N`, where N counts the SSH mounts of the command from 0.
        uid: the owner of the socket, by number.
        gid: the group of the socket, by number.
        mode: the mode of the socket.
        optional: run the command also without the agent.
    """

    id: str = attrs.field(default="", kw_only=False)
    target: str | None = attrs.field(default=None, converter=arguments.optional_path)
    uid: int = 0
    gid: int = 0
    mode: int = 0o600
    optional: bool = False


FilesystemMount = Bind | Scratch | Cache | Tmpfs
"""A mount of a directory."""
Mount = FilesystemMount | Secret | Ssh
"""A mount of an exec op."""


def mounted(mount: Mount) -> Output | None:
    """Return what is mounted, None if nothing of the graph is."""
    return mount.source.output if isinstance(mount, Bind | Cache) and mount.source is not None else None


def has_output(mount: Mount) -> bool:
    """Return whether the command leaves something new at the mount."""
    return isinstance(mount, Scratch) or (isinstance(mount, Bind) and mount.output and not mount.readonly)


def output_index(mounts: Iterable[Mount], target: Mount) -> int:
    """Return the position of a mount among the mounts with an output, which is the index of its output."""
    with_output = [mount for mount in mounts if has_output(mount)]
    return next(index for index, mount in enumerate(with_output) if mount is target)


def sort_mounts(root: Bind, mounts: Iterable[Mount]) -> tuple[tuple[FilesystemMount, ...], tuple[Secret, ...], tuple[Ssh, ...]]:
    """Return the mounts of directories by target, with the root among them, then the secrets and the SSH sockets.

    Raises: MountError for a secret without a target and a variable, or a cache without an id.
    """
    directories: list[FilesystemMount] = [root]
    secrets, sockets = [], []
    for mount in mounts:
        if isinstance(mount, Secret):
            if mount.target is None and mount.env is None:
                raise MountError(f"secret {mount.id!r} needs a target or a variable")
            secrets.append(mount)
        elif isinstance(mount, Ssh):
            sockets.append(mount)
        elif isinstance(mount, Cache) and not mount.id:
            raise MountError(f"cache mount {mount.target} needs an id")
        else:
            directories.append(mount)
    if len(directories) > 1:
        directories = _by_target(directories)
    return tuple(directories), tuple(secrets), tuple(sockets)


def _by_target(mounts: list[FilesystemMount]) -> list[FilesystemMount]:
    if len(mounts) <= _STABLE_SORT_LIMIT:
        return sorted(mounts, key=lambda mount: mount.target)
    return sort_slice(mounts, lambda mount: mount.target)
