"""Encode file operations: a FileOp as pb.FileOp.

Source: client/llb/fileop.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter, is_
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.gostd.path import clean, join
from llbfront.llb.files import Copy, FileActions, Mkdir, Mkfile, Rm, Symlink
from llbfront.llb.marshal_context import NO_INPUT, NO_OUTPUT
from llbfront.llb.protowire import data, integer, message, message_of, text, texts, varint

if TYPE_CHECKING:
    from llbfront.llb.files import FileAction, Owner
    from llbfront.llb.marshal_context import Inputs
    from llbfront.llb.ops import FileOp

# Parity: BuildKit looks for capabilities of actions before it has listed the actions, so only this one is ever needed.
CAPS = frozenset(("file.base",))


def encode_file(op: FileOp, inputs: Inputs) -> tuple[list[bytes], frozenset[str]]:
    """Return the packed pb.FileOp in parts, and the capabilities that it needs."""
    steps = _ordered(op.file_actions, inputs)
    count = len(inputs.packed)
    packed = []
    for position, step in enumerate(steps):
        before = step.base if step.previous is None else count + step.previous
        copied = step.copied if step.chained is None else count + step.chained
        output = 0 if position == len(steps) - 1 else NO_OUTPUT
        head = integer(1, before) + integer(2, copied) + integer(3, output)
        action = step.action
        if isinstance(action, Copy):
            last = steps[position - 1] if position else None
            if last is None or not isinstance(last.action, Copy) or not _is_alike(step, last):
                options = _copy_options(action, step.cwd, step.base)
            body = message_of(4, [text(1, _source(action)), options])
        else:
            number, encode = _ACTIONS[type(action)]
            body = [message(number, encode(action, step.cwd, step.base))]
        packed += message_of(2, [head, *body])
    return packed, CAPS


_OPTIONS = attrgetter(*[field.name for field in attrs.fields(Copy) if field.name not in {"source", "src"}])


def _is_alike(step: _Step, last: _Step) -> bool:
    """Return whether two copies differ only in their sources, so that their options can be packed once."""
    same_place = step.cwd is last.cwd and step.base == last.base
    return same_place and all(map(is_, _OPTIONS(step.action), _OPTIONS(last.action)))


@attrs.frozen(eq=False)
class _Step:
    """An action in its place: what it works on and copies from, as indices of inputs (-1 none) or of other steps."""

    action: FileAction
    cwd: str
    base: int
    previous: int | None
    copied: int
    chained: int | None


def _ordered(file_actions: FileActions, inputs: Inputs) -> list[_Step]:
    """List all actions and find the inputs in that order. The actions of a chain come before the copy that reads it."""
    steps: list[_Step] = []
    last: dict[int, int] = {}  # id of a chain: the last step of it so far
    pending = [(file_actions, inputs.find(file_actions.base.output), 0)]
    while pending:
        file_actions, base, start = pending.pop()
        for position in range(start, len(file_actions.actions)):
            action = file_actions.actions[position]
            source = action.source if isinstance(action, Copy) else None
            if isinstance(source, FileActions) and id(source) not in last:
                pending += [(file_actions, base, position), (source, inputs.find(source.base.output), 0)]
                break
            copied = NO_INPUT if source is None or isinstance(source, FileActions) else inputs.find(source.output)
            chained = last[id(source)] if isinstance(source, FileActions) else None
            steps.append(_Step(action, file_actions.base.settings.cwd, base, last.get(id(file_actions)), copied, chained))
            last[id(file_actions)] = len(steps) - 1
    return steps


def _placed(cwd: str, path: str) -> str:
    """Make a path clean and absolute."""
    path = clean(path)
    return path if path.startswith("/") else join("/" + cwd, path)


def _destination(cwd: str, path: str) -> str:
    """Make a path clean and absolute; a `/` or `/.` at its end says that it is a directory and stays."""
    placed = _placed(cwd, path)
    if path.endswith("/"):
        return placed if placed.endswith("/") else placed + "/"
    if path.endswith("/."):
        return (placed if placed == "/" else placed + "/") + "."
    return placed


def _source(copy: Copy) -> str:
    base = copy.source.base if isinstance(copy.source, FileActions) else copy.source
    path = clean(copy.src)
    return join("/" if path.startswith("/") else base.settings.cwd, path)


def _owner(field: int, owner: Owner | None, base: int) -> bytes:
    if owner is None:
        return b""
    return message(field, _user(1, owner.user, base) + _user(2, owner.group, base))


def _user(field: int, user: int | str | None, base: int) -> bytes:
    """Pack a user or group; an empty name is number 0, and a number is written even when it is 0."""
    if user is None:
        return b""
    if isinstance(user, str) and user:
        return message(field, message(1, text(1, user) + integer(2, base)))
    return message(field, b"\x10" + varint((user or 0) & 0xFFFFFFFF if isinstance(user, int) else 0))


def _time(field: int, timestamp_ns: int | None) -> bytes:
    return integer(field, -1 if timestamp_ns is None else timestamp_ns)


def _copy_options(copy: Copy, cwd: str, base: int) -> bytes:
    """Pack all of a copy but its source."""
    mode = -1 if copy.mode is None else copy.mode
    return (
        text(2, _destination(cwd, copy.dest))
        + _owner(3, copy.owner, base)
        + (integer(4, mode) if isinstance(mode, int) else b"")
        + integer(5, copy.follow_symlink)
        + integer(6, copy.dir_copy_contents)
        + integer(7, copy.attempt_unpack)
        + integer(8, copy.create_dest_path)
        + integer(9, copy.allow_wildcard)
        + integer(10, copy.allow_empty_wildcard)
        + _time(11, copy.timestamp_ns)
        + texts(12, copy.include_patterns)
        + texts(13, copy.exclude_patterns)
        + integer(14, copy.always_replace_existing_dest_paths)
        + (text(15, mode) if isinstance(mode, str) else b"")
        + texts(16, copy.required_paths)
    )


def _mkfile(action: Mkfile, cwd: str, base: int) -> bytes:
    head = text(1, _placed(cwd, action.path)) + integer(2, action.mode & 0o777) + data(3, action.data)
    return head + _owner(4, action.owner, base) + _time(5, action.timestamp_ns)


def _mkdir(action: Mkdir, cwd: str, base: int) -> bytes:
    head = text(1, _placed(cwd, action.path)) + integer(2, action.mode & 0o777) + integer(3, action.parents)
    return head + _owner(4, action.owner, base) + _time(5, action.timestamp_ns)


def _rm(action: Rm, cwd: str, _: int) -> bytes:
    return text(1, _placed(cwd, action.path)) + integer(2, action.allow_not_found) + integer(3, action.allow_wildcard)


def _symlink(action: Symlink, _: str, base: int) -> bytes:
    head = text(1, action.oldpath) + text(2, action.newpath)
    return head + _owner(3, action.owner, base) + _time(4, action.timestamp_ns)


_ACTIONS: dict[type, tuple[int, Callable[[Any, str, int], bytes]]] = {
    Mkfile: (5, _mkfile),
    Mkdir: (6, _mkdir),
    Rm: (7, _rm),
    Symlink: (8, _symlink),
}
