"""The transfer of a tree as two state machines without a connection: packets go in, packets come out.

The sender lists every entry in wire order; its number is its place in that order. The receiver requests contents by
number. When it has all of them it says FIN, the sender answers FIN, and the transfer is over.

Source: send.go, receive.go, validator.go and hardlinks.go of fsutil.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from llbfront.errors import ContextError, ExportError, LlbfrontError, ProtocolError
from llbfront.fsutil import stat as wire
from llbfront.fsutil.content import Content
from llbfront.fsutil.entry_validator import EntryValidator

if TYPE_CHECKING:
    from llbfront.fsutil.disk_writer import DiskWriter, File
    from llbfront.fsutil.stat import Stat

    # One message, in parts that are never changed afterwards.
    Message = bytes | list[bytes | memoryview]

_ASKED_AT_ONCE = 64
_EVERYTHING = 1 << 62


class Sender:
    """Sends one tree.

    done: FIN was exchanged, nothing follows. error: why the transfer failed; an ERR packet was sent to the peer.
    sockets: the sockets that were asked for, which the peer gets as empty files.

    Parity: files are sent one after the other in the order of the requests, while BuildKit interleaves four.
    """

    def __init__(self, root: str, entries: Iterator[Stat]) -> None:
        self.done = False
        self.error: LlbfrontError | None = None
        self.sockets: list[str] = []
        self._root = os.fsencode(root)
        self._entries: Iterator[Stat] | None = entries
        self._count = 0
        self._contents: dict[int, bytes] = {}
        self._requested: deque[tuple[int, bytes]] = deque()
        self._open: Content | None = None
        self._finishing = False

    def receive(self, packet: bytes) -> None:
        """Handle a packet of the receiver. Raises: ProtocolError, or ContextError when the receiver reports a failure."""
        message = wire.decode(packet)
        if message.type == wire.REQ:
            self._ask(message.id)
        elif message.type == wire.FIN:
            self._finishing = True
        elif message.type == wire.ERR:
            raise ContextError(f"the engine could not receive the files: {message.data.decode('utf-8', 'replace')}")

    def _ask(self, number: int) -> None:
        path = self._contents.pop(number, None)
        if path is None:
            raise ProtocolError(f"invalid file id {number}")
        self._requested.append((number, path))

    def produce(self, room_bytes: int) -> list[Message]:
        """Return the next messages, until they fill `room_bytes` or there are no more before something is received."""
        messages: list[Message] = []
        if self.done or self.error is not None:
            return messages
        if self._entries is not None:
            room_bytes = self._tell(messages, room_bytes)
        while room_bytes > 0 and (self._open or self._requested):
            room_bytes -= self._send_content(messages)
        if self._finishing:
            self.done = True
            messages.append(wire.FIN_PACKET)
        return messages

    def close(self) -> None:
        """Close open files."""
        if self._open is not None:
            self._open.close()
            self._open = None
        self._entries = None

    def _tell(self, messages: list[Message], room_bytes: int) -> int:
        entries = self._entries or iter(())
        encode, contents, count = wire.encode_stat, self._contents, self._count
        try:
            for stat in entries:
                packet = encode(stat)
                if not stat.mode & wire.TYPE_BITS:
                    contents[count] = stat.path
                count += 1
                messages.append(packet)
                room_bytes -= len(packet)
                if room_bytes <= 0:
                    break
            else:
                self._entries = None
                messages.append(wire.END_OF_STATS)
        except LlbfrontError as error:
            self.error = error
            messages.append(wire.encode_error(str(error)))
            room_bytes = 0
        self._count = count
        return room_bytes

    def _send_content(self, messages: list[Message]) -> int:
        """Send the next piece of the file that is open, or of the next one that was asked for; return about how long it was."""
        try:
            content = self._open or self._next_content()
            if content is None:
                number, path = self._requested.popleft()
                self.sockets.append(os.fsdecode(path))
                messages.append(wire.data_head(number, 0))
                return len(path)
            self._open = content
            data, is_end = content.read()
        except ContextError as error:
            self.error = error
            messages.append(wire.encode_error(str(error)))
            return _EVERYTHING
        if data:
            messages.append([wire.data_head(content.number, len(data)), data])
        if is_end:
            content.close()
            self._open = None
            messages.append(wire.data_head(content.number, 0))
        return len(data) + 64

    def _next_content(self) -> Content | None:
        """Open the next file that was asked for; None for a socket, which is sent as an empty file."""
        number, path = self._requested[0]
        content = Content.open(self._root, path, number)
        if content is not None:
            self._requested.popleft()
        return content


class Receiver:
    """Receives one tree into `writer`.

    done: FIN was exchanged and the tree is complete. After an error call `abort`.
    """

    def __init__(self, writer: DiskWriter) -> None:
        self.done = False
        self._writer = writer
        self._validator = EntryValidator()
        self._count = 0
        self._pending_files: deque[tuple[int, Stat]] = deque()
        self._files: dict[int, File] = {}
        self._all_told = False
        self._finished = False

    @property
    def is_complete(self) -> bool:
        """Whether the whole tree has been written."""
        return self._finished

    def receive(self, packet: bytes) -> list[bytes]:
        """Handle a packet of the sender and return the packets to send.

        Raises: ProtocolError; ExportError if something cannot be written or the sender reports a failure.
        """
        message = wire.decode(packet)
        if self._finished:
            self.done = self.done or message.type == wire.FIN
            return []
        answers = self._answers.get(message.type)
        return answers(self, message) if answers is not None else []

    def abort(self) -> None:
        """Remove what is half-written."""
        for file in self._files.values():
            file.abandon()
        self._files.clear()
        self._writer.close()

    def _on_stat(self, message: wire.Packet) -> list[bytes]:
        stat = message.stat
        if stat is None:
            self._all_told = True
            return self._next()
        number = self._count
        self._count += 1
        self._validator.check(stat)
        if not stat.has_content:
            self._writer.make(stat)
        elif stat.linkname:
            self._writer.link_later(stat)
        else:
            self._writer.expect(stat)
            self._pending_files.append((number, stat))
        return self._next()

    def _on_data(self, message: wire.Packet) -> list[bytes]:
        file = self._files.get(message.id)
        if file is None:
            raise ProtocolError(f"content of entry {message.id}, which was not asked for")
        if message.data:
            file.write(message.data)
            return []
        file.commit()
        del self._files[message.id]
        return self._next()

    def _on_fin(self, _message: wire.Packet) -> list[bytes]:
        raise ProtocolError("the sender ended the transfer before it was complete")

    def _on_error(self, message: wire.Packet) -> list[bytes]:
        raise ExportError(f"the engine could not send the files: {message.data.decode('utf-8', 'replace')}")

    _answers: dict[int, Callable[[Receiver, wire.Packet], list[bytes]]] = {  # noqa: RUF012 (a table of methods)
        wire.STAT: _on_stat,
        wire.DATA: _on_data,
        wire.FIN: _on_fin,
        wire.ERR: _on_error,
    }

    def _next(self) -> list[bytes]:
        """Request contents up to the limit of concurrent transfers; finish when none are left."""
        answers = []
        while self._pending_files and len(self._files) < _ASKED_AT_ONCE:
            number, stat = self._pending_files.popleft()
            self._files[number] = self._writer.file(stat)
            answers.append(wire.encode_request(number))
        if self._all_told and not self._files:
            self._writer.finish()
            self._finished = True
            answers.append(wire.FIN_PACKET)
        return answers
