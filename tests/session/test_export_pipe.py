"""Results that go into pipes: a reader that pauses holds the engine back, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from llbfront.errors import ExportError
from llbfront.files.writing import Output
from llbfront.pb import filesync_pb2 as filesync
from llbfront.session.export import DIFF_COPY, Export, OutputTarget
from tests.session.calls import Peer

DATA = os.urandom(300_000)


class Reader:
    """A pipe whose reader reads when it is told to, and a call that writes to it."""

    def __init__(self) -> None:
        self.fd, writer = os.pipe()
        os.set_blocking(self.fd, False)
        self.export = Export({0: OutputTarget(Output("the pipe", writer))})
        self.peer = Peer(self.export.services(), DIFF_COPY)

    def send(self, data: bytes) -> None:
        self.peer.send(filesync.BytesMessage(data=data).SerializeToString())

    def read(self) -> bytes:
        """Read all that is there, and let the loop write more."""
        data = b""
        try:
            data = os.read(self.fd, 1 << 20)
        except BlockingIOError:
            pass
        self.peer.take()
        return data


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.peer.handler.on_cancel()
    reader.peer.call.loop.close()
    os.close(reader.fd)


def test_the_engine_is_held_back_until_the_reader_reads(reader: Reader) -> None:
    reader.send(DATA)
    assert reader.peer.call.paused
    received = b""
    while len(received) < len(DATA):
        received += reader.read()
    assert received == DATA
    assert not reader.peer.call.paused
    assert reader.peer.end() == (0, "")
    reader.export.check()


def test_what_fits_is_written_at_once(reader: Reader) -> None:
    reader.send(DATA[:50_000])
    assert not reader.peer.call.paused
    assert reader.read() == DATA[:50_000]


def test_a_build_that_ends_lets_go_of_a_reader_that_does_not_read(reader: Reader) -> None:
    reader.send(DATA)
    reader.peer.handler.on_cancel()
    received = b""
    while more := os.read(reader.fd, 1 << 20):
        received += more
    assert DATA.startswith(received)


def test_a_reader_that_goes_away_is_an_error(reader: Reader) -> None:
    reader.send(DATA)
    other = os.open(os.devnull, os.O_RDONLY)
    os.dup2(other, reader.fd)
    os.close(other)
    reader.peer.take()
    assert reader.peer.call.status is not None
    with pytest.raises(ExportError, match="cannot write the pipe: its reader has gone away"):
        reader.export.check()
