"""Messages framed together are those framed one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llbfront.rpc import framing

SIZES = st.one_of(st.integers(0, 40), st.integers(2040, 2060))
WHOLE = SIZES.map(bytes)
PARTS = st.lists(WHOLE, max_size=3)


@given(st.lists(WHOLE | PARTS))
def test_many_are_framed_as_one_by_one(messages: list[bytes | list[bytes]]) -> None:
    parts, size = framing.framed_all(messages)
    together = b"".join(parts)
    assert together == b"".join(part for message in messages for part in framing.framed(message)[0])
    assert size == len(together)
