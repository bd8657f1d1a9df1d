"""The interface of a connection: a `Channel` starts calls, whatever carries them.

A channel belongs to an event loop and to its thread. Nothing blocks except `wait` and what is built on it, and `wait` may be nested.
`stream_channel` and `grpcio_channel` implement it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from llbfront.rpc.calls import Call
from llbfront.rpc.event_loop import Aborted, Job, Loop
from llbfront.rpc.method import RequestT, ResponseT

if TYPE_CHECKING:
    from llbfront.rpc.calls import Metadata, RawCall, Receiver, Services
    from llbfront.rpc.event_loop import Timer
    from llbfront.rpc.method import Method

ValueT = TypeVar("ValueT")


class Channel:
    """One connection. Implementations: `stream.StreamChannel` and `network.GrpcChannel`.

    address: the address of the engine, for messages. log_hint: where its log is. on_call: called for each call that is opened.
    lost: nothing can be called any more. is_silent: it was lost because the peer did not answer.
    """

    def __init__(self, loop: Loop | None = None) -> None:
        self.loop = loop or Loop()
        self.owns_loop = loop is None
        self.lost = self.is_silent = False
        self.address = self.log_hint = ""
        self.on_call: Callable[[], None] | None = None

    def open(
        self, path: str, receiver: Receiver, *, metadata: Metadata = (), timeout_s: float | None = None, is_unary: bool = False
    ) -> RawCall:
        """Start a call in encoded messages. Each message given to `receiver` must be answered by `consumed` once it is used.

        is_unary: the method returns one message, not a stream.
        """
        if self.on_call is not None:
            self.on_call()
        return self._open(path, receiver, metadata, timeout_s, is_unary=is_unary)

    def _open(self, path: str, receiver: Receiver, metadata: Metadata, timeout_s: float | None, *, is_unary: bool) -> RawCall:
        raise NotImplementedError

    @property
    def peer(self) -> str:
        """The name of the other side in messages."""
        return f"the engine at {self.address}" if self.address else "the peer"

    @property
    def is_busy(self) -> bool:
        """Whether calls are open."""
        raise NotImplementedError

    @property
    def has_answered(self) -> bool:
        """Whether the peer has answered any call."""
        raise NotImplementedError

    def has_progressed(self) -> bool:
        """Return whether the peer has sent or accepted data since the last call of this method."""
        raise NotImplementedError

    def lose(self, reason: str) -> None:
        """Drop the connection. Calls that have not ended fail with UNAVAILABLE and `reason`."""
        raise NotImplementedError

    def close(self) -> None:
        """End the connection, and the loop if it is the channel's own. Calls that have not ended fail with CANCELLED."""
        try:
            self._close()
        finally:
            if self.owns_loop:
                self.loop.close()

    def _close(self) -> None:
        raise NotImplementedError

    def abandon(self) -> None:
        """Close the descriptors without a word to the engine, with which another process goes on talking: for use after a fork."""
        self.lost = True
        self.loop.close()

    def serve_session(self, services: Services, announced: Metadata) -> Channel | None:
        """Serve a session on a separate connection if the engine requires that; None: it travels inside a call."""
        del services, announced
        return None

    def start(
        self,
        method: Method[RequestT, ResponseT],
        *,
        metadata: Metadata = (),
        on_message: Callable[[ResponseT], None] | None = None,
        timeout_s: float | None = None,
    ) -> Call[RequestT, ResponseT]:
        """Start a call; nothing is sent before the next `wait`, so calls started together leave together.

        Without `on_message` messages are kept for `Call.messages` or `Call.result`.
        """
        call = Call(method, self.loop, on_message)
        is_unary = not method.server_streaming
        call.raw = self.open(method.path, call, metadata=metadata, timeout_s=timeout_s, is_unary=is_unary)
        return call

    def unary(
        self, method: Method[RequestT, ResponseT], request: RequestT, *, metadata: Metadata = (), timeout_s: float | None = None
    ) -> ResponseT:
        """Send one request, wait for the one response. Raises: RpcError."""
        call = self.start(method, metadata=metadata, timeout_s=timeout_s)
        call.send(request)
        call.close_send()
        try:
            return call.result()
        except (KeyboardInterrupt, Aborted):
            call.cancel()
            raise

    def wait(self, until: Callable[[], bool], *, timeout_s: float | None = None) -> bool:
        """Run the loop until `until()`; False if `timeout_s` passed first."""
        return self.loop.wait(until, timeout_s=timeout_s)

    def flush(self) -> None:
        """Write what is queued, as far as it goes without waiting, so that the peer works while this side does."""
        self.loop.turn(time.monotonic())

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        return self.loop.call_later(seconds, callback)

    def submit(self, work: Callable[[], ValueT], then: Callable[[Job[ValueT]], None] | None = None) -> Job[ValueT]:
        """Run a blocking function in a new thread; see `Loop.submit`."""
        return self.loop.submit(work, then)
