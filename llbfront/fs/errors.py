"""Errors about one path or one pattern of a directory, which a caller may map to the line that asked for it."""

from __future__ import annotations

from llbfront.errors import ContextError, InvalidValue


class UnreadablePath(ContextError):
    """Something in a directory cannot be read; `path` is relative to the directory, empty for the directory itself."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(f"cannot read {path or '.'}: {(error.strerror or str(error)).lower()}")
        self.path = path


class MalformedPattern(InvalidValue):
    """A pattern is malformed; `pattern` is its text."""

    def __init__(self, pattern: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint or f"the pattern is {pattern}")
        self.pattern = pattern
