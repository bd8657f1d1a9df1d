"""`llbfront diff`: what differs between two builds, op by op, and in the image config; text or JSON.

Source: git diff for names of operands and exit codes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from llbfront.cli import offline_arguments, recorded
from llbfront.cli.diff_operands import find_operands
from llbfront.cli.exit_codes import DONE, FINDINGS
from llbfront.cli.output import say, show, show_json
from llbfront.dockerfile.parser import parse
from llbfront.errors import LlbfrontError, OptionError
from llbfront.inspection.diff_report import COMMENT, INSTRUCTION, NONE, Report, rule_changes

if TYPE_CHECKING:
    import argparse

    from llbfront.cli.main import Parser
    from llbfront.cli.offline_arguments import NamedImages
    from llbfront.inspection.formats import Graph
    from llbfront.source import Source

EPILOG = """\
examples:
  llbfront diff HEAD~1                               the last commit's build and that of the work tree
  llbfront diff main:Dockerfile release:Dockerfile
  llbfront diff --json graph.msgpack . | jq .differences
  llbfront diff build:latest~1 build:latest          the last two builds, as they are recorded
  llbfront diff build:latest .                       what has changed since the latest build
  llbfront diff --context . Dockerfile /tmp/Dockerfile.new
A and B are each a directory, a Dockerfile, a saved graph, - for standard input, a git revision (the path of the other at that revision),
REVISION:PATH, or build:REF for a recorded build (`llbfront why --list`). A path that exists is meant before anything else of the same name.
exit codes: 0 no difference, 4 a difference, 1 a mistake in a Dockerfile, 2 other bad input
"""


def add_arguments(command: Parser) -> None:
    command.add_argument("before", metavar="A", help="a path, a git revision, REVISION:PATH, or build:REF")
    command.add_argument("after", nargs="?", metavar="B", help="the same (default: .)")
    offline_arguments.add_conversion_options(command)
    command.epilog, command.usage = EPILOG, "%(prog)s [FLAG ...] A [B]"
    command.last_argument = "after"
    command.set_defaults(run=run, path=None)
    command.add_argument("--context", metavar="DIR", help="the build context of both Dockerfiles (default: the directory of each)")
    command.add_argument("--json", action="store_true", help="print JSON, in the form llbfront.diff/1")


def run(parsed: argparse.Namespace) -> int:
    operands = find_operands((parsed.before, "." if parsed.after is None else parsed.after))
    build = next((operand.build for operand in operands if operand.build is not None), None)
    with offline_arguments.images_of(parsed) as images:
        if build is not None and not parsed.images:
            images.sources = [recorded.images_of(build)]
        before = operands[0].graph(parsed, images, build)
        try:
            after = operands[1].graph(parsed, images, build)
        except LlbfrontError as error:
            if parsed.after is None:
                error.add_hint("B is the current directory if it is not given: llbfront diff A B")
            raise
        refuse_options(parsed, images)
    if any(operand.is_ready for operand in operands):  # it may have been made with the real config
        offline_arguments.warn_of_assumed(images)
    report = Report(before, after, _text_change(before, after))
    if parsed.json:
        show_json(report.to_json())
    else:
        show(report.to_text())
        _explain_rules(report, before, after)
    return FINDINGS if report.differences else DONE


def refuse_options(parsed: argparse.Namespace, images: NamedImages) -> None:
    """Refuse options of a conversion where both graphs are saved or recorded ones. Raises: OptionError."""
    flags = [*offline_arguments.conversion_flags(parsed), *(["--context"] if parsed.context is not None else [])]
    if flags and not images.has_conversion:
        raise OptionError(
            f"{', '.join(flags)} cannot change graphs that are saved or recorded", hint="use the option when you save them"
        )


def _explain_rules(report: Report, before: Graph, after: Graph) -> None:
    """Explain why ignore rules differ although no ignore file changed: the Dockerfiles are in different directories."""
    contexts = [graph.directories.get("context", "") for graph in (before, after)]
    if all(map(os.path.isdir, contexts)) and contexts[0] != contexts[1] and any(map(rule_changes, report.differences)):
        say(
            f"llbfront: note: the ignore rules come from the contexts {contexts[0]} and {contexts[1]}; "
            "--context DIR compares both Dockerfiles in one context"
        )


def _text_change(before: Graph, after: Graph) -> str:
    """Return whether the Dockerfiles differ, as far as the graphs have them: in comments only, or in instructions, too."""
    old, new = (graph.definition.sources for graph in (before, after))
    if not old or not new or [source.data for source in old] == [source.data for source in new]:
        return NONE
    try:
        return COMMENT if list(map(_words, old)) == list(map(_words, new)) else INSTRUCTION
    except LlbfrontError:  # it is not a Dockerfile
        return INSTRUCTION


def _words(source: Source) -> list[object]:
    return [
        (statement.keyword.upper(), statement.flags, statement.args, statement.heredocs) for statement in parse(source).statements
    ]
