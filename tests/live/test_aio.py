"""The asynchronous face on a real engine: results, events, errors, and tasks that are cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import threading
import time
from typing import TYPE_CHECKING

import pytest

from llbfront import aio
from llbfront.errors import ConnectError, ExecFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbfront.progress.events import StatusEvent
    from tests.live.conftest import Engine as Running

COPIED = "FROM scratch\nCOPY a.txt /b.txt\n"


def command_lines() -> Iterator[bytes]:
    """The command lines of all processes of the machine, those inside containers too."""
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            yield (entry / "cmdline").read_bytes()


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
                    client.build(context, output=f"{context}/out")
                    for client, context in zip((first, first, second), contexts, strict=True)
                )
            )

    asyncio.run(build())
    assert [(context / "out/b.txt").read_text() for context in contexts] == ["one", "two", "three"]


def test_events_come_where_the_build_is_awaited(engine: Running, tmp_path: pathlib.Path) -> None:
    events: list[StatusEvent] = []
    threads = set()

    def on_event(event: StatusEvent) -> None:
        events.append(event)
        threads.add(threading.get_ident())

    async def build() -> str:
        async with aio.connect(engine.address) as client:
            await client.build(app(tmp_path / "app", COPIED), on_event=on_event)
            return await client.version()

    assert asyncio.run(build()).startswith("v0.")
    assert any("COPY" in vertex.name for event in events for vertex in event.vertexes)
    assert threads == {threading.get_ident()}


def test_a_step_that_fails_says_so(engine: Running, tmp_path: pathlib.Path) -> None:
    async def build() -> None:
        async with aio.connect(engine.address) as client:
            await client.build(app(tmp_path / "app", "FROM alpine\nRUN exit 7\n"))

    with pytest.raises(ExecFailed) as failed:
        asyncio.run(build())
    assert failed.value.exit_code == 7


def test_a_cancelled_task_ends_its_build_and_leaves_the_connection_usable(engine: Running, tmp_path: pathlib.Path) -> None:
    mark = f"mark-{time.time_ns()}"
    sleeping = app(tmp_path / "sleeping", f"FROM alpine\nRUN echo started; sleep 300; echo {mark}\n")

    async def build() -> None:
        async with aio.connect(engine.address) as client:
            begun = asyncio.Event()

            def on_event(event: StatusEvent) -> None:
                if event.logs:
                    begun.set()

            task = asyncio.create_task(client.build(sleeping, on_event=on_event))
            await asyncio.wait_for(begun.wait(), 60)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await client.build(app(tmp_path / "after", COPIED), output=str(tmp_path / "out"))

    started_s = time.monotonic()
    asyncio.run(build())
    assert (tmp_path / "out/b.txt").read_text() == "after"
    assert time.monotonic() - started_s < 60
    assert mark.encode() not in b"".join(command_lines())


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
