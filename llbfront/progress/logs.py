"""The output of a step as lines that are safe to show.

Enters: chunks of bytes as a step wrote them, cut anywhere, with carriage returns and escape sequences. Leaves: lines of text where
what was overwritten is gone and of all escape sequences only colours (SGR) are left, so that no log can move the cursor.

Source: progressui/display.go of BuildKit for the cutting into lines; it passes all control bytes through.
"""

from __future__ import annotations

import re

import attrs

MAX_LINE_BYTES = 64 * 1024

# Texts, not compiled: most builds print nothing that needs them, and `re` keeps what it compiled.
_ESCAPE = (
    r"\x1b\[([0-?]*)[ -/]*([@-~]?)"  # CSI: parameters, final
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC, DCS and other strings
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f]"
)
_COLOR = r"\x1b\[[0-9;:]*m"
_CONTROL = r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+"
RESET = "\x1b[0m"


@attrs.frozen
class LogLine:
    """A line of a step: its text (may hold colours), when its first byte came, and the stream it was written to."""

    text: str
    time_ns: int
    stream: int = 1


def clean(line: bytes) -> str:
    """Decode one line: the last state of what carriage returns overwrote, no control characters but tabs, colours closed."""
    shown = line.rstrip(b"\r")
    text = shown[shown.rfind(b"\r") + 1 :].decode(errors="replace")
    if text.isprintable():
        return text
    text = re.sub(_ESCAPE, _keep_color, text)
    colors = re.findall(_COLOR, text)
    return text + RESET if colors and colors[-1] not in {RESET, "\x1b[m"} else text


def one_line(text: str) -> str:
    """Put a name on one line: control characters become blanks."""
    return text if text.isprintable() else re.sub(_CONTROL, " ", text)


def without_color(text: str) -> str:
    """Drop the colours of a clean line."""
    return re.sub(_COLOR, "", text) if "\x1b" in text else text


def _keep_color(match: re.Match[str]) -> str:
    return match[0] if match[2] == "m" and re.fullmatch(_COLOR, match[0]) else ""


class LineCutter:
    """Cuts one stream of a step into lines and holds the unfinished one."""

    __slots__ = ("_rest", "_since_ns", "stream")

    def __init__(self, stream: int) -> None:
        self.stream = stream
        self._rest = b""
        self._since_ns = 0

    def feed(self, data: bytes, time_ns: int) -> list[LogLine]:
        """Return the lines that `data` completes."""
        if not self._rest:
            self._since_ns = time_ns
        *whole, rest = data.split(b"\n")
        lines = []
        for piece in whole:
            lines.append(LogLine(clean(self._rest + piece), self._since_ns, self.stream))
            self._rest, self._since_ns = b"", time_ns
        self._rest = _last_state(self._rest + rest)
        if len(self._rest) > MAX_LINE_BYTES:
            lines += self.flush()
        return lines

    def peek(self) -> LogLine | None:
        """Return the unfinished line as it now looks, None when there is none."""
        return LogLine(clean(self._rest), self._since_ns, self.stream) if self._rest.strip(b"\r") else None

    def flush(self) -> list[LogLine]:
        """End the unfinished line, if there is one; what comes later begins a new line."""
        line = self.peek()
        self._rest = b""
        return [line] if line else []


def _last_state(rest: bytes) -> bytes:
    """Forget what a progress bar overwrote, so that hours of carriage returns take no room."""
    end = len(rest)
    while end and rest[end - 1] == 0x0D:
        end -= 1
    return rest[rest.rfind(b"\r", 0, end) + 1 :]
