"""The Control service.

Source: api/services/control/control.proto of BuildKit.
"""

from __future__ import annotations

from llbfront.pb import control_pb2
from llbfront.rpc.method import Method


class ControlMethods:
    """The methods of the control service, which clients call."""

    DiskUsage = Method("/moby.buildkit.v1.Control/DiskUsage", control_pb2.DiskUsageRequest, control_pb2.DiskUsageResponse)
    Prune = Method("/moby.buildkit.v1.Control/Prune", control_pb2.PruneRequest, control_pb2.UsageRecord, server_streaming=True)
    Solve = Method("/moby.buildkit.v1.Control/Solve", control_pb2.SolveRequest, control_pb2.SolveResponse)
    Status = Method(
        "/moby.buildkit.v1.Control/Status", control_pb2.StatusRequest, control_pb2.StatusResponse, server_streaming=True
    )
    Session = Method(
        "/moby.buildkit.v1.Control/Session",
        control_pb2.BytesMessage,
        control_pb2.BytesMessage,
        client_streaming=True,
        server_streaming=True,
    )
    ListWorkers = Method("/moby.buildkit.v1.Control/ListWorkers", control_pb2.ListWorkersRequest, control_pb2.ListWorkersResponse)
    Info = Method("/moby.buildkit.v1.Control/Info", control_pb2.InfoRequest, control_pb2.InfoResponse)
    ListenBuildHistory = Method(
        "/moby.buildkit.v1.Control/ListenBuildHistory",
        control_pb2.BuildHistoryRequest,
        control_pb2.BuildHistoryEvent,
        server_streaming=True,
    )
    UpdateBuildHistory = Method(
        "/moby.buildkit.v1.Control/UpdateBuildHistory",
        control_pb2.UpdateBuildHistoryRequest,
        control_pb2.UpdateBuildHistoryResponse,
    )
