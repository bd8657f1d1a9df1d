"""Values behave as those of attrs: construction, comparison, copies, texts, and refusal of what does not fit."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from llbfront.value import FrozenError, Shown, Value, evolve, field


class Point(Value):
    kind: ClassVar[str] = "a point"
    x: int
    y: int = 0
    notes: list[str] = field(factory=list, eq=False)
    secret: str = field(default="", repr=False, kw_only=True)


class Deep(Point, kw_only=True):
    z: int
    name: str = field(default="", kw_only=False)


class Node(Shown, frozen=False):
    text: str


class Empty(Value):
    pass


def test_fields_are_given_by_position_or_name() -> None:
    assert (Point(1).y, Point(1, 2).y, Point(y=2, x=1)) == (0, 2, Point(1, 2))
    deep = Deep(1, 2, [], "n", z=3, secret="s")
    assert (deep.x, deep.name, deep.z, deep.secret) == (1, "n", 3, "s")


def test_each_instance_has_its_own_list() -> None:
    first, second = Point(1), Point(1)
    first.notes.append("here")
    assert second.notes == []


@pytest.mark.parametrize(
    ("args", "kwargs", "complaint"),
    [
        ((), {}, "Point needs x"),
        ((1, 2, [], "s"), {}, "Point takes 3 arguments by position, not 4"),
        ((1,), {"x": 2}, "Point got a field twice: x"),
        ((1,), {"z": 2}, "Point has no field z"),
        ((), {"z": 2}, "Point has no field z"),
    ],
)
def test_wrong_arguments_are_refused(args: tuple[Any, ...], kwargs: dict[str, Any], complaint: str) -> None:
    with pytest.raises(TypeError, match=f"^{complaint}$"):
        Point(*args, **kwargs)


def test_values_compare_by_type_and_fields() -> None:
    assert Point(1) == Point(1)
    assert Point(1) != Point(2)
    assert Point(1, notes=["a"]) == Point(1, notes=["b"])
    assert Point(1) != Deep(1, z=0)
    assert len({Point(1), Point(1), Point(2)}) == 2
    assert Empty() == Empty()
    assert hash(Empty()) == hash(Empty())


def test_shown_compare_by_identity() -> None:
    assert Node("a") != Node("a")


def test_defaults_and_secrets_are_not_shown() -> None:
    assert repr(Point(1, secret="hidden")) == "Point(x=1)"
    assert repr(Point(1, 2, ["a"])) == "Point(x=1, y=2, notes=['a'])"


def test_frozen_unless_they_say_otherwise() -> None:
    point, node = Point(1), Node("a")
    with pytest.raises(FrozenError, match=r"Point\.x cannot be assigned to"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenError, match=r"Point\.x cannot be deleted"):
        del point.x
    node.text = "b"
    assert node.text == "b"


def test_copies_change_what_is_named() -> None:
    assert evolve(Point(1, 2), x=5) == Point(5, 2)
    with pytest.raises(TypeError, match="Point has no field z"):
        evolve(Point(1), z=1)


def test_patterns_match_by_position() -> None:
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)


def test_a_property_of_a_base_cannot_hide_a_field() -> None:
    class Base(Value):
        @property
        def size(self) -> int:
            return 0

    with pytest.raises(TypeError, match="the field size of Wrong is a property"):

        class Wrong(Base):
            size: int


def test_checks_of_a_class_run_on_copies_too() -> None:
    class Positive(Value):
        number: int

        def __post_init__(self) -> None:
            if self.number < 1:
                raise ValueError

    with pytest.raises(ValueError):
        evolve(Positive(1), number=0)


def test_later_instances_are_made_as_the_first_one() -> None:
    class Many(Point):
        size: int = 0

        def __post_init__(self) -> None:
            if self.size < 0:
                raise ValueError

    class Below(Many):
        depth: int = 1

    few = [repr(Many(1, 2, ["a"], secret="s")), repr(Many(y=2, x=1, size=4)), repr(Below(1, depth=2))]
    assert [repr(Many(1, 2, ["a"], secret="s")), repr(Many(y=2, x=1, size=4)), repr(Below(1, depth=2))] == few
    assert Many(1).notes is not Many(1).notes
    wrong: list[tuple[tuple[Any, ...], dict[str, Any]]] = [((), {}), ((1, 2, [], 3, "s"), {}), ((1,), {"x": 2}), ((1,), {"z": 2})]
    for args, kwargs in wrong:
        with pytest.raises(TypeError):
            Many(*args, **kwargs)
    with pytest.raises(ValueError):
        Many(1, size=-1)
