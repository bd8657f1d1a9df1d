"""Everything that llbfront raises, in one tree.

    LlbfrontError                      message, span | None, hint | None
      DockerfileError
        DockerfileSyntaxError          the text is not a Dockerfile
        UnknownInstruction             a first word that is not an instruction
        FlagError                      a --flag of an instruction, or a value of it
        ExpansionError                 a ${...} that cannot be expanded
        StageError                     a stage that is unknown, cyclic, or has a bad name
      GraphError                       a graph that cannot be built
        MountError                     a mount that is invalid, or has no output
        UnsupportedCapability          the engine lacks what the graph needs
      InvalidValue (also ValueError)   a text of a wrong form
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
      EngineError                      the private engine cannot be installed or started
      SolveError                       the build failed on the engine
        ExecFailed                     a step exited with a code
      Cancelled                        the build was cancelled

`str(error)` is one line: `Dockerfile:7: unknown instruction: RNU (did you mean RUN?)`.

Source: solver/errdefs and util/grpcerrors of BuildKit for what an engine reports.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

from llbfront.printable import visible, visible_lines

if TYPE_CHECKING:
    from llbfront.source import Span

__all__ = [
    "AddressError", "ArgumentError", "BakeError", "Cancelled", "ConnectError", "ContextError", "DockerfileError", "DockerfileSyntaxError",
    "EngineClosed", "EngineError", "EngineUsageError", "ExecFailed", "ExpansionError", "ExportError", "FlagError",
    "FrontendError", "GraphError", "HclError", "HttpError", "InvalidDigest", "InvalidJson", "InvalidPlatform", "InvalidReference",
    "InvalidValue", "LlbfrontError", "MountError", "OptionError", "ProtocolError", "RpcError", "RuleError", "SolveError",
    "StageError", "TransportError", "UnknownInstruction", "UnsupportedCapability",
]  # fmt: skip

_LONGEST = 1000
_UNSEEN = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"}


class ErrorChanges(TypedDict, total=False):
    """What `LlbfrontError.evolve` replaces."""

    message: str
    span: Span | None
    spans: Iterable[Span]
    hint: str | None
    reading: str


class LlbfrontError(Exception):
    r"""The base of all errors of llbfront. `str(error)` is one line with file, line and hint.

    Args:
        message: what is wrong.
        span: the place in a file.
        spans: all places, if there are others than `span`.
        hint: what may help.

    Example:
        >>> import llbfront
        >>> try:
        ...     llbfront.convert("FROM alpine\nRNU make\n")
        ... except llbfront.LlbfrontError as error:
        ...     print(error)
        ...     print(error.span.line, error.hint)
        Dockerfile:2: unknown instruction: RNU (did you mean RUN?)
        2 did you mean RUN?
    """

    reading = ""

    def __init__(
        self, message: str, *, span: Span | None = None, spans: Iterable[Span] | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint
        self._spans = None if spans is None else tuple(spans)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The places that an engine is told of, inner first."""
        if self._spans is None:
            return (self.span,) if self.span else ()
        return self._spans

    @spans.setter
    def spans(self, spans: Iterable[Span]) -> None:
        self._spans = tuple(spans)

    def evolve(self, **changes: Unpack[ErrorChanges]) -> Self:
        """Return a copy with some fields replaced, to be raised from this error where more is known about it.

        Args:
            changes: `message`, `span`, `spans`, `hint` or `reading`. All other fields stay, those of subclasses included.

        Example:
            >>> from llbfront.errors import ContextError
            >>> error = ContextError("no such file", hint="see .dockerignore")
            >>> str(error.evolve(message=f"failed to read the Dockerfile: {error.message}"))
            'failed to read the Dockerfile: no such file (see .dockerignore)'
        """
        changed = copy.copy(self)
        for name, value in changes.items():
            setattr(changed, name, value)
        if "message" in changes:
            changed.args = (changed.message,)
        return changed

    def prefixed(self, prefix: str) -> Self:
        """Return a copy whose message is `prefix: message`, to be raised from this error."""
        return self.evolve(message=f"{prefix}: {self.message}")

    def add_hint(self, hint: str) -> None:
        """Say one more thing that may help."""
        self.hint = joined_hints(self.hint, hint)

    @property
    def text(self) -> str:
        """The message and the hint, as long as they are and on as many lines."""
        return _with_hint(self.message, self.hint).translate(_UNSEEN)

    @property
    def line(self) -> str:
        """The message and the hint on one line that a terminal shows as it is, very long ones without their middle."""
        return visible(_with_hint(_shortened(self.message), self.hint and _shortened(self.hint)))

    def explanation(self) -> list[str]:
        """Return the lines that explain the error below its message: an excerpt of each source it is about, and what a class adds."""
        places = dict.fromkeys([*self.spans, *([self.span] if self.span else [])])
        if not places:
            return []
        from llbfront.source import excerpt

        return [text.rstrip("\n") for place in places if (text := excerpt(place))]

    def add_explanation(self) -> None:
        """Attach the explanation as a note, once, so that an uncaught error shows it."""
        note = visible_lines("\n".join(self.explanation()))
        if note.strip() and note not in getattr(self, "__notes__", ()):
            self.add_note(note)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy by state, since constructors of subclasses take other arguments than `args`."""
        state = {key: list(value) if key == "__notes__" else value for key, value in vars(self).items()}
        return _without_init, (type(self), self.args), state

    def __str__(self) -> str:
        return f"{visible(str(self.span))}: {self.line}" if self.span else self.line


def joined_hints(*hints: str | None) -> str | None:
    """Return several hints as one, None if there are none."""
    return "; ".join(filter(None, hints)) or None


def _with_hint(message: str, hint: str | None) -> str:
    return f"{message} ({hint})" if hint else message


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"


def _without_init(kind: type[LlbfrontError], arguments: tuple[Any, ...]) -> LlbfrontError:
    return kind.__new__(kind, *arguments)


class explained:  # noqa: N801  it is used like a function
    """Attach its explanation to an error of ours that leaves the block. For the entry points of the library."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, LlbfrontError):
            error.add_explanation()


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


