"""A command warns of an assumed image config only if its answer may differ with the real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbfront.cli.assumed_configs import DEPENDENCE, Dependence, can_matter
from llbfront.cli.main import main

OFFICIAL, OWN = "docker.io/library/alpine:latest", "registry.example/base:1"
PLAIN = "FROM {}\nRUN echo $HOME $(date)\n"
FILES = {
    # a Dockerfile: whether it uses variables that it does not set
    PLAIN: False,
    "FROM {}\nCOPY $SRC /\n": True,
    "FROM {}\nCOPY ${{SRC:-.}} /\n": True,
    "FROM {}\nARG SRC=.\nCOPY $SRC /\n": False,
    "FROM {}\nENV SRC=a DST=/b\nCOPY $SRC $DST\n": False,
    "FROM {}\nENV SRC a\nCOPY $SRC /\n": False,
    "FROM {}\nENV PATH=/opt/bin:$PATH\n": False,
    "FROM {}\nARG TARGETARCH\nCOPY bin-$TARGETARCH-$BUILDOS /\n": False,
    "FROM {}\nWORKDIR $APP_HOME\n": True,
    "FROM {}\nLABEL price=\\$5 cost=\\$X\n": False,
    "FROM {}\nUSER $APP_USER\n": True,
}


def test_each_offline_command_has_a_rule() -> None:
    assert set(DEPENDENCE) == {"affected", "check", "diff", "graph", "inputs", "llb", "outline", "stages", "targets"}


@pytest.mark.parametrize("text", FILES)
def test_what_steps_may_take_from_a_config(text: str) -> None:
    data = text.format("alpine").encode()
    assert can_matter(Dependence.STEPS, OFFICIAL, data) == FILES[text]
    assert can_matter(Dependence.STEPS, OWN, data)  # it may have triggers
    assert can_matter(Dependence.STEPS, "docker.io/library/node:8-onbuild", data)
    assert can_matter(Dependence.EVERYTHING, OFFICIAL, data)
    assert not can_matter(Dependence.NOTHING, OWN, data)


def test_a_file_that_is_no_dockerfile() -> None:
    assert can_matter(Dependence.STEPS, OFFICIAL, b"")


QUIET = PLAIN.format("alpine")
TRIGGERS = PLAIN.format("registry.example/base")
VARIABLES = "FROM alpine\nCOPY $SRC /\n"
WARNED = {"affected": (False, True, True), "check": (False, True, True), "inputs": (False, True, True), "outline": (False, True, True),
          "stages": (False, True, True), "targets": (False, False, False), "diff": (False, False, False), "graph": (True, True, True),
          "llb": (True, True, True)}  # fmt: skip
ARGUMENTS = {"affected": ["--files", "a"], "diff": [".", "."], "graph": ["-o", "-"]}


@pytest.mark.parametrize("command", WARNED)
def test_the_commands_follow_the_rule(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_text("")
    warned = []
    for text in (QUIET, TRIGGERS, VARIABLES):
        (tmp_path / "Dockerfile").write_text(text)
        main([command, *ARGUMENTS.get(command, [])])
        output = capsys.readouterr()
        assert "config assumed" not in output.out
        warned.append("config assumed" in output.err)
    assert tuple(warned) == WARNED[command]


def test_diff_warns_beside_a_saved_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(QUIET)
    assert main(["llb", "-o", "graph.msgpack"]) == 0
    capsys.readouterr()
    main(["diff", "graph.msgpack", "."])
    assert "config assumed for docker.io/library/alpine:latest" in capsys.readouterr().err
