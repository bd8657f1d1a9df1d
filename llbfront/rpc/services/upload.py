"""The Upload service.

Source: session/upload/upload.proto of BuildKit.
"""

from __future__ import annotations

from llbfront.pb import upload_pb2
from llbfront.rpc.method import Method


class UploadMethods:
    """Streams that the engine pulls from the session."""

    Pull = Method(
        "/moby.upload.v1.Upload/Pull",
        upload_pb2.BytesMessage,
        upload_pb2.BytesMessage,
        client_streaming=True,
        server_streaming=True,
    )
