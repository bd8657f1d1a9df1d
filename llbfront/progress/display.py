"""Choose the display of a progress mode.

    auto     tty on a terminal that can move its cursor, else plain; `BUILDKIT_PROGRESS` may name another mode
    tty      redrawn in place; an error if the stream is not a terminal
    plain    lines, for logs
    rawjson  each event as a line of JSON
    quiet    nothing; `none` is the same

Only the display of the mode is loaded.

Source: NewDisplay of progressui of BuildKit, and the `--progress` option of docker buildx.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol, TextIO

from llbfront.errors import OptionError, SolveError
from llbfront.progress.trace import Trace, fold
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    from llbfront.progress.events import StatusEvent

MODES = ("auto", "none", "plain", "quiet", "rawjson", "tty")
_WITHOUT_LOGS = ("none", "quiet", "rawjson")  # for people


class Display(Protocol):
    """Shows a build. `trace` is what it knows; `interval_s` how often to call `tick`, None for never."""

    trace: Trace
    interval_s: float | None

    def update(self, event: StatusEvent, now_ns: int | None = None) -> None:
        """Handle an event of the status stream."""

    def tick(self, now_ns: int | None = None) -> None:
        """Redraw if it is time."""

    def finish(self, error: BaseException | None = None, now_ns: int | None = None) -> None:
        """End the output, also when the build failed or was interrupted."""


def display(mode: str, stream: TextIO, environ: Mapping[str, str], *, trace: Trace | None = None, description: str = "") -> Display:
    """Make the display for a mode. `description` names where the build runs.

    Raises: OptionError for an unknown mode, and for `tty` on a stream that is not a terminal.
    """
    return _MAKERS[check_mode(mode, stream, environ)](stream, environ, trace or Trace(), description)


@contextlib.contextmanager
def showing(mode: str, stream: TextIO, environ: Mapping[str, str], *, description: str) -> Iterator[Display]:
    """Make the display for a mode and finish it at the end of a block.

    The log of a failed step is removed from the error if the display has shown it. Raises what `display` and the block raise.
    """
    shown = display(mode, stream, environ, description=description)
    try:
        yield shown
    except BaseException as error:
        shown.finish(error)
        if isinstance(error, SolveError) and mode not in _WITHOUT_LOGS:
            error.log_tail = ()
        raise
    shown.finish()


def check_mode(mode: str, stream: TextIO, environ: Mapping[str, str]) -> str:
    """Return the mode that `auto`, or BUILDKIT_PROGRESS, means. Raises what `display` raises."""
    if not mode or mode == "auto":
        mode = environ.get("BUILDKIT_PROGRESS") or "auto"
    if mode not in MODES:
        raise OptionError(f"invalid progress mode {mode!r}: one of {', '.join(MODES)}", hint=suggestion(mode, MODES))
    if mode == "auto":
        return "tty" if stream.isatty() and environ.get("TERM", "") != "dumb" else "plain"
    if mode == "tty" and not stream.isatty():
        raise OptionError("progress mode tty needs a terminal", hint="use plain")
    return mode


def _tty(stream: TextIO, environ: Mapping[str, str], trace: Trace, description: str) -> Display:
    from llbfront.progress.palette import read_palette
    from llbfront.progress.screen import Screen
    from llbfront.progress.tty import TTYDisplay

    return TTYDisplay(
        _writer(stream),
        _size_of(stream.fileno()),
        palette=read_palette(environ),
        trace=trace,
        screen=Screen(reflows="XTERM_VERSION" not in environ and environ.get("TERM") != "linux"),
        description=description,
        log_lines=_positive(environ.get("BUILDKIT_TTY_LOG_LINES"), 6),
        interval_s=_positive(environ.get("TTY_DISPLAY_RATE"), 100) / 1000,
    )


def _plain(stream: TextIO, environ: Mapping[str, str], trace: Trace, description: str) -> Display:
    from llbfront.progress.plain import NAME_LIMIT, PlainDisplay

    limit = NAME_LIMIT if environ.get("PROGRESS_NO_TRUNC") == "0" else None
    return PlainDisplay(_writer(stream), trace=trace, description=description, name_limit=limit, colors=not environ.get("NO_COLOR"))


def _rawjson(stream: TextIO, environ: Mapping[str, str], trace: Trace, description: str) -> Display:  # noqa: ARG001  (all alike)
    from llbfront.progress.rawjson import RawJSONDisplay

    return RawJSONDisplay(_writer(stream), trace=trace)


def _quiet(stream: TextIO, environ: Mapping[str, str], trace: Trace, description: str) -> Display:  # noqa: ARG001  (all alike)
    return QuietDisplay(trace)


_MAKERS: dict[str, Callable[[TextIO, Mapping[str, str], Trace, str], Display]] = {
    "none": _quiet,
    "plain": _plain,
    "quiet": _quiet,
    "rawjson": _rawjson,
    "tty": _tty,
}


def _writer(stream: TextIO) -> Callable[[str], None]:
    """Write at once, with a mark in place of what the stream's encoding does not have."""
    encoding = stream.encoding or "utf-8"
    exact = encoding.lower().replace("-", "") == "utf8"

    def write(text: str) -> None:
        stream.write(text if exact else text.encode(encoding, "replace").decode(encoding))
        stream.flush()

    return write


def _size_of(descriptor: int) -> Callable[[], tuple[int, int]]:
    def size() -> tuple[int, int]:
        try:
            columns, lines = os.get_terminal_size(descriptor)
        except OSError:
            columns, lines = 0, 0
        return columns or 80, lines or 24

    return size


def _positive(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 and int(text) > 0 else default


class QuietDisplay:
    """Folds the events for those who ask the trace later."""

    interval_s: float | None = None

    def __init__(self, trace: Trace | None = None) -> None:
        self.trace = trace or Trace()

    def update(self, event: StatusEvent, now_ns: int | None = None) -> None:
        """Handle an event."""
        fold(self.trace, event, now_ns)

    def tick(self, now_ns: int | None = None) -> None:
        """Do nothing: there is nothing to draw."""

    def finish(self, error: BaseException | None = None, now_ns: int | None = None) -> None:
        """Do nothing."""
