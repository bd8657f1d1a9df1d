"""The LLBBridge service.

Source: frontend/gateway/pb/gateway.proto of BuildKit.
"""

from __future__ import annotations

from llbfront.pb import gateway_pb2
from llbfront.rpc.method import Method


class LLBBridgeMethods:
    """The methods of the gateway service, which frontends call."""

    ResolveImageConfig = Method(
        "/moby.buildkit.v1.frontend.LLBBridge/ResolveImageConfig",
        gateway_pb2.ResolveImageConfigRequest,
        gateway_pb2.ResolveImageConfigResponse,
    )
    ResolveSourceMeta = Method(
        "/moby.buildkit.v1.frontend.LLBBridge/ResolveSourceMeta",
        gateway_pb2.ResolveSourceMetaRequest,
        gateway_pb2.ResolveSourceMetaResponse,
    )
    Solve = Method("/moby.buildkit.v1.frontend.LLBBridge/Solve", gateway_pb2.SolveRequest, gateway_pb2.SolveResponse)
    ReadFile = Method("/moby.buildkit.v1.frontend.LLBBridge/ReadFile", gateway_pb2.ReadFileRequest, gateway_pb2.ReadFileResponse)
    ReadDir = Method("/moby.buildkit.v1.frontend.LLBBridge/ReadDir", gateway_pb2.ReadDirRequest, gateway_pb2.ReadDirResponse)
    StatFile = Method("/moby.buildkit.v1.frontend.LLBBridge/StatFile", gateway_pb2.StatFileRequest, gateway_pb2.StatFileResponse)
    Evaluate = Method("/moby.buildkit.v1.frontend.LLBBridge/Evaluate", gateway_pb2.EvaluateRequest, gateway_pb2.EvaluateResponse)
    Ping = Method("/moby.buildkit.v1.frontend.LLBBridge/Ping", gateway_pb2.PingRequest, gateway_pb2.PongResponse)
    Return = Method("/moby.buildkit.v1.frontend.LLBBridge/Return", gateway_pb2.ReturnRequest, gateway_pb2.ReturnResponse)
    Inputs = Method("/moby.buildkit.v1.frontend.LLBBridge/Inputs", gateway_pb2.InputsRequest, gateway_pb2.InputsResponse)
    NewContainer = Method(
        "/moby.buildkit.v1.frontend.LLBBridge/NewContainer", gateway_pb2.NewContainerRequest, gateway_pb2.NewContainerResponse
    )
    ReleaseContainer = Method(
        "/moby.buildkit.v1.frontend.LLBBridge/ReleaseContainer",
        gateway_pb2.ReleaseContainerRequest,
        gateway_pb2.ReleaseContainerResponse,
    )
    ExecProcess = Method(
        "/moby.buildkit.v1.frontend.LLBBridge/ExecProcess",
        gateway_pb2.ExecMessage,
        gateway_pb2.ExecMessage,
        client_streaming=True,
        server_streaming=True,
    )
    ReadFileContainer = Method(
        "/moby.buildkit.v1.frontend.LLBBridge/ReadFileContainer", gateway_pb2.ReadFileRequest, gateway_pb2.ReadFileResponse
    )
    ReadDirContainer = Method(
        "/moby.buildkit.v1.frontend.LLBBridge/ReadDirContainer", gateway_pb2.ReadDirRequest, gateway_pb2.ReadDirResponse
    )
    StatFileContainer = Method(
        "/moby.buildkit.v1.frontend.LLBBridge/StatFileContainer", gateway_pb2.StatFileRequest, gateway_pb2.StatFileResponse
    )
    Warn = Method("/moby.buildkit.v1.frontend.LLBBridge/Warn", gateway_pb2.WarnRequest, gateway_pb2.WarnResponse)
