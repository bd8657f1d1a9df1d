"""Header compression against the `hpack` library, which the reference peer uses."""

import contextlib

import hpack as reference
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront.http2 import hpack
from llbfront.http2.errors import Http2Error

names = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz-:"), min_size=1, max_size=20)
values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=200)
fields = st.lists(st.tuples(st.one_of(names, st.sampled_from([":path", "content-type", "user-agent"])), values), max_size=30)


def decoder(**limits: int) -> hpack.Decoder:
    return hpack.Decoder(**{"limit_bytes": 4096, "fields_limit_bytes": 1 << 20, **limits})


@given(fields)
def test_the_peer_decodes_our_headers(sent: list[tuple[str, str]]) -> None:
    received = reference.Decoder(max_header_list_size=1 << 20).decode(hpack.encode(sent), raw=True)
    assert [(name.decode("latin-1"), value.decode("latin-1")) for name, value in received] == sent


@given(st.lists(fields, max_size=6), st.booleans(), st.sampled_from([0, 40, 100, 4096]))
def test_we_decode_the_headers_of_the_peer(blocks: list[list[tuple[str, str]]], huffman: bool, size: int) -> None:
    encoder = reference.Encoder()
    encoder.header_table_size = size
    ours = decoder()
    for block in blocks:
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in block]
        assert ours.decode(encoder.encode(raw, huffman=huffman)) == block


@given(st.binary(max_size=300))
def test_garbage_is_refused_or_read_but_never_fatal(block: bytes) -> None:
    with contextlib.suppress(Http2Error):
        decoder().decode(block)


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(b"\x80", id="index 0"),
        pytest.param(b"\xff\x00", id="index beyond the tables"),
        pytest.param(b"\x3f\xe2\x1f", id="table larger than allowed"),
        pytest.param(b"\x82\x20", id="size update after a field"),
        pytest.param(b"\x00\x05ab", id="string cut short"),
        pytest.param(b"\x00", id="no name"),
        pytest.param(b"\xff\xff\xff\xff\xff\xff\xff\x01", id="number without end"),
        pytest.param(b"\x00\x84\xff\xff\xff\xff\x01a", id="EOS in a Huffman string"),
        pytest.param(b"\x00\x81\x00\x01a", id="padding of zeros"),
        pytest.param(b"\x00\x82\x1f\xff\x01a", id="padding longer than 7 bits"),
    ],
)
def test_broken_blocks_are_refused(block: bytes) -> None:
    with pytest.raises(Http2Error):
        decoder().decode(block)


def test_a_header_list_has_a_limit() -> None:
    with pytest.raises(Http2Error, match="too large"):
        decoder(fields_limit_bytes=1000).decode(b"\x82" * 40)


def test_entries_leave_the_dynamic_table_when_it_is_full() -> None:
    ours = decoder(limit_bytes=80)
    ours._size_bytes = 80
    ours.decode(b"\x40\x01a\x01b" + b"\x40\x01c\x01d")
    assert ours.decode(b"\xbe\xbf") == [("c", "d"), ("a", "b")]
    ours.decode(b"\x40\x01e\x01f")
    with pytest.raises(Http2Error):
        ours.decode(b"\xc0")
