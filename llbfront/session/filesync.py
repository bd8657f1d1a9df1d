"""Serve local directories to the engine over the FileSync service.

Source: session/filesync/filesync.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.errors import InvalidValue, LlbfrontError
from llbfront.fsutil.diffcopy import Sender
from llbfront.fsutil.walk import walk
from llbfront.gostd.strconv import parse_bool
from llbfront.gostd.url import query_unescape
from llbfront.rpc.calls import Handler
from llbfront.rpc.codes import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbfront.fsutil.stat import Stat
    from llbfront.rpc.calls import Metadata, ServerCall, Services

    Observer = Callable[[str, Iterator[Stat]], Iterator[Stat]]
    """Called with the name of a directory and the entries that are sent; returns these entries."""

DIFF_COPY = "/moby.filesync.v1.FileSync/DiffCopy"
_PART_BYTES = 32 * 1024


@attrs.frozen
class Filters:
    """Which files of a directory the engine requests."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    follow_paths: tuple[str, ...] = ()


@attrs.frozen
class LocalDir:
    """A directory that the engine may read under a name.

    owner: the uid and gid to tell, so that a build does not depend on who started it; None tells the real ones.
    edit: may change what the engine asked for, each time it does.
    """

    path: str
    owner: tuple[int, int] | None = (0, 0)
    edit: Callable[[Filters], Filters] | None = None


class FileSync:
    """Serves directories by name.

    sockets: by directory, the sockets that the engine got as empty files.
    errors: why transfers failed, with the names of their directories. The engine got the same errors.
    """

    def __init__(self, directories: Mapping[str, LocalDir], *, observe: Observer | None = None) -> None:
        """Serve directories by name; `observe` passes on the entries of a directory while they are sent."""
        self.directories = dict(directories)
        self._observe = observe
        self.sockets: dict[str, tuple[str, ...]] = {}
        self.errors: list[tuple[str, LlbfrontError]] = []

    def services(self) -> Services:
        return {DIFF_COPY: self._serve}

    def _serve(self, call: ServerCall) -> Handler:
        name = "".join(decoded(call.metadata, "dir-name")[:1])
        directory = self.directories.get(name)
        if directory is None:
            known = ", ".join(sorted(self.directories)) or "none"
            call.finish(Code.NOT_FOUND, f"no access allowed to dir {name!r}: this session offers {known}")
            return Handler()
        filters = Filters(
            include=decoded(call.metadata, "include-patterns"),
            exclude=decoded(call.metadata, "exclude-patterns"),
            follow_paths=decoded(call.metadata, "followpaths"),
        )
        try:
            if directory.edit is not None:
                filters = directory.edit(filters)
            entries = walk(
                directory.path,
                include=filters.include,
                exclude=filters.exclude,
                follow_paths=filters.follow_paths,
                owner=directory.owner,
            )
        except LlbfrontError as error:
            self.errors.append((name, error))
            call.finish(Code.UNKNOWN, str(error))
            return Handler()
        if self._observe is not None:
            entries = self._observe(name, entries)
        return _Sending(self, name, Sender(directory.path, entries), call)


class _Sending(Handler):
    def __init__(self, service: FileSync, name: str, sender: Sender, call: ServerCall) -> None:
        self.service, self.name, self.sender, self.call = service, name, sender, call
        self.ended = False
        self.is_due = False
        self._work_soon()

    def on_message(self, data: bytes) -> None:
        if self.ended:
            return
        try:
            self.sender.receive(data)
        except LlbfrontError as error:
            self._end(Code.UNKNOWN, str(error))
        else:
            self._work_soon()

    def _work_soon(self) -> None:
        """Work once for all packets that came together."""
        if not self.is_due:
            self.is_due = True
            self.call.loop.before_poll(self.on_writable)

    def on_writable(self) -> None:
        """Send a part, which leaves before the next one is made: the engine compares while we walk."""
        self.is_due = False
        if self.ended or (window_bytes := self.call.room_bytes) <= 0:
            return
        messages = self.sender.produce(min(window_bytes, _PART_BYTES))
        if messages:
            self.call.send_all(messages)
        if self.sender.error is not None:
            self.service.errors.append((self.name, self.sender.error))
            self._end(Code.UNKNOWN, str(self.sender.error))
        elif self.sender.done:
            self._end(0, "")
        elif messages and not self.is_due:
            self.is_due = True
            self.call.loop.call_soon(self.on_writable)

    def on_half_close(self) -> None:
        if not self.ended:
            self._end(Code.UNKNOWN, "the receiver ended the transfer before it was complete")

    def on_cancel(self) -> None:
        self.ended = True
        self.sender.close()

    def _end(self, code: int, message: str) -> None:
        self.ended = True
        self.sender.close()
        self.call.finish(code, message)
        if self.sender.sockets:
            self.service.sockets[self.name] = (*self.service.sockets.get(self.name, ()), *self.sender.sockets)


def decoded(metadata: Metadata, key: str) -> tuple[str, ...]:
    """Return the values of `key`, unescaped if `<key>-encoded` says so."""
    values = tuple(value for name, value in metadata if name == key)
    flag = next((value for name, value in metadata if name == key + "-encoded"), "")
    return tuple(unescape_value(value) for value in values) if parse_bool(flag) else values


def unescape_value(text: str) -> str:
    """Undo the escaping of one value. Parity: a malformed one becomes empty.

    >>> unescape_value("a+b%2Fc")
    'a b/c'
    """
    try:
        return query_unescape(text)
    except InvalidValue:
        return ""
