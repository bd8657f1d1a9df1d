"""Stop the reading of layers from another thread.

`llbfront.aio` reads layers in a thread, which goes on when the task that waits for it is cancelled, unless it is told to stop.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar

_STOP: ContextVar[threading.Event | None] = ContextVar("stop", default=None)


class ReadingStopped(BaseException):
    """Raised in a thread whose reading was stopped. It is no Exception, so that nothing takes it for a damaged layer."""


@contextlib.contextmanager
def stops_at_end() -> Iterator[None]:
    """Stop the reading in threads that run with a copy of this context, as `asyncio.to_thread` starts them, when the block ends."""
    token = _STOP.set(event := threading.Event())
    try:
        yield
    finally:
        event.set()
        _STOP.reset(token)


def check() -> None:
    """Raise ReadingStopped if the reading of this thread is to stop."""
    event = _STOP.get()
    if event is not None and event.is_set():
        raise ReadingStopped
