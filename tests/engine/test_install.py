"""What is pinned, and what is said when the programs cannot be built. That they can be is a live test."""

import pathlib

import attrs
import pytest

from llbfront.engine import directories, install, toolchain
from llbfront.errors import EngineError

pytestmark = pytest.mark.slow


def test_the_pinned_version() -> None:
    assert install.version() == "v0.34.2"


def test_nothing_is_installed_in_an_empty_place(tmp_path: pathlib.Path) -> None:
    assert install.installed(directories.default({"HOME": str(tmp_path)})) is None


def test_a_failed_build_is_one_line_and_leaves_nothing(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\necho go: downloading example.com/x v1.0.0\necho example.com/x: dial tcp: refused >&2\nexit 1\n")
    go.chmod(0o755)
    monkeypatch.setattr(toolchain, "find", lambda _: toolchain.Toolchain(str(go), (1, 99, 0)))
    here = directories.default({"HOME": str(tmp_path)})
    with pytest.raises(EngineError, match=r"cannot build buildkitd: example.com/x: dial tcp: refused \(if the Go module proxy"):
        install.install(here)
    assert [path.name for path in pathlib.Path(here.data).iterdir()] == ["install.lock"]


def test_other_places_keep_the_programs(tmp_path: pathlib.Path) -> None:
    first = directories.default({"HOME": str(tmp_path)})
    assert install.installed(attrs.evolve(first, state="/other")) == install.installed(first)
