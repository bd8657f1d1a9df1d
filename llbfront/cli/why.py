"""`llbfront why`: why each step of a build ran; text or JSON.

Source: none.
"""

from __future__ import annotations

import argparse
import time

from llbfront.cli.output import show, show_json
from llbfront.client.recorded_builds import RecordedBuilds
from llbfront.errors import OptionError
from llbfront.inspection import why_report
from llbfront.inspection.why import explain

EPILOG = """\
examples:
  llbfront build -t app . && llbfront why          the latest build, compared with the one before of the same Dockerfile
  llbfront why --json | jq '.steps[] | select(.state == "ran") | .cause'
  llbfront why --list                              the builds that are recorded, with their refs
  llbfront why --against 3f9k .                    compare with the build whose ref begins so
LLBFRONT_RECORD=0 and `llbfront build --no-record` keep no record.
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = EPILOG
    command.set_defaults(run=run)
    add = command.add_argument
    add("path", nargs="?", metavar="PATH", help="the context of the build (default: the latest build of any)")
    add("-f", "--file", metavar="FILE", help="the Dockerfile of the build (default: PATH/Dockerfile)")
    add("--build", metavar="REF|FILE", help="the build: its ref or the beginning of it, or the file of a record")
    add("--against", metavar="REF|FILE", help="the build to compare with (default: the one before of the same Dockerfile)")
    add("--list", action="store_true", help="list the builds that are recorded")
    add("--json", action="store_true", help="print JSON, in the form llbfront.why/1 (docs/inspection.md)")


def run(parsed: argparse.Namespace) -> int:
    if parsed.build and (parsed.path or parsed.file):
        raise OptionError("--build names a build, and so do PATH and --file", hint="give one of them")
    builds = RecordedBuilds.of()
    if parsed.list:
        show(why_report.listing(builds.all()) or "No build is recorded.")
        return 0
    build = builds.find(parsed.build) if parsed.build else builds.latest(parsed.path, parsed.file)
    earlier = (builds.find(parsed.against),) if parsed.against else builds.earlier(build)
    explanations = explain(build, *earlier)
    if parsed.json:
        show_json(why_report.to_json(build, explanations))
    else:
        show(why_report.to_text(build, explanations, now_ns=time.time_ns()))
    return 0
