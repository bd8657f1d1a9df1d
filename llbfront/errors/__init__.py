"""Everything that llbfront raises, in one tree.

    LlbfrontError                      message, span | None, hint | None
      DockerfileError
        DockerfileSyntaxError          the text is not a Dockerfile
        UnknownInstruction             a first word that is not an instruction
        FlagError                      a --flag of an instruction, or a value of it
        ExpansionError                 a ${...} that cannot be expanded
        StageError                     a stage that is unknown, cyclic, or has a bad name
          UnknownTarget                the target is not a stage of the Dockerfile
      GraphError                       a graph that cannot be built
        MountError                     a mount that is invalid, or has no output
        UnsupportedCapability          the engine lacks what the graph needs
        GraphFileError                 a saved graph or record that cannot be read
      InvalidValue (also ValueError)   a string of a wrong form
        InvalidReference  InvalidDigest  InvalidPlatform
        InvalidJson                    a document that is not JSON of the expected shape
      OptionError                      a frontend or command option
        ArgumentError (also TypeError) an argument of the library
      BakeError                        a bake file, compose file or pipeline that cannot be read or evaluated
        HclError                       at a place in an HCL file
      RuleError                        a custom rule of the build checks that cannot be loaded, or failed
      ContextError                     a build context that cannot be read
      ExportError                      an output that cannot be written
      ProtocolError                    the peer broke a protocol
      TransportError                   the connection
        AddressError                   an address that names no endpoint
        ConnectError                   no endpoint answered
        RpcError                       a call failed with a gRPC status
        EngineUsageError               an Engine used from inside its own build, or after a fork
          EngineClosed                 an Engine that was closed
      HttpError                        a request to a registry or a token server failed
      FrontendError                    a custom frontend is invalid, or failed
        FrontendLoadError              its file cannot be imported
      EngineError                      the private engine cannot be installed or started
      SolveError                       the build failed on the engine
        ExecFailed                     a step exited with a code
        TargetsFailed                  some of several builds
      Cancelled                        the build was cancelled

`str(error)` is one line: `Dockerfile:7: unknown instruction: RNU (did you mean RUN?)`.

Source: solver/errdefs and util/grpcerrors of BuildKit for what an engine reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llbfront.errors.llbfront_error import LlbfrontError
from llbfront.printable import visible, visible_lines

if TYPE_CHECKING:
    from llbfront.source import Span

__all__ = [
    "AddressError", "ArgumentError", "BakeError", "Cancelled", "ConnectError", "ContextError", "DockerfileError", "DockerfileSyntaxError",
    "EngineClosed", "EngineError", "EngineUsageError", "ExecFailed", "ExpansionError", "ExportError", "FlagError",
    "FrontendError", "FrontendLoadError", "GraphError", "GraphFileError", "HclError", "HttpError", "InvalidDigest", "InvalidJson", "InvalidPlatform", "InvalidReference",
    "InvalidValue", "LlbfrontError", "MountError", "OptionError", "ProtocolError", "RpcError", "RuleError", "SolveError",
    "StageError", "TargetsFailed", "TransportError", "UnknownInstruction", "UnknownTarget", "UnsupportedCapability",
]  # fmt: skip


class DockerfileError(LlbfrontError):
    """A Dockerfile that cannot be built from."""


class DockerfileSyntaxError(DockerfileError):
    """The text is not a Dockerfile."""


class UnknownInstruction(DockerfileError):
    """The first word of a line is not an instruction."""


class FlagError(DockerfileError):
    """A flag of an instruction is unknown, repeated, or has a bad value."""


class ExpansionError(DockerfileError):
    """A word cannot be expanded.

    Attributes:
        unmatched: names without a value that were met before.
    """

    def __init__(self, message: str, *, unmatched: Iterable[str] = (), span: Span | None = None, hint: str | None = None) -> None:
        super().__init__(message, span=span, hint=hint)
        self.unmatched = frozenset(unmatched)


class StageError(DockerfileError):
    """A stage is unknown, depends on itself, or has a bad name."""


class UnknownTarget(StageError):
    """The target of a build is not a stage of the Dockerfile."""


class GraphError(LlbfrontError):
    """A graph cannot be built or read."""


class MountError(GraphError):
    """A mount cannot be made, or has no output."""


class UnsupportedCapability(GraphError):
    """The engine lacks a capability that the graph needs."""


class GraphFileError(GraphError):
    """The file of a graph or of a recorded build cannot be read."""


class InvalidValue(LlbfrontError, ValueError):
    """A string does not have the form that it should have."""


class InvalidReference(InvalidValue):
    """A string is not the name of an image."""


class InvalidDigest(InvalidValue):
    """A string is not a digest."""


class InvalidPlatform(InvalidValue):
    """A string is not a platform."""


class InvalidJson(InvalidValue):
    """A document is not JSON, or does not have the expected shape. The message quotes no value."""


class OptionError(LlbfrontError):
    """An option of the frontend or the command line has a bad value."""


class ArgumentError(OptionError, TypeError):
    """An argument of the library has the wrong type or form."""


class BakeError(LlbfrontError):
    """A bake file, compose file or pipeline cannot be read or evaluated."""


class HclError(BakeError):
    """A file of HCL is wrong at a place."""


class RuleError(LlbfrontError):
    """A rule of the user cannot be loaded, or failed."""


class ContextError(LlbfrontError):
    """A build context cannot be read."""


class ExportError(LlbfrontError):
    """An output cannot be written. No partial file is left."""


class ProtocolError(LlbfrontError):
    """The engine broke a protocol."""


class TransportError(LlbfrontError):
    """The connection to an engine failed."""


class AddressError(TransportError):
    """An address is invalid.

    Attributes:
        reason: what is wrong, without the address.
    """

    def __init__(self, message: str, *, reason: str | None = None, span: Span | None = None, hint: str | None = None) -> None:
        super().__init__(message, span=span, hint=hint)
        self.reason = message if reason is None else reason


class ConnectError(TransportError):
    """No engine answered.

    Attributes:
        tried: pairs of an engine and the reason why it cannot be used, in the order in which they were tried.

    Example:
        >>> import llbfront
        >>> try:
        ...     llbfront.connect("unix:///nowhere.sock")
        ... except llbfront.errors.ConnectError as error:
        ...     print(error.tried[0])
        ('address unix:///nowhere.sock', 'no such socket')
    """

    def __init__(
        self, message: str, *, tried: Sequence[tuple[str, str]] = (), span: Span | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, span=span, hint=hint)
        self.tried = tuple(tried)

    def explanation(self) -> list[str]:
        """Return what was tried, and why each failed, unless the message says it."""
        is_said = len(self.tried) == 1 and self.tried[0][1] in self.message
        tried = [] if is_said else [f"  {visible(endpoint)}: {visible(reason)}" for endpoint, reason in self.tried]
        return [*tried, *super().explanation()]


class RpcError(TransportError):
    """A call ended with a gRPC status other than OK.

    Attributes:
        code: the gRPC code.
        details: pairs of a type URL and the bytes of a value.
    """

    def __init__(self, message: str, *, code: int, details: Sequence[tuple[str, bytes]] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.details = tuple(details)


class EngineUsageError(TransportError):
    """An Engine is used from inside one of its builds, or in a process that did not open it."""


class EngineClosed(EngineUsageError):
    """An Engine was closed before or during a call."""


class HttpError(LlbfrontError):
    """A request to a registry or a token server failed.

    Attributes:
        reason: what is wrong, without the server.
        server: scheme, host and port of the server; empty if the request was not sent.
        is_temporary: whether another attempt may succeed.
    """

    def __init__(self, reason: str, *, server: str = "", is_temporary: bool = False, hint: str | None = None) -> None:
        super().__init__(f"{server}: {reason}" if server else reason, hint=hint)
        self.reason, self.server, self.is_temporary = reason, server, is_temporary


class EngineError(LlbfrontError):
    """The private engine cannot be installed, started or stopped."""


class FrontendError(LlbfrontError):
    """A frontend of the user is invalid or failed; the span is a place in it."""


class FrontendLoadError(FrontendError):
    """The Python file of a frontend cannot be imported."""


class SolveError(LlbfrontError):
    """The engine could not build.

    Attributes:
        vertex: the digest of the failed step.
        spans: the places of its instruction.
        log_tail: the end of its log, a string for each line.
    """

    def __init__(
        self,
        message: str,
        *,
        vertex: str | None = None,
        spans: Sequence[Span] = (),
        log_tail: Sequence[str] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(message, span=spans[0] if spans else None, hint=hint)
        self.vertex = vertex
        self.spans = spans
        self.log_tail = tuple(log_tail)

    def explanation(self) -> list[str]:
        """Return the end of the step's log and the lines of its instruction."""
        log = ["", *(f"  {visible_lines(line)}" for line in self.log_tail), ""] if self.log_tail else []
        return [*log, *super().explanation()]


class ExecFailed(SolveError):
    """A command of a step failed.

    Attributes:
        exit_code: its exit code.
        command: its words.
        vertex: the digest of the step.
        log_tail: the end of its log, a string for each line.
    """

    def __init__(
        self,
        message: str,
        *,
        exit_code: int,
        command: Sequence[str] = (),
        vertex: str | None = None,
        spans: Sequence[Span] = (),
        log_tail: Sequence[str] = (),
    ) -> None:
        super().__init__(message, vertex=vertex, spans=spans, log_tail=log_tail)
        self.exit_code = exit_code
        self.command = tuple(command)


class TargetsFailed(SolveError):
    """Some of the builds that ran together have failed, and the others were not cancelled.

    Attributes:
        failures: the errors by the names of targets.
        results: the results of the others.
    """

    def __init__(self, failures: Mapping[str, LlbfrontError], results: Mapping[str, Any]) -> None:
        names = sorted(failures)
        super().__init__(f"{len(names)} of {len(names) + len(results)} targets failed: {', '.join(names)}")
        self.failures, self.results = dict(failures), dict(results)


class Cancelled(LlbfrontError):
    """The program cancelled the build. A signal raises KeyboardInterrupt instead."""


def __dir__() -> list[str]:
    return sorted(__all__)
