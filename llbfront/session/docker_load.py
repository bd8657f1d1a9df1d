"""Load an image into a docker engine: pass the tar that the builder sends to a loader that blocks.

The loader runs in a worker thread and takes chunks as they come; the builder is held back while too many wait. The call ends when the
loader has ended, so that a build is done only when the image is there.

Source: util/dockerutil of docker/buildx.
"""

from __future__ import annotations

import functools
import queue
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from llbfront.errors import ExportError, LlbfrontError
from llbfront.rpc.calls import Handler
from llbfront.session.bytes_message import decode_bytes

if TYPE_CHECKING:
    from llbfront.rpc.calls import ServerCall
    from llbfront.rpc.event_loop import Job

WAITING_BYTES = 4 * 1024 * 1024
_END: Final = None


class LoadHandler(Handler):
    """Receives one file in BytesMessages and gives it to `load`; `failed` is called with its error."""

    def __init__(self, load: Callable[[Iterator[bytes]], None], call: ServerCall, failed: Callable[[LlbfrontError], None]) -> None:
        self.call, self.failed = call, failed
        self.waiting_bytes = 0
        self.chunks: queue.SimpleQueue[bytes | ExportError | None] = queue.SimpleQueue()
        call.submit(lambda: load(self._taken()), self._loaded)

    def on_message(self, data: bytes) -> None:
        try:
            chunk = decode_bytes(data)
        except LlbfrontError as error:
            self.on_cancel()
            self.failed(error)
            return
        self.waiting_bytes += len(chunk)
        if self.waiting_bytes > WAITING_BYTES:
            self.call.pause()
        if chunk:
            self.chunks.put(chunk)

    def on_half_close(self) -> None:
        self.chunks.put(_END)

    def on_cancel(self) -> None:
        self.chunks.put(ExportError("the build ended before its image was complete"))

    def _taken(self) -> Iterator[bytes]:
        """Yield the chunks to the thread of the loader."""
        while (chunk := self.chunks.get()) is not _END:
            if isinstance(chunk, ExportError):
                raise chunk
            yield chunk
            self.call.loop.post(functools.partial(self._used, len(chunk)))

    def _used(self, size: int) -> None:
        was_full = self.waiting_bytes > WAITING_BYTES
        self.waiting_bytes -= size
        if was_full and self.waiting_bytes <= WAITING_BYTES:
            self.call.resume()

    def _loaded(self, job: Job[None]) -> None:
        try:
            job.result()
        except LlbfrontError as error:
            self.failed(ExportError(f"cannot load the image into docker: {error.message}", hint=error.hint))
        else:
            self.call.finish()
