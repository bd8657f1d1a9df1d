"""Steps of a pipeline that are not built."""

from __future__ import annotations

import attrs


@attrs.frozen
class StepNotRun:
    """A step of a pipeline that is not built, and why."""

    name: str
    reason: str
