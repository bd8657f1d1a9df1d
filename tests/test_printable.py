"""Text that a terminal would obey, hide or reorder, and what is printed instead."""

import json
import re
import time
import timeit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llbfront.printable import visible, visible_json, visible_lines, visible_name, without_status_codes

# text, on one line, as a name, on several lines
TEXTS = [
    ("RUN make", "RUN make", "RUN make", "RUN make"),
    ("größer 世界 👩\u200d🚀", "größer 世界 👩\u200d🚀", "größer 世界 👩\u200d🚀", "größer 世界 👩\u200d🚀"),
    ("a\tb\nc", r"a\tb\nc", "a b c", "a\tb\nc"),
    ("a\r\n\f\vb", r"a\r\n\f\vb", "a b", "a\n\\f\\vb"),
    ("a\rb\r", r"a\rb\r", "a b ", r"a\rb\r"),
    ("\x1b[2J\x1b[31mred", r"\x1b[2J\x1b[31mred", r"\x1b[2J\x1b[31mred", r"\x1b[2J\x1b[31mred"),
    ("\x1b]8;;http://x\x1b\\link", r"\x1b]8;;http://x\x1b\link", r"\x1b]8;;http://x\x1b\link", r"\x1b]8;;http://x\x1b\link"),
    ("bell\a null\0 del\x7f", r"bell\a null\x00 del\x7f", r"bell\a null\x00 del\x7f", r"bell\a null\x00 del\x7f"),
    ("\x9b31m\x85", r"\x9b31m\x85", r"\x9b31m\x85", r"\x9b31m\x85"),
    ("\x1c\x1d\x1e\x1f", r"\x1c\x1d\x1e\x1f", r"\x1c\x1d\x1e\x1f", r"\x1c\x1d\x1e\x1f"),
    ("a\u2028b\u2029c", r"a\u2028b\u2029c", "a b c", r"a\u2028b\u2029c"),
    ("user\u202egnp.exe", r"user\u202egnp.exe", r"user\u202egnp.exe", r"user\u202egnp.exe"),
    ("\u2066a\u2069\u200f\u061c", r"\u2066a\u2069\u200f\u061c", r"\u2066a\u2069\u200f\u061c", r"\u2066a\u2069\u200f\u061c"),
    ("\udcff\udc1b", r"\xff\udc1b", r"\xff\udc1b", r"\xff\udc1b"),
    ("\ud800\udfff", r"\ud800\udfff", r"\ud800\udfff", r"\ud800\udfff"),
    ("\ufeffFROM", r"\ufeffFROM", r"\ufeffFROM", r"\ufeffFROM"),
]
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.mark.parametrize(("text", "line", "name", "lines"), TEXTS)
def test_what_a_terminal_would_obey_is_seen(text: str, line: str, name: str, lines: str) -> None:
    assert (visible(text), visible_name(text), visible_lines(text)) == (line, name, lines)


@given(st.text(st.characters()))
def test_no_text_gets_through(text: str) -> None:
    assert not UNSAFE.search(visible_lines(text))
    assert not UNSAFE.search(visible_name(text) + visible(text))
    assert "\n" not in visible_name(text) + visible(text)


TEXTS_OF_ANY_KIND = st.text(st.characters())


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(TEXTS_OF_ANY_KIND, lambda inner: st.lists(inner) | st.dictionaries(TEXTS_OF_ANY_KIND, inner), max_leaves=12))
def test_json_means_the_same(value: object) -> None:
    document = visible_json(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(document) == value
    assert not UNSAFE.search(document)


@pytest.mark.parametrize("function", [visible, visible_name, visible_lines, visible_json])
def test_long_texts_take_time_in_proportion(function: object) -> None:
    def seconds(count: int) -> float:
        return min(timeit.repeat(lambda: function("\x1b[1m \t\r\n" * count), timer=time.process_time, number=1, repeat=3))  # type: ignore[operator]

    assert seconds(40_000) < 12 * max(seconds(10_000), 0.02)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rpc error: code = Unknown desc = no such file", "no such file"),
        ("failed: rpc error: code = A desc = rpc error: code = B desc = x", "failed: x"),
        ("rpc error: code = Code(99) desc = x", "x"),
        ("rpc error: x", "rpc error: x"),
        ("no error", "no error"),
    ],
)
def test_status_codes_are_left_out(text: str, expected: str) -> None:
    assert without_status_codes(text) == expected
