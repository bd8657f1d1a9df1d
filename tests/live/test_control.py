"""Disk usage, pruning, workers and the version of an engine, beside buildctl and docker buildx on the same engine."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from llbfront import aio
from llbfront.engine import config, daemon, directories, install
from llbfront.errors import OptionError
from tests.live.conftest import Engine
from tests.live.test_command import llbfront as command
from tests.support import bases, peers

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterator

RELEASE_S = 20
DOCKERFILE = """\
FROM busybox AS a
RUN --mount=type=cache,target=/c echo {0} > /c/x; dd if=/dev/zero of=/f bs=1M count=3
FROM busybox AS b
COPY Dockerfile /d
RUN dd if=/dev/zero of=/g bs=1M count=2
FROM a
COPY --from=b /g /g
COPY --link Dockerfile /z
"""


@pytest.fixture(scope="module")
def own_engine(engine: Engine, base_images: tuple[config.Registry, ...]) -> Iterator[Engine]:
    """Run an engine whose cache these tests may remove."""
    with tempfile.TemporaryDirectory(prefix="llbfront-") as directory:
        here = directories.apart(directory)
        running = daemon.start(here, config.Settings(registries=base_images, has_gc=False))
        programs = install.installed(here)
        assert programs is not None
        assert running.pid is not None
        with bases.leash(running.pid):
            yield Engine(running.address, here, programs)
        daemon.remove(here)


@pytest.fixture
def built(own_engine: Engine, tmp_path: pathlib.Path) -> Engine:
    """Build two versions of a Dockerfile on the engine."""
    with llbfront.connect(own_engine.address) as connection:
        for number in range(2):
            (tmp_path / "Dockerfile").write_text(DOCKERFILE.format(number))
            connection.build(tmp_path)
        # The engine releases records some time after a build.
        deadline = time.monotonic() + RELEASE_S
        while any(record.is_in_use for record in connection.disk_usage().records) and time.monotonic() < deadline:
            time.sleep(0.05)
    return own_engine


def of_buildctl(engine: Engine, *arguments: str) -> list[dict[str, Any]]:
    """Return the records that a command of buildctl lists."""
    text = engine.buildctl(*arguments, "--format", "{{json .}}").stdout
    values = [json.loads(line) for line in text.splitlines() if line]
    return [record for value in values for record in (value if isinstance(value, list) else [value] if value else [])]


def test_disk_usage_is_that_of_buildctl(built: Engine) -> None:
    of_buildctl(built, "du")  # the first time counts as a use of some records
    theirs = of_buildctl(built, "du")
    with llbfront.connect(built.address) as connection:
        ours = connection.disk_usage()
    assert len(ours.records) > 5
    assert [
        {
            "id": record.id, "mutable": record.is_mutable, "inUse": record.is_in_use, "size": record.size_bytes, "usageCount": record.use_count,
            "parents": list(record.parents) or None, "description": record.description, "recordType": record.type, "shared": record.is_shared,
        }
        for record in ours.records
    ] == [{key: value for key, value in record.items() if not key.endswith("At")} for record in theirs]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (["type=regular"], "type==regular"),
        (["type==exec.cachemount"], "type==exec.cachemount"),
        (["type!=regular"], "type!=regular"),
        (["mutable", "type=regular"], "mutable,type==regular"),
        (["description~=dd"], "description~=dd"),
        (["description=local source for context"], 'description=="local source for context"'),
        (["inuse"], "inuse"),
    ],
)
def test_filters_select_what_buildctl_selects(built: Engine, ours: list[str], theirs: str) -> None:
    with llbfront.connect(built.address) as connection:
        records = connection.disk_usage(filters=ours).records
    assert [record.id for record in records] == [record["id"] for record in of_buildctl(built, "du", "--filter", theirs)]


PRUNES: tuple[tuple[dict[str, Any], tuple[str, ...]], ...] = (
    ({}, ()),
    ({"all": True}, ("--all",)),
    ({"filters": ["type=regular"]}, ("--filter", "type==regular")),
    ({"filters": "type=source.local"}, ("--filter", "type==source.local")),
    ({"filters": "type!=regular", "all": True}, ("--filter", "type!=regular", "--all")),
    ({"filters": "mutable"}, ("--filter", "mutable")),
    ({"keep_duration": "1h"}, ("--keep-duration", "1h")),
    ({"filters": "until=1ms"}, ("--keep-duration", "1ms")),
    ({"max_used_space": 5_000_000}, ("--keep-storage", "5")),
    ({"max_used_space": 9_000_000, "all": True}, ("--keep-storage", "9", "--all")),
    ({"max_used_space": 1_000_000, "reserved_space": 6_000_000}, ("--keep-storage", "1", "--keep-storage-min", "6")),
    ({"reserved_space": 8_000_000}, ("--keep-storage-min", "8")),
    ({"max_used_space": 5_000_000, "filters": "type=regular"}, ("--keep-storage", "5", "--filter", "type==regular")),
)


@pytest.mark.parametrize(("options", "arguments"), PRUNES, ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_the_dry_run_names_what_buildctl_removes(built: Engine, options: dict[str, Any], arguments: tuple[str, ...]) -> None:
    with llbfront.connect(built.address) as connection:
        planned = connection.prune(**options, dry_run=True)
        removed = of_buildctl(built, "prune", *arguments)
        left = {record.id for record in connection.disk_usage().records}
    assert {record.id for record in planned.records} == {record["id"] for record in removed}
    assert not left & {record.id for record in planned.records}


@pytest.mark.parametrize(("options", "arguments"), PRUNES, ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_prune_removes_what_its_dry_run_names_and_leaves_nothing_to_buildctl(
    built: Engine, options: dict[str, Any], arguments: tuple[str, ...]
) -> None:
    with llbfront.connect(built.address) as connection:
        planned = connection.prune(**options, dry_run=True)
        before = {record.id for record in connection.disk_usage().records}
        removed = connection.prune(**options)
        after = {record.id for record in connection.disk_usage().records}
    assert {record.id for record in removed.records} == {record.id for record in planned.records} == before - after
    assert of_buildctl(built, "prune", *arguments) == []


@pytest.fixture(scope="module")
def buildx(own_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Return a function that runs docker buildx on the engine and returns what it prints."""
    program, home = peers.buildx(), tmp_path_factory.mktemp("buildx")
    environ = {**os.environ, "BUILDX_CONFIG": str(home), "DOCKER_CONFIG": str(home)}

    def run(*words: str) -> str:
        return subprocess.run([program, *words], env=environ, capture_output=True, text=True, check=True, timeout=60).stdout

    run("create", "--name", "control", "--driver", "remote", "--use", own_engine.address)
    return run


