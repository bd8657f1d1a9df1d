"""`llbfront stages`: which stages a build of the target runs or skips, and why; text or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.cli import offline_arguments
from llbfront.cli.exit_codes import DONE, FINDINGS
from llbfront.cli.output import say, show, show_json
from llbfront.inspection import stages

if TYPE_CHECKING:
    import argparse

    from llbfront.cli.main import Parser

EPILOG = """\
examples:
  llbfront stages --target final .
  llbfront stages --require test . && llbfront build .     # fail where the tests would not run
"""


def add_arguments(command: Parser) -> None:
    offline_arguments.add_arguments(command, path_help="a directory, a Dockerfile, or - for one on standard input (default: .)")
    command.epilog = EPILOG
    command.set_defaults(run=run)
    command.add_argument(
        "--require",
        action="append",
        default=[],
        metavar="STAGE",
        help="exit with code 4 if a build of the target would skip this stage; may be repeated",
    )
    command.add_argument("--json", action="store_true", help="print JSON, in the form llbfront.stages/1")


def run(parsed: argparse.Namespace) -> int:
    with offline_arguments.open_query(parsed, offline_arguments.text_of(parsed), command="stages") as query:
        statuses = stages.stage_statuses(query.convert())
    skipped = stages.required(statuses, parsed.require)
    if parsed.json:
        show_json(stages.to_json(statuses))
    else:
        show(stages.to_text(statuses))
    for status in skipped:
        say(f"llbfront: the stage {status.name} would be skipped: {status.reason}")
    return FINDINGS if skipped else DONE
