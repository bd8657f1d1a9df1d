"""Excerpts: the lines that BuildKit counts, safe to show."""

import pytest

from llbfront.source import LineRange, Source, Span, excerpt, marked_lines, split_lines

# What Python calls a line break and BuildKit does not.
BREAKS = ["\f", "\v", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\u2028", "\u2029", "\r"]


def marked(data: bytes, *lines: int) -> list[str]:
    shown = excerpt(Source("Dockerfile", data).at(*lines))
    return [row.partition(">>> ")[2] for row in shown.splitlines() if ">>>" in row]


@pytest.mark.parametrize("character", BREAKS, ids=ascii)
def test_only_line_feeds_are_counted(character: str) -> None:
    data = f"# page{character}one\nFROM scratch\nRUN false\n".encode()
    assert marked(data, 3) == ["RUN false"]
    assert marked(data, 2) == ["FROM scratch"]
    assert len(split_lines(Source("Dockerfile", data))) == 3


@pytest.mark.parametrize(
    ("data", "line", "shown"),
    [
        (b"FROM a\r\nRUN x\r\n", 2, ["RUN x"]),
        (b"FROM a\rRUN x\r", 1, [r"FROM a\rRUN x"]),
        (b"FROM a\rRUN x\r", 2, []),
        (b"\xef\xbb\xbfFROM a\n", 1, ["FROM a"]),
        (b"FROM a\n\xff\xfe\n", 2, [r"\xff\xfe"]),
        (b"FROM a\n\tRUN\tx\n", 2, ["\tRUN\tx"]),
        (b"FROM a\nRUN \x1b[31m\x07\n", 2, [r"RUN \x1b[31m\a"]),
        ("FROM a\nRUN 世界\u202e\n".encode(), 2, [r"RUN 世界\u202e"]),
        (b"FROM a", 1, ["FROM a"]),
        (b"FROM a\n\n", 2, [""]),
        (b"", 1, []),
        (b"FROM a\n", 0, []),
        (b"FROM a\n", 7, []),
    ],
)
def test_the_marked_line_is_shown_safely(data: bytes, line: int, shown: list[str]) -> None:
    assert marked(data, line) == shown


@pytest.mark.parametrize(
    ("name", "shown"), [("my\x1bfile", r"my\x1bfile:1"), ("a b", "a b:1"), ("\udcff", r"\xff:1"), ("a\nb", r"a\nb:1")]
)
def test_the_name_of_the_file_is_shown_safely(name: str, shown: str) -> None:
    assert excerpt(Source(name, b"FROM a\n").at(1)).partition("\n")[0] == shown


def test_a_very_long_line_is_shown_without_its_middle() -> None:
    (row,) = marked(b"FROM a\nRUN " + b"x" * 60_000 + b" end\n", 2)
    assert row.startswith("RUN xxx")
    assert row.endswith("xxx end")
    assert len(row) == 1003


def test_ranges_are_limited_to_the_file() -> None:
    endless = (LineRange(-5, 2), LineRange(3, 2_000_000_000), LineRange(9, 1))
    assert marked_lines(endless, 4) == [1, 2, 3, 4]
    assert excerpt(Span(Source("Dockerfile", b"a\nb\n"), (LineRange(2, 2_000_000_000),))).count(">>>") == 1
