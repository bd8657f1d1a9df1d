"""Flow control of received data.

Source: RFC 9113, sections 5.2 and 6.9.
"""

from __future__ import annotations


class ReceiveWindow:
    """How many bytes the peer may still send, on a stream or on the whole connection.

    Credit is announced in large steps, to send few WINDOW_UPDATE frames: when a quarter of the window has been consumed.
    """

    __slots__ = ("_available_bytes", "_consumed_bytes", "_size_bytes")

    def __init__(self, available_bytes: int, size_bytes: int) -> None:
        self._available_bytes = available_bytes
        self._size_bytes = size_bytes
        self._consumed_bytes = 0  # not announced yet

    def receive(self, size_bytes: int) -> bool:
        """Count received bytes. Returns False if the peer sent more than it may."""
        self._available_bytes -= size_bytes
        return self._available_bytes >= 0

    def consume(self, size_bytes: int) -> int:
        """Count consumed bytes; a negative number takes back what was not announced yet. Returns the increment to announce, or 0."""
        self._consumed_bytes += size_bytes
        if self._consumed_bytes * 4 < self._size_bytes:
            return 0
        increment, self._consumed_bytes = self._consumed_bytes, 0
        self._available_bytes += increment
        return increment
