"""`llbfront graph`: a picture of a build: a page to explore, SVG, PNG, or a tree in the terminal."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import attrs

from llbfront.cli import offline_arguments
from llbfront.cli.output import show, show_json
from llbfront.client.node_runs import read_runs
from llbfront.errors import ContextError, OptionError
from llbfront.files.paths import STANDARD_STREAM, STDIN_PATH
from llbfront.files.reading import read_file, refuse_same_input
from llbfront.files.writing import write_file
from llbfront.inspection import diagram, tree
from llbfront.inspection.diagram import report
from llbfront.suggestions import nearest

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from llbfront.cli.main import Parser
    from llbfront.inspection.formats import Graph

EPILOG = """\
examples:
  llbfront graph -o graph.html .                    a page: pan, zoom, search, click a step for its lines and inputs
  llbfront graph -o graph.svg --all .               also the stages that the target does not need, in grey
  llbfront build --progress rawjson . 2> run.json
  llbfront graph --run run.json -o graph.html .     with cache hits, seconds, bytes, the critical path and a timeline
  llbfront graph --build latest -o graph.html .     the latest recorded build, also with the reason why each step ran
"""
FORMATS: dict[str, Callable[[Drawing], bytes]] = {
    "html": lambda drawing: diagram.to_html(drawing.graph, with_unused=drawing.shows_all, title=drawing.title).encode(),
    "svg": lambda drawing: drawing.svg().encode(),
    "png": lambda drawing: diagram.to_png(drawing.svg()),
    "tree": lambda drawing: tree.tree(drawing.graph, with_unused=drawing.shows_all).encode(errors="surrogateescape"),
    "json": lambda drawing: report.to_json(drawing.graph, with_unused=drawing.shows_all).encode(),
}
SUFFIXES = {".html": "html", ".htm": "html", ".svg": "svg", ".png": "png", ".txt": "tree", ".tree": "tree", ".json": "json"}


@attrs.frozen
class Drawing:
    """A graph to draw, with a title if it is no graph of a Dockerfile as it is now."""

    graph: Graph
    shows_all: bool
    title: str = ""

    def svg(self) -> str:
        return diagram.to_svg(self.graph, with_unused=self.shows_all, title=self.title)


def add_arguments(command: Parser) -> None:
    offline_arguments.add_arguments(command, path_help=offline_arguments.GRAPH_PATH_HELP)
    command.epilog = EPILOG
    command.set_defaults(run=run)
    command.add_argument(
        "--format", choices=tuple(FORMATS), help="how to draw the graph (default: by the suffix of --output, else tree)"
    )
    command.add_argument(
        "--json",
        action="store_const",
        const="json",
        dest="format",
        help="print JSON, in the form llbfront.graph/1",
    )
    command.add_argument("-o", "--output", metavar="FILE", help="write to a file, - for standard output (default: -)")
    command.add_argument(
        "--frontend", metavar="FILE", help="show what the function `frontend` of this Python file makes, as for `build`"
    )
    command.add_argument("--all", action="store_true", help="show the stages that the target does not need, too, in grey")
    command.add_argument(
        "--run",
        dest="progress",
        metavar="FILE",
        help="show how a build went: the output of llbfront build --progress rawjson, - for standard input",
    )
    command.add_argument(
        "--build",
        metavar="REF|FILE",
        help="a recorded build and why its steps ran: its ref or the beginning of it, the file of a record, `latest` or `latest~N` of PATH, or target:NAME of a bake",
    )


def run(parsed: argparse.Namespace) -> int:
    output = None if parsed.output == STANDARD_STREAM else parsed.output
    form = parsed.format or _format_of(output)
    progress = STDIN_PATH if parsed.progress == STANDARD_STREAM else parsed.progress
    refuse_same_input([(parsed.path, "PATH"), (parsed.file or "", "the Dockerfile"), (progress or "", "the progress")])
    if output:
        offline_arguments.refuse_replaced(parsed, output, "--output")
    drawing = _drawing(parsed, progress)
    if output:
        write_file(output, FORMATS[form](drawing))
    elif form == "tree":
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        show(tree.tree(drawing.graph, width=columns, with_unused=parsed.all), end="")
    elif form == "json":
        show_json(report.to_json(drawing.graph, with_unused=parsed.all), end="")
    elif form == "png" and sys.stdout.isatty():
        raise OptionError("PNG is not text for a terminal", hint="redirect it, or name a file with -o")
    else:
        sys.stdout.buffer.write(FORMATS[form](drawing))
    return 0


def _drawing(parsed: argparse.Namespace, progress: str | None) -> Drawing:
    """Return the graph of the Dockerfile, with its run, or of a recorded build."""
    if parsed.build is None:
        graph = offline_arguments.graph_of(parsed) if parsed.frontend is None else _of_frontend(parsed)
        return Drawing(graph if progress is None else _with_run(graph, progress), parsed.all)
    own = (("--run", progress), ("--frontend", parsed.frontend), ("--all", parsed.all))
    for flag in (*(flag for flag, is_used in own if is_used), *offline_arguments.conversion_flags(parsed)):
        if flag != "--file":  # it selects the record
            raise OptionError(f"{flag} and --build cannot be used together", hint="a record has its own graph and run")
    from llbfront.cli import recorded
    from llbfront.client.records.recorded_builds import RecordedBuilds

    build = RecordedBuilds().find(parsed.build, parsed.path, parsed.file)
    return Drawing(recorded.explained_graph(build), parsed.all, recorded.title_of(build))


def _of_frontend(parsed: argparse.Namespace) -> Graph:
    """Return the graph that a custom frontend makes of PATH."""
    from llbfront.cli.frontend_graph import graph_of_frontend

    with offline_arguments.images_of(parsed) as images:
        graph = graph_of_frontend(parsed.frontend, offline_arguments.query_of(parsed, offline_arguments.text_of(parsed), images))
    offline_arguments.warn_of_assumed(images)
    return graph


def _with_run(graph: Graph, path: str) -> Graph:
    graph = graph.with_runs(read_runs(read_file(path, "the progress"), name=path))
    if not graph.runs:
        raise ContextError(
            f"{path} is the progress of another build: it has no step of this graph", hint="use the options of the build"
        )
    return graph


def _format_of(output: str | None) -> str:
    """Return the format of the suffix of a file name. Raises: OptionError."""
    suffix = f".{output.rpartition('.')[2]}".lower() if output and "." in output.rpartition("/")[2] else ""
    if suffix in SUFFIXES or not suffix:
        return SUFFIXES.get(suffix, "tree")
    near = nearest(suffix, SUFFIXES)
    raise OptionError(
        f"{output} has the unknown suffix {suffix}",
        hint=f"did you mean {near}?" if near else f"one of {', '.join(SUFFIXES)}, or --format; llbfront llb writes other formats",
    )
