"""Encode and decode `BytesMessage`, the message of raw bytes that several session services share.

Source: session/filesync, session/upload and session/sshforward of BuildKit, which define it three times alike.
"""

from __future__ import annotations

from llbfront.fsutil.stat import bytes_head
from llbfront.pb import filesync_pb2 as filesync
from llbfront.rpc.method import parse_message


def encode_bytes(data: bytes | memoryview) -> list[bytes | memoryview]:
    """Return a message that carries `data`, which is not copied."""
    return [bytes_head(1, len(data)), data] if data else [b""]


def decode_bytes(message: bytes) -> bytes:
    """Return what a message carries. Raises: ProtocolError."""
    return parse_message(filesync.BytesMessage, message).data
