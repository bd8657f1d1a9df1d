"""One stream: its state, its windows, and the part of the body that waits to be sent.

Source: RFC 9113, sections 5.1 and 5.2.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llbfront.http2.flow_control import ReceiveWindow
    from llbfront.http2.headers import Field

QUEUE_HIGH_BYTES = 512 * 1024  # a writer stops at this many queued bytes
QUEUE_LOW_BYTES = 256 * 1024  # and goes on below this


class State(enum.Enum):
    """The states of a stream (5.1). The two reserved states belong to server push."""

    IDLE = "idle"
    OPEN = "open"
    HALF_CLOSED_LOCAL = "half-closed (local)"
    HALF_CLOSED_REMOTE = "half-closed (remote)"
    CLOSED = "closed"


_AFTER_LOCAL_END = {
    State.OPEN: State.HALF_CLOSED_LOCAL,
    State.HALF_CLOSED_LOCAL: State.HALF_CLOSED_LOCAL,
    State.HALF_CLOSED_REMOTE: State.CLOSED,
    State.CLOSED: State.CLOSED,
}
_AFTER_REMOTE_END = {
    State.OPEN: State.HALF_CLOSED_REMOTE,
    State.HALF_CLOSED_REMOTE: State.HALF_CLOSED_REMOTE,
    State.HALF_CLOSED_LOCAL: State.CLOSED,
    State.CLOSED: State.CLOSED,
}
# Whether nothing can be sent and whether nothing can be received any more.
_CLOSED_SIDES = {
    State.IDLE: (False, False),
    State.OPEN: (False, False),
    State.HALF_CLOSED_LOCAL: (True, False),
    State.HALF_CLOSED_REMOTE: (False, True),
    State.CLOSED: (True, True),
}


class Stream:
    """A stream of a connection.

    Attributes:
        id: its number; 0 while it waits for the peer to allow one more stream.
        state: see `State`.
        is_local_closed, is_remote_closed: whether nothing can be sent and whether nothing can be received any more.
        owner: the object that handles the events of the stream; HTTP/2 does not use it.
        send_window: how many bytes the peer lets us send. Negative when the peer has made its window smaller.
        receive_window: how many bytes the peer may send.
        has_headers: whether the peer has sent its request or its final response.
        queued_bytes: how much of the body waits to be sent.
        is_blocked: the queue was full, so that a WritableEvent is due.
        is_ending: nothing follows what is queued but `trailer`, if there is one.
    """

    __slots__ = (
        "_queue",
        "has_headers",
        "id",
        "is_blocked",
        "is_ending",
        "is_local_closed",
        "is_remote_closed",
        "owner",
        "queued_bytes",
        "receive_window",
        "send_window",
        "state",
        "trailer",
    )

    def __init__(self, stream_id: int, *, send_window: int, receive_window: ReceiveWindow) -> None:
        self.id = stream_id
        self._enter(State.OPEN if stream_id else State.IDLE)
        self.owner: Any = None
        self.send_window = send_window
        self.receive_window = receive_window
        self.has_headers = False
        self._queue: deque[bytes | memoryview] = deque()
        self.queued_bytes = 0
        self.is_blocked = False
        self.is_ending = False
        self.trailer: Sequence[Field] | None = None

    def open(self, stream_id: int, *, send_window: int) -> None:
        """Leave the idle state."""
        self.id, self.send_window = stream_id, send_window
        self._enter(State.OPEN)

    def close_local(self) -> None:
        """Change the state after sending END_STREAM."""
        self._enter(_AFTER_LOCAL_END[self.state])

    def close_remote(self) -> None:
        """Change the state after receiving END_STREAM."""
        self._enter(_AFTER_REMOTE_END[self.state])

    def close(self) -> None:
        """Change the state after a reset in either direction. What is queued will not be sent."""
        self._enter(State.CLOSED)
        self._queue.clear()
        self.queued_bytes = 0

    def _enter(self, state: State) -> None:
        self.state = state
        self.is_local_closed, self.is_remote_closed = _CLOSED_SIDES[state]

    def enqueue(self, parts: Sequence[bytes | memoryview], size_bytes: int) -> None:
        """Queue a piece of the body. Parts are not copied."""
        self._queue.extend(parts)
        self.queued_bytes += size_bytes
        if self.queued_bytes >= QUEUE_HIGH_BYTES:
            self.is_blocked = True

    def dequeue(self, size_bytes: int, out: list[bytes | memoryview]) -> None:
        """Move the first `size_bytes` of the queue to `out`. A part that is longer is split without a copy."""
        self.queued_bytes -= size_bytes
        queue = self._queue
        while size_bytes:
            part = queue.popleft()
            length = len(part)
            if length > size_bytes:
                view = memoryview(part)
                out.append(view[:size_bytes])
                queue.appendleft(view[size_bytes:])
                return
            out.append(part)
            size_bytes -= length

    def unblock(self) -> bool:
        """Return True once, when the writer of a full queue may continue."""
        if self.is_ending or self.queued_bytes >= QUEUE_LOW_BYTES:
            return False
        self.is_blocked = False
        return True
