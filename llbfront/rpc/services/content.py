"""The Content service.

Source: api/services/content/v1/content.proto of containerd.
"""

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty

from llbfront.pb import content_pb2
from llbfront.rpc.method import Method


class ContentMethods:
    """A content store that the engine reads and writes."""

    Info = Method("/containerd.services.content.v1.Content/Info", content_pb2.InfoRequest, content_pb2.InfoResponse)
    Update = Method("/containerd.services.content.v1.Content/Update", content_pb2.UpdateRequest, content_pb2.UpdateResponse)
    List = Method(
        "/containerd.services.content.v1.Content/List",
        content_pb2.ListContentRequest,
        content_pb2.ListContentResponse,
        server_streaming=True,
    )
    Delete = Method("/containerd.services.content.v1.Content/Delete", content_pb2.DeleteContentRequest, Empty)
    Read = Method(
        "/containerd.services.content.v1.Content/Read",
        content_pb2.ReadContentRequest,
        content_pb2.ReadContentResponse,
        server_streaming=True,
    )
    Status = Method("/containerd.services.content.v1.Content/Status", content_pb2.StatusRequest, content_pb2.StatusResponse)
    ListStatuses = Method(
        "/containerd.services.content.v1.Content/ListStatuses", content_pb2.ListStatusesRequest, content_pb2.ListStatusesResponse
    )
    Write = Method(
        "/containerd.services.content.v1.Content/Write",
        content_pb2.WriteContentRequest,
        content_pb2.WriteContentResponse,
        client_streaming=True,
        server_streaming=True,
    )
    Abort = Method("/containerd.services.content.v1.Content/Abort", content_pb2.AbortRequest, Empty)
