"""`llbfront outline`: what the target of a Dockerfile can be given: arguments, secrets, SSH agents; text, or the JSON of the subrequest.

Source: docker build --call=outline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.cli import offline_arguments
from llbfront.cli.output import show, show_json

if TYPE_CHECKING:
    import argparse

    from llbfront.cli.main import Parser


def add_arguments(command: Parser) -> None:
    offline_arguments.add_arguments(command, path_help="a directory, a Dockerfile, or - for one on standard input (default: .)")
    command.set_defaults(run=run)
    command.add_argument("--json", action="store_true", help="print JSON, in the form of the subrequest frontend.outline")


def run(parsed: argparse.Namespace) -> int:
    with offline_arguments.open_query(parsed, offline_arguments.text_of(parsed), command="outline") as query:
        answer = query.ask("frontend.outline")
    if parsed.json:
        show_json(answer["result.json"])
    else:
        show(answer["result.txt"].rstrip("\n"))
    return 0
