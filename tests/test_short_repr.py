"""Reprs that fit on one line."""

from __future__ import annotations

import typing

import attrs
import pytest

from llbfront import llb
from llbfront.client.buildflags.secrets import SecretSource
from llbfront.short_repr import ShortRepr

LONG = "x" * 200


@attrs.frozen(repr=False)
class Pair(ShortRepr):
    """Two fields, one of which may be left out or shown differently."""

    name: str
    value: object = attrs.field(default=None, repr=lambda _: "***")
    hidden: str = attrs.field(default="", repr=False)


@attrs.frozen(repr=False)
class Triple(Pair):
    """A field more."""

    count: int = 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Pair("a"), "Pair(name='a', value=***)"),
        (Pair("a", "secret", "hidden"), "Pair(name='a', value=***)"),
        (Pair(LONG), f"Pair(name='{'x' * 40}'… (200), value=***)"),
        (Triple("a", count=2), "Triple(name='a', value=***, count=2)"),
        (llb.Ulimit("nofile", 1, 2), "Ulimit(name='nofile', soft=1, hard=2)"),
        (llb.Scratch("/out"), "Scratch(target='/out')"),
        (llb.State(), "State(output=None, settings=Settings("),
        (llb.scratch().file(llb.Mkdir("/a")), "State(output=Output(FileOp, 0), settings=Settings("),
        (llb.HostIP(LONG, "10.0.0.1"), f"HostIP(host='{'x' * 40}'… (200), ip='10.0.0.1')"),
        (llb.ProgressGroup(id="a", name="b"), "ProgressGroup(id='a', name='b', weak=False)"),
        (llb.local("context").output.op, "SourceOp(identifier='local://context', attrs={"),  # type: ignore[union-attr]
    ],
)
def test_reprs_show_the_fields_on_one_line(value: object, expected: str) -> None:
    assert repr(value).startswith(expected)
    assert "\n" not in repr(value)


def test_the_annotations_of_values_can_be_read() -> None:
    assert {name: hint for name, hint in typing.get_type_hints(llb.HostIP).items() if name in {"host", "ip"}} == {
        "host": str,
        "ip": str,
    }


def test_the_repr_of_a_local_class_has_its_short_name() -> None:
    @attrs.frozen(repr=False)
    class Inner(ShortRepr):
        size: int

    assert repr(Inner(3)) == "Inner(size=3)"


def test_a_secret_in_memory_is_not_shown() -> None:
    assert repr(SecretSource("token", value=b"hunter2")) == "SecretSource(id='token', path=None, env=None)"
