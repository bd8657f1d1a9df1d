"""`llbfront diff`: what differs between two builds, op by op, and in the image config; text or JSON.

Source: git diff for names of sides and exit codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.cli import offline_arguments
from llbfront.cli.output import show, show_json
from llbfront.cli.sides import find_sides
from llbfront.dockerfile.parser import parse
from llbfront.errors import LlbfrontError
from llbfront.inspection.diff_report import COMMENT, INSTRUCTION, NONE, Report

if TYPE_CHECKING:
    import argparse

    from llbfront.cli.main import Parser
    from llbfront.inspection.formats import Graph
    from llbfront.source import Source

EQUAL, DIFFERENT = 0, 4
EPILOG = """\
examples:
  llbfront diff HEAD~1                               the last commit's build and that of the work tree
  llbfront diff main:Dockerfile release:Dockerfile
  llbfront diff --json graph.msgpack . | jq .differences
A side is a directory, a Dockerfile, a saved graph, - for standard input, a git revision (the path of the other side at that revision), or
REVISION:PATH. A path that exists is meant before a revision of the same name.
exit codes: 0 no difference, 4 a difference, 1 a mistake in a Dockerfile, 2 other bad input
"""


def add_arguments(command: Parser) -> None:
    command.add_argument("before", metavar="A", help="a path, a git revision, or REVISION:PATH")
    command.add_argument("after", nargs="?", metavar="B", help="the same (default: .)")
    offline_arguments.add_options(command)
    command.epilog = EPILOG
    command.last_argument = "after"
    command.set_defaults(run=run)
    command.add_argument("--json", action="store_true", help="print JSON, in the form llbfront.diff/1 (docs/inspection.md)")


def run(parsed: argparse.Namespace) -> int:
    sides = find_sides((parsed.before, "." if parsed.after is None else parsed.after))
    with offline_arguments.images_of(parsed) as images:
        before, after = (side.graph(parsed, images) for side in sides)
    report = Report(before, after, _text_change(before, after))
    if parsed.json:
        show_json(report.to_json())
    else:
        show(report.to_text())
    return DIFFERENT if report.differences else EQUAL


def _text_change(before: Graph, after: Graph) -> str:
    """Say whether the Dockerfiles differ, as far as the graphs have them: in comments only, or in instructions, too."""
    old, new = (graph.definition.sources for graph in (before, after))
    if not old or not new or [source.data for source in old] == [source.data for source in new]:
        return NONE
    try:
        return COMMENT if list(map(_words, old)) == list(map(_words, new)) else INSTRUCTION
    except LlbfrontError:  # it is no Dockerfile
        return INSTRUCTION


def _words(source: Source) -> list[object]:
    return [(each.keyword.upper(), each.flags, each.args, each.heredocs) for each in parse(source).statements]
