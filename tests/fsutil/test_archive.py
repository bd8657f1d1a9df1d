"""What the first bytes of a stream say."""

import bz2
import gzip
import io
import lzma
import tarfile

import pytest

from llbfront.fsutil.archive import sniff


def tar(name: str = "Dockerfile", *, kind: int = tarfile.GNU_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=kind) as archive:
        member = tarfile.TarInfo(name)
        member.size = 3
        archive.addfile(member, io.BytesIO(b"abc"))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (gzip.compress(b"x", mtime=0), "gzip"),
        (bz2.compress(b"x"), "bzip2"),
        (lzma.compress(b"x"), "xz"),
        (b"\x28\xb5\x2f\xfd....", "zstd"),
        (b"\x53\x2a\x4d\x18....", "zstd"),
        (b"\x53\x2a\x4d\x18", None),
        (tar(), "tar"),
        (tar(kind=tarfile.USTAR_FORMAT), "tar"),
        (tar("n" * 120), None),
        (tar()[:511], None),
        (bytes(1024), None),
        (b"", None),
        (b"FROM scratch\n" * 100, None),
    ],
)
def test_an_archive_is_known_by_its_first_bytes(head: bytes, expected: str | None) -> None:
    assert sniff(head) == expected


def test_a_damaged_checksum_is_not_an_archive() -> None:
    assert sniff(b"X" + tar()[1:]) is None


def test_a_checksum_of_signed_bytes_is_accepted() -> None:
    head = bytearray(tar("\u00e4\u007f\u0080"))
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(octet - 256 if octet > 127 else octet for octet in head[:512])
    assert sniff(bytes(head)) == "tar"
