"""`llbfront targets`: the stages of a Dockerfile that can be built; text, or the JSON of the subrequest.

Source: docker build --call=targets.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llbfront.cli import offline_arguments
from llbfront.cli.output import show, show_json
from llbfront.dockerfile.stages import stage_label
from llbfront.dockerfile2llb.plan import unknown_target
from llbfront.gostd.tabwriter import format_table

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping

    from llbfront.cli.main import Parser


def add_arguments(command: Parser) -> None:
    offline_arguments.add_arguments(command, path_help="a directory, a Dockerfile, or - for one on standard input (default: .)")
    command.set_defaults(run=run, shows_answer=False)
    command.add_argument("--json", action="store_true", help="print JSON, in the form of the subrequest frontend.targets")


def run(parsed: argparse.Namespace) -> int:
    with offline_arguments.open_query(parsed, offline_arguments.text_of(parsed), command="targets") as query:
        answer = query.ask("frontend.targets")
        if parsed.target:
            check_target(parsed.target, answer)
    if parsed.json:
        show_json(answer["result.json"])
    elif parsed.shows_answer:  # `--call targets`, which prints what docker buildx prints
        show(answer["result.txt"], end="")
    else:
        show(_table(json.loads(answer["result.json"])["targets"] or ()))
    return 0


def _table(targets: Iterable[Mapping[str, Any]]) -> str:
    rows = [("TARGET", "DESCRIPTION")]
    for number, target in enumerate(targets):
        name, is_default = target.get("name", ""), target.get("default", False)
        note = "(default)" if is_default else "" if name else "(no name: --target cannot select it)"
        rows.append((" ".join(filter(None, (stage_label(name, number), note))), target.get("description", "")))
    return "\n".join(line.rstrip() for line in format_table(rows, gap=2).splitlines())


def check_target(target: str, answer: Mapping[str, str]) -> None:
    """Refuse a target that is not a stage, as the other commands do; the subrequest itself ignores it. Raises: UnknownTarget."""
    names = [stage.get("name", "") for stage in json.loads(answer["result.json"])["targets"] or ()]
    if target.lower() not in {name.lower() for name in names if name}:
        raise unknown_target(target, names)
