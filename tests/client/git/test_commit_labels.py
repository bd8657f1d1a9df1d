"""Labels with the commit of a context, as BUILDX_GIT_LABELS asks for them."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

import attrs
import pytest

from llbfront.client.git.commit_labels import ENTRYPOINT_LABEL, REVISION_LABEL, SOURCE_LABEL, labels, with_labels
from llbfront.client.inputs.contexts import gather
from llbfront.client.request.build_request import BuildRequest
from llbfront.errors import OptionError

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="needs git")
WANTED = {"BUILDX_GIT_LABELS": "1"}


def git(place: pathlib.Path, *words: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", "-C", place, *identity, *words], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    git(tmp_path, "remote", "add", "origin", "https://me:secret@example.org/r.git")
    return tmp_path


def read(repository: pathlib.Path, **environ: str) -> dict[str, str]:
    return labels(str(repository / "app"), str(repository / "app/Dockerfile"), {**WANTED, **environ})


def test_commit_remote_and_dockerfile(repository: pathlib.Path) -> None:
    assert read(repository) == {
        REVISION_LABEL: git(repository, "rev-parse", "HEAD"),
        SOURCE_LABEL: "https://xxxxx:xxxxx@example.org/r.git",
        ENTRYPOINT_LABEL: "app/Dockerfile",
    }


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://token@example.org/r", "https://xxxxx@example.org/r"),
        ("git@example.org:a/r.git", "git@example.org:a/r.git"),
        ("ssh://git@example.org/r", "ssh://xxxxx@example.org/r"),
        ("/srv/r", "/srv/r"),
    ],
)
def test_credentials_of_the_remote_are_masked(repository: pathlib.Path, url: str, shown: str) -> None:
    git(repository, "remote", "set-url", "origin", url)
    assert read(repository)[SOURCE_LABEL] == shown


def test_changes_are_marked_if_asked_for(repository: pathlib.Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    assert read(repository, BUILDX_GIT_CHECK_DIRTY="1")[REVISION_LABEL] == commit
    (repository / "new").touch()
    assert read(repository)[REVISION_LABEL] == commit
    assert read(repository, BUILDX_GIT_CHECK_DIRTY="1")[REVISION_LABEL] == f"{commit}-dirty"


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_they_are_off_by_default(repository: pathlib.Path, value: str) -> None:
    assert read(repository, BUILDX_GIT_LABELS=value) == {}


def test_the_old_spelling_is_on(repository: pathlib.Path) -> None:
    assert REVISION_LABEL in read(repository, BUILDX_GIT_LABELS="full")


def test_bad_values_and_a_missing_git_are_errors(repository: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OptionError, match="invalid value 'yes' of BUILDX_GIT_LABELS"):
        read(repository, BUILDX_GIT_LABELS="yes")
    monkeypatch.setenv("PATH", "/none")
    with pytest.raises(OptionError, match="BUILDX_GIT_LABELS needs git"):
        read(repository)


def test_other_directories_have_none(tmp_path: pathlib.Path) -> None:
    environ = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    assert labels(str(tmp_path), str(tmp_path / "Dockerfile"), {**environ, **WANTED}) == {}


def test_labels_of_the_request_win(repository: pathlib.Path) -> None:
    request = BuildRequest(context=str(repository / "app"), labels={SOURCE_LABEL: "mine"})
    inputs = gather(str(repository / "app"))
    labelled = with_labels(request, inputs, WANTED)
    assert labelled.labels[SOURCE_LABEL] == "mine" and REVISION_LABEL in labelled.labels
    assert attrs.evolve(labelled, labels=request.labels) == request
    assert with_labels(request, inputs, {}) == request
