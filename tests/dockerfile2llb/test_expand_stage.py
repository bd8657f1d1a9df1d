"""What expanding instructions makes of their texts."""

import pytest

from llbfront.dockerfile2llb.expansion_state import summarize_heredoc


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("echo a\n", "echo a"),
        ("\n\techo a\necho b\n", "echo a..."),
        ("echo a\r\necho b\r\n", "echo a..."),
        ("\x1cecho a\x1f\n", "\x1cecho a\x1f"),  # Python strips these, Go does not
        ("\x85\u2028echo a\u3000\n", "echo a"),
        ("echo a\fb\x0b\n", "echo a\fb"),
        ("", ""),
    ],
)
def test_a_heredoc_is_named_by_its_first_line_as_go_finds_it(document: str, expected: str) -> None:
    assert summarize_heredoc(document) == expected
