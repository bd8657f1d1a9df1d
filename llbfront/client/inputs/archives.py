"""Archives that are sent as the build context.

The frontend detects an archive by its first two blocks. A tar whose first member only describes the next one, as in those that Python writes
(PAX) or with a long name (GNU), is not detected that way. Such a tar is sent as gzip, without compression.

Source: build/opt.go (isArchive) of docker/buildx; frontend/dockerui/context.go of moby/buildkit.
"""

from __future__ import annotations

import zlib

from llbfront.files.reading import Replay
from llbfront.fsutil.archive import HEAD_BYTES, sniff

_BLOCK_BYTES = 512
_GZIP = 31  # the window size that makes zlib write a gzip header


def archive_stream(stream: Replay) -> Replay | GzipStream | None:
    """Return an archive in a form that every frontend detects, or None if the stream does not begin with an archive."""
    head = stream.look(HEAD_BYTES)
    if sniff(head) is not None:
        return stream
    return GzipStream(stream) if _is_tar(head) else None


def _is_tar(head: bytes) -> bool:
    """Return whether bytes begin with the header of any member of a tar."""
    if len(head) < _BLOCK_BYTES:
        return False
    import tarfile

    try:
        tarfile.TarInfo.frombuf(head[:_BLOCK_BYTES], "utf-8", "surrogateescape")
    except tarfile.TarError:
        return False
    return True


class GzipStream:
    """A stream as gzip, without compression. The same content gives the same bytes."""

    def __init__(self, stream: Replay) -> None:
        self._stream = stream
        self._packer = zlib.compressobj(0, wbits=_GZIP)
        self._has_ended = False

    def read(self, size_bytes: int, /) -> bytes:
        """Return some bytes, about `size_bytes`; nothing at the end."""
        packed = b""
        while not packed and not self._has_ended:
            data = self._stream.read1(size_bytes)
            self._has_ended = not data
            packed = self._packer.compress(data) if data else self._packer.flush()
        return packed

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()
