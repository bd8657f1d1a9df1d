"""What a build left behind: digests, the engine's answer, and what each step cost.

Enters: the exporter response of a solve and the trace of its progress. Leaves: a BuildResult.

Source: util/desc and commands/build.go of docker/buildx for the metadata file.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.progress.trace import StepState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llbfront.progress.events import VertexWarning
    from llbfront.progress.trace import Trace

DIGEST = "containerimage.digest"
CONFIG_DIGEST = "containerimage.config.digest"


@attrs.frozen
class Timing:
    """One step: when it ran (nanoseconds of the engine's clock; both None when it never ran) and whether the cache had it."""

    digest: str
    name: str
    started_ns: int | None
    completed_ns: int | None
    cached: bool

    @property
    def seconds(self) -> float:
        return (self.completed_ns - self.started_ns) / 1e9 if self.started_ns and self.completed_ns else 0.0


@attrs.frozen
class BuildResult:
    """The outcome of a build.

    `response` is what the engine answered, text to text; `timings` are in the order in which steps started.
    """

    ref: str
    response: Mapping[str, str]
    timings: tuple[Timing, ...] = attrs.field(repr=False)
    warnings: tuple[VertexWarning, ...] = ()

    @property
    def digest(self) -> str | None:
        """Digest of the image's manifest or index; None when no image was exported."""
        return self.response.get(DIGEST)

    @property
    def config_digest(self) -> str | None:
        return self.response.get(CONFIG_DIGEST)

    @property
    def image_id(self) -> str | None:
        """The id that docker shows: digest of the config, or of the manifest when there are several."""
        return self.config_digest or self.digest

    @property
    def metadata(self) -> dict[str, Any]:
        """The response with its embedded JSON documents opened, as `--metadata-file` holds it."""
        return {"llbfront.build.ref": self.ref, **{name: _opened(value) for name, value in self.response.items()}}

    @property
    def cached_steps(self) -> int:
        return sum(timing.cached for timing in self.timings)


def timings_of(trace: Trace) -> tuple[Timing, ...]:
    """What each step cost, in the order of starting."""
    return tuple(
        Timing(step.digest, step.name, step.started_ns, step.completed_ns, step.state is StepState.CACHED) for step in trace.steps
    )


def _opened(value: str) -> object:
    """Decode a value that is base64 of a JSON object or list; any other is text."""
    import json

    try:
        document = json.loads(base64.b64decode(value, validate=True))
    except ValueError:
        return value
    return document if isinstance(document, (dict, list)) else value
