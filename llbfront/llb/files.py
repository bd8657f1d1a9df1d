"""File actions, as values: copy, mkdir, mkfile, rm, symlink. Relative paths are relative to the directory of the State.

Source: client/llb/fileop.go of BuildKit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments, representation
from llbfront.llb import state_arguments

if TYPE_CHECKING:
    from llbfront.llb.op import Filesystem


@attrs.frozen(field_transformer=arguments.checked)
class Owner:
    """User and group, by number or by a name that the file system's own /etc/passwd and /etc/group tell."""

    user: int | str | None = attrs.field(default=None, converter=state_arguments.identity)
    group: int | str | None = attrs.field(default=None, converter=state_arguments.identity)

    @classmethod
    def parse(cls, text: str) -> Owner:
        """Parse `user[:group]`; `root` is 0, and without a group the engine takes the user's default."""
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
    raise arguments.refuse(name, "an Owner, a text such as user:group, or a number", value)


def _source(value: Filesystem | FileActions, name: str = "source") -> Filesystem | FileActions:
    return value if isinstance(value, FileActions) else state_arguments.filesystem(value, name)


@attrs.frozen(eq=False, field_transformer=representation.shortened)
class FileActions:
    """Actions on `base` inside the same file op, as the source of a Copy."""

    base: Filesystem
    actions: tuple[FileAction, ...]


@attrs.frozen(eq=False, kw_only=True, field_transformer=arguments.checked)
class Copy:
    """Copy `src` of another file system to `dest`. `mode` as a str is symbolic (`u+x`), None keeps it."""

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


@attrs.frozen(eq=False, field_transformer=arguments.checked)
class Mkdir:
    """Make a directory, with `parents` those above it, too. An existing one is an error without `parents`."""

    path: str = attrs.field(converter=arguments.path)
    mode: int = 0o755
    parents: bool = attrs.field(default=False, kw_only=True)
    owner: Owner | None = attrs.field(default=None, kw_only=True, converter=_owner)
    timestamp_ns: int | None = attrs.field(default=None, kw_only=True)


@attrs.frozen(eq=False, field_transformer=arguments.checked)
class Mkfile:
    """Write a file, in place of one that is there."""

    path: str = attrs.field(converter=arguments.path)
    data: bytes = attrs.field(default=b"", converter=state_arguments.content)
    mode: int = 0o644
    owner: Owner | None = attrs.field(default=None, kw_only=True, converter=_owner)
    timestamp_ns: int | None = attrs.field(default=None, kw_only=True)


@attrs.frozen(eq=False, field_transformer=arguments.checked)
class Rm:
    """Remove a file or a directory with all in it."""

    path: str = attrs.field(converter=arguments.path)
    allow_not_found: bool = attrs.field(default=False, kw_only=True)
    allow_wildcard: bool = attrs.field(default=False, kw_only=True)


@attrs.frozen(eq=False, field_transformer=arguments.checked)
class Symlink:
    """A link at `newpath` to `oldpath`; both are sent as they are."""

    oldpath: str = attrs.field(converter=arguments.path)
    newpath: str = attrs.field(converter=arguments.path)
    owner: Owner | None = attrs.field(default=None, kw_only=True, converter=_owner)
    timestamp_ns: int | None = attrs.field(default=None, kw_only=True)


FileAction = Copy | Mkdir | Mkfile | Rm | Symlink
