"""Labels of boxes: what a step is called in a picture, wrapped to the width of a box."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llbfront.inspection.graph import Node

LABEL_COLUMNS = 33
LABEL_LINES = 4
_WIDE = re.compile("[\u1100-\u115f\u2e80-\U0010ffff]")  # most of these characters take two columns
_BRACKETS = re.compile(r"\[([^\]]*+)\] ")
_STEP = re.compile(r"(?<!\d)\d++/\d++\Z")
_UNSHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)  # a fixed list: unicodedata changes with Python
_HEX = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")
_MOUNT_FLAG = re.compile(r"(?<= )--mount=\S+ (?=.)")
_CONTEXT = re.compile(r"\[context ([^\]]++)\] (.*)", re.DOTALL)
_INTERNAL = re.compile(r"\[internal\] (?:load |preparing )?(?=.)")
_HUB = re.compile(r"(?<= )docker\.io/(?:library/)?(?=.)")
_HEREDOC = re.compile(r"(RUN (?:--\S++ )*+<<\S++) \(")
_SHELL_OPTIONS = re.compile(r"set [-+][-+a-z ]*\Z")
_SCRIPT_CHARACTERS = 2000
_MARKS = "/=,;:&-_."
_PATH_MARKS = "/=,;:&"
_SHORTEST_PIECE = 7
_LINES = {"merge": 2, "diff": 2}  # their label is that of the step beside them
_NARROWER = {"merge": 4, "diff": 4}


def label_of(node: Node) -> str:
    """Return the name of a node on one line, without the number of the step in front."""
    return " ".join(split_name(node.name)[1].split()) or node.kind


def split_name(name: str) -> tuple[str, str]:
    """Split the name of a step into its number, such as `2/3`, and what follows the brackets around it."""
    brackets = _BRACKETS.match(name)
    step = _STEP.search(brackets[1]) if brackets else None
    return (step[0], name[brackets.end() :]) if brackets and step else ("", name)


def box_label(node: Node) -> str:
    """Return what the box of a node says."""
    return short_label(clean(_plain_name(node)))


def box_lines(label: str, kind: str) -> tuple[str, ...]:
    """Wrap the label of a box, which has less space in boxes of some kinds."""
    return wrap(label, LABEL_COLUMNS - _NARROWER.get(kind, 0), _LINES.get(kind, LABEL_LINES))


def place_of(node: Node) -> str:
    """Return the lines that a node comes from, in order, such as `3-4, 9`, without the name of the file."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted((part.start, max(part.start, part.end)) for span in node.spans for part in span.ranges):
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return ", ".join(f"{start}" if start == end else f"{start}-{end}" for start, end in joined)


def in_words(place: str) -> str:
    """Return lines as `line 3` or `lines 3-4`; an empty text if there are none."""
    return f"{'lines' if '-' in place or ',' in place else 'line'} {place}" if place else ""


def _plain_name(node: Node) -> str:
    """Leave out the words that only displays of a build need, and show the commands of a here-document."""
    label = label_of(node)
    if context := _CONTEXT.match(label):
        return context[1] if node.scheme == "local" else f"{context[2]} (context {context[1]})"
    if (heredoc := _HEREDOC.match(label)) and "\n" in (script := node.args[-1] if node.args else ""):
        return f"{heredoc[1]} {_commands(script)}"
    return _INTERNAL.sub("", label).replace("LINK COPY --link ", "LINK COPY ")


def _commands(script: str) -> str:
    """Return the lines of a script on one line, without comments and without options of the shell."""
    lines = (" ".join(line.split()) for line in script[:_SCRIPT_CHARACTERS].split("\n"))
    return "; ".join(line for line in lines if line and not line.startswith("#") and not _SHELL_OPTIONS.match(line))


def short_label(text: str) -> str:
    """Leave out mounts, which the picture shows, the names of Docker Hub and its library, and most of a digest."""
    text = _HEX.sub(r"\1…", text)
    return _HUB.sub("", _MOUNT_FLAG.sub("", text) if text.startswith("RUN ") else text)


def wrap(text: str, columns: int = LABEL_COLUMNS, lines: int = LABEL_LINES) -> tuple[str, ...]:
    """Break a string into lines of at most `columns`, between words where possible; `…` ends a string that needs more lines."""
    rows: list[str] = []
    row = ""
    for word in text[: (columns + 1) * (lines + 2)].split(" "):  # what follows is not shown
        for part in _pieces(word, columns, columns - width_of(row) - 1 if row else 0):
            joined = f"{row} {part}" if row else part
            if width_of(joined) <= columns:
                row = joined
            else:
                rows.append(row)
                row = part
        if len(rows) > lines:
            break
    rows = [*rows, row] if row else rows
    return tuple(rows) if len(rows) <= lines else (*rows[: lines - 1], _last_row(text, rows, columns, lines))


def _last_row(text: str, rows: Sequence[str], columns: int, lines: int) -> str:
    """Fill the last line with the text that begins there, and end it with `…`."""
    start = 0
    for row in rows[: lines - 1]:
        start = text.index(row, start) + len(row)
    rest = text[text.index(rows[lines - 1], start) :]
    return f"{rest[: _fitting(rest[:columns], columns - 1)].rstrip()}…"


def width_of(text: str) -> int:
    """Return how many columns of a monospaced font a string takes."""
    return len(text) + len(_WIDE.findall(text))


def clean(text: str) -> str:
    """Replace control characters, marks that reorder text, and what XML cannot hold by the replacement character."""
    return _UNSHOWN.sub("\ufffd", text)


def _pieces(word: str, columns: int, free: int) -> Iterator[str]:
    """Cut a word that is longer than a line, after a slash or another mark if there is one in the second half.

    The first piece of a long path goes into the `free` columns of the line before.
    """
    if width_of(word) > max(free, columns // 2) and (cut := _cut(word, _fitting(word, free), _SHORTEST_PIECE, _PATH_MARKS)):
        yield word[:cut]
        word = word[cut:]
    while width_of(word) > columns:
        fit = _fitting(word, columns)
        cut = _cut(word, fit, fit // 2, _MARKS) or fit
        yield word[:cut]
        word = word[cut:]
    yield word


def _fitting(word: str, columns: int) -> int:
    """Return how many characters of a word fit into columns."""
    return next((size for size in range(len(word), 0, -1) if width_of(word[:size]) <= columns), 0)


def _cut(word: str, most: int, least: int, marks: str) -> int:
    """Return the end of the longest beginning that ends with a mark and has more than `least` characters; 0 if there is none."""
    return next((at for at in range(most, least, -1) if word[at - 1] in marks), 0)
