"""Packets of the file transfer."""

import stat as posix

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront.errors import ProtocolError
from llbfront.fsutil import stat as wire
from llbfront.pb import fsutil_pb2 as fsutil

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=200).map(str.encode)
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
UINT32 = st.integers(0, (1 << 32) - 1)
STATS = st.builds(
    wire.Stat,
    path=NAMES,
    mode=UINT32,
    uid=UINT32,
    gid=UINT32,
    size_bytes=INT64,
    mtime_ns=INT64,
    linkname=NAMES,
    devmajor=INT64,
    devminor=INT64,
    xattrs=st.none() | st.dictionaries(NAMES, st.binary(max_size=300), min_size=1),
)


@given(STATS)
def test_a_stat_is_what_the_generated_message_reads(stat: wire.Stat) -> None:
    packet = fsutil.Packet.FromString(wire.encode_stat(stat))
    read = packet.stat
    assert packet.type == fsutil.Packet.PACKET_STAT
    assert (read.path, read.mode, read.uid, read.gid) == (stat.path, stat.mode, stat.uid, stat.gid)
    assert (read.size, read.modTime, read.linkname) == (stat.size_bytes, stat.mtime_ns, stat.linkname)
    assert (read.devmajor, read.devminor) == (stat.devmajor, stat.devminor)
    assert {pair.key: pair.value for pair in read.xattrs} == (stat.xattrs or {})


@given(STATS)
def test_a_generated_stat_is_read(stat: wire.Stat) -> None:
    packet = fsutil.Packet.FromString(wire.encode_stat(stat))
    assert wire.decode(packet.SerializeToString()) == wire.Packet(wire.STAT, stat=stat)


@given(UINT32, st.binary(min_size=1, max_size=1000))
def test_requests_and_data(number: int, data: bytes) -> None:
    request = fsutil.Packet(type=fsutil.Packet.PACKET_REQ, ID=number)
    content = fsutil.Packet(type=fsutil.Packet.PACKET_DATA, ID=number, data=data)
    end = fsutil.Packet(type=fsutil.Packet.PACKET_DATA, ID=number)
    assert wire.encode_request(number) == request.SerializeToString()
    assert wire.data_head(number, len(data)) + data == content.SerializeToString()
    assert wire.data_head(number, 0) == end.SerializeToString()
    assert wire.decode(content.SerializeToString()) == wire.Packet(wire.DATA, id=number, data=data)


def test_end_of_transfer_and_errors() -> None:
    assert fsutil.Packet(type=fsutil.Packet.PACKET_FIN).SerializeToString() == wire.FIN_PACKET
    assert wire.encode_error("näh") == fsutil.Packet(type=fsutil.Packet.PACKET_ERR, data="näh".encode()).SerializeToString()
    assert wire.decode(wire.END_OF_STATS) == wire.Packet(wire.STAT)


@given(st.binary(max_size=60))
def test_garbage_is_a_packet_or_an_error(data: bytes) -> None:
    try:
        wire.decode(data)
    except ProtocolError:
        return


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (posix.S_IFREG | 0o4755, 0o755 | 1 << 23),
        (posix.S_IFREG | 0o2644, 0o644 | 1 << 22),
        (posix.S_IFDIR | 0o1777, 0o777 | 1 << 31 | 1 << 20),
        (posix.S_IFLNK | 0o777, 0o777 | 1 << 27),
        (posix.S_IFCHR | 0o600, 0o600 | 1 << 26 | 1 << 21),
        (posix.S_IFBLK | 0o600, 0o600 | 1 << 26),
        (posix.S_IFIFO | 0o600, 0o600 | 1 << 25),
        (posix.S_IFSOCK | 0o700, 0o700),
    ],
)
def test_modes(mode: int, expected: int) -> None:
    assert wire.go_mode(mode) == expected
    assert wire.permissions(expected) == posix.S_IMODE(mode)
