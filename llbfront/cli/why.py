"""`llbfront why`: why each step of a build ran; text or JSON."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from typing import TYPE_CHECKING

from llbfront.cli import recorded
from llbfront.cli.listing import Column, table
from llbfront.cli.output import show, show_json
from llbfront.client.records.recorded_builds import RecordedBuilds
from llbfront.errors import OptionError
from llbfront.inspection import why_report
from llbfront.inspection.runs import seconds
from llbfront.inspection.why import explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llbfront.inspection.recorded_build import RecordedBuild

EPILOG = """\
examples:
  llbfront build -t app . && llbfront why          the latest build, compared with the one before of the same Dockerfile
  llbfront why --json | jq '.steps[] | select(.state == "ran") | .cause'
  llbfront why --list                              the builds that are recorded, with their refs
  llbfront why --against 3f9k .                    compare with the build whose ref begins so
  llbfront bake && llbfront why --build target:app  one target of a bake
LLBFRONT_RECORD=0 and `--no-record` of build and bake keep no record.
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.epilog = EPILOG
    command.set_defaults(run=run)
    recorded.add_arguments(command)
    add = command.add_argument
    add(
        "--against",
        metavar="REF|FILE",
        help="the build to compare with, as for --build (default: the one before of the same Dockerfile)",
    )
    add("--list", action="store_true", help="list the builds that are recorded")
    add(
        "--json",
        action="store_true",
        help="print JSON, in the form llbfront.why/1, or llbfront.builds/1 with --list",
    )


_COLUMNS = (
    Column["RecordedBuild"]("ref", lambda build: build.ref),
    Column["RecordedBuild"]("started", lambda build: _clock(build.started_ns)),
    Column["RecordedBuild"]("took", lambda build: seconds(build.ended_ns - build.started_ns), is_number=True),
    Column["RecordedBuild"]("result", lambda build: "failed" if build.has_failed else "done"),
    Column["RecordedBuild"]("target", lambda build: build.bake_target or build.target, is_flexible=True),
    Column["RecordedBuild"]("context", lambda build: build.context, is_flexible=True),
)


def run(parsed: argparse.Namespace) -> int:
    builds = RecordedBuilds()
    if parsed.list:
        if parsed.path or parsed.file or parsed.build or parsed.against:
            raise OptionError("--list lists all builds that are recorded", hint="leave out PATH, --file, --build and --against")
        if parsed.json:
            show_json(why_report.listing_json(builds.all()))
            return 0
        show(_listing(tuple(builds.all())) or "No build is recorded.")
        return 0
    build = recorded.build_of(parsed)
    earlier = (builds.find(parsed.against),) if parsed.against else builds.earlier(build)
    explanations = explain(build, *earlier)
    if parsed.json:
        show_json(why_report.to_json(build, explanations))
    else:
        show(why_report.to_text(build, explanations, now_ns=time.time_ns()))
    return 0


def _listing(builds: Sequence[RecordedBuild]) -> str:
    """Return a table of builds, cut to the width of a terminal; empty without builds."""
    cells = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return "\n".join(table(builds, _COLUMNS, cells=cells)) if builds else ""


def _clock(time_ns: int) -> str:
    """Return a time in the zone of this machine."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time_ns // 10**9))
