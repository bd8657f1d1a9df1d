"""Read files from results, with a limit on their size: the Dockerfile, ignore files and archives.

Source: frontend/dockerui/readfile.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.errors import ContextError, LlbfrontError, RpcError
from llbfront.rpc.codes import Code

if TYPE_CHECKING:
    from llbfront.frontend.bridge import Reference

LIMIT = 16 << 20


class TooLarge(ContextError):
    """A file is too large to be sent by an engine."""


class MissingFile(LlbfrontError):
    """A file does not exist.

    Attributes:
        path: the path of the file.
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"open {path}: no such file or directory")
        self.path = path


def read_file(ref: Reference, path: str) -> bytes:
    """Read a file. Raises: TooLarge, or what the bridge raises for a file that is missing."""
    check_size(ref.size_of(path) or 0, path)
    try:
        data = ref.read_file(path, limit=LIMIT + 1)
    except RpcError as error:
        if error.code == Code.RESOURCE_EXHAUSTED:  # more than a message holds
            check_size(LIMIT + 1, path)
        raise
    check_size(len(data), path)
    return data


def check_size(size_bytes: int, path: str) -> None:
    """Refuse a file above the size limit. Raises: TooLarge."""
    if size_bytes > LIMIT:
        raise TooLarge(f"{path} exceeds maximum allowed size of {LIMIT} bytes")
