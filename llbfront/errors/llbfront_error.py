"""The base class of all errors of llbfront, and the blocks that complete an error on its way."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from llbfront.printable import visible, visible_lines

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    from llbfront.source import Span

    class ErrorChanges(TypedDict, total=False):
        """The fields that `LlbfrontError.evolve` can replace."""

        message: str
        span: Span | None
        spans: Iterable[Span]
        hint: str | None
        reading: str


ErrorT = TypeVar("ErrorT", bound="LlbfrontError")

_MAX_TEXT_LENGTH = 1000

_UNSEEN = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"}


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
        """The places that are sent to an engine, inner first."""
        if self._spans is None:
            return (self.span,) if self.span else ()
        return self._spans

    @spans.setter
    def spans(self, spans: Iterable[Span]) -> None:
        self._spans = tuple(spans)

    def evolve(self, **changes: Unpack[ErrorChanges]) -> Self:
        """Return a copy with some fields replaced, to be raised from this error where more is known about it.

        Args:
            changes: `message`, `span`, `spans`, `hint` or `reading`. All other fields stay, including the fields of subclasses.

        Example:
            >>> from llbfront.errors import ContextError
            >>> error = ContextError("no such file", hint="see .dockerignore")
            >>> str(error.evolve(message=f"failed to read the Dockerfile: {error.message}"))
            'failed to read the Dockerfile: no such file (see .dockerignore)'
        """
        changed = _without_init(type(self), self.args)
        vars(changed).update(self._state())
        for name, value in changes.items():
            setattr(changed, name, value)
        if "message" in changes:
            changed.args = (changed.message,)
        return changed

    def prefixed(self, prefix: str) -> Self:
        """Return a copy whose message is `prefix: message`, to be raised from this error."""
        return self.evolve(message=f"{prefix}: {self.message}")

    def add_hint(self, hint: str) -> None:
        """Add a hint."""
        self.hint = joined_hints(self.hint, hint)

    @property
    def text(self) -> str:
        """The message and the hint, as long as they are and on as many lines."""
        return _with_hint(self.message, self.hint).translate(_UNSEEN)

    @property
    def summary(self) -> str:
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
        return _without_init, (type(self), self.args), self._state()

    def _state(self) -> dict[str, Any]:
        return {key: list(value) if key == "__notes__" else value for key, value in vars(self).items()}

    def __str__(self) -> str:
        return f"{visible(str(self.span))}: {self.summary}" if self.span else self.summary


def joined_hints(*hints: str | None) -> str | None:
    """Return several hints as one, None if there are none."""
    return "; ".join(filter(None, hints)) or None


def _with_hint(message: str, hint: str | None) -> str:
    return f"{message} ({hint})" if hint else message


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_TEXT_LENGTH else f"{text[: _MAX_TEXT_LENGTH // 2]} … {text[-_MAX_TEXT_LENGTH // 2 :]}"


def _without_init(kind: type[ErrorT], arguments: tuple[Any, ...]) -> ErrorT:
    return kind.__new__(kind, *arguments)


class explained:  # noqa: N801  it is used like a function
    """Attach its explanation to an error of llbfront that leaves the block. For the entry points of the library."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, LlbfrontError):
            error.add_explanation()


class located:  # noqa: N801  it is used like a function
    """Add a place to errors of llbfront that leave the block without one.

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