class GraphError(LlbfrontError):
    """A graph cannot be built or read."""


class MountError(GraphError):
    """A mount cannot be made, or has no output."""


class UnsupportedCapability(GraphError):
    """The engine lacks a capability that the graph needs."""


class InvalidValue(LlbfrontError, ValueError):
    """A text does not have the form that it should have."""


class InvalidReference(InvalidValue):
    """A text is not the name of an image."""


class InvalidDigest(InvalidValue):
    """A text is not a digest."""


class InvalidPlatform(InvalidValue):
    """A text is not a platform."""


class InvalidJson(InvalidValue):
    """A document is not JSON, or does not have the expected shape. The message quotes no value."""


class OptionError(LlbfrontError):
    """An option of the frontend or the command line has a bad value."""


class ArgumentError(OptionError, TypeError):
    """An argument of the library has a type or a form that it does not take."""


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
    """An address is invalid."""


class ConnectError(TransportError):
    """No engine answered.

    Attributes:
        tried: pairs of an engine and the reason why it cannot be used, in the order of trying.

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
    """An Engine is used from inside one of its own builds, or in a process that did not open it."""


class EngineClosed(EngineUsageError):
    """An Engine was closed before or during a call."""


class HttpError(LlbfrontError):
    """A request to a registry or a token server failed.

    Attributes:
        is_temporary: whether another attempt may succeed.
    """

    def __init__(self, message: str, *, is_temporary: bool = False, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.is_temporary = is_temporary


class EngineError(LlbfrontError):
    """The private engine cannot be installed, started or stopped."""


class FrontendError(LlbfrontError):
    """A frontend of the user is invalid or failed; the span is a place in it."""


class SolveError(LlbfrontError):
    """The engine could not build.

    Attributes:
        vertex: the digest of the failed step.
        log_tail: the end of its log, a text for each line.
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
        log_tail: the end of its log, a text for each line.
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


class Cancelled(LlbfrontError):
    """The program cancelled the build. A signal raises KeyboardInterrupt instead."""


class located:  # noqa: N801  it is used like a function
    """Give a place to errors of llbfront that leave the block without one.

    Args:
        span: the place.

    Example:
        >>> from llbfront.kit import LlbfrontError, Source, located
        >>> try:
        ...     with located(Source("site.yaml", b"base: alpine").at(1)):
        ...         raise LlbfrontError("no packages")
        ... except LlbfrontError as error:
        ...     print(error)
        site.yaml:1: no packages
    """

    __slots__ = ("span",)

    def __init__(self, span: Span | None) -> None:
        self.span = span

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, LlbfrontError) and error.span is None:
            error.span = self.span


def __dir__() -> list[str]:
    return sorted(__all__)
