"""Contexts in memory: send bytes, or a binary file of the caller, as a stream."""

from __future__ import annotations

import io
from typing import BinaryIO

from llbfront.errors import ArgumentError, ContextError


class UnclosedFile:
    """A binary file of the caller, or bytes, as a stream whose end does not close the file."""

    def __init__(self, source: bytes | BinaryIO) -> None:
        self._source = io.BytesIO(source) if isinstance(source, bytes) else source

    def read(self, size_bytes: int, /) -> bytes:
        """Return up to `size_bytes`, nothing at the end. Raises: ArgumentError for a file in text mode, ContextError."""
        try:
            data = self._source.read(size_bytes)
        except (OSError, ValueError) as error:  # it is closed, or not open for reading
            raise ContextError(f"cannot read the build context from a file: {error}") from None
        if not isinstance(data, bytes):
            raise ArgumentError("the file with the build context does not give bytes", hint="open it in binary mode")
        return data

    def close(self) -> None:
        """Leave the file open: it is the caller's."""
