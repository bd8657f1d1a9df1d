"""The asynchronous face on a real engine: results, events, errors, and tasks that are cancelled."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest

from llbfront import aio
from llbfront.errors import ConnectError, ExecFailed

if TYPE_CHECKING:
    import pathlib

    from llbfront.progress.events import StatusEvent
    from tests.live.conftest import Engine as Running

COPIED = "FROM scratch\nCOPY a.txt /b.txt\n"


def app(folder: pathlib.Path, dockerfile: str) -> pathlib.Path:
    folder.mkdir()
    (folder / "Dockerfile").write_text(dockerfile)
    (folder / "a.txt").write_text(folder.name)
    return folder


def test_builds_in_turn_and_side_by_side(engine: Running, tmp_path: pathlib.Path) -> None:
    contexts = [app(tmp_path / name, COPIED) for name in ("one", "two", "three")]

    async def build() -> None:
        async with aio.connect(engine.address) as first, aio.connect(engine.address) as second:
            await asyncio.gather(
                *(
                    one.build(context, output=f"{context}/out")
                    for one, context in zip((first, first, second), contexts, strict=True)
                )
            )

    asyncio.run(build())
    assert [(context / "out/b.txt").read_text() for context in contexts] == ["one", "two", "three"]


def test_events_come_where_the_build_is_awaited(engine: Running, tmp_path: pathlib.Path) -> None:
    events: list[StatusEvent] = []
    threads = set()

    def heard(event: StatusEvent) -> None:
        events.append(event)
        threads.add(threading.get_ident())

    async def build() -> str:
        async with aio.connect(engine.address) as one:
            await one.build(app(tmp_path / "app", COPIED), on_event=heard)
            return await one.version()

    assert asyncio.run(build()).startswith("v0.")
    assert any("COPY" in vertex.name for event in events for vertex in event.vertexes)
    assert threads == {threading.get_ident()}


def test_a_step_that_fails_says_so(engine: Running, tmp_path: pathlib.Path) -> None:
    async def build() -> None:
        async with aio.connect(engine.address) as one:
            await one.build(app(tmp_path / "app", "FROM alpine\nRUN exit 7\n"))

    with pytest.raises(ExecFailed) as failed:
        asyncio.run(build())
    assert failed.value.exit_code == 7


def test_a_cancelled_task_ends_its_build_and_leaves_the_connection_usable(engine: Running, tmp_path: pathlib.Path) -> None:
    sleeping = app(tmp_path / "sleeping", f"FROM alpine\nRUN echo {time.time_ns()} && sleep 300\n")
    ended: list[str] = []

    async def build() -> None:
        async with aio.connect(engine.address) as one:
            begun = asyncio.Event()

            def heard(event: StatusEvent) -> None:
                if event.logs:
                    begun.set()
                ended.extend(vertex.error for vertex in event.vertexes if vertex.error)

            task = asyncio.create_task(one.build(sleeping, on_event=heard))
            await asyncio.wait_for(begun.wait(), 60)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await one.build(app(tmp_path / "after", COPIED), output=str(tmp_path / "out"))

    started_s = time.monotonic()
    asyncio.run(build())
    assert (tmp_path / "out/b.txt").read_text() == "after"
    assert time.monotonic() - started_s < 60
    assert any("cancel" in error for error in ended)


def test_no_engine_is_an_error_that_leaves_no_thread(tmp_path: pathlib.Path) -> None:
    async def build() -> None:
        async with aio.connect(f"unix://{tmp_path}/none.sock"):
            pass

    with pytest.raises(ConnectError):
        asyncio.run(build())
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("llbfront")]
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
