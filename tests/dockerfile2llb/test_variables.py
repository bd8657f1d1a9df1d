"""The order and form of variables in history lines and image configs."""

import pytest

from llbfront.dockerfile2llb.variables import HistoryArguments, ImageEnv

MANY = 300  # more than a block holds


def arguments(*pairs: tuple[str, str]) -> HistoryArguments:
    declared = HistoryArguments()
    for name, value in pairs:
        declared.set(name, value)
    return declared


def text(declared: HistoryArguments) -> str:
    return "".join(declared.texts())


def test_history_counts_arguments_and_lists_them_in_the_order_of_their_first_assignment() -> None:
    declared = arguments(("B", "2"), ("A", "1"))
    assert text(declared) == "|2 B=2 A=1 "
    declared.set("B", "3")
    assert text(declared) == "|2 B=3 A=1 "
    assert len(declared) == 2


def test_history_without_arguments_has_no_prefix() -> None:
    assert HistoryArguments().texts() == ()


def test_many_arguments_keep_their_order() -> None:
    declared = arguments(*((f"A{number}", str(number)) for number in range(MANY)))
    declared.set("A0", "x")
    assert text(declared) == f"|{MANY} A0=x " + "".join(f"A{number}={number} " for number in range(1, MANY))


def test_a_copy_continues_on_its_own() -> None:
    declared = arguments(("A", "1"))
    assert text(declared) == "|1 A=1 "
    copied = declared.copy()
    copied.set("A", "2")
    copied.set("B", "3")
    assert (text(declared), text(copied)) == ("|1 A=1 ", "|2 A=2 B=3 ")
    assert "B" not in declared
    assert copied.among({"A": "", "C": ""}) == {"A"}


@pytest.mark.parametrize(
    ("entries", "values"),
    [
        (["A=1", "B=2"], {"A": "1", "B": "2"}),
        (["A=1", "A=2"], {"A": "2"}),
        (["A=1", "B=2", "A=3"], {"B": "2", "A": "3"}),
        (["A"], {"A": ""}),
        (["A=", "B=x=y"], {"A": "", "B": "x=y"}),
        ([f"A{number}={number}" for number in range(MANY)], {f"A{number}": str(number) for number in range(MANY)}),
    ],
)
def test_entries_of_an_image_config_come_back(entries: list[str], values: dict[str, str]) -> None:
    env = ImageEnv.of(entries)
    assert env.entries() == tuple(entries)
    assert list(env.as_dict().items()) == list(values.items())


def test_of_several_entries_of_one_name_the_first_is_assigned_to() -> None:
    env = ImageEnv.of(["A=1", "B", "A=2"])
    env.set("A", "3")
    env.set("B", "4")
    env.set("C", "5")
    assert env.entries() == ("A=3", "B=4", "A=2", "C=5")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"A": "1", "B": "2"}, True),
        ({"X": "0", "A": "1", "B": "2"}, True),
        ({"A": "1", "B": "3"}, False),
        ({"B": "2", "A": "1"}, False),
        ({"A": "1", "B": "2", "X": "0"}, False),
        ({}, False),
    ],
)
def test_variables_are_the_last_of_others(values: dict[str, str], expected: bool) -> None:
    assert ImageEnv.of(["A=1", "B=2"]).is_suffix_of(values) is expected
    assert ImageEnv.of([]).is_suffix_of(values)


def test_a_variable_without_a_value_is_compared_as_an_empty_one() -> None:
    assert ImageEnv.of(["A"]).is_suffix_of({"A": ""})
