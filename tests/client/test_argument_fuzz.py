"""Hostile values in all arguments of the library and all flags of `build`: an error of ours, at once, and no traceback."""

from __future__ import annotations

import inspect
import os
import pathlib
import random
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from llbfront import llb
from llbfront.cli import build as build_command
from llbfront.cli import foreign_flags
from llbfront.cli.main import Parser, main
from llbfront.errors import LlbfrontError
from tests import fake_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fake_engine import FakeEngine

SEED = int(os.environ.get("LLBFRONT_FUZZ_SEED", "1"))
CALLS = int(os.environ.get("LLBFRONT_FUZZ_CALLS", "12"))  # of each argument and flag
LIMIT_S = 5.0  # on a machine that does other work, too
TEXTS = (
    "", " ", "\0", "a\0b", "\n", "a\nb", "\r", "\x1b[31m", "\x7f", "\x9b", "\u202e", "\ud800", "\udcff", "é", "=", "a=", "=a", "a=b",
    "a=\n", "a=\0", ",", "a,b", ",,", '"', '"a', "a:b", ":", "::", "/", "//", ".", "..", "-", "--", "-a", "@", "a@b", "a" * 5000, "0", "-1",
    "1e9", "9" * 30, "true", "type=", "type=local", "type=tar,dest=", "type=x", "id=", "id=a,src=none", "id=a,env=none", "src=\0",
    "docker-image://", "docker-image://\n", "oci-layout://", "oci-layout://none:a", "https://", "git@", "[::1]", "1.2.3.4", "linux/",
    "/amd64", "linux/amd64/v8/x", "linux(1)/amd64", "nofile=1:2:3", "default=none", "*", "[", "$A", "${", "%00", "\\",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    *TEXTS, b"", b"\0", 0, -1, 1 << 70, 1.5, float("nan"), True, False, None, (), [], {}, set(), object(), print, iter(()), range(3),
    [None], [1], ["\0"], ["a", "\n"], {"a": "b"}, {"a": None}, {"a": "\0"}, {"a\n": "b"}, {1: 2}, {"": ""}, [("a", "b")], {"id": "a"},
    {"id": "a", "value": b"x"}, {"type": "local"}, {"type": "tar", "dest": "\0"}, pathlib.Path("none"), pathlib.Path("a\nb"), llb.scratch(),
    llb.local("a"), {"a": llb.local("b")}, {"a": pathlib.Path("none")}, Exception("x"), type, ..., "a" * 300 + "/b",
)  # fmt: skip
NOT_VALUES = {"--help", "--frontend"}


@pytest.fixture
def place(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "Dockerfile").write_text("FROM scratch\n")
    monkeypatch.chdir(tmp_path / "c")
    monkeypatch.setenv("BUILDKIT_HOST", f"unix://{tmp_path}/nowhere.sock")
    monkeypatch.setattr(sys, "stdin", None)
    return tmp_path


@pytest.fixture
def engine(place: pathlib.Path) -> Iterator[FakeEngine]:
    with fake_engine.serve(place) as engine:
        yield engine


def values(name: str, choices: tuple[Any, ...], count: int = CALLS) -> Iterator[Any]:
    dice = random.Random(f"{SEED} {name}")
    return iter(dice.sample(choices, min(count, len(choices))))


def refused_at_once(call: Any) -> str:
    """Call; return the message of the error, empty for none. Any error but one of ours fails the test."""
    started_s = time.monotonic()
    message = ""
    try:
        call()
    except LlbfrontError as error:
        message = str(error) or "no message"
    assert time.monotonic() - started_s < LIMIT_S
    assert "\n" not in message
    return message


BUILD = tuple(name for name in inspect.signature(llbfront.Engine.build).parameters if name != "self")
CONVERT = tuple(inspect.signature(llbfront.convert).parameters)


@pytest.mark.parametrize("name", BUILD)
def test_arguments_of_a_build(engine: FakeEngine, name: str) -> None:
    count = 0
    with llbfront.connect(engine.address) as client:
        for value in values(f"build {name}", VALUES):
            count += bool(refused_at_once(lambda value=value: client.build(**{name: value})))
    assert count
    assert not engine.at_once


