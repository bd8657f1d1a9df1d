"""Image configs that frontends return, in every form that cannot be misunderstood."""

from __future__ import annotations

from typing import Any

import pytest

from llbfront import llb
from llbfront.errors import ArgumentError
from llbfront.kit import Image, ImageConfig

BASE = llb.scratch()


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("cmd", "httpd -f", ("/bin/sh", "-c", "httpd -f")),
        ("cmd", ["httpd", "-f"], ("httpd", "-f")),
        ("cmd", ("sleep", 5), ("sleep", "5")),
        ("cmd", None, None),
        ("entrypoint", "run", ("/bin/sh", "-c", "run")),
        ("env", {"A": 1}, ("A=1",)),
        ("env", "A=1", ("A=1",)),
        ("env", ["A=1", "B=2"], ("A=1", "B=2")),
        ("exposed_ports", 80, {"80"}),
        ("exposed_ports", ["80/tcp", 53], {"80/tcp", "53"}),
        ("volumes", "/data", {"/data"}),
        ("labels", {"build": 7}, {"build": "7"}),
        ("user", 1000, "1000"),
        ("on_build", "RUN true", ("RUN true",)),
        ("shell", ["/bin/bash", "-c"], ("/bin/bash", "-c")),
    ],
)
def test_unambiguous_forms_are_accepted(field: str, value: Any, expected: object) -> None:
    assert getattr(Image(BASE, ImageConfig(**{field: value})).config, field) == expected


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("cmd", 5, "cmd takes a string or a list of words, not a value of the type int"),
        ("cmd", {"a": "b"}, "cmd takes a string or a list of words, not a value of the type dict"),
        ("env", {"A": 1.5}, "env['A'] takes a string or an int"),
        ("env", b"A=1", "env takes a string or a list of strings, not a value of the type bytes"),
        ("exposed_ports", 1.5, "exposed_ports takes strings or ints"),
        ("labels", ["a=b"], "labels takes a mapping"),
        ("working_dir", 5, "working_dir takes a path"),
    ],
)
def test_what_can_be_misunderstood_is_refused(field: str, value: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Image(BASE, ImageConfig(**{field: value}))
    assert str(caught.value).startswith(message)


def test_an_image_is_made_of_a_state_and_a_config() -> None:
    wrong: Any = llb.image("a").run("x")
    with pytest.raises(ArgumentError, match="the State after a command is its `root`"):
        Image(wrong)
    config: Any = {"cmd": "x"}
    with pytest.raises(ArgumentError, match="config takes an ImageConfig"):
        Image(BASE, config)
    unchanged = ImageConfig(cmd=("x",))
    assert Image(BASE, unchanged).config is unchanged
