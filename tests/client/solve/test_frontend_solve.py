"""What `solve` takes is checked before an engine is searched."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from llbfront.cli.main import main
from llbfront.client.solve.frontend_solve import prepare
from llbfront.errors import LlbfrontError, OptionError

CONTROLS = {
    "the name of an option": ({"options": {"a\x01": "b"}}, "the name of a frontend option 'a\\x01' contains a control character"),
    "NUL in the name of an option": ({"options": {"a\0": "b"}}, "the name of a frontend option 'a\\x00' contains"),
    "a line break in the name of an option": ({"options": {"a\nb": "b"}}, "the name of a frontend option 'a\\nb' contains"),
    "a target": ({"options": {"target": "a\x1b[1m"}}, "the frontend option target 'a\\x1b[1m' contains a control character"),
    "a platform": ({"options": {"platform": "linux\n"}}, "the frontend option platform 'linux\\n' contains"),
    "NUL in a build argument": ({"options": {"build-arg:A": "b\0"}}, "the frontend option build-arg:A holds a NUL character"),
    "NUL in a file name": ({"options": {"filename": "b\0"}}, "the frontend option filename holds a NUL character"),
    "NUL for another frontend": (
        {"frontend": "gateway.v0", "options": {"text": "b\0"}},
        "the frontend option text holds a NUL character",
    ),
    "the frontend": ({"frontend": "a\x07"}, "the name of the frontend 'a\\x07' contains a control character"),
    "a local source": ({"locals": {"a\x01": "."}}, "the name of a local source 'a\\x01' contains a control character"),
}


@pytest.mark.parametrize(("arguments", "message"), CONTROLS.values(), ids=CONTROLS)
def test_control_characters_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError) as refused:
        prepare(**{"frontend": "dockerfile.v0", **arguments})
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "options",
    [
        {"build-arg:A": "two\nlines"},
        {"label:a": "two\nlines\tand a tab"},
        {"filename": "odd\x01name"},
        {"target": "ä"},
    ],
)
def test_values_of_several_lines_and_odd_file_names_are_taken(options: dict[str, str]) -> None:
    assert prepare("dockerfile.v0", options=options).options == options


def test_an_option_of_another_frontend_may_have_lines() -> None:
    assert prepare("gateway.v0", options={"script": "a\nb"}).options == {"script": "a\nb"}


def test_an_oci_layout_is_named_as_one(tmp_path: pathlib.Path) -> None:
    with pytest.raises(LlbfrontError) as refused:
        prepare("dockerfile.v0", oci_layouts={"a": tmp_path / "missing"})
    assert str(refused.value) == f"cannot read the OCI layout a {tmp_path}/missing: no such directory"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "type=image,push=true"], "name it with --output type=image,name=NAME"),
        (["--oci-layout", "a=/missing/layout"], "cannot read the OCI layout a /missing/layout: no such directory"),
        (["--oci-layout", "a=."], "cannot read the OCI layout"),
        (["--local", "context=/missing"], "cannot read the local source context /missing: no such directory"),
        (["--opt", "target=a\x01"], "the frontend option target"),
        (["--opt", "target"], "--opt takes KEY=VALUE, not 'target'"),
    ],
)
def test_wrong_input_is_reported_before_an_engine_is_searched(
    words: list[str], message: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["solve", "--addr", "unix:///missing.sock", "--frontend", "dockerfile.v0", *words]) == 2
    assert message in capsys.readouterr().err
