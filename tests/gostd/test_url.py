"""URLs as net/url parses and prints them; what is malformed is refused."""

import pytest

from llbfront.errors import InvalidValue
from llbfront.gostd import url


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("https://h/a", "https://h/a"),
        ("HTTPS://H/a", "https://H/a"),
        ("https://u:p%40@h:80/a%2fb", "https://u:p%40@h:80/a%2fb"),
        ("https://h/a b", "https://h/a%20b"),
        ("https://h/%C3%A9", "https://h/%C3%A9"),
        ("https://h?x=1", "https://h?x=1"),
        ("https://h/a?", "https://h/a?"),
        ("https://h/a#b%20c", "https://h/a#b%20c"),
        ("ssh://[fe80::1%25en0]:22/x", "ssh://[fe80::1%25en0]:22/x"),
        ("a/b", "a/b"),
        ("//h/a", "//h/a"),
    ],
)
def test_print(text: str, printed: str) -> None:
    assert str(url.parse(text)) == printed


@pytest.mark.parametrize(
    "text",
    ["https://h:x/", "https://h/%zz", "https://u ser@h/", "https://h\x01/", "https://[::1/", "https://[1.2.3.4]/", ":a", "1:b"],
)
def test_malformed(text: str) -> None:
    with pytest.raises(InvalidValue):
        url.parse(text)


def test_parse_query() -> None:
    assert url.parse_query("a=1&b&a=x+y%20z&c;d&%zz=1&&e=") == {"a": ["1", "x y z"], "b": [""], "e": [""]}
