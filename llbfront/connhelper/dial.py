"""Connect to the engine at an address, and wait for its first answer.

`tcp://` goes through grpcio, all other schemes carry our own HTTP/2. Only what the scheme needs is loaded.

Source: client/client.go of BuildKit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from llbfront import interrupts
from llbfront.connhelper.address import DEFAULT_PORT, Address, certificates_in, log_hint, parse_address
from llbfront.connhelper.sockets import dial_unix
from llbfront.errors import AddressError, ConnectError
from llbfront.rpc import heartbeat
from llbfront.rpc.event_loop import Loop
from llbfront.rpc.stream_channel import Pipes, StreamChannel

if TYPE_CHECKING:
    from llbfront.connhelper.dial_failure import DialFailure
    from llbfront.rpc.channel import Channel
    from llbfront.rpc.grpcio_channel import GrpcChannel
    from llbfront.rpc.tls import Tls

ANSWER_TIMEOUT_S = 15.0
SEARCH_TIMEOUT_S = 1.0
REPORT_AFTER_S = 1.0


@attrs.frozen
class DialAttempt:
    """One attempt to connect: the address, its certificates, the loop, and the time (of time.monotonic) by which to be answered."""

    address: Address
    tls: Tls | None
    loop: Loop
    timeout_s: float
    deadline: float

    @property
    def left_s(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def error(self, why: DialFailure) -> ConnectError:
        """Return the error of this address."""
        return no_engine(self.address.text, why.cause, why.fix)

    def error_after(self, error: ConnectError) -> ConnectError:
        """Return the error of this address for an error that was raised while connecting."""
        from llbfront.connhelper import dial_failure  # loads when no engine is reached

        return self.error(dial_failure.of_connect_error(error, self.address, self.timeout_s))


def no_engine(address: str, cause: str, fix: str | None) -> ConnectError:
    """Return the error of an address at which no engine can be used."""
    return ConnectError(f"no engine at {address}: {cause}", tried=[(address, cause)], hint=fix)


def dial(
    text: str,
    *,
    tls: Tls | None = None,
    loop: Loop | None = None,
    timeout_s: float = ANSWER_TIMEOUT_S,
    report: Callable[[str], None] = lambda _: None,
) -> Channel:
    """Connect to the engine at an address and wait for its first answer.

    Args:
        text: the address, such as `unix:///run/buildkit/buildkitd.sock`.
        tls: the certificates for a tcp:// address, instead of those that it names.
        loop: the loop to share, by default one of the channel's own.
        timeout_s: how long connecting may take.
        report: called once, when there is no answer after a second.

    Raises:
        AddressError: the text is not an address.
        ConnectError: no engine answers there; `hint` says what would help. Its `__cause__` is a TimeoutError if nothing was received in time.
    """
    address = parse_address(text)
    if tls is not None and address.scheme != "tcp":
        raise AddressError(f"TLS is for tcp:// addresses, not for {address.scheme}://")
    attempt = DialAttempt(address, tls, loop or Loop(), timeout_s, time.monotonic() + timeout_s)
    reminder = attempt.loop.call_later(REPORT_AFTER_S, lambda: report(f"waiting for the engine at {text} (up to {timeout_s:g} s)"))
    try:
        channel = _CONNECT[address.scheme](attempt)
    except BaseException:
        if loop is None:
            attempt.loop.close()
        raise
    finally:
        reminder.cancel()
    channel.owns_loop = loop is None
    channel.address, channel.log_hint = text, log_hint(address)
    heartbeat.watch(channel)
    return channel


def _connect_unix(attempt: DialAttempt) -> StreamChannel:
    try:
        fd = dial_unix(attempt.address.path, timeout_s=attempt.left_s).detach()
    except ConnectError as error:
        raise attempt.error_after(error) from error.__cause__
    return _try_connect(StreamChannel(Pipes(fd, fd), loop=attempt.loop), attempt)


def _connect_program(attempt: DialAttempt) -> StreamChannel:
    from llbfront.connhelper.command import channel_over, command_of

    command = command_of(attempt.address)
    try:
        channel = channel_over(command, attempt.loop)
    except ConnectError as error:
        raise attempt.error_after(error) from error.__cause__
    return _try_connect(channel, attempt)


def _connect_docker(attempt: DialAttempt) -> StreamChannel:
    from llbfront.connhelper.hijack import connect_docker

    try:
        channel = connect_docker(attempt.address, attempt.loop, timeout_s=attempt.left_s)
    except ConnectError as error:
        raise attempt.error_after(error) from error.__cause__
    return _try_connect(channel, attempt)


def _try_connect(channel: StreamChannel, attempt: DialAttempt) -> StreamChannel:
    """Wait until the peer has sent its HTTP/2 settings."""
    is_over, words = False, ""
    try:
        is_over = channel.wait(lambda: channel.lost or channel.is_greeted, timeout_s=attempt.left_s)
        words = "" if is_over else channel.words()
    finally:
        if not (is_over and channel.is_greeted):
            channel.close()
    if is_over and not channel.lost:
        return channel
    from llbfront.connhelper import dial_failure  # loads when no engine is reached

    if not is_over:
        raise attempt.error(dial_failure.of_timeout(attempt.timeout_s, words)) from TimeoutError()
    raise attempt.error(_why_lost(channel, attempt.address))


def _why_lost(channel: StreamChannel, address: Address) -> DialFailure:
    from llbfront.connhelper import dial_failure

    if channel.last_words and not channel.first_bytes:
        from llbfront.connhelper.command import command_of

        return dial_failure.of_program(channel.last_words, address, command_of(address))
    return dial_failure.of_answer(b"" if channel.is_greeted else channel.first_bytes, address)


def _connect_network(attempt: DialAttempt) -> GrpcChannel:
    with interrupts.deferred():  # grpcio ends the process if it is imported again after an import that was interrupted
        from llbfront.rpc import grpcio_channel
    from llbfront.connhelper import dial_failure

    address = attempt.address
    host = f"[{address.host}]" if ":" in address.host else address.host
    tls = attempt.tls or (
        certificates_in(address.query["certs"], address.query.get("servername")) if "certs" in address.query else None
    )
    channel = grpcio_channel.GrpcChannel(f"{host}:{address.port or DEFAULT_PORT}", tls=tls, loop=attempt.loop)
    channel.address = address.text
    question = heartbeat.LivenessProbe(channel)
    is_answered = is_reached = False
    try:
        is_answered = channel.wait(lambda: question.is_answered, timeout_s=attempt.left_s)
        is_reached = is_answered and not (question.error and dial_failure.is_unreached(question.error))
    finally:
        if not is_reached:
            channel.close()
    if not is_answered:
        raise attempt.error(dial_failure.of_timeout(attempt.timeout_s)) from TimeoutError()
    if not is_reached and question.error:
        raise attempt.error(dial_failure.of_grpc(question.error, channel.peer, address, is_tls=tls is not None)) from question.error
    return channel


_CONNECT: dict[str, Callable[[DialAttempt], Channel]] = {
    "unix": _connect_unix,
    "tcp": _connect_network,
    "docker-container": _connect_program,
    "podman-container": _connect_program,
    "nerdctl-container": _connect_program,
    "kube-pod": _connect_program,
    "ssh": _connect_program,
    "docker": _connect_docker,
    "docker+tcp": _connect_docker,
    "docker+ssh": _connect_docker,
}
