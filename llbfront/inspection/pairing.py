"""Pair the ops of two graphs: which op of one is which op of the other, also if ops were changed, added, removed or moved."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from llbfront.inspection.stage_names import step_platform

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph, Node

    Pairs = dict[int, int]

_MAX_CELLS = 250_000  # of the table in which similar ops are looked for; in larger blocks ops are paired in order


def pair(before: Graph, after: Graph) -> Pairs:
    """Return pairs of ops: numbers of ops of `after` by the numbers of ops of `before`.

    Equal ops are paired first, then ops of the same stage (and platform, of builds for several) with the same instruction, then ops of the same kind between two such pairs by the
    words that their instructions share.
    """
    place = _place_of_platform if any(map(_has_several_platforms, (before, after))) else _place
    common = {node.digest for node in before.nodes} & {node.digest for node in after.nodes}
    old_keys, new_keys = (
        [node.digest if node.digest in common else place(node) for node in graph.nodes] for graph in (before, after)
    )
    pairs: Pairs = {}
    blocks = []
    for tag, start, end, other_start, other_end in difflib.SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes():
        old, new = before.nodes[start:end], after.nodes[other_start:other_end]
        if tag == "equal":
            pairs.update(zip(_numbers(old), _numbers(new), strict=True))
        elif tag == "replace":
            blocks.append((old, new))
    for key in (_digest, place, _place, _text):
        _pair_rest(before.nodes, after.nodes, pairs, key)
    for old, new in blocks:
        taken = set(pairs.values())
        rest = [node for node in old if node.number not in pairs], [node for node in new if node.number not in taken]
        pairs.update(_similar(*rest))
    return pairs


def _numbers(nodes: Iterable[Node]) -> list[int]:
    return [node.number for node in nodes]


def _digest(node: Node) -> str:
    return node.digest


def _kind(node: Node) -> str:
    return f"{node.kind} {node.scheme}"


def _text(node: Node) -> str:
    return f"{_kind(node)} {node.instruction}"


def _place(node: Node) -> str:
    return f"{node.stage} {_text(node)}"


def _place_of_platform(node: Node) -> str:
    return f"{step_platform(node)} {_place(node)}"


def _has_several_platforms(graph: Graph) -> bool:
    return len({step_platform(node) for node in graph.nodes if node.is_step}) > 1


def _pair_rest(old: Sequence[Node], new: Sequence[Node], pairs: Pairs, key: Callable[[Node], str]) -> None:
    """Pair ops that are left and have equal keys, in order."""
    taken = set(pairs.values())
    waiting: dict[str, list[int]] = {}
    for node in reversed(new):
        if node.number not in taken:
            waiting.setdefault(key(node), []).append(node.number)
    for node in old:
        if node.number not in pairs and (partners := waiting.get(key(node))):
            pairs[node.number] = partners.pop()


def _similar(old: Sequence[Node], new: Sequence[Node]) -> Iterator[tuple[int, int]]:
    """Pair ops of equal kinds without crossing, so that as many as possible are paired, and those that share the most words."""
    if len(old) * len(new) > _MAX_CELLS:
        pairs: Pairs = {}
        _pair_rest(old, new, pairs, _kind)
        yield from pairs.items()
        return
    words = [[(_kind(node), frozenset(node.instruction.split())) for node in nodes] for nodes in (old, new)]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for row in reversed(range(len(old))):
        for column in reversed(range(len(new))):
            both = best[row + 1][column + 1] + _likeness(words[0][row], words[1][column])
            best[row][column] = max(both, best[row + 1][column], best[row][column + 1])
    row = column = 0
    while row < len(old) and column < len(new):
        if best[row][column] == best[row + 1][column]:
            row += 1
        elif best[row][column] == best[row][column + 1]:
            column += 1
        else:
            yield old[row].number, new[column].number
            row, column = row + 1, column + 1


def _likeness(old: tuple[str, frozenset[str]], new: tuple[str, frozenset[str]]) -> float:
    """Return 0 for ops of different kinds, else 1 to 2."""
    if old[0] != new[0]:
        return 0.0
    every = old[1] | new[1]
    return 1 + (len(old[1] & new[1]) / len(every) if every else 1)
