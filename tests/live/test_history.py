"""The build history of an engine, beside buildctl and docker buildx on the same engine."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import llbfront
from llbfront import aio
from llbfront.client.control.history import HistoryChange
from llbfront.errors import LlbfrontError, OptionError
from tests.live.test_command import llbfront as command

if TYPE_CHECKING:
    import pathlib

    from llbfront.client.control.history import HistoryEvent
    from llbfront.progress.events import StatusEvent
    from tests.live.conftest import Engine

TRACE_PATIENCE_S = 20


@pytest.fixture
def refs(engine: Engine, tmp_path: pathlib.Path) -> tuple[str, str]:
    """Run a build that fails and one that does not; return their refs."""
    (tmp_path / "Dockerfile").write_text("FROM busybox AS bad\nRUN exit 7\nFROM busybox AS good\nARG A\nRUN echo $A > /a\n")
    with llbfront.connect(engine.address) as connection:
        with pytest.raises(LlbfrontError):
            connection.build(tmp_path, target="bad")
        result = connection.build(
            tmp_path, target="good", build_args={"A": os.urandom(4).hex()}, provenance="mode=max", output="type=oci,dest=/dev/null"
        )
        failed = connection.build_record("^1")
        # The engine adds the trace to a record some time after the build.
        deadline = time.monotonic() + TRACE_PATIENCE_S
        while not all(connection.build_record(ref).trace for ref in (failed.ref, result.ref)) and time.monotonic() < deadline:
            time.sleep(0.1)
    return failed.ref, result.ref


def test_records_are_those_of_buildctl(engine: Engine, refs: tuple[str, str]) -> None:
    with llbfront.connect(engine.address) as connection:
        records = connection.history()
    theirs = [
        json.loads(line)["record"] for line in engine.buildctl("debug", "histories", "--format", "{{json .}}").stdout.splitlines()
    ]
    assert {record.ref for record in records} == {record["Ref"] for record in theirs}
    by_ref = {record["Ref"]: record for record in theirs}
    for record in records[:2]:
        other = by_ref[record.ref]
        assert (record.total_steps, record.cached_steps) == (other.get("numTotalSteps", 0), other.get("numCachedSteps", 0))
        assert (record.options, record.logs) == (other.get("FrontendAttrs", {}), other["logs"]["digest"])
    failed, good = (next(record for record in records if record.ref == ref) for ref in refs)
    assert (failed.status, good.status, good.name) == ("error", "completed", "good")
    assert "exit code: 7" in failed.error


def test_filters(engine: Engine, refs: tuple[str, str]) -> None:
    with llbfront.connect(engine.address) as connection:
        assert refs[0] in {record.ref for record in connection.history(filters="status=error")}
        assert refs[1] not in {record.ref for record in connection.history(filters="status=error")}
        assert [record.ref for record in connection.history(filters=f"ref={refs[1]}")] == [refs[1]]
        assert connection.history(filters=["status=error", f"ref={refs[1]}"]) == ()
        assert connection.history(filters="duration>24h") == ()


def test_filters_hold_while_a_build_runs(engine: Engine, refs: tuple[str, str], tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM busybox\nRUN sleep 60\n")

    async def found() -> dict[str, set[str]]:
        async with aio.connect(engine.address) as asking, aio.connect(engine.address) as building:
            started = asyncio.Event()
            build = asyncio.create_task(building.build(tmp_path, on_event=lambda _: started.set()))
            await asyncio.wait_for(started.wait(), 30)
            try:
                filters = ("status=running", "status=error", "status!=running", f"ref={refs[1]}")
                return {text: {record.status for record in await asking.history(filters=text)} for text in filters}
            finally:
                build.cancel()
                await asyncio.gather(build, return_exceptions=True)

    statuses = asyncio.run(found())
    assert statuses["status=running"] == {"running"}
    assert statuses["status=error"] == {"error"}
    assert "running" not in statuses["status!=running"] | statuses[f"ref={refs[1]}"]


def test_logs_are_those_of_buildctl(engine: Engine, refs: tuple[str, str], tmp_path: pathlib.Path) -> None:
    events: list[StatusEvent] = []
    with llbfront.connect(engine.address) as connection:
        connection.build_logs(refs[1], on_event=events.append)
    names = {vertex.name for event in events for vertex in event.vertexes}
    assert any("RUN echo" in name for name in names)
    theirs = engine.buildctl("debug", "logs", "--progress", "rawjson", refs[1]).stdout
    assert names == {vertex["name"] for line in theirs.splitlines() for vertex in json.loads(line).get("vertexes") or []}
    done = command("history", "logs", "--addr", engine.address, refs[1], cwd=tmp_path)
    assert "RUN echo" in done.stdout


def test_attachments(engine: Engine, refs: tuple[str, str], tmp_path: pathlib.Path) -> None:
    with llbfront.connect(engine.address) as connection:
        attachments = connection.build_attachments(refs[1])
        kinds = {attachment.type for attachment in attachments}
        assert "https://slsa.dev/provenance/v1" in kinds
        for attachment in attachments:
            assert len(connection.build_blob(attachment.digest)) == attachment.size_bytes
        with pytest.raises(OptionError, match="the engine does not have it"):
            connection.build_blob("sha256:" + "0" * 64)
    address = ("--addr", engine.address)
    done = command("history", "inspect", "attachment", "--type", "provenance", refs[1], *address, cwd=tmp_path)
    assert "buildDefinition" in json.loads(done.stdout)
    theirs = engine.buildctl("debug", "get", attachments[0].digest).stdout
    assert command("history", "inspect", "attachment", refs[1], attachments[0].digest, *address, cwd=tmp_path).stdout == theirs
    assert command("history", "inspect", "attachment", attachments[0].digest, *address, cwd=tmp_path).stdout == theirs
    document = json.loads(command("history", "inspect", refs[1], "--json", *address, cwd=tmp_path).stdout)
    assert (document["schema"], document["record"]["ref"]) == ("llbfront.build-record/1", refs[1])
    assert "Attachments:" in command("history", "inspect", refs[1], *address, cwd=tmp_path).stdout


def test_pin_and_remove(engine: Engine, refs: tuple[str, str], tmp_path: pathlib.Path) -> None:
    address = ("--addr", engine.address)
    with llbfront.connect(engine.address) as connection:
        connection.update_build(refs[1], pinned=True)
        assert connection.build_record(refs[1]).is_pinned
        assert command("history", "unpin", refs[1], *address, cwd=tmp_path).returncode == 0
        assert not connection.build_record(refs[1]).is_pinned
        assert command("history", "rm", refs[0], *address, cwd=tmp_path).stdout == f"{refs[0]}\n"
        assert refs[0] not in {record.ref for record in connection.history()}
        assert command("history", "rm", *address, cwd=tmp_path).returncode == 2


def test_the_trace_is_that_of_buildctl(engine: Engine, refs: tuple[str, str], tmp_path: pathlib.Path) -> None:
    done = command("history", "trace", refs[1], "--addr", engine.address, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == engine.buildctl("debug", "logs", "--trace", refs[1]).stdout


def test_an_archive_of_ours_is_imported_and_shown_without_an_engine(
    engine: Engine, refs: tuple[str, str], tmp_path: pathlib.Path
) -> None:
    done = command("history", "export", *refs, "-o", "two.dockerbuild", "--addr", engine.address, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    imported = command("history", "import", "-f", "two.dockerbuild", cwd=tmp_path, **state)
    assert {line.split()[0] for line in imported.stdout.splitlines()} == set(refs)
    listed = json.loads(command("history", "ls", "--imported", "--json", cwd=tmp_path, **state).stdout)
    assert [record["ref"] for record in listed["records"]] == [refs[1], refs[0]]
    logs = command("history", "logs", "--imported", refs[1], cwd=tmp_path, **state)
    assert logs.stdout == command("history", "logs", refs[1], "--addr", engine.address, cwd=tmp_path).stdout


def test_follow_reports_the_builds_of_others(engine: Engine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM busybox\nRUN echo {os.urandom(4).hex()}\n")

    class Done(Exception):
        pass

    async def follow() -> list[HistoryEvent]:
        seen: list[HistoryEvent] = []

        def listen(event: HistoryEvent) -> None:
            seen.append(event)
            if event.change is HistoryChange.COMPLETED and event.record.ref in {
                each.record.ref for each in seen if each.change is HistoryChange.STARTED
            }:
                raise Done

        async with aio.connect(engine.address) as listening, aio.connect(engine.address) as building:
            following = asyncio.create_task(listening.follow_history(on_event=listen, only_running=True))
            await asyncio.sleep(0.5)
            await building.build(tmp_path)
            with pytest.raises(Done):
                await asyncio.wait_for(following, 30)
        return seen

    changes = [event.change for event in asyncio.run(follow())]
    assert HistoryChange.STARTED in changes  # builds of others may end before
    assert changes[-1] is HistoryChange.COMPLETED


def test_json_of_records_has_the_fields_of_the_values(engine: Engine, refs: tuple[str, str], tmp_path: pathlib.Path) -> None:
    with llbfront.connect(engine.address) as connection:
        record = connection.build_record(refs[1])
    listed: list[dict[str, Any]] = json.loads(command("history", "ls", "--json", "--addr", engine.address, cwd=tmp_path).stdout)[
        "records"
    ]
    assert next(each for each in listed if each["ref"] == refs[1]) == json.loads(json.dumps(attrs.asdict(record)))


@pytest.mark.older
def test_docker_buildx_reads_what_the_table_says(engine: Engine, refs: tuple[str, str], tmp_path: pathlib.Path) -> None:
    from tests.support import peers

    environ = {**os.environ, "BUILDX_CONFIG": str(tmp_path / "buildx")}
    buildx = peers.buildx()
    subprocess.run(
        [buildx, "create", "--name", "h", "--driver", "remote", engine.address], env=environ, check=True, capture_output=True
    )
    done = subprocess.run(
        [buildx, "--builder", "h", "history", "ls", "--format", "{{json .}}", "--no-trunc"],
        env=environ,
        check=True,
        capture_output=True,
        text=True,
    )
    theirs = {record["ref"].rpartition("/")[2]: record["status"].lower() for record in map(json.loads, done.stdout.splitlines())}
    with llbfront.connect(engine.address) as connection:
        ours = {record.ref: record.status for record in connection.history()[: len(theirs)]}
    assert {ref: ours[ref] for ref in refs} == {ref: theirs[ref] for ref in refs}
