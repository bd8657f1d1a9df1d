"""Builds of whole Dockerfiles on a real engine: what is built, in which order, what the cache keeps, how it ends."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.errors import DockerfileError, ExecFailed, SolveError, StageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbfront.client.engine import Engine
    from tests.live.conftest import Engine as Running


WORK = """\
FROM alpine AS build
ARG WHO=world
ENV GREETING="hello $WHO"
WORKDIR /work
RUN echo "$GREETING from $(pwd)" > said
FROM scratch
COPY --from=build /work/said /
"""


@pytest.fixture
def client(engine: Running) -> Iterator[Engine]:
    with llbfront.connect(engine.address) as connected:
        yield connected


def app(folder: pathlib.Path, dockerfile: str, **files: str) -> pathlib.Path:
    """Write a build context: the Dockerfile, and files whose names have `__` for a dot."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Dockerfile").write_text(dockerfile)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_the_result_comes_out_as_files(client: Engine, tmp_path: pathlib.Path) -> None:
    context = app(tmp_path / "app", "FROM scratch\nCOPY a.txt /dir/b.txt\n", a__txt="hello\n")
    result = client.build(context, output=str(tmp_path / "out"))
    assert (tmp_path / "out/dir/b.txt").read_text() == "hello\n"
    assert result.digest is None


def test_run_env_and_workdir_reach_the_command(client: Engine, tmp_path: pathlib.Path) -> None:
    context = app(tmp_path / "app", WORK)
    client.build(context, build_args={"WHO": "you"}, output=str(tmp_path / "out"))
    assert (tmp_path / "out/said").read_text() == "hello you from /work\n"


def test_only_what_the_target_needs_is_built(client: Engine, tmp_path: pathlib.Path) -> None:
    dockerfile = "FROM nowhere.invalid/x AS broken\nRUN false\nFROM alpine AS good\nRUN true\nFROM broken\n"
    context = app(tmp_path / "app", dockerfile)
    result = client.build(context, target="good")
    assert any("RUN true" in step.name for step in result.timings)
    assert not any("RUN false" in step.name for step in result.timings)


def test_independent_stages_run_at_the_same_time(client: Engine, tmp_path: pathlib.Path) -> None:
    dockerfile = f"""\
FROM alpine AS one
RUN sleep 2 # {time.time_ns()}
FROM busybox AS two
RUN sleep 2 # {time.time_ns()}
FROM scratch
COPY --from=one /etc/passwd /one
COPY --from=two /etc/passwd /two
"""
    result = client.build(app(tmp_path / "app", dockerfile))
    first, two = (next(step for step in result.timings if name in step.name and "sleep" in step.name) for name in ("[one", "[two"))
    assert first.started_ns and two.started_ns and first.completed_ns and two.completed_ns
    overlap_s = (min(first.completed_ns, two.completed_ns) - max(first.started_ns, two.started_ns)) / 1e9
    assert overlap_s > 1


def test_an_untouched_rebuild_is_cached_and_a_touched_one_is_not(client: Engine, tmp_path: pathlib.Path) -> None:
    stamp = time.time_ns()
    context = app(tmp_path / "app", f"FROM alpine\nRUN echo {stamp}\nCOPY a /a\nRUN cat /a\n", a="1")
    client.build(context)
    again = client.build(context)
    steps = [step for step in again.timings if any(word in step.name for word in ("RUN", "COPY"))]
    assert len(steps) == 3
    assert all(step.cached for step in steps)
    (context / "a").write_text("2")
    touched = {
        step.name.split("] ")[1]: step.cached
        for step in client.build(context).timings
        if "/3] " in step.name or "/4] " in step.name
    }
    assert [cached for name, cached in touched.items() if name.startswith("RUN echo")] == [True]
    assert [cached for name, cached in touched.items() if name in {"COPY a /a", "RUN cat /a"}] == [False, False]


def test_no_cache_runs_everything_again(client: Engine, tmp_path: pathlib.Path) -> None:
    context = app(tmp_path / "app", "FROM alpine\nRUN echo same\n")
    client.build(context)
    result = client.build(context, no_cache=True)
    assert [step.cached for step in result.timings if "RUN" in step.name] == [False]


def test_a_failing_step_reports_exit_code_line_and_log_tail(client: Engine, tmp_path: pathlib.Path) -> None:
    context = app(tmp_path / "app", "FROM alpine\nRUN true\nRUN echo last words; exit 7\n")
    with pytest.raises(ExecFailed) as caught:
        client.build(context)
    assert caught.value.exit_code == 7
    assert caught.value.command == ("/bin/sh", "-c", "echo last words; exit 7")
    assert caught.value.log_tail == ("last words",)
    assert caught.value.span is not None
    assert caught.value.span.line == 3
    assert str(caught.value).startswith("Dockerfile:3: ")


