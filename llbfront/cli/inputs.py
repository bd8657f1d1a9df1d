"""`llbfront inputs`: the files that each step of a Dockerfile reads; text, JSON, or a dependency file for make and ninja."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from llbfront import garbage_collection
from llbfront.cli import offline_arguments
from llbfront.cli.output import show, show_data, show_json
from llbfront.errors import ContextError, OptionError
from llbfront.files.paths import STANDARD_STREAM, identity, is_regular
from llbfront.files.reading import read_start
from llbfront.files.writing import write_file
from llbfront.inspection import inputs_report
from llbfront.inspection.leaks import find_leaks

if TYPE_CHECKING:
    import argparse

    from llbfront.cli.main import Parser
    from llbfront.inspection.formats import Graph
    from llbfront.inspection.inputs import Inputs
    from llbfront.scripting import DockerfileQuery

EPILOG = """\
examples:
  llbfront inputs .                                      steps with their files, the largest files, probable mistakes
  llbfront inputs --json . | jq '.steps[] | {line, files: [.files[].path]}'
  llbfront inputs --depfile image.d --depfile-target image.stamp .
The dependency file lists directories, too: a file that is added changes its directory.
"""


def add_arguments(command: Parser) -> None:
    offline_arguments.add_arguments(command, path_help="a directory, a Dockerfile, or - for one on standard input (default: .)")
    command.epilog = EPILOG
    command.set_defaults(run=run)
    command.add_argument("--all", action="store_true", help="list all files, also of steps with very many")
    command.add_argument("--json", action="store_true", help="print JSON, in the form llbfront.inputs/1")
    command.add_argument(
        "--depfile",
        metavar="FILE",
        help="write a dependency file for make and ninja, - for standard output, and print nothing else",
    )
    command.add_argument("--depfile-target", metavar="NAME", default="image", help="the target of the rule (default: image)")


def run(parsed: argparse.Namespace) -> int:
    with garbage_collection.paused():
        return _answer(parsed)


def _answer(parsed: argparse.Namespace) -> int:
    if parsed.depfile not in {None, STANDARD_STREAM}:
        offline_arguments.refuse_replaced(parsed, parsed.depfile, "--depfile")
    with offline_arguments.open_query(parsed, offline_arguments.text_of(parsed), command="inputs") as query:
        graph = query.convert()
        inputs = _inputs_of(graph, parsed)
    if parsed.depfile is not None:
        text = _depfile(parsed.depfile_target, query, inputs)
        if parsed.depfile == STANDARD_STREAM:
            show_data(text)
        else:
            _refuse_source(parsed.depfile, inputs)
            write_file(parsed.depfile, text)
        return 0
    leaks = find_leaks(graph, inputs)
    if parsed.json:
        show_json(inputs_report.to_json(inputs, leaks))
    else:
        show(inputs_report.to_text(inputs, leaks, shows_all=parsed.all))
    return 0


def _refuse_source(depfile: str, inputs: Inputs) -> None:
    """Refuse to replace a file that a step reads, unless it is a dependency file of before. Raises: OptionError."""
    if not is_regular(depfile) or inputs_report.is_depfile(read_start(depfile, inputs_report.DEPFILE_HEAD_BYTES)):
        return
    if identity(depfile) in {identity(path) for path in inputs_report.read_paths(inputs, start=os.getcwd())}:
        raise OptionError(f"--depfile would replace a file that a step reads: {depfile}", hint="name another file")


def _inputs_of(graph: Graph, parsed: argparse.Namespace) -> Inputs:
    try:
        return graph.inputs()
    except ContextError as error:
        if not graph.directories:  # a Dockerfile on standard input alone
            hint = f"-f {parsed.path} DIRECTORY reads the Dockerfile from there, and the context from a directory"
            raise ContextError("the build context of this Dockerfile is not known", hint=hint) from error
        raise


def _depfile(target: str, query: DockerfileQuery, inputs: Inputs) -> bytes:
    here = os.getcwd()
    controls = sorted(os.path.relpath(path, here) for path in query.control_files())
    paths = dict.fromkeys((*controls, *inputs_report.read_paths(inputs, start=here)))
    return inputs_report.depfile(target, paths).encode(errors="surrogateescape")
