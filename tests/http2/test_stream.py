"""The states of a stream, its queue, and the windows for received data."""

from __future__ import annotations

import pytest

from llbfront.http2.flow_control import ReceiveWindow
from llbfront.http2.stream import QUEUE_HIGH_BYTES, State, Stream


def stream(stream_id: int = 1) -> Stream:
    return Stream(stream_id, send_window=65_535, receive_window=ReceiveWindow(65_535, 65_535))


@pytest.mark.parametrize(
    ("steps", "state", "closed_sides"),
    [
        ("", State.OPEN, (False, False)),
        ("local", State.HALF_CLOSED_LOCAL, (True, False)),
        ("remote", State.HALF_CLOSED_REMOTE, (False, True)),
        ("local remote", State.CLOSED, (True, True)),
        ("remote local", State.CLOSED, (True, True)),
        ("local local", State.HALF_CLOSED_LOCAL, (True, False)),
        ("reset", State.CLOSED, (True, True)),
        ("reset local", State.CLOSED, (True, True)),
        ("reset remote", State.CLOSED, (True, True)),
    ],
)
def test_states(steps: str, state: State, closed_sides: tuple[bool, bool]) -> None:
    changing = stream()
    for step in steps.split():
        {"local": changing.close_local, "remote": changing.close_remote, "reset": changing.close}[step]()
    assert changing.state is state
    assert (changing.is_local_closed, changing.is_remote_closed) == closed_sides


def test_a_stream_without_number_is_idle_until_it_is_opened() -> None:
    waiting = stream(0)
    assert waiting.state is State.IDLE
    waiting.open(7, send_window=10)
    assert (waiting.id, waiting.state, waiting.send_window) == (7, State.OPEN, 10)


def test_the_queue_is_split_without_copies_and_reports_once_that_it_is_writable() -> None:
    body = bytes(QUEUE_HIGH_BYTES)
    sending = stream()
    sending.enqueue([b"head", body], 4 + len(body))
    parts: list[bytes | memoryview] = []
    sending.dequeue(10, parts)
    assert parts[0] == b"head"
    assert isinstance(parts[1], memoryview)
    assert parts[1].obj is body
    assert not sending.unblock()
    sending.dequeue(len(body) // 2 + 1, parts)
    assert sending.unblock()
    assert not sending.is_blocked


def test_credit_is_announced_in_large_steps() -> None:
    window = ReceiveWindow(1000, 1000)
    assert window.receive(900)
    assert window.consume(200) == 0
    assert window.consume(100) == 300
    assert window.receive(400)
    assert not window.receive(1)
    assert window.consume(-50) == 0
    assert window.consume(299) == 0
    assert window.consume(1) == 250
