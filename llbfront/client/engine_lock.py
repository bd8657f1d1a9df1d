"""The lock of an Engine's connection: one thread at a time may use it, in the process that opened it, until it is closed."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from llbfront.errors import EngineClosed, EngineUsageError
from llbfront.errors.llbfront_error import explained
from llbfront.rpc.event_loop import Aborted

if TYPE_CHECKING:
    from llbfront.rpc.channel import Channel


class EngineLock:
    """Lets threads use a channel in turn, and closes it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._process = os.getpid()
        self._turn = threading.Lock()
        self._user: int | None = None
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether there is nothing left to close, here or in this process."""
        return self._is_closed or self._process != os.getpid()

    @contextlib.contextmanager
    def use(self) -> Iterator[None]:
        """Hold the connection, once other threads have ended with it. Ctrl-C ends the waiting.

        Raises: EngineClosed; EngineUsageError for a use that could never have its turn.
        """
        self._check_user()
        with self._turn:
            self._user = threading.get_ident()
            try:
                self._check_open()
                with explained(), _unwrapped():
                    yield
            finally:
                self._user = None
                self._channel.loop.forget_interrupt()
                if self._is_closed or self._channel.loop.is_broken:
                    self._is_closed = True
                    self._end()

    def interrupt(self, error: BaseException) -> None:
        """End what uses the connection now with `error`. May be called from any thread."""
        self._channel.loop.interrupt(error)

    def forget_interrupt(self) -> None:
        """Discard an interrupt that came too late."""
        self._channel.loop.forget_interrupt()

    def begin_close(self) -> None:
        """Refuse further uses and end the present one."""
        self._is_closed = True
        if self._user is not None:
            self._channel.loop.interrupt(_closed())

    def close(self) -> None:
        """Close the connection; a build that another thread runs is ended first. Inside a build (`on_event`) it ends that build."""
        if self._process != os.getpid():
            self._channel.abandon()
            return
        self.begin_close()
        if self._user != threading.get_ident():
            with self._turn:
                self._end()

    def _end(self) -> None:
        try:
            self._channel.close()
        except Exception:  # an interrupted callback may have left protocol state half-done
            if not self._channel.loop.is_broken:
                raise
            self._channel.abandon()

    def _check_user(self) -> None:
        if self._process != os.getpid():
            raise EngineUsageError("this engine was opened by another process", hint="connect again after a fork")
        if self._user == threading.get_ident():
            raise EngineUsageError("this engine is in use by the build that made this call", hint="open another connection for it")

    def _check_open(self) -> None:
        if self._is_closed:
            raise _closed()


@contextlib.contextmanager
def _unwrapped() -> Iterator[None]:
    """Raise what a wait outside of a solve was interrupted with."""
    try:
        yield
    except Aborted as aborted:
        raise aborted.error from None


def _closed() -> EngineClosed:
    return EngineClosed("the engine was closed", hint="connect again")
