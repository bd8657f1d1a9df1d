"""Serve SSH agents to the steps of a build.

An agent is a socket, to which the bytes of a connection are forwarded, or a set of private keys that are used here. A step may list keys
and sign with them. Requests that would change the agent are answered with a failure here, without asking the agent.

Source: session/sshforward of BuildKit; RFC 9987 of the IETF for the agent protocol.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.connhelper.sockets import dial_unix
from llbfront.errors import ConnectError, InvalidValue, ProtocolError, RpcError
from llbfront.pb import ssh_pb2 as ssh
from llbfront.rpc.calls import Handler
from llbfront.rpc.codes import Code
from llbfront.rpc.services.ssh import SSHMethods
from llbfront.rpc.unary import unary_handler
from llbfront.session import ssh_keys
from llbfront.session.bytes_message import decode_bytes, encode_bytes
from llbfront.setting_names import setting

if TYPE_CHECKING:
    import socket

    from llbfront.rpc.calls import ServerCall, Services
    from llbfront.session.ssh_keys import AskPassphrase, KeyAgent

DEFAULT = "default"
_ID = "buildkit.ssh.id"
_PIECE_BYTES = 32 * 1024
_DIAL_S = 2.0
_MESSAGE_BYTES = 256 * 1024  # the limit of OpenSSH's agent
_ALLOWED = frozenset((11, 13))  # list keys, sign
_FAILURE = b"\0\0\0\1\5"


@attrs.frozen
class SshAgent:
    """The socket of an agent. is_raw: let everything pass, for sockets that speak another protocol."""

    path: str
    is_raw: bool = False


def agent(
    paths: Sequence[str] = (),
    *,
    is_raw: bool = False,
    environ: Mapping[str, str] | None = None,
    ask_passphrase: AskPassphrase | None = None,
) -> SshAgent | KeyAgent:
    """Return the agent for the files at `paths`.

    Args:
        paths: one socket, or the files of one or more private keys; without any, the socket that SSH_AUTH_SOCK names.
        is_raw: forward everything to the socket, whatever protocol it speaks.
        environ: the environment, that of the process by default.
        ask_passphrase: see `ssh_keys.load`.

    Raises:
        InvalidValue: there is no agent, a file is neither a socket nor a private key, or they cannot be used together.
    """
    paths = [path for path in paths if path] or [(os.environ if environ is None else environ).get("SSH_AUTH_SOCK", "")]
    if not paths[0]:
        hint = f"start one (eval $(ssh-agent); ssh-add), or name its socket or a private key: {setting('ssh', 'default=FILE')}"
        raise InvalidValue("there is no SSH agent", hint=hint)
    sockets = [path for path in paths if ssh_keys.is_socket(path)]
    if sockets and len(paths) > 1:
        raise InvalidValue(f"the SSH agent {sockets[0]} cannot be combined with others", hint="use one socket or several keys")
    if sockets:
        return SshAgent(paths[0], is_raw)
    if is_raw:
        raise InvalidValue(f"{paths[0]} is not a socket, and raw=true needs one")
    return ssh_keys.load_keys(paths, ask_passphrase=ask_passphrase)


class Ssh:
    """Serves agents by id."""

    def __init__(self, agents: Mapping[str, SshAgent | KeyAgent]) -> None:
        self.agents = {identifier or DEFAULT: agent for identifier, agent in agents.items()}

    def services(self) -> Services:
        service = SSHMethods
        return {service.CheckAgent.path: unary_handler(service.CheckAgent, self._check), service.ForwardAgent.path: self._forward}

    def _check(self, request: ssh.CheckAgentRequest, _call: ServerCall) -> ssh.CheckAgentResponse:
        self._find(request.ID or DEFAULT)
        return ssh.CheckAgentResponse()

    def _find(self, identifier: str) -> SshAgent | KeyAgent:
        if identifier not in self.agents:
            raise RpcError(f"unset ssh forward key {identifier}", code=Code.UNKNOWN)
        return self.agents[identifier]

    def _forward(self, call: ServerCall) -> Handler:
        identifier = next((value for key, value in call.metadata if key == _ID and value), DEFAULT)
        try:
            agent = self._find(identifier)
            if not isinstance(agent, SshAgent):
                return _Answering(call, agent)
            return _Forwarding(call, dial_unix(agent.path, timeout_s=_DIAL_S), None if agent.is_raw else _Gate())
        except RpcError as error:
            call.finish(error.code, error.message)
        except ConnectError as error:
            call.finish(Code.UNKNOWN, f"the SSH agent {identifier} cannot be used: {error.message}")
        return Handler()


class _Gate:
    """Cuts requests and responses into messages; refuses requests that are not allowed, in their turn."""

    def __init__(self) -> None:
        self.requests = bytearray()
        self.responses = bytearray()
        self.is_asked = False

    def request(self, data: bytes) -> tuple[bytes, bytes]:
        """Receive bytes from the step; return the bytes for the agent, and immediate answers."""
        self.requests += data
        return self._next()

    def response(self, data: bytes) -> tuple[bytes, bytes]:
        """Receive bytes from the agent; return the bytes for the agent and for the step."""
        self.responses += data
        whole = _message(self.responses)
        if not whole:
            return b"", b""
        self.is_asked = False
        onwards, refused = self._next()
        return onwards, whole + refused

    def _next(self) -> tuple[bytes, bytes]:
        refused = b""
        while not self.is_asked and (message := _message(self.requests)):
            if message[4:5] and message[4] in _ALLOWED:
                self.is_asked = True
                return message, refused
            refused += _FAILURE
        return b"", refused


def _message(buffer: bytearray) -> bytes:
    """Remove a complete message from the beginning; nothing if it is incomplete. Raises: ProtocolError."""
    if len(buffer) < 4:
        return b""
    size = int.from_bytes(buffer[:4], "big") + 4
    if size > _MESSAGE_BYTES:
        raise ProtocolError(f"an SSH agent message of {size} bytes")
    if len(buffer) < size:
        return b""
    message = bytes(buffer[:size])
    del buffer[:size]
    return message


class _Answering(Handler):
    """Answers the requests of a step with keys that are held here."""

    def __init__(self, call: ServerCall, agent: KeyAgent) -> None:
        self.call, self.agent = call, agent
        self.requests = bytearray()

    def on_message(self, data: bytes) -> None:
        try:
            self.requests += decode_bytes(data)
            while request := _message(self.requests):
                response = self.agent.answer(request[4:])
                self.call.send(encode_bytes(len(response).to_bytes(4, "big") + response))
        except ProtocolError as error:
            self.call.finish(Code.UNKNOWN, str(error))

    def on_half_close(self) -> None:
        self.call.finish()


class _Forwarding(Handler):
    """Carries bytes between a call and an agent's socket."""

    def __init__(self, call: ServerCall, connection: socket.socket, gate: _Gate | None) -> None:
        self.call, self.connection, self.gate = call, connection, gate
        connection.setblocking(False)
        self.watch = call.loop.watch(connection.fileno())
        self.unsent = bytearray()
        self.is_half_closed = self.ended = False
        self._update()

    def on_message(self, data: bytes) -> None:
        if self.ended:
            return
        try:
            received = decode_bytes(data)
            onwards, answer = (received, b"") if self.gate is None else self.gate.request(received)
        except ProtocolError as error:
            self._end(Code.UNKNOWN, str(error))
            return
        self._pass(onwards, answer)

    def on_half_close(self) -> None:
        self.is_half_closed = True
        self._write()

    def on_writable(self) -> None:
        self._update()

    def on_cancel(self) -> None:
        if not self.ended:
            self.ended = True
            self.watch.cancel()
            self.connection.close()

    def _pass(self, onwards: bytes, answer: bytes) -> None:
        if answer:
            self.call.send(encode_bytes(answer))
        self.unsent += onwards
        self._write()

    def _read(self) -> None:
        try:
            data = self.connection.recv(_PIECE_BYTES)
            if not data:
                self._end(Code.OK, "")
                return
            onwards, answer = (b"", data) if self.gate is None else self.gate.response(data)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(Code.UNKNOWN, f"the SSH agent broke off: {error.strerror}")
        except ProtocolError as error:
            self._end(Code.UNKNOWN, str(error))
        else:
            self._pass(onwards, answer)

    def _write(self) -> None:
        if self.ended:
            return
        try:
            while self.unsent:
                del self.unsent[: self.connection.send(self.unsent)]
            if self.is_half_closed and not (self.gate and self.gate.is_asked):
                self.connection.shutdown(1)
        except BlockingIOError:
            pass
        except OSError as error:
            self._end(Code.UNKNOWN, f"the SSH agent broke off: {error.strerror}")
            return
        self._update()

    def _update(self) -> None:
        """Read from the agent only what the peer can receive."""
        if not self.ended:
            self.watch.update(
                on_readable=self._read if self.call.room_bytes > 0 else None, on_writable=self._write if self.unsent else None
            )

    def _end(self, code: int, message: str) -> None:
        self.on_cancel()
        self.call.finish(code, message)
