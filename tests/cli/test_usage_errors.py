"""Usage errors in plain words: help as a word, verbs, values of flags, arguments that are left over."""

from __future__ import annotations

import pathlib

import pytest

from llbfront.cli.main import main

HELP = [
    (("help",), "usage: llbfront COMMAND"),
    (("help", "build"), "usage: llbfront build "),
    (("build", "help"), "usage: llbfront build "),
    (("engine", "help"), "usage: llbfront engine "),
    (("help", "engine", "start"), "usage: llbfront engine start "),
]
ERRORS = [
    (("help", "buidl"), "unknown command buidl (did you mean build?)"),
    (("engine", "statsu"), "unknown command engine statsu (did you mean status?)"),
    (("engine", "foo"), "unknown command engine foo (one of install, start, stop, status, restart, config, uninstall, logs)"),
    (("engine", "logs", "-n", "x"), "--lines takes a number, not 'x' (see llbfront engine logs --help)"),
    (("frontend", "foo"), "unknown command frontend foo (one of image)"),
    (("build", "a", "nope"), "unexpected argument 'nope' (see llbfront build --help)"),
    (("build", "--pull", "always", "."), "unexpected argument '.' (--pull takes no value other than --pull=true or --pull=false)"),
    (("build", "--no-cache", "yes", "."), "unexpected argument '.' (--no-cache takes no value other than --no-cache=true or --no-cache=false)"),
    (("build", "--pull", ".", "nope"), "unexpected argument 'nope' (see llbfront build --help)"),
    (("build", "--output"), "--output needs a value (see llbfront build --help)"),
    (("build", "-x", "."), "unknown flag -x (see llbfront build --help)"),
    (("build", "--progress", "plian", "."), "invalid value 'plian' for --progress (did you mean plain?)"),
    (("build", "--network", "foo", "."), "invalid value 'foo' for --network (one of default, none, host)"),
    (("completion", "fish"), "invalid value 'fish' for shell (one of bash, zsh, tcsh)"),
    (("completion", "bsh"), "invalid value 'bsh' for shell (did you mean bash?)"),
    (("completion",), "shell is missing (one of bash, zsh, tcsh)"),
    (("engine",), "VERB is missing (one of install, start, stop, status, restart, config, uninstall, logs)"),
    (("frontend",), "VERB is missing (one of image)"),
    (("ignored",), "PATH is missing (see llbfront ignored --help)"),
    (("--verison",), "unknown flag --verison (did you mean --version?)"),
    (("--hlep",), "unknown flag --hlep (did you mean --help?)"),
    (("--debug",), "COMMAND is missing (see llbfront --help)"),
    (("image", "ls"), "unknown command image (use llbfront build)"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "start"), HELP)
def test_help_as_a_word(words: tuple[str, ...], start: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(start)


@pytest.mark.parametrize(("words", "message"), ERRORS)
def test_usage_errors(words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err == f"llbfront: {message}\n"


def test_a_directory_called_help_is_a_context(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "help").mkdir()
    (tmp_path / "help" / "Dockerfile").write_text("FROM scratch AS inside\n")
    monkeypatch.chdir(tmp_path)
    assert main(["targets", "help"]) == 0
    assert "inside" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("address", "meant"),
    [("docker://box", "docker-container://box"), ("docker://box:2375", "docker+tcp://box:2375")],
)
def test_the_name_of_a_container_is_not_a_socket(address: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--addr", address, "."]) == 3
    cause = "not an address of an engine: docker:// takes the path of a socket"
    assert capsys.readouterr().err == f"llbfront: no engine at {address}: {cause} (did you mean {meant}?)\n"
