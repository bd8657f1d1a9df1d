"""The two kinds of errors of HTTP/2: those that end a connection and those that end one stream.

Source: RFC 9113, section 5.4.
"""

from __future__ import annotations


class Http2Error(Exception):
    """The peer broke a rule of the connection. A GOAWAY frame with `code` is sent and the connection is lost (5.4.1)."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class StreamError(Exception):
    """The peer broke a rule of one stream. The stream is reset with `code` and the connection goes on (5.4.2)."""

    def __init__(self, stream_id: int, code: int, message: str) -> None:
        super().__init__(message)
        self.stream_id, self.code, self.message = stream_id, code, message
