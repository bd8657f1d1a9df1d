"""Limits on the size of expanded Dockerfiles, so that a small file cannot use all memory or run for hours.

Engines and registries would reject larger graphs and configs anyway. BuildKit has no such limits.
"""

from __future__ import annotations

from llbfront.dockerfile.substitution import MAX_STEPS, too_long, too_slow
from llbfront.errors import DockerfileError

MAX_EXPANDED_CHARACTERS = 96 * 1024 * 1024
MAX_HISTORY_CHARACTERS = 128 * 1024 * 1024  # of history entries and joined paths
MAX_TRIGGERS = 1 << 14  # instructions


class Budget:
    """Count what the instructions of a Dockerfile have used so far, and raise an error beyond the limits."""

    __slots__ = ("_expanded", "_steps", "_written")

    def __init__(self) -> None:
        self._expanded = self._steps = self._written = 0

    def count_expansion(self, characters: int, steps: int = 0) -> None:
        """Add characters of expanded text and steps of pattern matching. Raises: ExpansionError."""
        self._expanded += characters
        self._steps += steps
        if self._expanded > MAX_EXPANDED_CHARACTERS:
            raise too_long(MAX_EXPANDED_CHARACTERS)
        if self._steps > MAX_STEPS:
            raise too_slow()

    def count_history(self, characters: int) -> None:
        """Add characters of a history entry or a joined path. Raises: DockerfileError."""
        self._written += characters
        if self._written > MAX_HISTORY_CHARACTERS:
            raise DockerfileError(f"paths and history take more than {MAX_HISTORY_CHARACTERS >> 20} MiB")
