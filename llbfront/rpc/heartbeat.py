"""Notice an engine that has stopped answering: suspended, frozen, or unreachable because the network drops packets.

While calls are open, a channel that receives nothing for a few seconds makes a call that every gRPC server answers. HTTP/2's own PING
will not do: grpc-go closes connections that are pinged more often than every five minutes.

Source: the standard health service of gRPC (grpc/health/v1/health.proto); keepalive of grpc-go for what servers allow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.rpc.calls import Receiver

if TYPE_CHECKING:
    from llbfront.errors import RpcError
    from llbfront.rpc.calls import Metadata, RawCall
    from llbfront.rpc.channel import Channel

QUESTION = "/grpc.health.v1.Health/Check"
TICK_S = 1.0
ASK_AFTER_TICKS = 4
LOSE_AFTER_TICKS = 13


def watch(channel: Channel) -> None:
    """Lose the connection of `channel` when its peer stops answering."""
    channel.on_call = _Heartbeat(channel).start


class _Heartbeat:
    """Watches a channel while it has calls. `start` is called for each new one.

    Time is counted in ticks of the loop, not by the clock: a program that does not run its loop for a while, because it computes or is
    suspended, reads what has arrived meanwhile before it judges.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._is_running = False
        self._silent_ticks = 0
        self._probe: LivenessProbe | None = None

    def start(self) -> None:
        if not self._is_running:
            self._is_running = True
            self._silent_ticks = 0
            self._channel.has_progressed()
            self._channel.call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        if self._channel.lost or not self._channel.is_busy:
            self._is_running = False
            return
        self._silent_ticks = 0 if self._channel.has_progressed() else self._silent_ticks + 1
        if self._silent_ticks >= LOSE_AFTER_TICKS:
            self._is_running = False
            self._channel.is_silent = True
            silence_s = LOSE_AFTER_TICKS * TICK_S
            self._channel.lose(f"the engine does not answer: nothing was heard from {self._channel.address} for {silence_s:.0f} s")
            return
        if self._silent_ticks >= ASK_AFTER_TICKS and (self._probe is None or self._probe.is_answered):
            self._probe = LivenessProbe(self._channel)
        self._channel.call_later(TICK_S, self._tick)


class LivenessProbe(Receiver):
    """A call whose answer, whatever it is, shows that the peer is alive. `error` is what it failed with."""

    def __init__(self, channel: Channel) -> None:
        self.is_answered = False
        self.error: RpcError | None = None
        self._call: RawCall = channel.open(QUESTION, self, is_unary=True)
        self._call.send(b"")
        self._call.close_send()

    def on_message(self, data: bytes) -> None:
        del data
        self._call.consumed()

    def on_done(self, error: RpcError | None, trailer: Metadata) -> None:
        del trailer
        self.error = error
        self.is_answered = True
