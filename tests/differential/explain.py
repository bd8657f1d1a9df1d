"""A difference, readable by a human: ops decoded and named, the first differing one field by field.

Differences and both answers (with definitions) in, lines out.
"""

from __future__ import annotations

import base64
import difflib
import json
from typing import TYPE_CHECKING, Any

from google.protobuf.json_format import MessageToDict

from llbfront.pb import ops_pb2 as pb
from tests.differential.compare import digest
from tests.wire import message_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.differential.compare import Difference
    from tests.differential.filters import Answer, Case

CONTEXT = 2
LONGEST = 60


def explain(case: Case, differences: list[Difference], ours: Answer, theirs: Answer) -> Iterator[str]:
    """The case and what differs. Op differences are shown where both answers have their definitions."""
    yield f"case {case['id']}"
    yield from ("    " + line for line in case["dockerfile"].splitlines())
    for key in ("opts", "images", "dockerignore"):
        if case.get(key):
            yield f"  {key}: {json.dumps(case[key], ensure_ascii=False)}"
    if case.get("caps", "all") != "all":
        yield f"  caps: {case['caps']}"
    for difference in differences:
        yield f"  {difference.kind}{' of ' + difference.where if difference.where else ''} differs (- reference, + ours)"
        yield from ("    " + line for line in show(difference, ours, theirs))


def show(difference: Difference, ours: Answer, theirs: Answer) -> Iterator[str]:
    where = difference.where
    if difference.kind == "ops":
        left = (ours["platforms"][where] if where else ours).get("def_b64")
        right = (theirs["platforms"][where] if where else theirs).get("def_b64")
        if left is not None or right is not None:
            yield from operations(definition(left), definition(right))
            return
    left, right = difference.ours, difference.theirs
    if difference.kind == "metadata":
        left, right = only_other(left, right), only_other(right, left)
    yield from unified(pretty(right), pretty(left))


def only_other(first: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The entries that are not the same on the other side."""
    return {key: value for key, value in first.items() if other.get(key) != value}


def pretty(value: Any) -> list[str]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return str(value).splitlines()
    return str(
        json.dumps(value, indent=1, ensure_ascii=False, sort_keys=isinstance(value, dict) and "rootfs" not in value, default=repr)
    ).splitlines()


def unified(theirs: list[str], ours: list[str]) -> list[str]:
    return list(difflib.unified_diff(theirs, ours, lineterm="", n=CONTEXT))[2 : 2 + LONGEST]


def definition(encoded: str | None) -> Any:
    return pb.Definition.FromString(base64.b64decode(encoded or ""))


def operations(ours: Any, theirs: Any) -> Iterator[str]:
    """The first op that only one side has, against its counterpart at the same place of the list."""
    left, right = list(getattr(ours, "def")), list(getattr(theirs, "def"))
    at = next((index for index, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    yield f"reference has {len(right)} ops, ours {len(left)}; the first difference is number {at}"
    yield from unified(
        described(theirs, right[at]) if at < len(right) else [], described(ours, left[at]) if at < len(left) else []
    ) or ["same fields, other bytes:", f"-{right[at].hex()}", f"+{left[at].hex()}"]


def described(whole: Any, data: bytes) -> list[str]:
    """One op as text, its inputs as places in the list."""

    places = {"sha256:" + digest(item): number for number, item in enumerate(getattr(whole, "def"))}
    op = pb.Op.FromString(data)
    fields = MessageToDict(message_types()["pb.Op"].FromString(data), preserving_proto_field_name=True)
    fields["inputs"] = [f"#{places.get(item.digest, item.digest)}.{item.index}" for item in op.inputs]
    name = whole.metadata["sha256:" + digest(data)].description.get("llb.customname", "")
    return [f"name: {name}", *json.dumps(fields, indent=1, ensure_ascii=False).splitlines()]
