"""What engines send, as our values."""

from llbfront.client.solve import status_decoding
from llbfront.pb import control_pb2 as control
from llbfront.rpc.timestamp import to_timestamp


def test_times_are_nanoseconds_and_absent_ones_none() -> None:
    vertex = control.Vertex(digest="sha256:1", name="step", started=to_timestamp(5_000_000_007))
    event = status_decoding.status_event(control.StatusResponse(vertexes=[vertex]))
    assert event.vertexes[0].started_ns == 5_000_000_007
    assert event.vertexes[0].completed_ns is None
