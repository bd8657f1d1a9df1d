import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront.progress.logs import MAX_LINE_BYTES, LineCutter, clean, without_color


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"plain", "plain"),
        ("größer 世界".encode(), "größer 世界"),
        (b"windows\r", "windows"),
        (b"a\tb", "a\tb"),
        (b"\x1b[32mok\x1b[0m done", "\x1b[32mok\x1b[0m done"),
        (b"\x1b[1;31mopen", "\x1b[1;31mopen\x1b[0m"),
        (b"\x1b[2K\x1b[1Aup\x1b[?25l", "up"),
        (b"\x1b]0;title\x07text", "text"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1b(Bcharset\x07bell\x00", "charsetbell"),
        ("\x9b31mC1".encode(), "31mC1"),
        (b"bad \xff byte", "bad \ufffd byte"),
        (b"cut \x1b[3", "cut "),
        (b"alone \x1b", "alone "),
        (b"\x1bPdevice\x1b\\control \x1b_string\x1b\\end", "control end"),
        ("admin\u202e\u2066gnp.exe".encode(), "admingnp.exe"),
        ("one\u2028two\x85three".encode(), "onetwothree"),
        ("👩\u200d🚀 \u00ad".encode(), "👩\u200d🚀 \u00ad"),
    ],
)
def test_a_line_keeps_its_text_and_colours_and_loses_all_else_that_controls_a_terminal(line: bytes, shown: str) -> None:
    assert clean(line) == shown


def test_without_color_leaves_the_text() -> None:
    assert without_color("\x1b[32mok\x1b[0m done") == "ok done"


RETURNS = [
    (b"error: disk is bad\rdone\n", ["error: disk is bad", "done"], ["done"]),
    (b"10%\r20%\r100%\n", ["10%", "20%", "100%"], ["100%"]),
    (b"\r10%\r20%\n", ["10%", "20%"], ["20%"]),
    (b"10%\r\r\r20%\r\n", ["10%", "20%"], ["20%"]),
    (b"windows\r\nends\r\n", ["windows", "ends"], ["windows", "ends"]),
    (b"a\n\nb\n", ["a", "", "b"], ["a", "", "b"]),
    (b"a\r\n\r\nb\r\n", ["a", "", "b"], ["a", "", "b"]),
    (b"\r\r\n", [""], [""]),
    (b"\x1b[31mred\rplain\n", ["\x1b[31mred\x1b[0m", "plain"], ["plain"]),
    ("größer\r世界\n".encode(), ["größer", "世界"], ["世界"]),
]


@pytest.mark.parametrize(("written", "kept", "replaced"), RETURNS)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_text_before_a_carriage_return_is_kept_unless_it_may_be_replaced(
    written: bytes, kept: list[str], replaced: list[str], size: int
) -> None:
    for overwrites, expected in ((False, kept), (True, replaced)):
        cutter = LineCutter(1, overwrites=overwrites)
        lines = [line for at in range(0, len(written), size) for line in cutter.feed(written[at : at + size], at)]
        assert [line.text for line in lines] == expected
        assert cutter.peek() is None


def test_lines_may_be_cut_anywhere_even_inside_a_character() -> None:
    whole = "first\nzweite ünïcode\n".encode()
    for cut in range(len(whole) + 1):
        cutter = LineCutter(1)
        lines = cutter.feed(whole[:cut], 10) + cutter.feed(whole[cut:], 20)
        assert [line.text for line in lines] == ["first", "zweite ünïcode"]
        assert cutter.peek() is None


def test_a_line_bears_the_time_of_its_first_byte() -> None:
    cutter = LineCutter(2)
    assert cutter.feed(b"a", 1) == []
    (line,) = cutter.feed(b"b\n", 5)
    assert (line.text, line.time_ns, line.stream) == ("ab", 1, 2)
    (line,) = cutter.feed(b"c\n", 7)
    assert line.time_ns == 7


def test_an_unfinished_line_can_be_seen_and_ended() -> None:
    cutter = LineCutter(1)
    cutter.feed(b"Continue? ", 1)
    seen = cutter.peek()
    assert seen is not None
    assert seen.text == "Continue? "
    assert [line.text for line in cutter.flush()] == ["Continue? "]
    assert cutter.flush() == []
    assert [line.text for line in cutter.feed(b"yes\n", 2)] == ["yes"]


def test_hours_of_carriage_returns_take_no_room() -> None:
    cutter = LineCutter(1, overwrites=True)
    for number in range(10_000):
        cutter.feed(b"\r%d percent" % number, number)
    seen = cutter.peek()
    assert seen is not None
    assert seen.text == "9999 percent"
    assert len(cutter._rest) < 100


def test_a_step_that_ends_a_shown_line_begins_no_empty_one() -> None:
    cutter = LineCutter(1)
    cutter.feed(b"Continue? ", 1)
    cutter.flush()
    assert [line.text for line in cutter.feed(b"\n\nyes\n", 2)] == ["", "yes"]


def test_a_line_without_end_is_cut() -> None:
    cutter = LineCutter(1)
    (line,) = cutter.feed(b"x" * (MAX_LINE_BYTES + 1), 1)
    assert len(line.text) == MAX_LINE_BYTES + 1


@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\x1b[31m", "ü".encode(), b"\xff", b"\t"])), st.booleans(), st.data())
def test_how_a_log_was_cut_on_its_way_does_not_matter(pieces: list[bytes], overwrites: bool, data: st.DataObject) -> None:
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)))))
    whole_cutter, many = LineCutter(1, overwrites=overwrites), LineCutter(1, overwrites=overwrites)
    expected = whole_cutter.feed(whole, 0)
    lines = [line for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True) for line in many.feed(whole[start:end], 0)]
    assert lines == expected
    assert many.peek() == whole_cutter.peek()
    assert all(
        text.replace("\x1b[31m", "").replace("\x1b[0m", "").replace("\t", "").isprintable() for line in lines if (text := line.text)
    )
