"""Convert the gRPC error of a solve: what failed, where that is in the Dockerfile, and the end of its log.

Source: solver/errdefs and util/grpcerrors of BuildKit.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import attrs

from llbfront.client.solve_errors.engine_messages import FailedVertex, has_control, reword
from llbfront.errors import DockerfileError, ExecFailed, SolveError
from llbfront.foreign_json import JsonObject, parse_object
from llbfront.source import LineRange, Source, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llbfront.client.solve_errors.solved_graphs import Reader, SolvedGraphs
    from llbfront.errors import LlbfrontError, RpcError
    from llbfront.llb.definition import Definition
    from llbfront.progress.trace import Step, Trace

ValueT = TypeVar("ValueT")

DETAILS = "github.com/moby/buildkit/"
LOG_TAIL_LINES = 20
EXIT_CODE = "exit code: "
LOCAL = "local://"


def failure(error: RpcError, trace: Trace, graphs: Sequence[Definition] = ()) -> LlbfrontError:
    """Turn the error of a solve into ours.

    Places are those that the engine reports, inner first; else the lines of the vertex that failed, or of an instruction that reads it.
    Details that are unknown or damaged are passed over. Where there are none, as from docker engines before 23, the vertex that failed is
    known from the trace.

    Args:
        error: what the engine answered.
        trace: what is known of the build.
        graphs: what was solved; nothing for a build by another frontend.
    """
    from llbfront.client.solve_errors.solved_graphs import (
        SolvedGraphs,  # loads the graph classes, which most builds do not need here
    )

    details = Details.of(error)
    step = trace.by_digest.get(details.vertex) if details.vertex else next(iter(trace.failed), None)
    solved = SolvedGraphs(graphs)
    known = details if error.details or step is None else _from_trace(error.message, step)
    digest = solved.find(known.vertex, step.name if step else "")
    spans = known.spans or solved.spans(digest)[:1] or ((error.span,) if error.span else ())
    log_tail = step.log_tail(LOG_TAIL_LINES) if step else ()
    if known.exit_code:
        command = _command(solved, digest)
        name = (step.name if step else "") or " ".join(command) or "the frontend"
        return ExecFailed(
            f"{name}: exit code {known.exit_code}",
            exit_code=known.exit_code,
            command=command,
            vertex=known.vertex,
            spans=spans,
            log_tail=log_tail,
        )
    vertex = FailedVertex(solved, digest, solved.op(digest), () if spans else tuple(solved.readers(digest)))
    message, hint = reword(error.message, vertex)
    return SolveError(message, vertex=known.vertex, spans=spans or _place(vertex, error.message), log_tail=log_tail, hint=hint)


@attrs.frozen
class Details:
    """The typed details of an error."""

    vertex: str | None = None
    spans: tuple[Span, ...] = ()
    exit_code: int | None = None

    @classmethod
    def of(cls, error: RpcError) -> Details:
        """Read details; those that are unknown or damaged are passed over."""
        details = [(url.removeprefix(DETAILS).removesuffix("+json"), value) for url, value in error.details]
        return cls(
            next((digest for kind, value in details if kind == "errdefs.Vertex" and (digest := _read(value, _digest, ""))), None),
            tuple(span for kind, value in details if kind == "errdefs.Source" and (span := _read(value, _span, None))),
            next((_read(value, _exit_code, 0) for kind, value in details if kind == "gatewayapi.ExitMessage"), None),
        )


def _from_trace(message: str, step: Step) -> Details:
    """Read the details of an error from the trace, for engines that send none."""
    _, marker, code = message.rpartition(EXIT_CODE)
    vertex = next((digest for digest, member in step.members.items() if member.error), step.digest)
    return Details(vertex, exit_code=int(code) if marker and code.isascii() and code.isdigit() and len(code) < 10 else None)


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
    return Span(source, ranges) if ranges and source.filename else None


def _place(vertex: FailedVertex, message: str) -> tuple[Span, ...]:
    """Return the lines of the instruction because of which a source failed.

    A build context is read by many instructions. The one is meant whose path the message names, or has the control character that the
    message is about; else the only one.
    """
    readers = vertex.readers
    if vertex.op is not None and vertex.op.source.identifier.startswith(LOCAL):
        readers = _named(readers, message)
    return tuple(map(_lines, readers[:1]))


def _lines(reader: Reader) -> Span:
    """Return the lines of a reader, or of the FROM above it if the reader builds on its input, since the FROM names the input."""
    if not reader.builds_on_it or reader.span.line is None:
        return reader.span
    from llbfront.dockerfile.parser import parse  # a build that succeeds does not need the parser here
    from llbfront.dockerfile.stages import parse_stages

    try:
        bases = [stage.base.range for stage in parse_stages(parse(reader.span.source))[1]]
    except DockerfileError:
        return reader.span
    above = [base for base in bases if base.start <= reader.span.line]
    return reader.span.source.at(above[-1]) if above else reader.span


def _named(readers: tuple[Reader, ...], message: str) -> tuple[Reader, ...]:
    if "exclude-patterns" in message:
        return ()
    lengths = [max((_named_length(path, message) for path in reader.paths), default=0) for reader in readers]
    longest = max(lengths, default=0)
    if not longest:
        return readers if len(readers) == 1 else ()
    return tuple(reader for reader, length in zip(readers, lengths, strict=True) if length == longest)


def _named_length(path: str, message: str) -> int:
    """Return how many characters of a message are a path, 0 if it is not named."""
    if "non-printable ASCII characters" in message:
        return int(has_control(path))
    name = path.strip("/")
    return len(name) if name and re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", message) else 0


def _command(graphs: SolvedGraphs, digest: str | None) -> tuple[str, ...]:
    """Return the arguments of the step that failed, from the graph that it stands in."""
    op = graphs.op(digest)
    return tuple(op.exec.meta.args) if op is not None else ()
