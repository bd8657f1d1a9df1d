"""Split the output of a step into lines that are safe to show.

Only colours (SGR) are kept of escape sequences, so that no log can move the cursor.

Source: progressui/display.go of BuildKit for the cutting into lines; it passes all control bytes through.
"""

from __future__ import annotations

import re

import attrs

MAX_LINE_BYTES = 64 * 1024

# Not compiled here: most builds do not need them, and `re` caches compiled patterns.
_ESCAPE = (
    r"\x1b\[([0-?]*)[ -/]*([@-~]?)"  # CSI: parameters, final
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC, DCS and other strings
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # C0, C1, bidi
)
_COLOR = r"\x1b\[[0-9;:]*m"
RESET = "\x1b[0m"


@attrs.frozen
class LogLine:
    """A line of a step: its text (may hold colours), when its first byte came, and the stream it was written to."""

    text: str
    time_ns: int
    stream: int = 1


def clean(line: bytes | bytearray) -> str:
    """Decode one line: no control characters but tabs, colours closed."""
    text = line.decode(errors="replace")
    if text.isprintable():
        return text
    text = re.sub(_ESCAPE, _keep_color, text)
    colors = re.findall(_COLOR, text)
    return text + RESET if colors and colors[-1] not in {RESET, "\x1b[m"} else text


def without_color(text: str) -> str:
    """Drop the colours of a clean line."""
    return re.sub(_COLOR, "", text) if "\x1b" in text else text


def _keep_color(match: re.Match[str]) -> str:
    return match[0] if match[2] == "m" and re.fullmatch(_COLOR, match[0]) else ""


class LineCutter:
    """Cuts one stream of a step into lines and holds the unfinished one.

    A carriage return ends a line, too, so that nothing is lost. With `overwrites` the text after it replaces the text before it,
    as a terminal does.
    """

    __slots__ = ("_has_lines", "_overwrites", "_rest", "_since_ns", "stream")

    def __init__(self, stream: int, *, overwrites: bool = False) -> None:
        self.stream = stream
        self._overwrites = overwrites
        self._rest = bytearray()
        self._since_ns = 0
        self._has_lines = False  # since the last line feed

    def feed(self, data: bytes, time_ns: int) -> list[LogLine]:
        """Return the lines that `data` completes."""
        lines: list[LogLine] = []
        *ended, rest = data.split(b"\n")
        for piece in ended:
            self._add(piece, time_ns, lines)
            if self._rest or not self._has_lines:
                lines.append(self._take(time_ns))
            self._has_lines = False
        self._add(rest, time_ns, lines)
        if len(self._rest) > MAX_LINE_BYTES:
            lines += self.flush()
        return lines

    def peek(self) -> LogLine | None:
        """Return the unfinished line as it now looks, None when there is none."""
        return LogLine(clean(self._rest), self._since_ns, self.stream) if self._rest.strip(b"\r") else None

    def flush(self) -> list[LogLine]:
        """End the unfinished line, if there is one; what comes later begins a new line."""
        line = self.peek()
        self._rest.clear()
        self._has_lines = self._has_lines or line is not None
        return [line] if line else []

    def _add(self, piece: bytes, time_ns: int, lines: list[LogLine]) -> None:
        """Append text without line feeds."""
        if not self._rest:
            self._since_ns = time_ns
        *returned, rest = [piece] if self._overwrites else piece.split(b"\r")
        for text in returned:
            self._rest += text
            if self._rest:
                lines.append(self._take(time_ns))
        self._rest += rest
        if self._overwrites and b"\r" in self._rest:
            self._rest = _last_state(self._rest)

    def _take(self, time_ns: int) -> LogLine:
        """End the line that is held, empty or not; the next one begins at `time_ns`."""
        line = LogLine(clean(self._rest), self._since_ns, self.stream)
        self._rest.clear()
        self._since_ns, self._has_lines = time_ns, True
        return line


def _last_state(rest: bytearray) -> bytearray:
    """Forget what a progress bar overwrote, so that hours of carriage returns take no memory."""
    shown = rest.rstrip(b"\r")
    kept = shown[shown.rfind(b"\r") + 1 :]
    return kept + b"\r" if len(shown) < len(rest) else kept
