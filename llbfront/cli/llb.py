"""`llbfront llb`: the graph of a Dockerfile, or of a definition of any tool, as a tree, as data, or as a picture; nothing is built.

Source: buildctl debug dump-llb of BuildKit.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from llbfront.cli import offline_arguments
from llbfront.cli.output import show
from llbfront.errors import OptionError
from llbfront.files.paths import STANDARD_STREAM
from llbfront.inspection import tree
from llbfront.inspection.formats import FORMS, form_of

if TYPE_CHECKING:
    import argparse

    from llbfront.cli.main import Parser

EPILOG = """\
examples:
  llbfront llb .                                    the graph as a tree, to read (whole when redirected: to commit)
  llbfront llb --images registry --format json . | jq '.nodes[].name'
  llbfront llb -o graph.json .
  llbfront llb graph.msgpack --format dot | dot -Tsvg > graph.svg
The same input gives the same output, byte for byte; --platform makes it so on machines of every kind.
"""


def add_arguments(command: Parser) -> None:
    offline_arguments.add_arguments(command, path_help=offline_arguments.GRAPH_PATH_HELP)
    command.epilog = EPILOG
    command.set_defaults(run=run)
    command.add_argument(
        "--format", choices=tuple(FORMS), help="how to write the graph (default: by the suffix of --output, else tree)"
    )
    command.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    command.add_argument("-o", "--output", metavar="FILE", help="write to a file, - for standard output (default: -)")


def run(parsed: argparse.Namespace) -> int:
    output = None if parsed.output == STANDARD_STREAM else parsed.output
    form = parsed.format or (form_of(output, default="tree") if output else "tree")
    if output:
        offline_arguments.refuse_replaced(parsed, output, "--output")
    graph = offline_arguments.graph_of(parsed)
    if output:
        graph.save(output, form=form)
        return 0
    if form == "tree" and sys.stdout.isatty():
        show(tree.tree(graph, width=shutil.get_terminal_size().columns), end="")
        return 0
    data = graph.write(form)
    if form in {"pb", "msgpack"} and sys.stdout.isatty():
        raise OptionError(f"{form} is not text for a terminal", hint="redirect it, or name a file with -o")
    sys.stdout.buffer.write(data)
    return 0
