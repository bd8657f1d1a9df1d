"""Connect to a docker engine over TLS. The result is a plain socket, whose bytes a thread carries through TLS.

Source: the TLS flags of the docker CLI for the names of files.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import threading

from llbfront.errors import ConnectError
from llbfront.files.paths import is_regular

_BYTES = 256 * 1024
_FILES = ("ca.pem", "cert.pem", "key.pem")


def context(directory: str, *, verify: bool) -> ssl.SSLContext:
    """Read the certificates of a directory: the authority (by default the authorities of the system), and the client certificate with its key.

    Raises: ConnectError for files that cannot be used.
    """
    authority, certificate, key = (os.path.join(directory, name) for name in _FILES)
    for path in (authority, certificate, key):
        if os.path.exists(path) and not is_regular(path):
            raise ConnectError(f"cannot use the certificates in {directory}: {path} is not a regular file")
    context = ssl.create_default_context()
    try:
        if os.path.exists(authority):
            context = ssl.create_default_context(cafile=authority)
        if os.path.exists(certificate) or os.path.exists(key):
            context.load_cert_chain(certificate, key)
    except OSError as error:  # SSLError is one
        raise ConnectError(f"cannot use the certificates in {directory}: {error.strerror or error}") from error
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def dial(host: str, port: int, context: ssl.SSLContext, *, timeout_s: float) -> socket.socket:
    """Connect, shake hands, and return our end of the plain side. Raises: ConnectError."""
    name = f"tcp://{host}:{port}"
    try:
        connection = context.wrap_socket(socket.create_connection((host, port), timeout_s), server_hostname=host)
    except OSError as error:
        reason = getattr(error, "verify_message", "") or error.strerror or str(error)
        raise ConnectError(f"cannot connect to {name} with TLS: {reason}", tried=[(name, reason)]) from error
    ours, theirs = socket.socketpair()
    threading.Thread(target=_carry, args=(connection, theirs), name="llbfront-tls", daemon=True).start()
    return ours


def _carry(connection: ssl.SSLSocket, plain: socket.socket) -> None:
    """Copy in both directions until one side ends."""
    with connection, plain:
        connection.setblocking(False)
        waiting = select.poll()
        waiting.register(connection, select.POLLIN)
        waiting.register(plain, select.POLLIN)
        try:
            while True:
                ready = {fd for fd, _ in waiting.poll()}
                if plain.fileno() in ready:
                    data = plain.recv(_BYTES)
                    if not data:
                        return
                    _send(connection, data)
                while (received := _receive(connection)) is not None:
                    if not received:
                        return
                    plain.sendall(received)
        except OSError:
            return


def _receive(connection: ssl.SSLSocket) -> bytes | None:
    """Return the bytes that have arrived, b"" at the end of the stream, or None if there are none yet."""
    try:
        return connection.recv(_BYTES)
    except ssl.SSLWantReadError:
        return None


def _send(connection: ssl.SSLSocket, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[connection.send(rest) :]
        except ssl.SSLWantWriteError:
            select.select([], [connection], [])
        except ssl.SSLWantReadError:
            select.select([connection], [], [])
