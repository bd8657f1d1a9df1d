"""The engine's messages as our values: status events, and failures with their sources.

Enters: protobuf messages of the Control service, gRPC errors with typed details. Leaves: StatusEvent values, SolveError values.

Source: client/graph.go, solver/errdefs and util/grpcerrors of BuildKit.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from llbfront.errors import ExecFailed, SolveError, TransportError
from llbfront.foreign_json import JsonObject, parse_object
from llbfront.pb import control, ops
from llbfront.progress.events import ProgressGroup, StatusEvent, Vertex, VertexLog, VertexStatus, VertexWarning
from llbfront.text import LineRange, Source, Span

if TYPE_CHECKING:
    from llbfront.client.exporters import Export
    from llbfront.errors import LlbfrontError, RpcError
    from llbfront.llb.definition import Definition
    from llbfront.progress.trace import Trace

ValueT = TypeVar("ValueT")

DETAILS = "github.com/moby/buildkit/"
LOG_TAIL_LINES = 20
UNAVAILABLE = 14
EXIT_CODE = r"exit code: (\d{1,10})$"
# What engines say of common mistakes, what we say instead (\1 is what they name), and what may help.
REWORDED: tuple[tuple[str, str, str], ...] = (
    (
        r"failed to (?:calculate checksum of ref .*?|compute cache key): (\".*?\")(?: not found)?: not found$",
        r"\1 does not exist",
        "if it is in the build context, look into .dockerignore",
    ),
    (r"secret (\S+): not found$", r"secret \1 was not offered", "offer it with --secret id=NAME,src=FILE"),
    (
        r"(\S+: .*(?:401 Unauthorized|403 Forbidden|no basic auth credentials).*)$",
        r"\1",
        "log in with docker login, or check its config",
    ),
)


def exporters(exports: Sequence[Export]) -> dict[str, Any]:
    """The fields of a solve that say what is exported."""
    fields: dict[str, Any] = {"Exporters": [control.Exporter(Type=export.type, Attrs=export.attrs) for export in exports]}
    if exports:  # engines before v0.13 read only these two
        fields |= {"ExporterDeprecated": exports[0].type, "ExporterAttrsDeprecated": exports[0].attrs}
    return fields


def status_event(response: control.StatusResponse) -> StatusEvent:
    """Decode one message of the status stream."""
    return StatusEvent(
        tuple(map(_vertex, response.vertexes)),
        tuple(map(_status, response.statuses)),
        tuple([VertexLog(log.vertex, log.msg, log.timestamp or 0, log.stream) for log in response.logs]),
        tuple(map(_warning, response.warnings)),
    )


def _vertex(vertex: control.Vertex) -> Vertex:
    group = vertex.progressGroup if vertex.HasField("progressGroup") else None
    return Vertex(
        vertex.digest,
        vertex.name,
        tuple(vertex.inputs),
        vertex.started,
        vertex.completed,
        vertex.cached,
        vertex.error,
        None if group is None else ProgressGroup(group.id, group.name, group.weak),
    )


def _status(status: control.VertexStatus) -> VertexStatus:
    return VertexStatus(
        status.ID,
        status.vertex,
        status.name,
        status.current,
        status.total,
        status.timestamp or 0,
        status.started,
        status.completed,
    )


def _warning(warning: control.VertexWarning) -> VertexWarning:
    return VertexWarning(
        vertex=warning.vertex,
        short=warning.short.decode(errors="replace"),
        level=warning.level,
        detail=tuple(line.decode(errors="replace") for line in warning.detail),
        url=warning.url,
        source=_source(warning.info) if warning.HasField("info") else None,
        ranges=tuple(LineRange(part.start.line, part.end.line) for part in warning.ranges),
    )


def _source(info: ops.SourceInfo) -> Source:
    return Source(info.filename, info.data, info.language)


def failure(error: RpcError, trace: Trace, graphs: Sequence[Definition] = ()) -> LlbfrontError:
    """Turn the error of a solve into ours: what failed, where it stands in the Dockerfile, and the end of its log.

    `graphs` is what was solved. Sources are inner first. Details that are unknown or damaged are passed over; where there are none, as
    from docker engines before 23, the step that failed is known from the trace and its place from the graph.
    """
    if error.code == UNAVAILABLE and not error.details:
        return TransportError(f"the engine went away in mid-build: {error.message}", hint="see its log; llbfront engine logs")
    details = [(url.removeprefix(DETAILS).removesuffix("+json"), value) for url, value in error.details]
    spans = [span for kind, value in details if kind == "errdefs.Source" and (span := _read(value, _span, None))]
    vertex = next((digest for kind, value in details if kind == "errdefs.Vertex" and (digest := _read(value, _digest, ""))), None)
    exit_code = next((_read(value, _exit_code, 0) for kind, value in details if kind == "gatewayapi.ExitMessage"), None)
    step = trace.by_digest.get(vertex) if vertex else next(iter(trace.failed), None)
    log_tail = step.log_tail(LOG_TAIL_LINES) if step else ()
    if not error.details and step:
        vertex = next((digest for digest, member in step.members.items() if member.error), step.digest)
        spans = [span for graph in graphs for span in graph.locations.get(vertex, ())][:1]
        told = re.search(EXIT_CODE, error.message)
        exit_code = int(told[1]) if told else None
    if exit_code:
        command = _command(vertex, graphs)
        name = (step.name if step else "") or " ".join(command) or "the frontend"
        return ExecFailed(
            f"{name}: exit code {exit_code}",
            exit_code=exit_code,
            command=command,
            vertex=vertex,
            spans=spans,
            log_tail=log_tail,
        )
    message, hint = reworded(error.message)
    return SolveError(message, vertex=vertex, spans=spans, log_tail=log_tail, hint=hint)


def reworded(message: str) -> tuple[str, str | None]:
    """What an engine said, in better words where we have them, and a hint."""
    for pattern, better, hint in REWORDED:
        if found := re.search(pattern, message):
            return found.expand(better), hint
    return message, None


def _read(value: bytes, reader: Callable[[JsonObject], ValueT], default: ValueT) -> ValueT:
    """Read the JSON of a detail; `default` if it is damaged."""
    try:
        return reader(parse_object(value))
    except ValueError:
        return default


def _digest(document: JsonObject) -> str:
    return document.text("digest")


def _exit_code(document: JsonObject) -> int:
    return document.integer("Code")


def _span(document: JsonObject) -> Span | None:
    info = document.object("info")
    source = Source(info.text("filename"), binascii.a2b_base64(info.text("data")), info.text("language"))
    ranges = tuple(
        LineRange(part.object("start").integer("line"), part.object("end").integer("line")) for part in document.objects("ranges")
    )
    return Span(source, ranges) if ranges else None


def _command(vertex: str | None, graphs: Sequence[Definition]) -> tuple[str, ...]:
    """The arguments of the step `vertex`, from the graph that it stands in."""
    encoded = next((op for graph in graphs for op, digest in zip(graph.ops, graph.digests, strict=True) if digest == vertex), b"")
    return tuple(ops.Op.FromString(encoded).exec.meta.args)