def test_a_missing_source_names_the_line(client: Engine, tmp_path: pathlib.Path) -> None:
    context = app(tmp_path / "app", "FROM scratch\n\nCOPY none /\n")
    with pytest.raises(SolveError, match='^Dockerfile:3: "/none" does not exist') as caught:
        client.build(context)
    assert caught.value.span is not None
    assert caught.value.span.line == 3


def test_bad_dockerfiles_are_refused_with_their_line(client: Engine, tmp_path: pathlib.Path) -> None:
    cases = (
        ("FROM scratch\nCOPPY a b\n", "Dockerfile:2: .*COPPY.*did you mean COPY"),
        ("FROM scratch\nCOPY --chwon=1 a b\n", "Dockerfile:2: .*chwon.*did you mean chown"),
        ("FROM scratch\nCOPY <<E /a\ntext\n", "Dockerfile:2: .*heredoc"),
    )
    for text, message in cases:
        with pytest.raises(DockerfileError, match=message):
            client.build(app(tmp_path / "app", text))


def test_an_unknown_target_is_an_error_of_one_line(client: Engine, tmp_path: pathlib.Path) -> None:
    with pytest.raises(StageError, match="tset.*did you mean test") as caught:
        client.build(app(tmp_path / "app", "FROM scratch AS test\n"), target="tset")
    assert "\n" not in str(caught.value)


def test_a_connection_serves_more_than_one_build(client: Engine, tmp_path: pathlib.Path) -> None:
    for turn in range(3):
        context = app(tmp_path / "app", "FROM scratch\nCOPY a /a\n", a=str(turn))
        client.build(context, output=str(tmp_path / "out"))
        assert (tmp_path / "out/a").read_text() == str(turn)


def test_builds_in_threads_do_not_disturb_each_other(engine: Running, tmp_path: pathlib.Path) -> None:
    failures: list[BaseException] = []

    def build(number: int) -> None:
        try:
            context = app(tmp_path / f"app{number}", "FROM scratch\nCOPY a /a\n", a=str(number))
            with llbfront.connect(engine.address) as own:
                own.build(context, output=str(tmp_path / f"out{number}"))
            assert (tmp_path / f"out{number}/a").read_text() == str(number)
        except BaseException as error:  # noqa: BLE001 (reported below, on the test's own thread)
            failures.append(error)

    threads = [threading.Thread(target=build, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def command(*arguments: str, cwd: pathlib.Path) -> subprocess.Popen[str]:
    environ = {**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parents[2])}
    return subprocess.Popen(
        [sys.executable, "-m", "llbfront", "build", *arguments],
        cwd=cwd,
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_ctrl_c_ends_the_build_on_the_engine(engine: Running, tmp_path: pathlib.Path) -> None:
    mark = f"mark-{time.time_ns()}"
    context = app(tmp_path / "app", f"FROM alpine\nRUN echo started; sleep 300; echo {mark}\n")
    with command("--addr", engine.address, "--progress", "plain", ".", cwd=context) as build:
        assert build.stderr is not None
        for line in build.stderr:
            if line.rstrip().endswith(" started"):
                break
        build.send_signal(signal.SIGINT)
        rest = build.stderr.read()
        assert build.wait(timeout=30) == 130
    assert "Traceback" not in rest
    assert mark.encode() not in b"".join(command_lines())


def command_lines() -> Iterator[bytes]:
    """The command lines of all processes of the machine, those inside containers too."""
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            yield (entry / "cmdline").read_bytes()


def test_a_cache_filled_by_buildkits_own_client_serves_us_and_ours_serves_it(
    engine: Running, client: Engine, tmp_path: pathlib.Path
) -> None:
    for number, filled_by_us in enumerate((False, True)):
        dockerfile = f"FROM alpine AS a\nARG X=1\nRUN echo {time.time_ns()}\nFROM alpine\nCOPY a /a\nCOPY --link --from=a /etc/passwd /p\nRUN cat /a\n"
        context = app(tmp_path / f"app{number}", dockerfile, a=str(number))
        local = ("--local", f"context={context}", "--local", f"dockerfile={context}")
        reference = ("build", "--frontend", "dockerfile.v0", *local, "--progress", "plain")
        if filled_by_us:
            client.build(context)
            log = engine.buildctl(*reference).stderr
            assert log.count("CACHED") >= 4, log
        else:
            engine.buildctl(*reference)
            steps = [step for step in client.build(context).timings if "RUN" in step.name or "COPY" in step.name]
            assert len(steps) == 4
            assert all(step.cached for step in steps), steps


def test_the_warnings_of_a_build_that_fails_arrive(client: Engine, tmp_path: pathlib.Path) -> None:
    context = app(tmp_path / "app", "# check=error=true\nFROM scratch\nMAINTAINER me\nCOPY Dockerfile /\n")
    warned: list[str] = []
    with pytest.raises(DockerfileError, match="lint violation found"):
        client.build(context, on_event=lambda event: warned.extend(warning.short for warning in event.warnings))
    assert [text.partition(":")[0] for text in warned] == ["MaintainerDeprecated"]
