"""What the commands share that ask about a recorded build: which one.

Source: none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.client.records.recorded_builds import RecordedBuilds
from llbfront.errors import OptionError

if TYPE_CHECKING:
    import argparse

    from llbfront.inspection.formats import Graph
    from llbfront.inspection.recorded_build import RecordedBuild

LATEST = "latest"


def add_arguments(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("path", nargs="?", metavar="PATH", help="the context of the build (default: the latest build of any)")
    add("-f", "--file", metavar="FILE", help="the Dockerfile of the build (default: PATH/Dockerfile)")
    add("--build", metavar="REF|FILE", help="the build: its ref or the beginning of it, or the file of a record")


def explained_graph(build: RecordedBuild) -> Graph:
    """Return the graph of a build, with why its steps ran as `llbfront why` says it."""
    from llbfront.inspection.why import explain
    from llbfront.inspection.why_report import with_reasons

    return with_reasons(build, explain(build, *RecordedBuilds.of().earlier(build)))


def named(name: str, path: str, file: str | None) -> RecordedBuild:
    """Return the build of a ref or a file; `latest` is the latest of a context and perhaps a Dockerfile. Raises: ContextError, GraphError."""
    builds = RecordedBuilds.of()
    return builds.latest(path, file) if name == LATEST else builds.find(name)


def build_of(parsed: argparse.Namespace) -> RecordedBuild:
    """Return the build that the arguments mean. Raises: ContextError, GraphError, OptionError."""
    if parsed.build and (parsed.path or parsed.file):
        raise OptionError("--build names a build, and so do PATH and --file", hint="give one of them")
    builds = RecordedBuilds.of()
    return builds.find(parsed.build) if parsed.build else builds.latest(parsed.path, parsed.file)
