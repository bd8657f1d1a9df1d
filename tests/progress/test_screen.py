import pyte
from hypothesis import given
from hypothesis import strategies as st

from llbfront.progress.screen import Screen


def test_nothing_is_written_when_nothing_changed() -> None:
    screen = Screen()
    assert screen.draw(["a", "b"], (80, 24)).count("\n") == 2
    assert screen.draw(["a", "b"], (80, 24)) == ""


def test_rows_that_stay_are_stepped_over() -> None:
    screen = Screen()
    screen.draw(["a", "b"], (80, 24))
    assert screen.draw(["a", "c", "d"], (80, 24)) == "\x1b[?25l\r\x1b[2A\nc\x1b[K\nd\x1b[K\n\x1b[J\x1b[?25h"


def test_a_terminal_that_became_narrower_has_wrapped_the_rows() -> None:
    row = "\x1b[31m" + "x" * 79 + "\x1b[0m"
    for reflows, up in ((True, 5), (False, 2)):
        screen = Screen(reflows=reflows)
        screen.draw([row, "short"], (80, 24))
        assert screen.draw(["new"], (20, 24)).startswith(f"\x1b[?25l\r\x1b[{up}A\x1b[J")


def test_what_left_the_screen_is_not_reached_for() -> None:
    screen = Screen()
    screen.draw(["x"] * 20, (80, 24))
    assert screen.draw(["y"], (80, 10)).startswith("\x1b[?25l\r\x1b[9A")


@given(st.lists(st.lists(st.sampled_from(["", "a", "bb", "x" * 19, "\x1b[31mred\x1b[0m", "世界"]), max_size=7), min_size=1))
def test_whatever_was_shown_before_the_region_shows_the_rows(pictures: list[list[str]]) -> None:
    seen = pyte.Screen(20, 10)
    stream = pyte.Stream(seen)
    stream.feed("$ build\r\n")
    screen = Screen()
    for rows in pictures:
        stream.feed(screen.draw(rows, (20, 10)).replace("\n", "\r\n"))
    plain = [row.replace("\x1b[31m", "").replace("\x1b[0m", "") for row in pictures[-1]]
    assert [row.rstrip() for row in seen.display] == ["$ build", *plain, *[""] * (9 - len(plain))]
    assert (seen.cursor.x, seen.cursor.y) == (0, 1 + len(plain))
