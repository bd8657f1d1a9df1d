"""The message of raw bytes that several session services share: bytes → `BytesMessage{1 data}` → bytes.

Source: session/filesync, session/upload and session/sshforward of BuildKit, which define it three times alike.
"""

from __future__ import annotations

from llbfront.errors import ProtocolError
from llbfront.fsutil.stat import varint


def encode_bytes(data: bytes | memoryview) -> list[bytes | memoryview]:
    """Return a message that carries `data`, which is not copied."""
    return [b"\x0a" + varint(len(data)), data] if data else [b""]


def decode_bytes(message: bytes) -> bytes:
    """Return what a message carries. Raises: ProtocolError."""
    if not message:
        return b""
    size = shift = 0
    for i, octet in enumerate(message[1:11], 2):
        size |= (octet & 0x7F) << shift
        if octet < 0x80:
            if message[0] != 0x0A or len(message) != i + size:
                break
            return message[i:]
        shift += 7
    raise ProtocolError("a message of raw bytes is malformed")
