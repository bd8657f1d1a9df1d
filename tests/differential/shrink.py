"""A failing case made small: fewer lines, words, options, images, while it still differs in the same way.

The coarse ways to make it smaller come first. Each asks both filters about all its candidates at once and goes on from the
smallest that still fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.differential.filters import Case

PASSES = 2
PARTS = (2, 4, 8, 16, 32, 64)
FEW_LINES = 12
SHORT = 80


def shrink(case: Case, failing: Callable[[Sequence[Case]], list[bool]]) -> Case:
    """The smallest case found. `failing` says for each candidate whether it still fails."""
    for _ in range(PASSES):
        for way in WAYS:
            while candidates := list(way(case)):
                kept = [candidate for candidate, fails in zip(candidates, failing(candidates), strict=True) if fails]
                if not kept:
                    break
                case = min(kept, key=size)
    return case


def size(case: Case) -> int:
    return len(case["dockerfile"]) + sum(len(str(case.get(key) or "")) for key in ("opts", "images", "dockerignore", "caps"))


def world(case: Case) -> Iterator[Case]:
    for key in ("images", "dockerignore", "opts"):
        items: dict[str, Any] = case.get(key) or {}
        if len(items) > 1:
            yield {**case, key: {}}
        for name in items:
            yield {**case, key: {other: value for other, value in items.items() if other != name}}
    if case.get("caps", "all") != "all":
        yield {**case, "caps": "all"}
        yield {**case, "caps": case["caps"].rpartition(",")[0]}
    for reference, image in (case.get("images") or {}).items():
        for smaller in images(image):
            yield {**case, "images": {**case["images"], reference: smaller}}


def images(image: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The image without one member of its config, or of the config in that."""
    config = image.get("config")
    if not isinstance(config, dict):
        return
    for member, inner in config.items():
        yield {**image, "config": without(config, member)}
        if isinstance(inner, dict):
            for name in inner:
                yield {**image, "config": {**config, member: without(inner, name)}}


def without(items: dict[str, Any], name: str) -> dict[str, Any]:
    return {other: value for other, value in items.items() if other != name}


def in_parts(parts: int) -> Callable[[Case], Iterator[Case]]:
    """Without a part of the lines, at every half part."""

    def way(case: Case) -> Iterator[Case]:
        lines = case["dockerfile"].split("\n")
        span = len(lines) // parts
        for at in range(0, len(lines), max(1, span // 2)) if span else ():
            yield {**case, "dockerfile": "\n".join(lines[:at] + lines[at + span :])}

    return way


def by_lines(case: Case) -> Iterator[Case]:
    lines = case["dockerfile"].split("\n")
    for at in range(len(lines)):
        yield {**case, "dockerfile": "\n".join(lines[:at] + lines[at + 1 :])}


def by_words(case: Case) -> Iterator[Case]:
    lines = case["dockerfile"].split("\n")
    for number, line in enumerate(lines) if len(lines) <= FEW_LINES else ():
        words = line.split(" ")
        for at in range(len(words)):
            shorter = " ".join(words[:at] + words[at + 1 :])
            yield {**case, "dockerfile": "\n".join([*lines[:number], shorter, *lines[number + 1 :]])}


def by_letters(case: Case) -> Iterator[Case]:
    text = case["dockerfile"]
    if text.count("\n") >= FEW_LINES or max(map(len, text.split("\n"))) > SHORT:
        return
    for at in range(len(text)):
        yield {**case, "dockerfile": text[:at] + text[at + 1 :]}


WAYS = (world, *map(in_parts, PARTS), by_lines, by_words, by_letters)
