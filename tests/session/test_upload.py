"""Streams that the engine pulls."""

from __future__ import annotations

import io
import os

from llbfront.session.bytes_message import decode_bytes
from llbfront.session.upload import PULL, Upload
from tests.session.calls import Peer


def pull(peer: Peer) -> bytes:
    data = b""
    for _ in range(100_000):
        data += b"".join(map(decode_bytes, peer.take()))
        if peer.call.status is not None:
            return data + b"".join(map(decode_bytes, peer.take()))
        peer.call.loop.turn()
    raise AssertionError("the upload does not end")


def test_a_stream_is_pulled_once_in_pieces() -> None:
    content = os.urandom(3_000_000)
    stream = io.BufferedReader(io.BytesIO(content))
    services = Upload({"key": stream}).services()
    peer = Peer(services, PULL, (("urlpath", "/key"), ("urlhost", "buildkit-session")))
    assert pull(peer) == content
    assert peer.call.status == (0, "")
    assert stream.closed
    assert Peer(services, PULL, (("urlpath", "/key"),)).call.status == (2, "no http response from session for key")


def test_a_slow_stream_does_not_hold_the_loop() -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb", buffering=0) as source:
        peer = Peer(Upload({"k": os.fdopen(reader, "rb")}).services(), PULL, (("urlpath", "/k"),))
        for _ in range(5):
            assert peer.take() == []  # and comes back
        source.write(b"late")
    assert pull(peer) == b"late"


def test_a_stream_that_fails_is_reported() -> None:
    stream = io.BytesIO(b"x")
    stream.close()
    peer = Peer(Upload({"k": stream}).services(), PULL, (("urlpath", "/k"),))
    assert pull(peer) == b""
    assert peer.call.status is not None
    assert peer.call.status[0] == 2
