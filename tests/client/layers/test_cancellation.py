"""The reading of layers stops when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import contextvars
import io
import threading
import time

import pytest

import llbfront
from llbfront import aio
from llbfront.client.layers import cancellation
from llbfront.client.layers.cancellation import ReadingStopped
from llbfront.client.layers.layer_files import entries
from tests.client.layers.test_analysis import layer

PATIENCE_S = 20


class Held(io.BytesIO):
    """A file whose reading is held after the beginning."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.has_begun, self.may_go_on = threading.Event(), threading.Event()
        self.read_bytes = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.read_bytes += len(data)
        if self.read_bytes > 1 << 16:
            self.has_begun.set()
            self.may_go_on.wait(PATIENCE_S)
        return data


def test_reading_stops_when_nobody_waits_any_more() -> None:
    file, raised = Held(layer({"large": 8 << 20})), []

    def read() -> None:
        try:
            list(entries(file, "the layer"))
        except ReadingStopped as error:
            raised.append(error)

    with cancellation.stops_at_end():
        thread = threading.Thread(target=contextvars.copy_context().run, args=(read,))
        thread.start()
        assert file.has_begun.wait(PATIENCE_S)
    file.may_go_on.set()
    thread.join(PATIENCE_S)
    assert raised
    assert file.read_bytes < 1 << 20


def test_a_layer_is_read_while_somebody_waits() -> None:
    with cancellation.stops_at_end():
        assert [entry.name for entry in entries(io.BytesIO(layer({"a": 1})), "the layer")] == ["a"]


@pytest.mark.parametrize("name", ["read_layers", "compare_layers"])
def test_cancelling_a_task_stops_its_thread(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    has_begun, has_stopped = threading.Event(), threading.Event()

    def read(*_arguments: object) -> None:
        has_begun.set()
        try:
            end_s = time.monotonic() + PATIENCE_S
            while time.monotonic() < end_s and not has_stopped.wait(0.005):
                cancellation.check()
        except ReadingStopped:
            has_stopped.set()
            raise

    async def cancel() -> None:
        call = getattr(aio, name)
        task = asyncio.create_task(call("a", "b") if name == "compare_layers" else call("a"))
        assert await asyncio.to_thread(has_begun.wait, PATIENCE_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(has_stopped.wait, PATIENCE_S)

    monkeypatch.setattr(llbfront, name, read)
    asyncio.run(cancel())
