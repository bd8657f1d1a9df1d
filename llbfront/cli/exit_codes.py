"""The exit codes of the command: which error ends it with which code. docs/exit-codes.md explains them."""

from __future__ import annotations

from llbfront.errors import (
    AddressError,
    BakeError,
    Cancelled,
    ConnectError,
    ContextError,
    EngineError,
    FrontendLoadError,
    GraphFileError,
    InvalidValue,
    LlbfrontError,
    OptionError,
    RuleError,
    UnknownTarget,
)

DONE, FAILED, USAGE, NO_ENGINE, FINDINGS, INTERRUPTED = 0, 1, 2, 3, 4, 130
# Files that a user names in addition to the Dockerfile: a mistake in them is bad input, even if its line is known.
_INPUT_FILES = (BakeError, FrontendLoadError, GraphFileError, RuleError)
_CODES: tuple[tuple[type[LlbfrontError] | tuple[type[LlbfrontError], ...], int], ...] = (
    (Cancelled, INTERRUPTED),
    ((AddressError, ConnectError, EngineError), NO_ENGINE),
    ((OptionError, ContextError, InvalidValue, UnknownTarget), USAGE),
)


def exit_code(error: LlbfrontError) -> int:
    """Return the exit code for an error.

    A mistake in a Dockerfile is a failed build, whatever its kind. The same mistake in an argument is one of usage.
    """
    if isinstance(error, _INPUT_FILES):
        return USAGE
    if error.span:
        return FAILED
    return next((code for kinds, code in _CODES if isinstance(error, kinds)), FAILED)
