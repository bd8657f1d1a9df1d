"""Errors about one path or one pattern of a directory, which a caller may map to the line that asked for it."""

from __future__ import annotations

from llbfront.errors import ContextError, InvalidValue


class UnreadablePath(ContextError):
    """Something in a directory cannot be read; `path` is relative to the directory, empty for the directory itself."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(f"cannot read {path or '.'}: {(error.strerror or str(error)).lower()}")
        self.path = path


class ChangedPath(ContextError):
    """A file of a directory changed while the directory was sent; `path` is relative to the directory."""

    def __init__(self, path: str, change: str) -> None:
        super().__init__(f"{path} {change} while it was sent", hint="build again, or leave it out in the ignore file")
        self.path = path


class MalformedPattern(InvalidValue):
    """A pattern is malformed; `pattern` is its text, `number` its place among the patterns, counted from 0."""

    def __init__(self, pattern: str, message: str, *, number: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint or f"the pattern is {pattern}", spans=())
        self.pattern = pattern
        self.number = number

    @property
    def text(self) -> str:
        """The message alone. Parity: engines get neither the pattern nor its line."""
        return self.message


class LongLine(InvalidValue):
    """A line of an ignore file is too long; `number` counts lines from 1."""

    def __init__(self, number: int, limit_bytes: int) -> None:
        super().__init__(f"line {number} of the ignore file is longer than {limit_bytes} bytes")
        self.number = number
