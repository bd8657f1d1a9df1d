"""Match the shell patterns of `${name#pattern}` and the like: remove a prefix or suffix, or replace.

The wildcards are `*` and `?`; neither matches a line feed. A pattern falls into segments of fixed width between its stars. Taking each segment
at its first place that works, and for the longest match the last segment at its last place, needs no backtracking, so the time is bounded
for any pattern.

Source: frontend/dockerfile/shell/lex.go of BuildKit (convertShellPatternToRegex, trimPrefix, trimSuffix), regexp of Go (Expand).
"""

from __future__ import annotations

import re
from functools import cache

from llbfront.errors import ExpansionError
from llbfront.gostd.strings import to_valid_utf8

_ESCAPABLE = "*?\\}/"


class _Segment:
    """A part of a pattern without stars, which matches `width` characters: plain text, or with `?` in it a regular expression."""

    __slots__ = ("plain", "regex", "width")

    def __init__(self, characters: list[str | None]) -> None:
        self.width = len(characters)
        plain = [character for character in characters if character is not None]
        self.plain = "".join(plain) if len(plain) == len(characters) else None
        self.regex = re.compile(
            "".join("[^\n]" if character is None else re.escape(character) for character in characters if self.plain is None)
        )

    def is_at(self, text: str, place: int) -> bool:
        if self.plain is not None:
            return text.startswith(self.plain, place)
        return self.regex.match(text, place) is not None

    def first(self, text: str, start: int, last: int) -> int:
        """Return the first place from `start` to `last`, or -1."""
        if self.plain is not None:
            return text.find(self.plain, start, last + self.width)
        match = self.regex.search(text, start, min(last + self.width, len(text)))
        return -1 if match is None else match.start()

    def last(self, text: str, start: int, last: int) -> int:
        """Return the last place from `start` to `last`, or -1."""
        if self.plain is not None:
            return text.rfind(self.plain, start, last + self.width)
        return next((place for place in range(last, start - 1, -1) if self.is_at(text, place)), -1)


def cut_prefix(pattern: str, value: str, *, longest: bool) -> str:
    """Remove the shortest or longest match of the pattern from the beginning. Raises: ExpansionError for a bad escape."""
    end = _match_end(_segments(pattern), to_valid_utf8(value), 0, longest=longest)
    return value if end is None else value[end:]


def cut_suffix(pattern: str, value: str, *, longest: bool) -> str:
    """Remove the shortest or longest match of the pattern from the end. Raises: ExpansionError for a bad escape."""
    return cut_prefix(_reversed(pattern), to_valid_utf8(value)[::-1], longest=longest)[::-1]


def find(pattern: str, value: str) -> tuple[int, int] | None:
    """Return where the first match is, as long as it can be there. Raises: ExpansionError for a bad escape."""
    return _search(_segments(pattern), to_valid_utf8(value), 0)


def replace_all(pattern: str, value: str, template: str, *, limit: int) -> str | None:
    """Replace every match by a template in which `$0` is the match and other `$name` are empty. None if that takes over `limit` characters."""
    segments, text = _segments(pattern), to_valid_utf8(value)
    if len(segments) == 1 and segments[0].width and text == value:
        return _replace_each(segments[0], text, template, limit)
    pieces: list[str] = []
    done = position = length = 0
    while position <= len(text):
        match = _search(segments, text, position)
        if match is None:
            break
        start, end = match
        pieces.append(value[done:start])
        if end > done or start == 0:
            pieces.append(_fill(template, value[start:end]))
            length += len(pieces[-1])
            if length > limit:
                return None
        done = end
        position = max(end, position + 1)
    return "".join(pieces) + value[done:]


def _replace_each(segment: _Segment, text: str, template: str, limit: int) -> str | None:
    """Replace all matches of a pattern without stars."""
    regex = segment.regex if segment.plain is None else re.compile(re.escape(segment.plain))
    mark = "\udfff"  # a character that no text has
    between = _fill(template, mark).split(mark)
    each = sum(map(len, between)) + (len(between) - 1) * segment.width
    if len(text) // segment.width * each > limit and len(regex.findall(text)) * each > limit:
        return None
    if len(between) == 1:
        return regex.sub(lambda _: between[0], text)
    return regex.sub(lambda match: match[0].join(between), text)


def _segments(pattern: str) -> list[_Segment]:
    # BuildKit's scanner drops a byte order mark at the start of what it reads
    characters = iter(pattern.removeprefix("\ufeff"))
    parts: list[list[str | None]] = [[]]
    for character in characters:
        if character == "*":
            parts.append([])
        elif character == "?":
            parts[-1].append(None)
        elif character == "\\":
            parts[-1].append(_escaped(next(characters, "\ufffd"), pattern))
        else:
            parts[-1].append(character)
    return [_Segment(part) for part in parts]


def _escaped(character: str, pattern: str) -> str:
    if character not in _ESCAPABLE:
        raise ExpansionError(f"invalid pattern ({pattern}) in substitution: invalid escape '\\{character}'")
    return character


def _reversed(pattern: str) -> str:
    """Turn a pattern around, keeping each backslash before the character that it escapes."""
    return "".join(reversed(re.findall(r"\\.|.", pattern, re.DOTALL)))


def _match_end(segments: list[_Segment], text: str, start: int, *, longest: bool) -> int | None:
    """Return where a match that begins at `start` ends."""
    first, *others = segments
    if not first.is_at(text, start):
        return None
    end = start + first.width
    for number, segment in enumerate(others, 1):
        line_end = _line_end(text, end)
        last = longest and number == len(others)
        place = segment.last(text, end, line_end) if last else segment.first(text, end, line_end)
        if place < 0:
            return None
        end = place + segment.width
    return end


def _line_end(text: str, start: int) -> int:
    position = text.find("\n", start)
    return len(text) if position < 0 else position


def _search(segments: list[_Segment], text: str, start: int) -> tuple[int, int] | None:
    """Return the first match at or after `start`, the longest of that place.

    What follows the first star is found from a place only if it is found from all earlier places of that line, so after a
    failure the search goes on in the next line.
    """
    first = segments[0]
    while (start := first.first(text, start, len(text))) >= 0:
        end = _match_end(segments, text, start, longest=True)
        if end is not None:
            return start, end
        start = max(start, _line_end(text, start + first.width) - first.width) + 1
    return None


@cache
def _reference() -> re.Pattern[str]:
    return re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))")


def _fill(template: str, matched: str) -> str:
    def value(reference: re.Match[str]) -> str:
        if reference[0] == "$$":
            return "$"
        return matched if (reference[1] or reference[2]) == "0" else ""

    return _reference().sub(value, template) if "$" in template else template
