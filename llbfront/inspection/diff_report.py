"""Report how two builds differ: a line for each change, or JSON of the form `llbfront.diff/1`."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.errors import InvalidJson
from llbfront.foreign_json import parse_strings
from llbfront.inspection.affected import op_keys
from llbfront.inspection.compare import Difference, FieldChange, compare_graphs, shown
from llbfront.inspection.op_description import EXCLUDE_PATTERNS
from llbfront.inspection.stage_names import step_platform

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph, Node

__all__ = ["Report"]

SCHEMA = "llbfront.diff/1"
CHANGED, ADDED, REMOVED, CONFIG = "changed", "added", "removed", "image-config"
NONE, COMMENT, INSTRUCTION = "none", "comment", "instruction"
_PREFIXES = {NONE: "", COMMENT: "comment only: ", INSTRUCTION: "text only: "}
_MAX_CHARACTERS, _SHARED_CHARACTERS = 120, 20


@attrs.frozen(eq=False)
class Report:
    """How two graphs differ.

    Attributes:
        before: the first graph.
        after: the second graph.
        text: what differs in the text of the Dockerfiles, as far as it is known: `none`, `comment` (or layout), or `instruction`.
        differences: what differs, as `compare` lists it.
        op_count: how many ops there are in both graphs together, ops that correspond counted once.
        differing_count: how many of them were changed, added or removed.
        rebuilt_count: how many ops of the second graph an engine cannot take from the cache of the first, since they differ or read an op that
            does.
    """

    before: Graph = attrs.field(repr=False)
    after: Graph = attrs.field(repr=False)
    text: str = NONE
    differences: tuple[Difference, ...] = attrs.field(init=False, repr=False)
    op_count: int = attrs.field(init=False)
    differing_count: int = attrs.field(init=False)
    rebuilt_count: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        differences = compare_graphs(self.before, self.after)
        kinds = [kind_of(difference) for difference in differences]
        known = set(op_keys(self.before).values())
        values = {
            "differences": differences,
            "op_count": len(self.after.nodes) + kinds.count(REMOVED),
            "differing_count": len(kinds) - kinds.count(CONFIG),
            "rebuilt_count": sum(key not in known for key in op_keys(self.after).values()),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def to_text(self) -> str:
        """Return a line for each change, and a summary."""
        platforms: dict[str, set[str]] = {}
        for node in (difference.after or difference.before for difference in self.differences):
            if node is not None:
                platforms.setdefault(_place(node), set()).add(step_platform(node))
        shared = {place for place, names in platforms.items() if len(names) > 1}
        return "\n".join([*(line for difference in self.differences for line in _lines(difference, shared)), self.summary])

    @property
    def summary(self) -> str:
        """The differences in one line, such as `comment only: 0 of 41 ops differ`."""
        prefix = "" if self.differences else _PREFIXES[self.text]
        verb = "differs" if self.differing_count == 1 else "differ"
        rebuilt = f", {self.rebuilt_count} cannot come from the cache" if self.rebuilt_count else ""
        config = "; the image config differs" if any(kind_of(difference) == CONFIG for difference in self.differences) else ""
        return f"{prefix}{self.differing_count} of {self.op_count} ops {verb}{rebuilt}{config}"

    def to_json(self) -> str:
        """Return a JSON document of the form `llbfront.diff/1`."""
        members = {
            "schema": SCHEMA,
            "is_equal": not self.differences,
            "text_change": self.text,
            "op_count": self.op_count,
            "differing_count": self.differing_count,
            "rebuilt_count": self.rebuilt_count,
            "differences": [_members(difference) for difference in self.differences],
        }
        return json.dumps(members, indent=2)


def kind_of(difference: Difference) -> str:
    """Return `changed`, `added` or `removed` for an op, or `image-config`."""
    if difference.before is None:
        return CONFIG if difference.after is None else ADDED
    return REMOVED if difference.after is None else CHANGED


def _lines(difference: Difference, shared: Container[str]) -> Iterator[str]:
    """Yield the lines of a difference; places that steps of several platforms share are told apart by the platform."""
    node, kind = difference.after or difference.before, kind_of(difference)
    place = "image config" if node is None else _place(node)
    if node is not None and place in shared:
        place = f"{place} ({step_platform(node)})"
    if node is not None and kind in {ADDED, REMOVED}:
        yield f"{place} {kind}: {shown(_shortened(node.instruction))}"
    for change in difference.fields:
        yield f"{place}: {_rule_changes(change) if change in rule_changes(difference) else _change(change)}"


def _place(node: Node) -> str:
    """Return the keyword and line of an instruction, such as `RUN line 7`, else what the op does."""
    if not node.is_step or not node.line:
        return shown(_shortened(node.name))
    return f"{node.instruction.split(maxsplit=1)[0]} line {node.line}"


def rule_changes(difference: Difference) -> list[FieldChange]:
    """Return the fields of a difference that are rules of an ignore file."""
    is_local = difference.after is not None and difference.after.scheme == "local"
    return [change for change in difference.fields if is_local and change.name == EXCLUDE_PATTERNS]


def _rule_changes(change: FieldChange) -> str:
    """Return which rules of an ignore file were added and removed."""
    try:
        before, after = (parse_strings(text) if text else () for text in (change.before, change.after))
    except InvalidJson:
        return _change(change)
    parts = {
        "added": [rule for rule in after if rule not in before],
        "removed": [rule for rule in before if rule not in after],
    }
    texts = [f"{', '.join(map(shown, rules))} {word}" for word, rules in parts.items() if rules]
    return f"ignore rules {'; '.join(texts) or 'in another order'}"


def _change(change: FieldChange) -> str:
    before, after = change.before, change.after
    if before is not None and after is not None and max(len(before), len(after)) > _MAX_CHARACTERS:
        before, after = _parts_that_differ(before, after)
    return f"{change.name} {shown(before)} → {shown(after)}"


def _parts_that_differ(before: str, after: str) -> tuple[str, str]:
    """Cut what long strings have in common at their beginnings and ends."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    first, last = max(0, start - _SHARED_CHARACTERS), max(0, end - _SHARED_CHARACTERS)
    head, tail = "…" if first else "", "…" if last else ""
    cut = [f"{head}{_shortened(text[first : len(text) - last])}{tail}" for text in (before, after)]
    return cut[0], cut[1]


def _common(text: str, other: str) -> int:
    return next(
        (at for at, (left, right) in enumerate(zip(text, other, strict=False)) if left != right), min(len(text), len(other))
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_CHARACTERS else f"{text[: _MAX_CHARACTERS - 1]}…"


def _members(difference: Difference) -> dict[str, object]:
    node = difference.after or difference.before
    return {
        "kind": kind_of(difference),
        "stage": node and node.stage,
        "platform": node and (step_platform(node) or node.platform),
        "line": node.line if node else 0,
        "instruction": node.instruction if node else "",
        "before": _op(difference.before),
        "after": _op(difference.after),
        "fields": [attrs.asdict(change) for change in difference.fields],
    }


def _op(node: Node | None) -> dict[str, object] | None:
    return None if node is None else {"number": node.number, "digest": node.digest, "lines": node.lines}


def __dir__() -> Sequence[str]:
    return sorted(__all__)
