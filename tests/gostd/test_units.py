"""Amounts of memory as docker/go-units parses them."""

import pytest

from llbfront.gostd.units import ram_in_bytes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1024", 1024),
        ("64m", 64 << 20),
        ("64M", 64 << 20),
        ("1.5g", 3 << 29),
        ("1 GiB", 1 << 30),
        ("10b", 10),
        ("2kb", 2048),
        ("1_0k", 10240),
        ("0x1p4", 16),
        ("8388608t", -(1 << 63)),
        ("inf m", -(1 << 63)),
        ("-1", None),
        ("1  m", None),
        ("m", None),
        ("1x", None),
        ("1e999", None),
        ("nan", None),
        ("", None),
    ],
)
def test_ram_in_bytes(text: str, expected: int | None) -> None:
    assert ram_in_bytes(text) == expected
