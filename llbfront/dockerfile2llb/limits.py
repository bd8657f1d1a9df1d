"""Limits on the size of expanded Dockerfiles, so that a small file cannot use all memory or run for hours.

Engines and registries would reject larger graphs and configs anyway.

BuildKit has no such limits.
"""

from __future__ import annotations

from llbfront.dockerfile.substitution import MOST_STEPS, too_long, too_slow
from llbfront.errors import DockerfileError

MOST_EXPANDED, MOST_WRITTEN = 3 << 25, 1 << 27  # letters
MOST_TRIGGERS = 1 << 14  # instructions


class Budget:
    """What the instructions of a file have taken so far."""

    __slots__ = ("_expanded", "_steps", "_written")

    def __init__(self) -> None:
        self._expanded = self._steps = self._written = 0

    def expand(self, letters: int, steps: int = 0) -> None:
        """Count what variables have become or were looked through for, and the steps that patterns took. Raises ExpansionError."""
        self._expanded += letters
        self._steps += steps
        if self._expanded > MOST_EXPANDED:
            raise too_long(MOST_EXPANDED)
        if self._steps > MOST_STEPS:
            raise too_slow()

    def write(self, letters: int) -> None:
        """Count a line of history, or a path that was joined with the working directory. Raises DockerfileError."""
        self._written += letters
        if self._written > MOST_WRITTEN:
            raise DockerfileError(f"paths and history take more than {MOST_WRITTEN >> 20} MiB")
