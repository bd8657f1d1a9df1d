"""Convert google.protobuf.Timestamp to nanoseconds since 1970, and back.

Source: google/protobuf/timestamp.proto.
"""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

_NS = 1_000_000_000


def to_timestamp(time_ns: int) -> Timestamp:
    """Return the message for a time in nanoseconds."""
    seconds, nanos = divmod(time_ns, _NS)
    return Timestamp(seconds=seconds, nanos=nanos)


def to_nanoseconds(timestamp: Timestamp) -> int:
    """Return the time of a message in nanoseconds. An unset message is the year 1970; check `HasField` first."""
    return timestamp.seconds * _NS + timestamp.nanos
