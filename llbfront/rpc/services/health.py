"""The Health service.

Source: grpc/health/v1/health.proto of gRPC.
"""

from __future__ import annotations

from llbfront.pb import health_pb2
from llbfront.rpc.method import Method


class HealthMethods:
    """The standard health service, which a session serves."""

    Check = Method("/grpc.health.v1.Health/Check", health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse)
    Watch = Method(
        "/grpc.health.v1.Health/Watch", health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse, server_streaming=True
    )
