"""The run of each op in a build: times, cache hits and bytes.

Source: client/graph.go of BuildKit for what an engine reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import attrs

__all__ = ["NodeRun", "match_runs"]

_DIGEST = re.compile("@sha256:[0-9a-f]{64}")  # names of images have it once an engine has resolved them

_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP_BYTES = 1000


@attrs.frozen
class NodeRun:
    """How an op went.

    Attributes:
        digest: the digest of the op.
        state: `ran`, `cached` or `failed`.
        started_ns: when it first started, by the engine's clock.
        completed_ns: when it ended; None if it did not end.
        duration_ns: how long it worked, pauses left out.
        size_bytes: how many bytes the engine reported as transferred for it, 0 if none.
        name: the name of the op in the progress of the build.
        reason: why it ran, in one sentence, if that is known.
    """

    digest: str
    state: str
    started_ns: int
    completed_ns: int | None
    duration_ns: int
    size_bytes: int = 0
    name: str = ""
    reason: str = ""

    @property
    def duration_s(self) -> float:
        """The duration in seconds."""
        return self.duration_ns / 1e9


def match_runs(names: Mapping[str, str], runs: Iterable[NodeRun]) -> dict[str, NodeRun]:
    """Find the runs of ops: by digest, and by name where no run has the digest.

    Ops that read the build context have another digest in each build, and so have those that depend on them.

    Args:
        names: the names of the ops by their digests.
        runs: runs, perhaps of other ops, too.

    Returns:
        Runs by the digests of the ops. Of several runs for one op, the one that worked longest. Of ops with equal names, the first
        op has the first run.
    """
    known = tuple(runs)
    matched = _longest(run for run in known if run.digest in names)
    waiting: dict[str, list[NodeRun]] = {}
    for run in _longest(run for run in known if run.digest not in names).values():
        waiting.setdefault(_DIGEST.sub("", run.name), []).append(run)
    for digest, name in names.items():
        if digest not in matched and (same := waiting.get(_DIGEST.sub("", name))):
            matched[digest] = attrs.evolve(same.pop(0), digest=digest)
    return matched


def _longest(runs: Iterable[NodeRun]) -> dict[str, NodeRun]:
    longest: dict[str, NodeRun] = {}
    for run in runs:
        if run.digest not in longest or run.duration_ns > longest[run.digest].duration_ns:
            longest[run.digest] = run
    return longest


def outcome(run: NodeRun) -> str:
    """Return how an op went, as `cached` or `1.2s 3.4MB`."""
    if run.state == "cached":
        return "cached"
    size = f" {size_text(run.size_bytes)}" if run.size_bytes else ""
    return f"{'failed ' if run.state == 'failed' else ''}{seconds(run.duration_ns)}{size}"


def seconds(duration_ns: int) -> str:
    """Return a duration in tenths of seconds, rounded half up."""
    tenths = (duration_ns + 50_000_000) // 100_000_000
    return f"{tenths // 10}.{tenths % 10}s"


def size_text(size_bytes: int) -> str:
    """Return a size with one decimal, in units of 1000."""
    unit, scale = 0, 1
    while size_bytes >= scale * _STEP_BYTES and unit + 1 < len(_UNITS):
        unit, scale = unit + 1, scale * _STEP_BYTES
    whole, rest = divmod(size_bytes, scale)
    return f"{whole}{_UNITS[unit]}" if unit == 0 else f"{whole}.{rest * 10 // scale}{_UNITS[unit]}"


def __dir__() -> list[str]:
    return sorted(__all__)
