"""The generated messages, and the tables of methods beside them."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from llbfront import llb
from llbfront.errors import GraphError, ProtocolError
from llbfront.llb.protowire import message
from llbfront.pb import ops_pb2
from llbfront.rpc.method import Method, parse_message
from llbfront.rpc.timestamp import to_nanoseconds, to_timestamp
from tests.live.recording import methods
from tests.wire import message_types, samples

RENAMED = {"grpc.health.v1.Health": "llbfront.health.v1.Health"}  # see proto/health.proto


def descriptors() -> dict[str, Any]:
    """All services of the .proto files by full name."""
    modules = {importlib.import_module(kind.__module__) for kind in message_types().values()}
    return {service.full_name: service for module in modules for service in module.DESCRIPTOR.services_by_name.values()}


@pytest.mark.parametrize("path", sorted(methods()))
def test_methods_are_those_of_the_proto_files(path: str) -> None:
    method: Method[Any, Any] = methods()[path]
    _, service, name = path.split("/")
    declared = descriptors()[RENAMED.get(service, service)].methods_by_name[name]
    assert method.request.DESCRIPTOR.full_name == declared.input_type.full_name
    assert method.response.DESCRIPTOR.full_name == declared.output_type.full_name
    assert (method.client_streaming, method.server_streaming) == (declared.client_streaming, declared.server_streaming)


@pytest.mark.parametrize("name", sorted(samples()))
def test_what_engines_sent_survives_a_round_trip(name: str) -> None:
    kind, messages = message_types()[name], samples()[name]
    assert messages and all(messages), "an empty message tests nothing"
    for data in messages:
        again = kind.FromString(data).SerializeToString(deterministic=True)
        assert kind.FromString(again) == kind.FromString(data)


@pytest.mark.parametrize("data", [b"\xff", b"\x0a\x05ab", b"\x0b", b"\x0a\x02\xff\xfe"])
def test_damaged_bytes_are_a_protocol_error(data: bytes) -> None:
    with pytest.raises(ProtocolError, match=r"not a pb\.SourceInfo"):
        parse_message(ops_pb2.SourceInfo, data)


@pytest.mark.parametrize("depth", [20, 100, 150, 300, 3000])
def test_graphs_inside_graphs_are_read_or_refused(depth: int) -> None:
    data = b""
    for _ in range(depth):
        data = message(3, message(2, message(3, data)))
    if depth < 30:
        assert len(llb.decode(data).sources) == 1
    else:
        with pytest.raises(GraphError, match="not a definition"):
            llb.decode(data)


@pytest.mark.parametrize("time_ns", [0, 1, 999_999_999, 1_000_000_000, 1_700_000_000_123_456_789, -1, -1_500_000_000])
def test_timestamps(time_ns: int) -> None:
    timestamp = to_timestamp(time_ns)
    assert to_nanoseconds(timestamp) == time_ns
    assert 0 <= timestamp.nanos < 1_000_000_000
