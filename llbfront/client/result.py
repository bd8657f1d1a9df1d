"""BuildResult: digests, the exporter response, the graph, and the timing of each step.

Source: util/desc and commands/build.go of docker/buildx for the metadata file.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.client.exports.exporter_response import CONFIG_DIGEST, DIGEST, decode_value

if TYPE_CHECKING:
    from llbfront.inspection.formats import Graph
    from llbfront.llb.definition import Definition
    from llbfront.progress.events import VertexWarning
    from llbfront.progress.timings import Overlap, StageTiming, Timing
    from llbfront.progress.trace import Trace


@attrs.frozen(repr=False)
class BuildResult:
    """The outcome of a build.

    Attributes:
        ref: the id of the build on the engine.
        response: what the engine answered, strings by key.
        trace: the steps of the build with their logs.
        sockets: entries of the context that are sockets; they arrived as empty files.
        skipped_caches: why caches were not read or written.
        definitions: the graphs that were solved.
        config: the image config, if it was made here.
    """

    ref: str
    response: Mapping[str, str] = attrs.field(repr=False)
    trace: Trace = attrs.field(repr=False)
    sockets: tuple[str, ...] = ()
    skipped_caches: tuple[str, ...] = ()
    definitions: tuple[Definition, ...] = attrs.field(default=(), repr=False, eq=False)
    config: bytes | None = attrs.field(default=None, repr=False, eq=False)

    def __repr__(self) -> str:
        image = f"digest={self.digest!r}" if self.digest else "no image exported"
        return f"<BuildResult {self.ref}, {image}, {len(self.trace.by_digest)} steps, {self.cached_steps} cached>"

    @property
    def graph(self) -> Graph | None:
        """The graph that was solved; None if a frontend on the engine made it.

        Timings have the digests of its nodes, except for work outside the graph, such as exporting. For a build of several platforms
        it has the nodes of all platforms, and the result of the last one. Its `runs` describe the run of each node in this build.
        """
        from llbfront.client.node_runs import node_runs
        from llbfront.inspection.formats import Graph
        from llbfront.llb.definition import joined

        definition = joined(self.definitions)
        return None if definition is None else Graph.of(definition, config=self.config).with_runs(node_runs(self.trace))

    @property
    def timings(self) -> tuple[Timing, ...]:
        """The time that each step took, in the order in which they started."""
        from llbfront.progress.timings import step_timings

        return step_timings(self.trace)

    @property
    def stages(self) -> tuple[StageTiming, ...]:
        """When the steps of each stage ran."""
        from llbfront.progress.timings import stage_timings

        return stage_timings(self.trace)

    @property
    def overlaps(self) -> tuple[Overlap, ...]:
        """Which stages ran at the same time, and for how long."""
        from llbfront.progress.timings import overlaps

        return overlaps(self.trace)

    @property
    def warnings(self) -> tuple[VertexWarning, ...]:
        """Warnings of the frontend and of the engine."""
        return tuple(self.trace.warnings)

    @property
    def digest(self) -> str | None:
        """Digest of the image's manifest or index; None when no image was exported."""
        return self.response.get(DIGEST)

    @property
    def config_digest(self) -> str | None:
        """Digest of the image config; None when no image was exported, or several were."""
        return self.response.get(CONFIG_DIGEST)

    @property
    def image_id(self) -> str | None:
        """The id that docker shows: digest of the config, or of the manifest when there are several."""
        return self.config_digest or self.digest

    @property
    def metadata(self) -> dict[str, Any]:
        """The response with its embedded JSON documents opened, as `--metadata-file` holds it."""
        return {"llbfront.build.ref": self.ref, **{name: decode_value(value) for name, value in self.response.items()}}

    @property
    def cached_steps(self) -> int:
        """How many steps came from the cache."""
        return self.trace.cached


def warning_metadata(warning: VertexWarning) -> dict[str, Any]:
    """Return a warning as docker buildx writes it into a metadata file: strings in base64, members without a value left out."""

    def encode(data: bytes) -> str:
        return b64encode(data).decode()

    source = warning.source
    info = {"filename": source.filename, "data": encode(source.data), "language": source.language} if source else {}
    members = {
        "vertex": warning.vertex,
        "level": warning.level,
        "short": encode(warning.short.encode()),
        "detail": [encode(line.encode()) for line in warning.detail],
        "url": warning.url,
        "sourceInfo": {key: value for key, value in info.items() if value},
        "range": [{"start": {"line": part.start}, "end": {"line": part.end}} for part in warning.ranges],
    }
    return {key: value for key, value in members.items() if value}
