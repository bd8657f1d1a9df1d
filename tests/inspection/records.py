"""Records of builds that never ran, for tests: a Dockerfile, its context, and how each step went."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING, Any

import llbfront
from llbfront.client.records import recording
from llbfront.fsutil.walk import walk
from llbfront.inspection import record_codec, recorded_build

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llbfront.inspection.recorded_build import RecordedBuild

SECOND_NS = 10**9


def members(
    root: pathlib.Path, *, cached: bool = False, seconds: Mapping[str, float] | None = None, **options: str
) -> dict[str, Any]:
    """Return the members of a record of a build of `root`; `seconds` are durations of steps by a part of their name."""
    build_args = {name: value for name, value in options.items() if name.isupper()}
    graph = llbfront.convert(
        root, build_args=build_args, platform=options.get("platform", "linux/amd64"), target=options.get("target")
    )
    runs = []
    for node in graph.nodes:
        took = next((value for part, value in (seconds or {}).items() if part in node.name), 1.0)
        state = "cached" if cached and node.kind != "source" else "ran"
        start = SECOND_NS * node.number
        runs.append([node.digest, state, start, start + int(took * SECOND_NS), int(took * SECOND_NS), 0, node.name])
    context = recording._context(str(root), record_codec.EntryColumns.of(walk(str(root))), recording._NOTHING_KNOWN, "context")
    return {
        "ref": "ref",
        "started_ns": 1,
        "ended_ns": 2,
        "address": "unix:///engine",
        "context": str(root),
        "dockerfile": str(root / "Dockerfile"),
        "options": {f"build-arg:{name}": value for name, value in build_args.items()}
        | {name: value for name, value in options.items() if not name.isupper()},
        "definitions": [[graph.definition.encode(), None]],
        "config": graph.config,
        "runs": runs,
        "secrets": {},
        "caches": [],
        "has_failed": False,
        "contexts": {"context": context},
        "hashed_ns": 3,
    }


def recorded(root: pathlib.Path, **arguments: Any) -> RecordedBuild:
    """Return the record of a build of `root`, written and read."""
    return recorded_build.RecordedBuild.read(record_codec.pack(members(root, **arguments)))
