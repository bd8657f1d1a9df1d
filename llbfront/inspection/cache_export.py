"""The parts of a build that a cache export contains (layers of the result, results of other steps) or cannot contain (cache mounts).

Source: cache/remotecache of BuildKit for the modes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.inspection.layers import chain_of

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph, Node

__all__ = ["CacheMount", "cache_modes", "cache_mounts"]

MIN, MAX = "min", "max"


@attrs.frozen
class CacheMount:
    """A cache mount of a step. No export carries it: it is empty on an engine that has not run the step.

    Attributes:
        id: the id by which steps share it, by default its target.
        target: where it is mounted.
        sharing: `shared`, `private` or `locked`.
        stage: the stage of the step, empty if the graph does not name it.
        line: the line of the step.
        instruction: the text of the step.
    """

    id: str
    target: str
    sharing: str
    stage: str
    line: int
    instruction: str


@arguments.typed
def cache_modes(graph: Graph) -> dict[int, str]:
    """Return for each op that makes a result whether `mode=min` carries it, or only `mode=max`, by its number.

    `mode=min` carries the layers of the result. Sources are fetched again in either mode.

    Args:
        graph: the graph.
    """
    chain = chain_of(graph)
    return {node.number: MIN if node.number in chain else MAX for node in graph.nodes if node.kind != "source"}


def cache_mounts(graph: Graph) -> Iterator[CacheMount]:
    """Yield the cache mounts of all steps, in the order of the graph.

    Args:
        graph: the graph.
    """
    for node in graph.nodes:
        for mount in node.op.get("mounts", ()):
            if mount.get("mountType") == "CACHE":
                yield _mount(node, mount)


def _mount(node: Node, mount: dict[str, object]) -> CacheMount:
    options = mount.get("cacheOpt")
    members = options if isinstance(options, dict) else {}
    target = str(mount.get("dest", ""))
    return CacheMount(
        str(members.get("ID", target)).removeprefix("/"),
        target,
        str(members.get("sharing", "SHARED")).lower(),
        node.stage or "",
        node.line,
        node.instruction,
    )


def __dir__() -> list[str]:
    return sorted(__all__)
