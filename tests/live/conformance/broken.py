"""Contexts that are broken archives, for the web server and for standard input.

BROKEN maps names to bytes. The Dockerfile comes first in each archive, so that it may survive where the end is cut off.

Source: tar(5), RFC 1952.
"""

from __future__ import annotations

import bz2
import gzip
import io
import tarfile

BLOCK = 512
DOCKERFILE = b"FROM scratch\nCOPY . /got/\n"
CONTENT = bytes(range(256)) * 40
WHOLE_BLOCKS = 2 * BLOCK  # the header and the data of the Dockerfile


def archive(*files: tuple[str, bytes], **member: object) -> bytes:
    """A tar of files whose last one has other fields than it should have."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for field, value in member.items() if (name, data) == files[-1] else ():
                setattr(info, field, value)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


PLAIN = archive(("Dockerfile", DOCKERFILE), ("a.txt", CONTENT))
PACKED = gzip.compress(PLAIN, mtime=0)

BROKEN = {
    "empty": b"",
    "cut-behind.tar": PLAIN[: WHOLE_BLOCKS + BLOCK + 700],
    "cut-header.tar": PLAIN[: WHOLE_BLOCKS + 100],
    "cut-inside.tar": PLAIN[: BLOCK + 5],
    "garbage.tar": PLAIN[:WHOLE_BLOCKS] + b"\xff" * 2000,
    "trailing.tar": PLAIN + b"\xff" * 2000,
    "cut.tar.gz": PACKED[:-20],
    "cut-early.tar.gz": PACKED[:30],
    "sum.tar.gz": PACKED[:-8] + bytes(byte ^ 0xFF for byte in PACKED[-8:-4]) + PACKED[-4:],
    "damaged.tar.gz": PACKED[:20] + b"\xff" * 20 + PACKED[40:],
    "text.gz": gzip.compress(DOCKERFILE, mtime=0),
    "nothing.gz": gzip.compress(b"", mtime=0),
    "only.gz": b"\x1f\x8b\x08",
    "cut.tar.bz2": bz2.compress(PLAIN)[:-20],
    "only.bz2": b"BZh9" + b"\x00" * 40,
    "only.xz": b"\xfd7zXZ\x00" + b"\x00" * 40,
    "only.zst": b"\x28\xb5\x2f\xfd" + b"\xff" * 40,
    "zeros.tar": b"\x00" * 2 * BLOCK,
    "no-dockerfile.tar": archive(("a.txt", b"a\n")),
    "directory.tar": archive(("Dockerfile", b""), type=tarfile.DIRTYPE),
    "link.tar": archive(("Dockerfile", b""), type=tarfile.SYMTYPE, linkname="../../../etc/passwd"),
    "climbing.tar": archive(("Dockerfile", DOCKERFILE), ("../../a.txt", b"a\n")),
}
