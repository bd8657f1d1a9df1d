"""The order of equal elements is the one that Go's sort gives: tables made by that sort, and what any sort must keep."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront.gostd.sort import sort_slice

# keys, and the places they had before, as sort.Slice of Go 1.26 leaves them
ORDERS = (
    (
        "3 1 2 3 1 2 3 1 2 3 1 2 3 1 2 3 1 2 3 1 2",
        "7 1 19 16 4 13 10 5 14 20 2 11 17 8 0 15 3 12 18 6 9",
    ),
    (
        "2 1 2 1 2 2 2 2 0 1 0 2 0 0 0 1 1 0 1 2 0 2 0 0 2 0 1 1 0 1 0 0 0 2 2 1 0 0 0 0",
        "20 14 39 38 37 36 32 31 8 30 10 28 12 13 23 22 25 17 27 18 16 3 15 35 29 9 26 1 0 24 11 7 6 33 34 19 5 4 21 2",
    ),
    (
        "3 3 3 3 3 3 3 3 3 3 3 3 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0",
        "47 59 58 57 56 55 54 53 52 51 50 49 48 46 32 45 44 43 42 41 40 39 38 37 36 35 34 33 15 17 30 31 28 27 26 25 24 23 22 21 20 19 18 29 16 12 14 13 0 11 10 9 8 7 6 5 4 3 2 1",
    ),
    (
        "1 2 4 4 2 1 2 2 4 0 2 2 2 1 0 1 2 3 1 0 0 4 4 3 0 1 4 2 2 3 3 1 0 0 3 2 1 1 4 1 3 0 1 3 2 1 0 3 2 1 3 4 1 4 3 3 2 3 2 2 3 3 1 0 3 4 1 3 2 1",
        "41 32 24 63 33 20 19 14 46 9 52 31 45 13 49 15 39 37 18 42 5 36 0 62 66 25 69 35 58 1 68 27 4 59 28 56 6 7 48 16 10 12 11 44 64 61 29 47 30 17 40 50 60 67 54 55 43 57 34 23 22 53 26 3 21 65 2 51 38 8",
    ),
)


@pytest.mark.parametrize(("keys", "places"), ORDERS)
def test_equal_elements_come_as_go_leaves_them(keys: str, places: str) -> None:
    values = [int(key) for key in keys.split()]
    assert sort_slice(range(len(values)), lambda place: values[place]) == [int(place) for place in places.split()]


def test_up_to_twelve_elements_keep_their_order() -> None:
    assert sort_slice("cabcabcabcab", ord) == sorted("cabcabcabcab")
    assert sort_slice([(1, "b"), (0, "c"), (1, "a")], lambda pair: pair[0]) == [(0, "c"), (1, "b"), (1, "a")]


@given(st.lists(st.integers(0, 9), max_size=300))
def test_it_sorts(keys: list[int]) -> None:
    places = sort_slice(range(len(keys)), lambda place: keys[place])
    assert sorted(places) == list(range(len(keys)))
    assert [keys[place] for place in places] == sorted(keys)
