"""A failing case made small: fewer lines, words, options, images, while it still differs in the same way.

Every round asks both filters about all smaller candidates at once and keeps the smallest that still fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.differential.filters import Case

ROUNDS = 40


def shrink(case: Case, failing: Callable[[Sequence[Case]], list[bool]]) -> Case:
    """The smallest case found. `failing` says for each candidate whether it still fails."""
    for _ in range(ROUNDS):
        candidates = list(smaller(case))
        kept = [candidate for candidate, fails in zip(candidates, failing(candidates), strict=True) if fails] if candidates else []
        if not kept:
            break
        case = min(kept, key=size)
    return case


def size(case: Case) -> int:
    return len(case["dockerfile"]) + sum(len(str(case.get(key) or "")) for key in ("opts", "images", "dockerignore", "caps"))


def smaller(case: Case) -> Iterator[Case]:
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
        for member in image.get("config", {}).get("config", {}):
            config = {key: value for key, value in image["config"]["config"].items() if key != member}
            yield {**case, "images": {**case["images"], reference: {**image, "config": {**image["config"], "config": config}}}}
    for text in texts(case["dockerfile"]):
        yield {**case, "dockerfile": text}


def texts(text: str) -> Iterator[str]:
    lines = text.split("\n")
    span = len(lines) // 2
    while span:
        for at in range(0, len(lines), max(1, span // 2)):
            if len(lines) > span:
                yield "\n".join(lines[:at] + lines[at + span :])
        span //= 2
    if len(lines) > 12:
        return
    for number, line in enumerate(lines):
        words = line.split(" ")
        for at in range(len(words)):
            yield "\n".join([*lines[:number], " ".join(words[:at] + words[at + 1 :]), *lines[number + 1 :]])
        if len(line) < 80 and len(lines) < 6:
            for at in range(len(line)):
                yield "\n".join([*lines[:number], line[:at] + line[at + 1 :], *lines[number + 1 :]])
