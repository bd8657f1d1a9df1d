"""A real pseudo-terminal whose screen a test can read."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import threading
from typing import Self

import pyte


class Terminal:
    """The program's end is `stream` (or the descriptor `slave`); `rows()` is what a person would see.

    The emulator does not wrap lines anew when it becomes narrower, as xterm does not.
    """

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self.master, self.slave = os.openpty()
        self.stream = os.fdopen(self.slave, "w", encoding="utf-8", closefd=False)
        self.screen = pyte.HistoryScreen(columns, lines, history=5000)
        self.bytes = b""
        self._marks = 0
        self._decoder = pyte.ByteStream(self.screen)
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read)
        self.resize(columns, lines)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()
        os.close(self.master)

    def resize(self, columns: int, lines: int) -> None:
        with self._lock:
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            lost = max(0, self.screen.lines - lines)
            self.screen.resize(lines, columns)
            self.screen.cursor.y = max(0, self.screen.cursor.y - lost)  # the emulator drops rows at the top and forgets the cursor

    def hang_up(self) -> None:
        """Close the program's end and wait until all that was written is on the screen."""
        if self._reader.is_alive():
            self.stream.close()
            os.close(self.slave)
            self._reader.join()

    def settle(self) -> None:
        """Wait until the screen shows all that was written so far."""
        self._marks += 1
        mark = b"\x1b[8;7;%dz" % self._marks  # a sequence that means nothing
        os.write(self.slave, mark)
        while not self.bytes.endswith(mark):
            threading.Event().wait(0.001)

    def rows(self) -> list[str]:
        with self._lock:
            return [row.rstrip() for row in self.screen.display]

    def text(self) -> str:
        """The screen without the empty rows at its end."""
        return "\n".join(self.rows()).rstrip("\n")

    def history(self) -> list[str]:
        """What has scrolled off the top."""
        with self._lock:
            return ["".join(row[x].data for x in range(self.screen.columns)).rstrip() for row in self.screen.history.top]

    def color(self, row: int, column: int = 0) -> str:
        with self._lock:
            return str(self.screen.buffer[row][column].fg)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:  # the last program's end was closed
                return
            with self._lock:
                self._decoder.feed(data)
                self.bytes += data  # last, since it tells `settle` that the screen is complete
