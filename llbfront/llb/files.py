"""File actions, as values: copy, mkdir, mkfile, rm, symlink. Relative paths are relative to the directory of the State.

Source: client/llb/fileop.go of BuildKit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.llb import state_arguments
from llbfront.short_repr import ShortRepr

if TYPE_CHECKING:
    from llbfront.llb.op import Filesystem


@attrs.frozen(repr=False, field_transformer=arguments.checked)
class Owner(ShortRepr):
    """A user and a group, by number or by name. Names are looked up in /etc/passwd and /etc/group of the file system that is changed.

    Args:
        user: the user; None leaves it as it is.
        group: the group; None takes the user's default.

    Example:
        >>> from llbfront import llb
        >>> llb.Owner.parse("www:33")
        Owner(user='www', group=33)
    """

    user: int | str | None = attrs.field(default=None, converter=state_arguments.identity)
    group: int | str | None = attrs.field(default=None, converter=state_arguments.identity)

    @classmethod
    def parse(cls, text: str) -> Owner:
        """Parse `user[:group]`. The name `root` becomes 0."""
        user, colon, group = text.partition(":")
        return cls(_number_or_name(user), _number_or_name(group) if colon and group else None)


def _number_or_name(text: str) -> int | str:
    if text == "root":
        return 0
    match = re.fullmatch(r"([+-]?)0*([0-9]{1,10})", text)
    if match and -(1 << 31) <= int(match[1] + match[2]) < 1 << 31:
        return int(match[1] + match[2])
    return text


def _owner(value: Owner | str | int | None, name: str = "owner") -> Owner | None:
    if value is None or isinstance(value, Owner):
        return value
    if isinstance(value, str):
        return Owner.parse(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Owner(value)
    raise arguments.refuse(name, "an Owner, a string such as user:group, or a number", value)


def _source(value: Filesystem | FileActions, name: str = "source") -> Filesystem | FileActions:
    return value if isinstance(value, FileActions) else state_arguments.filesystem(value, name)


@attrs.frozen(eq=False, repr=False)
class FileActions(ShortRepr):
    """Actions on a State within one file op, as the source of a Copy.

    Args:
        base: the State that the actions change.
        actions: Copy, Mkdir, Mkfile, Rm and Symlink values, in their order.
    """

    base: Filesystem
    actions: tuple[FileAction, ...]


@attrs.frozen(eq=False, kw_only=True, repr=False, field_transformer=arguments.checked)
class Copy(ShortRepr):
    """Copy files of another State.

    Args:
        source: the State to copy from.
        src: a path in `source`.
        dest: where it is copied to; with a `/` at the end the file keeps its name.
        owner: owner of the copies: an Owner, a string `user[:group]`, or a number. None keeps it.
        mode: mode of the copies: an int, or a symbolic text such as `u+x`. None keeps it.
        follow_symlink: copy what a symlink at `src` points to.
        dir_copy_contents: copy the contents of a directory, not the directory.
        attempt_unpack: unpack `src` if it is an archive.
        create_dest_path: make the directories above `dest`.
        allow_wildcard: `src` is a pattern.
        allow_empty_wildcard: a pattern that matches nothing is not an error.
        always_replace_existing_dest_paths: replace a directory by a file and the other way round.
        include_patterns: copy only what matches one of these patterns.
        exclude_patterns: leave out what matches one of these patterns.
        required_paths: fail if one of these is not in `source`.
        timestamp_ns: modification time of the copies, in nanoseconds since 1970. None keeps it.

    Example:
        >>> from llbfront import llb
        >>> tools = llb.image("busybox")
        >>> llb.scratch().file(llb.Copy(tools, "/bin/sh", "/bin/", create_dest_path=True))
        State(output=Output(FileOp, 0), settings=...)
    """

    source: Filesystem | FileActions = attrs.field(kw_only=False, converter=_source)
    src: str = attrs.field(kw_only=False, converter=arguments.path)
    dest: str = attrs.field(kw_only=False, converter=arguments.path)
    owner: Owner | None = attrs.field(default=None, converter=_owner)
    mode: int | str | None = attrs.field(default=None, converter=state_arguments.mode)
    follow_symlink: bool = False
    dir_copy_contents: bool = False
    attempt_unpack: bool = False
    create_dest_path: bool = False
    allow_wildcard: bool = False
    allow_empty_wildcard: bool = False
    always_replace_existing_dest_paths: bool = False
    include_patterns: tuple[str, ...] = attrs.field(default=(), converter=arguments.texts)
    exclude_patterns: tuple[str, ...] = attrs.field(default=(), converter=arguments.texts)
    required_paths: tuple[str, ...] = attrs.field(default=(), converter=arguments.texts)
    timestamp_ns: int | None = None


@attrs.frozen(eq=False, repr=False, field_transformer=arguments.checked)
class Mkdir(ShortRepr):
    """Make a directory.

    Args:
        path: the directory.
        mode: its mode.
        parents: make the directories above it too, and do not fail if it exists.
        owner: its owner: an Owner, a string `user[:group]`, or a number.
        timestamp_ns: its modification time, in nanoseconds since 1970.
    """

    path: str = attrs.field(converter=arguments.path)
    mode: int = 0o755
    parents: bool = attrs.field(default=False, kw_only=True)
    owner: Owner | None = attrs.field(default=None, kw_only=True, converter=_owner)
    timestamp_ns: int | None = attrs.field(default=None, kw_only=True)


@attrs.frozen(eq=False, repr=False, field_transformer=arguments.checked)
class Mkfile(ShortRepr):
    """Write a file, or replace one.

    Args:
        path: the file.
        data: its content; a string is encoded as UTF-8.
        mode: its mode.
        owner: its owner: an Owner, a string `user[:group]`, or a number.
        timestamp_ns: its modification time, in nanoseconds since 1970.
    """

    path: str = attrs.field(converter=arguments.path)
    data: bytes = attrs.field(default=b"", converter=state_arguments.content)
    mode: int = 0o644
    owner: Owner | None = attrs.field(default=None, kw_only=True, converter=_owner)
    timestamp_ns: int | None = attrs.field(default=None, kw_only=True)


@attrs.frozen(eq=False, repr=False, field_transformer=arguments.checked)
class Rm(ShortRepr):
    """Remove a file, or a directory with everything in it.

    Args:
        path: the file or directory.
        allow_not_found: do not fail if it does not exist.
        allow_wildcard: `path` is a pattern.
    """

    path: str = attrs.field(converter=arguments.path)
    allow_not_found: bool = attrs.field(default=False, kw_only=True)
    allow_wildcard: bool = attrs.field(default=False, kw_only=True)


@attrs.frozen(eq=False, repr=False, field_transformer=arguments.checked)
class Symlink(ShortRepr):
    """Make a symlink. Both paths are stored as they are.

    Args:
        oldpath: what the link points to.
        newpath: where the link is.
        owner: its owner: an Owner, a string `user[:group]`, or a number.
        timestamp_ns: its modification time, in nanoseconds since 1970.
    """

    oldpath: str = attrs.field(converter=arguments.path)
    newpath: str = attrs.field(converter=arguments.path)
    owner: Owner | None = attrs.field(default=None, kw_only=True, converter=_owner)
    timestamp_ns: int | None = attrs.field(default=None, kw_only=True)


FileAction = Copy | Mkdir | Mkfile | Rm | Symlink
"""An action of a file op."""
