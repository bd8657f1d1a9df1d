"""The events of a connection: headers, data, resets, a queue that takes data again, and the end of the connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from llbfront.http2.errors import Http2Error
    from llbfront.http2.headers import Field
    from llbfront.http2.stream import Stream


@attrs.define(eq=False)
class HeadersEvent:
    """A header block arrived: a request, a response or a trailer. `ended`: the peer sends nothing more on the stream."""

    stream: Stream
    fields: list[Field]
    ended: bool


@attrs.define(eq=False)
class DataEvent:
    """A piece of a body arrived. Return `credit_bytes` by `Connection.credit` once it is consumed."""

    stream: Stream
    data: memoryview
    credit_bytes: int
    ended: bool


@attrs.define(eq=False)
class ResetEvent:
    """A stream ended early. `code` is an error code of HTTP/2."""

    stream: Stream
    code: int
    message: str


@attrs.define(eq=False)
class WritableEvent:
    """The queue of a stream was full and takes data again."""

    stream: Stream


@attrs.define(eq=False)
class LostEvent:
    """The connection is over, after a ResetEvent for each open stream. `error` is the peer's violation, None for a clean end."""

    error: Http2Error | None


Event = HeadersEvent | DataEvent | ResetEvent | WritableEvent | LostEvent
"""An event that `Connection.receive` returns."""
