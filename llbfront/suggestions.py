"""Suggestions for a mistyped name: the known word that is the fewest edits away.

The hints `did you mean X?` and `maybe you mean X?` of errors come from here.
"""

from __future__ import annotations

from collections.abc import Iterable

SUGGESTION, GUESS = "did you mean ", "maybe you mean "


def suggestion(word: str, known: Iterable[str], *, limit: int = 3, match_case: bool = False) -> str | None:
    """Return a hint such as `did you mean RUN?` for the known word nearest to a mistyped one, None if none is near.

    Args:
        word: the word; a known word gives no hint.
        known: the known words; the first of equally near ones wins.
        limit: a word is near if fewer edits than this are needed, and half of its characters are right, or in another order.
        match_case: whether letter case counts. Parity: as in BuildKit, short words may then differ in every letter.

    Example:
        >>> from llbfront.kit import suggestion
        >>> suggestion("RNU", ("FROM", "RUN"))
        'did you mean RUN?'
    """
    near = nearest(word, known, limit=limit) if match_case else near_name(word, known, limit=limit)
    if near is None or (not match_case and near.lower() == word.lower()):
        return None
    return f"{SUGGESTION}{near}?"


def guess(word: str, known: Iterable[str], *, limit: int = 3) -> str | None:
    """Return the hint `maybe you mean X?` where BuildKit suggests nothing. Answers that must equal BuildKit's leave it out."""
    near = suggestion(word, known, limit=limit)
    return None if near is None else f"{GUESS}{near.removeprefix(SUGGESTION)}"


def near_name(word: str, known: Iterable[str], *, limit: int = 3) -> str | None:
    """Return the known name that was probably meant: the word in other letter case, else the one that is the fewest edits away.

    Args:
        word: the word.
        known: the known names; the first of equally near ones wins.
        limit: a name is near if fewer edits than this are needed, and half of its characters are right, or in another order.
    """
    folded, half = word.lower(), min(limit, (len(word) + 1) // 2)
    best, best_distance = None, limit
    for candidate in known:
        lower = candidate.lower()
        if lower == folded:
            return candidate
        bound = min(best_distance, limit if sorted(lower) == sorted(folded) else half)
        distance = _edit_distance(folded, lower, bound)
        if distance < bound:
            best, best_distance = candidate, distance
    return best


def nearest(word: str, known: Iterable[str], *, limit: int = 3) -> str | None:
    """Return the known word nearest to `word`, letter case counting, if fewer than `limit` edits away; None if `word` is known."""
    candidates = tuple(known)
    if word in candidates:
        return None
    best, best_distance = None, limit
    for candidate in candidates:
        distance = _edit_distance(word, candidate, best_distance)
        if distance < best_distance:
            best, best_distance = candidate, distance
            if distance == 1:
                break
    return best


def _edit_distance(left: str, right: str, limit: int) -> int:
    """Return the number of edits between two words, or `limit` where there are no fewer."""
    if abs(len(left) - len(right)) >= limit:
        return limit
    front = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        front += 1
    back, most = 0, min(len(left), len(right)) - front
    while back < most and left[-1 - back] == right[-1 - back]:
        back += 1
    left, right = left[front : len(left) - back], right[front : len(right) - back]
    longer = max(len(left), len(right))
    if longer <= 1 or not (left and right):
        return min(limit, longer)
    if limit <= 2:  # one edit would have left one character at most
        return limit
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
        if min(row) >= limit:
            return limit
    return row[-1]
