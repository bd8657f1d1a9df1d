"""The services that transfer files: FileSync reads directories of the session, FileSend writes results to it.

Source: session/filesync/filesync.proto of BuildKit.
"""

from __future__ import annotations

from llbfront.pb import filesync_pb2, fsutil_pb2
from llbfront.rpc.method import Method


class FileSyncMethods:
    """Directories that the engine reads."""

    DiffCopy = Method(
        "/moby.filesync.v1.FileSync/DiffCopy", fsutil_pb2.Packet, fsutil_pb2.Packet, client_streaming=True, server_streaming=True
    )
    TarStream = Method(
        "/moby.filesync.v1.FileSync/TarStream", fsutil_pb2.Packet, fsutil_pb2.Packet, client_streaming=True, server_streaming=True
    )


class FileSendMethods:
    """Results that the engine sends."""

    DiffCopy = Method(
        "/moby.filesync.v1.FileSend/DiffCopy",
        filesync_pb2.BytesMessage,
        filesync_pb2.BytesMessage,
        client_streaming=True,
        server_streaming=True,
    )
