"""Instructions are values: equal by what they say, not by where they stand."""

import attrs
import pytest

from llbfront.dockerfile.instructions import Cmd, Copy, Entrypoint
from llbfront.dockerfile.statements import Statement
from llbfront.source import LineRange


def statement(line: int) -> Statement:
    return Statement("CMD", "CMD a", (), ("a",), is_json=False, range=LineRange(line, line))


def test_equality_leaves_out_the_place() -> None:
    assert Cmd(statement(1), ("a",)) == Cmd(statement(2), ("a",))
    assert hash(Cmd(statement(1), ("a",))) == hash(Cmd(statement(2), ("a",)))
    assert Cmd(statement(1), ("a",)) != Cmd(statement(1), ("b",))
    other: object = Entrypoint(statement(1), ("a",))
    assert Cmd(statement(1), ("a",)) != other


def test_an_expanded_copy_keeps_its_type_and_place() -> None:
    copy = Copy(statement(7), ("$a",), "/b", link=True)
    expanded = attrs.evolve(copy, sources=("x",))
    assert expanded == Copy(statement(7), ("x",), "/b", link=True)
    assert expanded.range.start == 7
    assert repr(expanded).startswith("Copy(sources=('x',), destination='/b',")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        copy.link = False  # type: ignore[misc]