FILTERS = (
    "type=regular", "Type=regular", " type = regular ", "type!=regular", "type~=^source", "type=exec.cachemount,mutable", "id~=^[a-m]",
    "description~=dd", "mutable=true", "type=nothing", "unused-for=1ns", "type=regular,description~=COPY",
)  # fmt: skip


@pytest.mark.older
@pytest.mark.parametrize("filter_", FILTERS)
def test_filters_select_what_buildx_selects(built: Engine, buildx: Callable[..., str], filter_: str) -> None:
    theirs = [json.loads(line)["ID"] for line in buildx("du", "--format", "json", "--filter", filter_).splitlines()]
    with llbfront.connect(built.address) as connection:
        assert sorted(record.id for record in connection.disk_usage(filters=filter_).records) == sorted(theirs)


FLAGS = (
    "--all", "--filter type=regular", "--filter Type=regular", "--filter type=exec.cachemount,mutable", "--filter until=1h",
    "--filter unused-for=1ms", "--filter id~=^[a-m]", "--reserved-space 6000000", "--reserved-space 4mb", "--max-used-space 5MB",
    "--max-used-space 5MB --all", "--max-used-space 2MB --reserved-space 6MB", "--max-used-space 9MB --filter type!=exec.cachemount",
    "--filter description~=dd --filter type=regular",
)  # fmt: skip


@pytest.mark.older
@pytest.mark.parametrize("flags", FLAGS)
def test_the_dry_run_names_what_buildx_removes(
    built: Engine, buildx: Callable[..., str], tmp_path: pathlib.Path, flags: str
) -> None:
    done = command("prune", "--dry-run", "--json", "--addr", built.address, *flags.split(), cwd=tmp_path)
    planned = {record["id"] for record in json.loads(done.stdout)["records"]}
    removed = buildx("prune", "--force", "--verbose", *flags.split())
    assert {line.split()[1] for line in removed.splitlines() if line.startswith("ID:")} == planned