@pytest.mark.parametrize("name", CONVERT)
def test_arguments_of_a_conversion(place: pathlib.Path, name: str) -> None:
    for value in values(f"convert {name}", VALUES):
        arguments = {"source": "FROM scratch\n", name: value}
        refused_at_once(lambda arguments=arguments: llbfront.convert(**arguments))


@pytest.mark.parametrize("name", ["address", "start", "environ", "report"])
def test_arguments_of_a_connection(place: pathlib.Path, name: str) -> None:
    nowhere = {"BUILDKIT_HOST": f"unix://{place}/nowhere.sock"}
    choices = tuple(value for value in VALUES if not (name == "start" and value is True))  # which starts an engine
    for value in values(f"connect {name}", choices):
        if name == "environ" and value in (None, {}):
            continue
        arguments = {"environ": nowhere, name: value}
        assert refused_at_once(lambda arguments=arguments: llbfront.connect(**arguments))


def flags() -> list[str]:
    command = Parser(prog="llbfront build", allow_abbrev=False)
    build_command.add_arguments(command)
    actions = [action for action in command._actions if action.option_strings and action.nargs != 0]
    return [action.option_strings[-1] for action in actions if action.option_strings[-1] not in NOT_VALUES]


@pytest.mark.parametrize("flag", flags())
def test_flags_of_build(place: pathlib.Path, capsys: pytest.CaptureFixture[str], flag: str) -> None:
    for value in values(f"flag {flag}", TEXTS):
        started_s = time.monotonic()
        code = main(["build", f"{flag}={value}", "."])
        assert time.monotonic() - started_s < LIMIT_S
        error = capsys.readouterr().err
        assert "Traceback" not in error
        lines = [line for line in error.splitlines() if line.startswith("llbfront: ") and "warning: " not in line]
        assert lines, (value, error)
        # 3: a good value, and no engine; 1: an output that cannot be written; 0: a question that was answered
        assert code in {2, 3, *((1,) if flag in {"--output", "--iidfile", "--metadata-file", "--cache-to"} else ())}, (value, error)
        if any(character in value.strip() for character in "\0\n\r\x1b\x7f\x9b") and flag not in FREE_TEXT:
            assert code != 3 or flag == "--addr", (value, error)


FREE_TEXT = {"--label", "--annotation", "--build-arg", "--output", "--iidfile", "--metadata-file", "--cache-to", "--cache-from", "--file",
             "--build-context", "--source-policy-file", "--secret", "--ssh", *foreign_flags.IGNORED}  # fmt: skip
CONTROL = ("a\0b", "a\nb", "a\rb", "\x1b[0m", "\x7f", "\x9b")
SINGLE_LINES = (
    "target", "platforms", "tags", "cgroup_parent", "network", "syntax", "no_cache_filter", "allow", "add_hosts", "ulimits", "resources",
)  # fmt: skip
NAMES = ("build_args", "labels", "annotations", "build_contexts")


@pytest.mark.parametrize("text", CONTROL)
@pytest.mark.parametrize("name", [*SINGLE_LINES, *NAMES])
def test_names_and_settings_hold_no_control_characters(place: pathlib.Path, name: str, text: str) -> None:
    from llbfront.client.request.settings import build_request

    value: Any = {text: "."} if name in NAMES else {"host": f"1.2.3.4{text}"} if name == "add_hosts" else text
    if name in {"ulimits", "resources"}:
        value = {f"memory{text}": "1"}
    with pytest.raises(LlbfrontError):
        build_request({"context": ".", name: value})


@pytest.mark.parametrize("name", ["build_args", "labels", "annotations"])
def test_values_may_have_lines_but_no_nul(place: pathlib.Path, name: str) -> None:
    from llbfront.client.request.settings import build_request

    assert build_request({name: {"a": "one\ntwo\tthree"}})
    with pytest.raises(LlbfrontError, match="holds a NUL character"):
        build_request({name: {"a": "one\0two"}})
