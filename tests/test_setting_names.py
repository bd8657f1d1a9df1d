"""Messages name arguments in the library and flags in the command."""

from __future__ import annotations

import importlib
import pathlib

import pytest

import llbfront
from llbfront import setting_names
from llbfront.cli.main import flags_of, main, parser
from llbfront.client.buildflags import exporters
from llbfront.client.inputs import contexts
from llbfront.client.request.build_request import BuildRequest
from llbfront.client.request.settings import SETTINGS
from llbfront.client.solve_errors.engine_messages import offer_agent, offer_secret
from llbfront.errors import ContextError, LlbfrontError, OptionError


def test_flags_and_arguments_are_those_of_the_table() -> None:
    flags = {flag.lstrip("-").replace("-", "_"): flag for flag in flags_of(parser("prune"))}
    table = flags | {setting.argument: f"--{setting.flag}" for setting in SETTINGS} | {"address": "--addr"}
    assert {argument: table[argument] for argument in setting_names.FLAGS} == setting_names.FLAGS


@pytest.mark.parametrize("argument", setting_names.FLAGS)
def test_each_setting_has_two_spellings(argument: str) -> None:
    assert setting_names.setting(argument) == argument
    assert setting_names.setting(argument, "VALUE") == f'{argument}="VALUE"'
    with setting_names.of_the_command():
        assert setting_names.setting(argument) == setting_names.FLAGS[argument]
        assert setting_names.setting(argument, "VALUE") == f"{setting_names.FLAGS[argument]} VALUE"
    assert setting_names.setting(argument) == argument


@pytest.mark.parametrize(
    ("identifier", "argument", "flag"),
    [("token", 'secrets="id=token,src=FILE"', "--secret id=token,src=FILE"),
     ("GIT_AUTH_TOKEN", 'secrets="id=GIT_AUTH_TOKEN,env=NAME"', "--secret id=GIT_AUTH_TOKEN,env=NAME")],
)  # fmt: skip
def test_offers_of_secrets(identifier: str, argument: str, flag: str) -> None:
    assert offer_secret(identifier) == argument
    with setting_names.of_the_command():
        assert offer_secret(identifier) == flag


def test_offers_of_agents() -> None:
    assert offer_agent("") == 'ssh="default"'
    with setting_names.of_the_command():
        assert offer_agent("mine") == "--ssh mine"


def test_errors_of_the_library_name_no_flags() -> None:
    calls = (
        lambda: BuildRequest(no_cache=True, no_cache_filter=("a",)),
        lambda: BuildRequest(push=True),
        lambda: exporters.plan((), tags=(), push=True, load=False),
        lambda: contexts.gather("/", dockerfile=None, named={}, stdin=None),
        lambda: contexts.gather("/", dockerfile="none/Dockerfile", named={}, stdin=None),
        lambda: llbfront.connect("unix:///nonexistent/socket"),
    )
    for call in calls:
        with pytest.raises(LlbfrontError) as raised:
            call()
        text = "\n".join([str(raised.value), *raised.value.explanation()])
        assert "--" not in text
        assert " -f" not in text and " -t" not in text


def test_errors_of_the_command_name_flags(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    monkeypatch.chdir(tmp_path)
    assert main(["build", "--push", "/"]) == 2
    assert capsys.readouterr().err == "llbfront: there is no name to push the image as (name it with --tag NAME)\n"
    assert main(["build", "--addr", "unix:///nonexistent/socket", "."]) == 3
    line = "llbfront: no engine at unix:///nonexistent/socket: no such socket (start the engine)\n"
    assert capsys.readouterr().err == line  # the reason once


@pytest.mark.parametrize(("module", "command"), [("solve", "solve"), ("bake", "bake")])
def test_commands_without_a_flag_say_how_they_set_it(module: str, command: str) -> None:
    spelling = importlib.import_module(f"llbfront.cli.{module}").SPELLING
    flags = flags_of(parser(command))
    with setting_names.of_the_command(), setting_names.spelled(spelling):
        for argument in spelling:
            text = setting_names.setting(argument, "VALUE")
            assert text.split()[0] in flags
            assert text.endswith("VALUE")
    assert setting_names.setting("tags") == "tags"


def test_an_image_of_bake_without_a_name(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "docker-bake.hcl").write_text('target "default" {}\n')
    monkeypatch.chdir(tmp_path)
    assert main(["bake", "--addr", "unix:///nonexistent/socket", "--push"]) == 2
    assert "name it with --set TARGET.tags=NAME" in capsys.readouterr().err


def test_the_library_names_arguments_again_after_a_command() -> None:
    main(["build", "--push", "/"])
    with pytest.raises(OptionError, match='name it with tags="NAME"'):
        BuildRequest(push=True)
    with pytest.raises(ContextError, match='name it with file="FILE"'):
        contexts.gather("/", dockerfile=None, named={}, stdin=None)
