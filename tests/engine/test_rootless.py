"""What is said when an engine without root lacks something. That it runs is shown by the live tests of whoever is not root."""

import pathlib

import pytest

from llbfront.engine import rootless
from llbfront.errors import EngineError


@pytest.fixture
def machine(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A machine that has everything: programs in a PATH of its own, ranges of ids."""
    for name, script in {
        "unshare": 'test "$1" = --help && echo " --map-auto" || exit 0',
        "newuidmap": "",
        "newgidmap": "",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    for name in ("subuid", "subgid"):
        (tmp_path / name).write_text("somebody:1:2\nali:100000:65536\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(rootless, "SUBORDINATES", (str(tmp_path / "subuid"), str(tmp_path / "subgid")))
    monkeypatch.setattr(rootless, "_login", lambda: "ali")
    return tmp_path


def test_a_machine_with_everything(machine: pathlib.Path) -> None:
    assert machine
    rootless.check()
    assert rootless.inside(["true"])[-1] == "true"


def test_ranges_may_name_the_number_of_the_user(machine: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 4711)
    for name in ("subuid", "subgid"):
        (machine / name).write_text("4711:100000:65536\n")
    rootless.check()


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("unshare", r"unshare of util-linux 2\.38 or newer \(run sudo llbfront engine start"),
        ("newuidmap", r"needs newuidmap \(install it, e.g. apt-get install uidmap"),
        ("newgidmap", r"needs newuidmap \(install it, e.g. apt-get install uidmap"),
        ("subuid", r"subuid \(sudo usermod --add-subuids"),
        ("subgid", r"subgid \(sudo usermod --add-subuids"),
    ],
)
def test_each_thing_that_is_missing(machine: pathlib.Path, gone: str, said: str) -> None:
    (machine / gone).unlink()
    with pytest.raises(EngineError, match=said):
        rootless.check()


def test_an_unshare_that_is_too_old(machine: pathlib.Path) -> None:
    (machine / "unshare").write_text("#!/bin/sh\necho --map-root-user\n")
    with pytest.raises(EngineError, match=r"util-linux 2\.38"):
        rootless.check()


def test_a_kernel_that_forbids_it(machine: pathlib.Path) -> None:
    script = '#!/bin/sh\ntest "$1" = --help && echo --map-auto && exit 0\necho unshare: not permitted >&2\nexit 1\n'
    (machine / "unshare").write_text(script)
    with pytest.raises(EngineError, match=r"a user namespace: unshare: not permitted \(if the kernel forbids it: sudo sysctl"):
        rootless.check()
