"""Where two answers to one case differ.

Two answers in, differences out: which kind, where, and both values. Order counts in the image config, whose bytes decide the
image's digest; it does not count in maps that have no order on the wire.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.pb import ops_pb2 as pb
from tests.differential.subject import CRASH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.differential.filters import Answer

KINDS = ("crash", "error", "ops", "metadata", "image", "meta", "warnings", "platforms", "sources", "attestations")
RACING = "InvalidBaseImagePlatform"
UNKNOWN = "unknown instruction: "
SUGGESTED = re.compile(rf"({UNKNOWN}.*) \(did you mean .*\?\)\Z", re.DOTALL)
OUTLINE = '\n  "args": ['
UNDEFINED = "Usage of undefined variable"
IN_FROM = "FROM argument '"
BLOCK = "\nWARNING: "
DETAIL = re.compile(r"Usage of undefined variable .*|FROM argument .*")
GRAPH = ("ops", "metadata", "image", "sources")


@attrs.frozen
class Difference:
    """One disagreement; `where` says the platform or key."""

    kind: str
    where: str
    ours: Any
    theirs: Any


def differences(ours: Answer, theirs: Answer) -> list[Difference]:
    """Every kind of difference at most once per place. Texts of errors are not compared, only whether there is one."""
    if (ours.get("error") or "").startswith(CRASH):
        return [Difference("crash", "", ours["error"], theirs.get("error"))]
    if ours.get("error") or theirs.get("error"):
        if bool(ours.get("error")) == bool(theirs.get("error")):
            return []
        return [Difference("error", "", ours.get("error"), theirs.get("error"))]
    return [
        *graph("", ours, theirs),
        *platforms(ours.get("platforms") or {}, theirs.get("platforms") or {}),
        *mapping("meta", meta(ours), meta(theirs)),
        *attestations(ours.get("attestations"), theirs.get("attestations")),
        *warnings(ours.get("warnings") or [], theirs.get("warnings") or []),
    ]


def graph(where: str, ours: Answer, theirs: Answer) -> Iterator[Difference]:
    left, right = parts(ours), parts(theirs)
    for kind in GRAPH:
        if left[kind] != right[kind] and (kind != "metadata" or left["ops"] == right["ops"]):
            yield Difference(kind, where, left[kind], right[kind])


def parts(answer: Answer) -> dict[str, Any]:
    encoded = answer.get("def_b64")
    return {
        "ops": answer.get("ops") or [],
        "metadata": plain(answer.get("metadata") or {}),
        "image": json.dumps(answer.get("image")),
        "sources": sources(encoded) if encoded else None,
    }


def plain(metadata: dict[str, Any]) -> dict[str, Any]:
    """Without empty members, which JSON writers keep or drop as they like."""
    return {digest: {key: value for key, value in item.items() if value} for digest, item in metadata.items()}


def sources(encoded: str) -> Any:
    """The source files of a definition and the lines of every op; the order of ranges counts."""
    definition = pb.Definition.FromString(base64.b64decode(encoded))
    files = [
        (info.filename, info.language, info.data, [digest(item) for item in getattr(info.definition, "def")])
        for info in definition.Source.infos
    ]
    lines = {
        key: [
            (item.sourceIndex, [(r.start.line, r.start.character, r.end.line, r.end.character) for r in item.ranges])
            for item in value.locations
        ]
        for key, value in definition.Source.locations.items()
    }
    return files, lines


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def platforms(ours: dict[str, Answer], theirs: dict[str, Answer]) -> Iterator[Difference]:
    if set(ours) != set(theirs):
        yield Difference("platforms", "", sorted(ours), sorted(theirs))
    for platform in sorted(set(ours) & set(theirs)):
        yield from graph(platform, ours[platform], theirs[platform])


def meta(answer: Answer) -> dict[str, Any]:
    """Result metadata without what the reference leaves to chance: order, ids of progress groups, blanks."""
    metadata = dict(answer.get("meta") or {})
    text, shown = metadata.get("result.json", ""), metadata.get("result.txt", "")
    if '"progress_group"' in text or '"def": {' in text:
        metadata["result.json"] = json.dumps(renumbered(json.loads(text)))
    elif any(word in text for word in (UNDEFINED, IN_FROM, RACING, UNKNOWN)):
        metadata["result.json"], metadata["result.txt"] = lint(json.loads(text), shown.split(BLOCK))
    elif OUTLINE in text:
        metadata["result.json"], metadata["result.txt"] = outline(json.loads(text), shown)
    return metadata


def lint(result: dict[str, Any], blocks: list[str]) -> tuple[str, str]:
    """Sort the variables that one instruction misses, and the base images that are for another platform.

    Of several keywords that a wrong one is equally near to, any may be suggested.
    """

    def kind(item: dict[str, Any]) -> str:
        return RACING if item["ruleName"] == RACING else json.dumps({**item, "detail": ""})

    result["warnings"] = grouped(result["warnings"] or [], kind)
    if error := result.get("buildError"):
        error["message"] = SUGGESTED.sub(r"\1", error["message"])
    races = any(block.startswith(RACING) for block in blocks)
    shown = sorted(blocks) if races else grouped(blocks, lambda block: DETAIL.sub("", block))
    return json.dumps(result, indent=2), BLOCK.join(shown)


def outline(result: dict[str, Any], shown: str) -> tuple[str, str]:
    """Sort the arguments that one instruction declares."""
    places = [json.dumps(item.get("location")) for item in result["args"]]
    if len(set(places)) < len(places):
        result["args"] = grouped(result["args"], lambda item: json.dumps(item.get("location")))
        shown = "\n".join(sorted(shown.split("\n")))
    return json.dumps(result, indent=2), shown


def grouped(items: list[Any], kind: Callable[[Any], str]) -> list[Any]:
    """The items with neighbours of one kind sorted."""
    return [item for _, same in itertools.groupby(items, kind) for item in sorted(same, key=json.dumps)]


def renumbered(result: dict[str, Any]) -> dict[str, Any]:
    """The result with progress group ids counted "1", "2", … by digest order."""
    ids: dict[str, str] = {}
    for item in result.get("metadata", {}).values():
        if group := item.get("progress_group"):
            group["id"] = ids.setdefault(group["id"], str(len(ids) + 1))
    return result


def mapping(kind: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Difference]:
    for key in sorted(set(ours) | set(theirs)):
        if ours.get(key) != theirs.get(key):
            yield Difference(kind, key, ours.get(key), theirs.get(key))


def attestations(ours: Any, theirs: Any) -> Iterator[Difference]:
    """Scans that only one side answers are not compared: the page of conversion cases does not ask for them."""
    if ours is None or theirs is None:
        return
    left, right = ({key: [scan(item) for item in items] for key, items in side.items()} for side in (ours, theirs))
    if left != right:
        yield Difference("attestations", "", left, right)


def scan(item: Answer) -> tuple[Any, ...]:
    return parts(item)["ops"], parts(item)["metadata"]


def warnings(ours: list[Any], theirs: list[Any]) -> Iterator[Difference]:
    left = sorted(json.dumps(item, sort_keys=True) for item in ours)
    right = sorted(json.dumps(item, sort_keys=True) for item in theirs)
    if left != right:
        yield Difference("warnings", "", [item for item in left if item not in right], [item for item in right if item not in left])
