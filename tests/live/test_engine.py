"""The private engine as a process: it starts, answers, is found, ends, and copes with what a crash leaves behind."""

import os
import pathlib
import signal
import stat
import tempfile
import threading
from collections.abc import Iterator

import attrs
import pytest

import llbfront
from llbfront.engine import config, daemon, directories, discover, install
from llbfront.engine import settings as saved
from llbfront.engine.daemon import Condition
from llbfront.errors import EngineError
from tests.live.conftest import Engine


@pytest.fixture
def here(engine: Engine) -> Iterator[directories.Directories]:
    """Directories of another engine than the one of the session, which shows that this machine can run one."""
    with tempfile.TemporaryDirectory(prefix="llbfront-") as directory:
        own = directories.apart(directory)
        yield own
        daemon.remove(own)
        assert not os.path.exists(own.state)


def test_start_status_find_stop(here: directories.Directories) -> None:
    assert daemon.status(here).condition is Condition.STOPPED
    running = daemon.start(here)
    assert running.condition is Condition.RUNNING
    assert running == daemon.status(here)
    assert running.version == install.version()
    channel, reached = discover.open_engine(running.address)
    channel.close()
    assert reached.address == running.address
    assert any("running server" in line for line in daemon.logs(here))
    assert daemon.logs(here, lines=1) == daemon.logs(here)[-1:]
    assert daemon.stop(here)
    assert not daemon.stop(here)
    assert daemon.status(here).condition is Condition.STOPPED
    assert not os.path.exists(here.socket)


def test_only_its_owner_may_use_it(here: directories.Directories) -> None:
    daemon.start(here)
    assert stat.S_IMODE(os.stat(here.socket).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(here.runtime).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(here.state).st_mode) == 0o700


def test_it_says_which_buildkit_it_is(engine: Engine) -> None:
    with llbfront.connect(engine.address) as client:
        assert client.version() == install.version()


def test_starting_again_takes_the_one_that_runs(here: directories.Directories) -> None:
    settings = config.Settings(max_parallelism=1)
    first = daemon.start(here, settings)
    assert daemon.start(here, settings).pid == first.pid
    assert daemon.start(here).pid == first.pid
    with pytest.raises(EngineError, match="runs with other settings"):
        daemon.start(here, config.Settings(max_parallelism=2))


def test_concurrent_starts_give_one_engine(here: directories.Directories) -> None:
    pids = []
    threads = [threading.Thread(target=lambda: pids.append(daemon.start(here).pid)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 4
    assert len(set(pids)) == 1


def test_a_crash_leaves_nothing_in_the_way(here: directories.Directories) -> None:
    first = daemon.start(here)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    assert os.path.exists(here.socket)
    assert daemon.status(here).condition is Condition.STOPPED
    second = daemon.start(here)
    assert second.condition is Condition.RUNNING
    assert second.pid != first.pid


def test_a_stale_pid_file_names_nobody(here: directories.Directories) -> None:
    os.makedirs(here.state)
    os.makedirs(here.runtime)
    pathlib.Path(here.pid).write_text(f"{os.getpid()} 1\n")
    assert daemon.status(here).condition is Condition.STOPPED
    assert not daemon.stop(here)
    assert daemon.start(here).condition is Condition.RUNNING


def test_one_that_hangs_is_replaced(here: directories.Directories, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "STOP_TIMEOUT_S", 0.2)
    first = daemon.start(here)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGSTOP)
    os.waitpid(first.pid, os.WUNTRACED)
    assert daemon.status(here).condition is Condition.HANGING
    second = daemon.start(here)
    assert second.condition is Condition.RUNNING
    assert second.pid != first.pid


def test_a_bad_configuration_says_what_is_wrong(here: directories.Directories) -> None:
    with pytest.raises(EngineError, match=r'ended at once: unknown snapshotter name: "no-such-snapshotter" \('):
        daemon.start(here, config.Settings(snapshotter="no-such-snapshotter"))
    assert daemon.status(here).condition is Condition.STOPPED


def test_ctrl_c_while_it_starts_leaves_no_process(here: directories.Directories, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(daemon, "probe", interrupt)
        with pytest.raises(KeyboardInterrupt):
            daemon.start(here)
    assert daemon.status(here).condition is Condition.STOPPED
    assert not pathlib.Path(here.pid).exists()


def test_what_was_built_survives_a_restart(here: directories.Directories, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /kept\n")
    cached = []
    for _ in range(2):
        with llbfront.connect(daemon.start(here).address) as client:
            cached.append(client.build(tmp_path).cached_steps)
        daemon.stop(here)
    assert cached == [0, 1]


def test_saved_settings_are_those_of_the_next_start(here: directories.Directories) -> None:
    daemon.start(here)
    saved.save(config.Settings(max_parallelism=2, max_used_bytes=10**9, reserved_bytes=10**8), here)
    before = daemon.status(here).pid
    running = daemon.restart(here)
    assert running.condition is Condition.RUNNING
    assert running.pid != before
    with llbfront.connect(running.address) as connection:
        rules = connection.workers()[0].gc_policy
    assert 10**9 in {rule.max_used_bytes for rule in rules}
    assert daemon.start(here).pid == running.pid


def test_the_log_is_followed_across_a_restart(here: directories.Directories) -> None:
    daemon.start(here)
    lines = daemon.follow_logs(here, lines=1, interval_s=0.01)
    assert next(lines) == daemon.logs(here)[-1]
    daemon.restart(here)
    assert next(line for line in lines if "running server" in line)


def test_uninstall_leaves_no_programs(tmp_path: pathlib.Path) -> None:
    places = attrs.evolve(directories.apart(str(tmp_path)), data=str(tmp_path / "data"), cache=str(tmp_path / "cache"))
    for name in ("data/buildkit-v0.1/buildkitd", "data/go-1.2/bin/go", "cache/go/mod/a", "data/other", "state/root/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "cache/go/mod").chmod(0o500)
    daemon.uninstall(places)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["cache", "data", "other"]