def test_an_unreachable_limit_of_free_space_removes_at_most_the_plan(built: Engine) -> None:
    with llbfront.connect(built.address) as connection:
        planned = connection.prune(min_free_space="8000p", reserved_space=6_000_000, dry_run=True)
        assert planned.is_upper_bound
        removed = connection.prune(min_free_space="8000p", reserved_space=6_000_000)
        assert {record.id for record in removed.records} <= {record.id for record in planned.records}
        assert removed.records


def test_prune_removes_nothing_that_came_after_the_dry_run(built: Engine, tmp_path: pathlib.Path) -> None:
    with llbfront.connect(built.address) as connection:
        planned = connection.prune(dry_run=True)
        (tmp_path / "Dockerfile").write_text("FROM busybox\nRUN echo later\n")
        connection.build(tmp_path)
        removed = connection.prune(only=planned)
        left = connection.disk_usage().records
    assert {record.id for record in removed.records} <= {record.id for record in planned.records}
    assert any("echo later" in record.description for record in left)


def test_a_filter_that_the_engine_cannot_read(built: Engine) -> None:
    with llbfront.connect(built.address) as connection, pytest.raises(OptionError, match="the engine cannot read the filter"):
        connection.disk_usage(filters="type==")


def test_workers_and_info_are_those_of_buildctl(engine: Engine) -> None:
    theirs = json.loads(engine.buildctl("debug", "workers", "--format", "{{json .}}").stdout)
    with llbfront.connect(engine.address) as connection:
        workers, info = connection.workers(), connection.info()
    assert [(worker.id, worker.labels, len(worker.gc_policy)) for worker in workers] == [
        (worker["id"], worker["labels"], len(worker["gcPolicy"] or [])) for worker in theirs
    ]
    assert [str(platform) for platform in workers[0].platforms] == [
        "/".join(filter(None, (platform["os"], platform["architecture"], platform.get("variant"))))
        for platform in theirs[0]["platforms"]
    ]
    version = json.loads(engine.buildctl("debug", "info", "--format", "{{json .}}").stdout)["buildkitVersion"]
    assert (info.package, info.version, info.dockerfile_version) == (
        version["package"],
        version["version"],
        version["dockerfileVersion"],
    )


def test_asyncio_has_the_same_calls(built: Engine) -> None:
    of_buildctl(built, "du")  # the first time counts as a use of some records

    async def calls() -> tuple[object, ...]:
        async with aio.connect(built.address) as connection:
            return (
                await connection.info(),
                await connection.workers(),
                await connection.disk_usage(filters="mutable"),
                (await connection.prune(dry_run=True)).records,
            )

    with llbfront.connect(built.address) as connection:
        assert asyncio.run(calls()) == (
            connection.info(),
            connection.workers(),
            connection.disk_usage(filters="mutable"),
            connection.prune(dry_run=True).records,
        )


def test_the_commands(built: Engine, tmp_path: pathlib.Path) -> None:
    address = ("--addr", built.address)
    usage = json.loads(command("du", "--json", *address, cwd=tmp_path).stdout)
    assert usage["schema"] == "llbfront.disk-usage/1"
    assert usage["total_bytes"] == sum(record["size_bytes"] for record in usage["records"])
    lines = command("du", *address, cwd=tmp_path).stdout.splitlines()
    assert lines[0].split()[:4] == ["ID", "TYPE", "RECLAIMABLE", "SIZE"]
    assert len(lines) == len(usage["records"]) + 4
    assert re.fullmatch(r"Total: +\d+\.\d+MB", lines[-1])
    assert command("du", "--columns", "id", *address, cwd=tmp_path).stdout.splitlines()[0] == "ID"
    refused = command("prune", *address, cwd=tmp_path)
    assert (refused.returncode, refused.stderr) == (
        2,
        "llbfront: prune asks before it removes, and standard input is not a terminal (use --force or --dry-run)\n",
    )
    planned = json.loads(command("prune", "--dry-run", "--json", *address, cwd=tmp_path).stdout)
    removed = json.loads(command("prune", "--force", "--json", *address, cwd=tmp_path).stdout)
    assert (planned["is_dry_run"], removed["is_dry_run"]) == (True, False)
    assert {record["id"] for record in removed["records"]} == {record["id"] for record in planned["records"]}
    assert "v0.34.2" in command("info", *address, cwd=tmp_path).stdout
    assert json.loads(command("workers", "--json", *address, cwd=tmp_path).stdout)["workers"][0]["platforms"][0] == "linux/amd64"
