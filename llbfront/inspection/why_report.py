"""Write why the steps of a build ran: as text, and as JSON in the form `llbfront.why/1`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.inspection.build_steps import RAN
from llbfront.inspection.cause_kinds import CauseKind
from llbfront.inspection.stage_names import step_place
from llbfront.printable import visible_rows

if TYPE_CHECKING:
    from llbfront.inspection.formats import Graph
    from llbfront.inspection.recorded_build import RecordedBuild
    from llbfront.inspection.why import Explanation, StepCause

SCHEMA, LISTING_SCHEMA = "llbfront.why/1", "llbfront.builds/1"
_SHOWN_OTHERS = 3


def to_json(build: RecordedBuild, explanations: Sequence[Explanation]) -> str:
    """Return a JSON document."""
    earlier = _compared_with(explanations)
    members = {
        "schema": SCHEMA,
        "build": _build(build),
        "compared_with": None if earlier is None else _build(earlier),
        "steps": [_step(explanation) for explanation in explanations],
        "secrets_changed": changed_secrets(build, earlier),
    }
    return json.dumps(members, indent=2)


def to_text(build: RecordedBuild, explanations: Sequence[Explanation], *, now_ns: int) -> str:
    """Return a head, a line for each step with its cause, and notes; `now_ns` is the time to count from."""
    earlier = _compared_with(explanations)
    return visible_rows([*_head(build, earlier, now_ns), *_step_lines(explanations), *_notes(build, earlier)])


def with_reasons(build: RecordedBuild, explanations: Iterable[Explanation]) -> Graph:
    """Return the graph of a build, with runs that say why their steps ran."""
    reasons = {
        node.digest: _reason(explanation.cause)
        for explanation in explanations
        if explanation.cause
        for node in explanation.step.nodes
    }
    graph = build.graph
    return graph.with_runs(attrs.evolve(run, reason=reasons.get(digest, "")) for digest, run in graph.runs.items())


def _reason(cause: StepCause) -> str:
    return "; also: ".join((_cause_text(cause), *cause.also[:_SHOWN_OTHERS]))


def changed_secrets(build: RecordedBuild, earlier: RecordedBuild | None) -> list[str]:
    """Return the ids of secrets that have another content than in the earlier build."""
    known = {} if earlier is None else earlier.secrets
    return sorted(name for name, digest in build.secrets.items() if name in known and known[name] != digest)


def _compared_with(explanations: Sequence[Explanation]) -> RecordedBuild | None:
    """Return the build that most steps were compared with, of those that ran if there are any."""
    ran = [explanation for explanation in explanations if explanation.state == RAN]
    builds = [explanation.compared_with for explanation in ran or explanations]
    return max(builds, key=builds.count, default=None)


def _build(build: RecordedBuild) -> dict[str, Any]:
    return {
        "ref": build.ref,
        "started_ns": build.started_ns,
        "ended_ns": build.ended_ns,
        "engine": build.address,
        "context": build.context,
        "dockerfile": build.dockerfile,
        "target": build.target,
        "platform": build.platform,
        **({"bake_target": build.bake_target} if build.bake_target else {}),
        "failed": build.has_failed,
    }


def _step(explanation: Explanation) -> dict[str, Any]:
    step, cause = explanation.step, explanation.cause
    members: dict[str, Any] = {
        "stage": step.stage,
        "line": step.line,
        "instruction": step.instruction,
        "state": explanation.state,
    }
    if step.platform:
        members["platform"] = step.platform
    members["duration_ns"] = sum(run.duration_ns for run in step.runs)
    members["digests"] = [node.digest for node in step.nodes]
    if explanation.compared_with is not None:
        members["compared_with"] = explanation.compared_with.ref
    members["cause"] = None if cause is None else _cause(cause)
    return members


def _cause(cause: StepCause) -> dict[str, Any]:
    members: dict[str, Any] = {"kind": cause.kind}
    fields = (("name", cause.name), ("path", cause.path), ("from", cause.old_path), ("rule", cause.rule), ("url", cause.url))
    members |= {name: value for name, value in fields if value}
    members |= {"line": cause.line, "text": cause.text}
    return members | ({"also": list(cause.also)} if cause.also else {})


def _head(build: RecordedBuild, earlier: RecordedBuild | None, now_ns: int) -> Iterator[str]:
    outcome = ", which failed" if build.has_failed else ""
    target = f"the target {build.bake_target} of " if build.bake_target else ""
    yield f"Build of {target}{build.context} {_ago(now_ns - build.started_ns)} ago{outcome}"
    if earlier is not None:
        place = "" if earlier.context == build.context else f" of {earlier.context}"
        yield f"compared with the build{place} {_ago(now_ns - earlier.started_ns)} ago"
    yield ""


def _step_lines(explanations: Sequence[Explanation]) -> Iterator[str]:
    places = [_place(explanation) for explanation in explanations]
    width = max(map(len, places), default=0)
    for place, explanation in zip(places, explanations, strict=True):
        yield f"{explanation.state:<6}  {place:<{width}}  {explanation.step.instruction}"
        if explanation.cause is not None:
            yield f"        {'':<{width}}  {_cause_text(explanation.cause)}"
            yield from (f"        {'':<{width}}  also: {text}" for text in explanation.cause.also[:_SHOWN_OTHERS])
            if (more := len(explanation.cause.also) - _SHOWN_OTHERS) > 0:
                yield f"        {'':<{width}}  also: {more} more (--json lists them)"
    if not explanations:
        yield "The engine ran no step."
    elif not any(explanation.state == RAN for explanation in explanations):
        yield "All steps came from the cache."


def _place(explanation: Explanation) -> str:
    step = explanation.step
    return " ".join(filter(None, (step.platform, step_place(step.stage, step.line))))


def _cause_text(cause: StepCause) -> str:
    return cause.text if cause.kind == CauseKind.EARLIER_STEP else f"{cause.kind}: {cause.text}"


def _notes(build: RecordedBuild, earlier: RecordedBuild | None) -> Iterator[str]:
    for name in changed_secrets(build, earlier):
        yield ""
        yield f"The content of the secret {name} changed. Engines do not look at it, so that no step runs because of it."


def _ago(duration_ns: int) -> str:
    seconds = max(0, duration_ns) // 10**9
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def listing_json(builds: Iterable[RecordedBuild]) -> str:
    """Return a JSON document of the form `llbfront.builds/1`: the builds, the latest first."""
    return json.dumps({"schema": LISTING_SCHEMA, "builds": [_build(build) for build in builds]}, indent=2)
