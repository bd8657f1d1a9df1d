"""Which servers are reached through a proxy."""

from __future__ import annotations

import pytest

from llbfront.http.proxy import proxy_for

PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("no_proxy", "host", "port", "is_direct"),
    [
        ("", "r.example", 443, False),
        ("*", "r.example", 443, True),
        ("r.example", "r.example", 443, True),
        ("r.example", "sub.r.example", 443, True),
        ("r.example", "other.example", 443, False),
        ("r.example", "badr.example", 443, False),
        (".example", "r.example", 443, True),
        (".r.example", "r.example", 443, False),
        ("*.example", "r.example", 443, True),
        ("R.EXAMPLE", "r.example", 443, True),
        (" a.example , r.example ", "r.example", 443, True),
        ("r.example:443", "r.example", 443, True),
        ("r.example:5000", "r.example", 443, False),
        ("10.0.0.0/8", "10.1.2.3", 443, True),
        ("10.0.0.0/8", "11.1.2.3", 443, False),
        ("10.0.0.0/99", "10.1.2.3", 443, False),
        ("10.1.2.3", "10.1.2.3", 443, True),
        ("10.1.2.3:5000", "10.1.2.3", 443, False),
        ("fd00::1", "[fd00::1]", 443, True),
        ("[fd00::1]:443", "[fd00::1]", 443, True),
        ("fd00::/8", "[fd00::1]", 443, True),
        ("", "localhost", 443, True),
        ("", "127.0.0.9", 443, True),
        ("", "[::1]", 443, True),
    ],
)
def test_hosts_of_no_proxy_are_reached_directly(no_proxy: str, host: str, port: int, is_direct: bool) -> None:
    environ = {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy}
    assert proxy_for("https", host, port, environ) == (None if is_direct else PROXY)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"HTTP_PROXY": PROXY}, PROXY),
        ({"http_proxy": PROXY}, PROXY),
        ({"http_proxy": "proxy.example:3128"}, PROXY),
        ({"HTTPS_PROXY": PROXY}, None),
        ({"ALL_PROXY": PROXY}, None),
        ({"HTTP_PROXY": ""}, None),
        ({"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}, None),
        ({"HTTP_PROXY": PROXY, "no_proxy": "r.example"}, None),
    ],
)
def test_the_proxy_comes_from_the_environment(environ: dict[str, str], expected: str | None) -> None:
    assert proxy_for("http", "r.example", 80, environ) == expected
