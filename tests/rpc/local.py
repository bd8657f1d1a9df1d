"""The smallest services a build needs: a directory offered as FileSync, and a FileSend that keeps what it gets.

They test calls without the packages above `rpc`.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from typing import TYPE_CHECKING

from llbfront.pb import fsutil_pb2 as fsutil
from llbfront.rpc.calls import Handler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbfront.rpc.calls import ServerCall, Services

CHUNK_BYTES = 256 * 1024
ENTRIES_A_SLICE = 500
GO_DIRECTORY = 1 << 31


def walk(root: str, prefix: str = "") -> Iterator[tuple[str, str, os.stat_result]]:
    with os.scandir(root) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        path = prefix + entry.name
        yield path, entry.path, entry.stat(follow_symlinks=False)
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path, path + "/")


class Sender(Handler):
    """Sends a directory of files and directories."""

    def __init__(self, call: ServerCall, root: str) -> None:
        self.call = call
        named: dict[str, set[str]] = {}
        for key, value in call.metadata:
            named.setdefault(key, set()).add(value)
        self.only = named.get("followpaths", set())
        self.entries = walk(root)
        self.files: list[tuple[str, int]] = []
        self.walking = True
        self.requested_ids: deque[int] = deque()
        self.file: int | None = None
        self.number = 0
        self.chunk = 0
        self.is_scheduled = False
        self.schedule()

    def schedule(self) -> None:
        if not self.is_scheduled:
            self.is_scheduled = True
            self.call.loop.call_soon(self.work)

    def on_message(self, data: bytes) -> None:
        packet = fsutil.Packet.FromString(data)
        if packet.type == fsutil.Packet.PACKET_REQ:
            self.requested_ids.append(packet.ID)
            self.schedule()
        elif packet.type == fsutil.Packet.PACKET_FIN:
            self.call.send(data)
            self.call.finish()

    def on_writable(self) -> None:
        self.schedule()

    def work(self) -> None:
        self.is_scheduled = False
        if self.walking:
            self.describe()
        while not self.walking and self.call.room_bytes > 0 and (self.file is not None or self.requested_ids):
            self.read()
        if self.walking and self.call.room_bytes > 0:
            self.schedule()

    def describe(self) -> None:
        for _ in range(ENTRIES_A_SLICE):
            entry = next(self.entries, None)
            if entry is None:
                self.walking = False
                self.call.send(b"")
                return
            path, full, info = entry
            if self.only and path not in self.only:
                continue
            self.files.append((full, info.st_size))
            is_directory = stat.S_ISDIR(info.st_mode)
            entry_stat = fsutil.Stat(
                path=path.encode(),
                mode=info.st_mode & 0o777 | (GO_DIRECTORY if is_directory else 0),
                size=0 if is_directory else info.st_size,
                modTime=info.st_mtime_ns,
            )
            self.call.send(fsutil.Packet(stat=entry_stat).SerializeToString())

    def read(self) -> None:
        if self.file is None:
            self.number = self.requested_ids.popleft()
            path, size = self.files[self.number]
            self.file = os.open(path, os.O_RDONLY)
            self.chunk = min(CHUNK_BYTES, size + 1)
        data = os.read(self.file, self.chunk)
        head = fsutil.Packet(type=fsutil.Packet.PACKET_DATA, ID=self.number).SerializeToString()
        if data:
            self.call.send([head, b"\x22", varint(len(data)), data])
        if len(data) < self.chunk:
            os.close(self.file)
            self.file = None
            self.call.send(head)


class Keeper(Handler):
    """Writes the stream of one file target to a descriptor."""

    def __init__(self, call: ServerCall, target: int) -> None:
        self.call, self.target = call, target

    def on_message(self, data: bytes) -> None:
        from llbfront.pb import filesync_pb2 as filesync

        os.write(self.target, filesync.BytesMessage.FromString(data).data)

    def on_half_close(self) -> None:
        self.call.finish()


def services(root: str, target: int | None = None) -> Services:
    offered: dict[str, object] = {"/moby.filesync.v1.FileSync/DiffCopy": lambda call: Sender(call, root)}
    if target is not None:
        offered["/moby.filesync.v1.FileSend/DiffCopy"] = lambda call: Keeper(call, target)
    return offered  # type: ignore[return-value]


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(0x80 | value & 0x7F)
        value >>= 7
    out.append(value)
    return bytes(out)
