"""Keyword arguments of docker-py and python-on-whales are refused with the name that llbfront uses."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import llbfront
from llbfront.client.request.foreign_arguments import HINTS
from llbfront.errors import ArgumentError

BUILD: Callable[..., Any] = llbfront.Engine.build
CASES = [
    ("path", "use context"),
    ("context_path", "use context"),
    ("tag", 'use tags="NAME" or a list'),
    ("buildargs", "use build_args"),
    ("fileobj", "use file for a Dockerfile, context for a tar"),
    ("nocache", "use no_cache"),
    ("rm", "it has no effect with BuildKit; leave it out"),
    ("forcerm", "it has no effect with BuildKit; leave it out"),
    ("dockerfile", "use file"),
    ("extra_hosts", "use add_hosts"),
    ("shmsize", "use shm_size"),
    ("platform", 'use platforms="linux/amd64" or a list'),
    ("stream_logs", "use on_event to receive progress and logs"),
    ("targets", "did you mean target?"),
    ("nonsense", "see help(llbfront.Engine.build)"),
]


@pytest.mark.parametrize(("name", "hint"), CASES)
def test_build(name: str, hint: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        BUILD(None, **{name: "x"})
    assert str(raised.value) == f"build has no argument {name} ({hint})"
    assert isinstance(raised.value, TypeError)


@pytest.mark.parametrize("name", HINTS)
def test_hints_name_arguments_that_exist(name: str) -> None:
    parameters = inspect.signature(llbfront.Engine.build).parameters
    assert name not in parameters
    named = HINTS[name].removeprefix("use ").split("=")[0].split(" ")[0]
    assert not HINTS[name].startswith("use ") or named in parameters or "." in named


def test_convert() -> None:
    convert: Callable[..., Any] = llbfront.convert
    for name, hint in (("buildargs", "use build_args"), ("platforms", "did you mean platform?"), ("targt", "did you mean target?")):
        with pytest.raises(ArgumentError, match=f"convert has no argument {name}") as raised:
            convert("FROM scratch\n", **{name: "x"})
        assert raised.value.hint == hint
