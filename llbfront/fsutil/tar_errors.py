"""Read tars that others wrote: one error for all that `tarfile` raises on a damaged one.

`tarfile` passes on the errors of decompressors, and errors from converting damaged headers.
"""

from __future__ import annotations

import contextlib
import lzma
import tarfile
import zlib
from collections.abc import Iterator

from llbfront.files.paths import reason

_DAMAGED = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError, ValueError, OverflowError, TypeError)


class DamagedTar(Exception):
    """A file is not a tar or is damaged. The message gives the reason on one line."""


@contextlib.contextmanager
def damaged_is_one_error() -> Iterator[None]:
    """Raise DamagedTar for what `tarfile` raises in the block."""
    try:
        yield
    except _DAMAGED as error:
        raise DamagedTar(_reason(error)) from None


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return reason(error)
    text = str(error).partition("\n")[0]
    if isinstance(error, tarfile.ReadError) and text.startswith(("file could not be opened", "truncated header", "empty file")):
        return "it is not a tar"
    return text if isinstance(error, (tarfile.TarError, EOFError)) and text else "it is damaged"
