"""Loading an image into docker: all of it or nothing, with a bounded buffer."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from llbfront.errors import ExportError, TransportError
from llbfront.pb import filesync_pb2 as filesync
from llbfront.session.docker_load import WAITING_BYTES, LoadHandler
from llbfront.session.export import DIFF_COPY, CallbackTarget, Export
from tests.session.calls import Peer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def chunk(data: bytes) -> bytes:
    return filesync.BytesMessage(data=data).SerializeToString()


def export_to(load: Callable[[Iterator[bytes]], None]) -> Export:
    return Export({0: CallbackTarget(lambda call, failed: LoadHandler(load, call, failed))})


def test_the_call_ends_when_the_loader_has_ended() -> None:
    loaded: list[bytes] = []
    peer = Peer(export_to(loaded.extend).services(), DIFF_COPY)
    for data in (b"one", b"", b"two"):
        peer.send(chunk(data))
    assert peer.end() == (0, "")
    assert loaded == [b"one", b"two"]


def test_an_error_of_the_loader_ends_the_call() -> None:
    def refuse(_chunks: Iterator[bytes]) -> None:
        raise TransportError("disk full", hint="free some")

    export = export_to(refuse)
    peer = Peer(export.services(), DIFF_COPY)
    peer.send(chunk(b"one"))
    assert peer.end() == (2, "cannot load the image into docker: disk full (free some)")
    assert [str(error) for error in export.errors] == ["cannot load the image into docker: disk full (free some)"]


def test_a_slow_loader_pauses_the_call() -> None:
    go = threading.Event()

    def load(chunks: Iterator[bytes]) -> None:
        go.wait()
        for _ in chunks:
            pass

    peer = Peer(export_to(load).services(), DIFF_COPY)
    piece = chunk(bytes(1 << 20))
    for _ in range(WAITING_BYTES // (1 << 20)):
        peer.send(piece)
    assert not peer.call.paused
    peer.send(piece)
    assert peer.call.paused
    go.set()
    assert peer.end() == (0, "")
    assert not peer.call.paused


def test_cancelling_the_build_is_an_error_of_the_loader() -> None:
    """A loader that only saw its input end would load half an image as a whole one."""
    loaded: list[bytes] = []
    errors: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def load(chunks: Iterator[bytes]) -> None:
        try:
            loaded.extend(chunks)
        except ExportError as error:
            errors.put(error)
            raise
        errors.put(None)

    peer = Peer(export_to(load).services(), DIFF_COPY)
    peer.send(chunk(b"half"))
    peer.handler.on_cancel()
    assert str(errors.get(timeout=10)) == "the build ended before its image was complete"
    assert loaded == [b"half"]
