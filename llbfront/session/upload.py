"""Serve streams that the engine may read once each, such as a context on standard input, over the Upload service.

Source: session/upload/uploadprovider of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from llbfront.errors import RpcError
from llbfront.rpc.calls import Handler
from llbfront.rpc.codes import Code
from llbfront.session.bytes_message import encode_bytes

if TYPE_CHECKING:
    from llbfront.files.reading import Readable
    from llbfront.rpc.calls import ServerCall, Services
    from llbfront.rpc.event_loop import Job

PULL = "/moby.upload.v1.Upload/Pull"
_PIECE_BYTES = 1024 * 1024


class Upload:
    """Serves streams by key; the engine asks for `http://buildkit-session/<key>`. They are closed when they have been pulled."""

    def __init__(self, streams: Mapping[str, Readable]) -> None:
        self.streams = dict(streams)

    def services(self) -> Services:
        return {PULL: self._serve}

    def _serve(self, call: ServerCall) -> Handler:
        path = next((value for key, value in call.metadata if key == "urlpath"), "")
        key = path.rstrip("/").rpartition("/")[2]
        stream = self.streams.pop(key, None)
        if stream is None:
            call.finish(Code.UNKNOWN, f"no http response from session for {key}")
            return Handler()
        return _Pulling(call, stream)


class _Pulling(Handler):
    """Sends a stream. It is read in a thread, since standard input may take any time."""

    def __init__(self, call: ServerCall, stream: Readable) -> None:
        self.call, self.stream = call, stream
        self.is_reading = self.ended = False
        self.on_writable()

    def on_writable(self) -> None:
        if not self.is_reading and not self.ended and self.call.room_bytes > 0:
            self.is_reading = True
            self.call.submit(self._read, self._on_read)

    def on_cancel(self) -> None:
        self.ended = True
        if not self.is_reading:
            self.stream.close()

    def _read(self) -> bytes:
        read = getattr(self.stream, "read1", self.stream.read)  # what is there, rather than all that was asked for
        data: bytes = read(_PIECE_BYTES)
        return data

    def _on_read(self, job: Job[bytes]) -> None:
        self.is_reading = False
        try:
            data = job.result()
        except (OSError, ValueError, RpcError) as error:
            self.ended = True
            self.call.finish(Code.UNKNOWN, f"the upload cannot be read: {error}")
            return
        if data:
            self.call.send(encode_bytes(data))
            self.on_writable()
        else:
            self.ended = True
            self.stream.close()
            self.call.finish()
