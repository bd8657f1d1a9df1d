"""The kinds of causes for which a step runs. docs/inspection.md describes each."""

from __future__ import annotations

import enum


class CauseKind(enum.StrEnum):
    """The kind of a cause, as `llbfront why --json` prints it."""

    INSTRUCTION = "instruction"
    BUILD_ARGUMENT = "build-argument"
    ENVIRONMENT = "environment"
    OPTION = "option"
    PLATFORM = "platform"
    IGNORE_RULE = "ignore-rule"
    FILE_RENAMED = "file-renamed"
    FILE_CONTENT = "file-content"
    FILE_MODE = "file-mode"
    LINK_TARGET = "link-target"
    FILE_APPEARED = "file-appeared"
    FILE_VANISHED = "file-vanished"
    BASE_IMAGE = "base-image"
    EARLIER_STEP = "earlier-step"
    REMOTE_SOURCE = "remote-source"
    FIRST_BUILD = "first-build"
    CACHE_LOST = "cache-lost"
    NO_CACHE = "no-cache"

    def __repr__(self) -> str:
        """Show the text, as that of other members of a cause."""
        return repr(self.value)
