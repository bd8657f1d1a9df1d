"""Describe the parameters of a target: build arguments, secrets and SSH agents.

Source: frontend/subrequests/outline/outline.go, frontend/dockerfile/dockerfile2llb/outline.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.frontend.checks import Checks
from llbfront.frontend.subrequests import formatting
from llbfront.gostd.json import marshal_indent
from llbfront.gostd.strings import to_valid_utf8
from llbfront.gostd.tabwriter import format_table

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.emit import Result
    from llbfront.dockerfile2llb.facts import ArgUse, SecretUse, StageFacts
    from llbfront.frontend.subrequests.dispatch import Request

VERSION = "1.0.0"


def answer(request: Request) -> dict[str, str]:
    """Describe the target and the stages it needs."""
    options = attrs.evolve(request.options, convert_options=attrs.evolve(request.options.convert_options, needs_graph=False))
    checks = Checks(request.bridge, options, request.entry)
    (result,) = request.convert_all(request.bridge, options, request.context, request.entry, (None,), checks)
    stage = result.resolved_plan.plan.stages[result.resolved_plan.plan.target].stage
    facts = list(_facts(result))
    args = sorted(_first(arg for stage_facts in facts for arg in _used(stage_facts)), key=lambda arg: arg.range.start)
    secrets = sorted(_first(use for stage_facts in facts for use in stage_facts.secrets.values()), key=lambda use: use.range.start)
    agents = sorted(_first(use for stage_facts in facts for use in stage_facts.ssh.values()), key=lambda use: use.range.start)
    name = (stage.name if stage else None) or ""
    description = stage.base.description if stage else ""
    places = formatting.Places(request.entry.source)
    value = formatting.without_empty(
        name=name,
        description=description,
        args=[_arg(arg, places) for arg in args],
        secrets=[_secret(use, places) for use in secrets],
        ssh=[_secret(use, places) for use in agents],
    )
    value["sources"] = [formatting.base64_text(source.data) for source in places.sources]
    text = [_heading(name, description)] if name or description else []
    if args:
        text.append(_table(("BUILD ARG", "VALUE", "DESCRIPTION"), [(arg.key, arg.value, arg.description) for arg in args]))
    for title, uses in (("SECRET", secrets), ("SSH", agents)):
        if uses:
            text.append(_table((title, "REQUIRED"), [(use.id, "true" if use.required else "") for use in uses]))
    return {"result.json": marshal_indent(value), "result.txt": to_valid_utf8("".join(text)), "version": VERSION}


def _facts(result: Result) -> Iterator[StageFacts]:
    """Return the facts of the target, of its base stages, and of the stages that these read, each once."""
    resolved_plan = result.resolved_plan
    pending, seen = [resolved_plan.plan.target], set()
    while pending:
        number = pending.pop(0)
        if number in seen:
            continue
        seen.add(number)
        if number in result.facts:
            yield result.facts[number]
        below = resolved_plan.stages[number].base
        read = [source for step in resolved_plan.steps.get(number, ()) for source in step.sources]
        pending[:0] = [*([] if below is None else [below]), *read]


def _used(facts: StageFacts) -> Iterator[ArgUse]:
    """Return the arguments that a stage uses, and the arguments in their defaults."""
    pending, seen = list(facts.used), set()
    while pending:
        key = pending.pop()
        if key not in seen:
            seen.add(key)
            argument = facts.argument(key)
            if argument:
                yield argument
                pending.extend(argument.needs)


def _first(uses: Iterable[Any]) -> list[Any]:
    first: dict[str, Any] = {}
    for use in uses:
        first.setdefault(getattr(use, "key", None) or use.id, use)
    return list(first.values())


def _arg(arg: ArgUse, places: formatting.Places) -> dict[str, Any]:
    optional = formatting.without_empty(description=arg.description, value=arg.value, location=places.of(arg.range))
    return {"name": arg.key, **optional}


def _secret(use: SecretUse, places: formatting.Places) -> dict[str, Any]:
    return {"name": use.id, **formatting.without_empty(required=use.required, location=places.of(use.range))}


def _heading(name: str, description: str) -> str:
    rows = [("TARGET:", name or "(default)"), *((("DESCRIPTION:", description),) if description else ())]
    return format_table(rows, gap=1) + "\n"


def _table(titles: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    return format_table([titles, *rows], gap=3) + "\n"
