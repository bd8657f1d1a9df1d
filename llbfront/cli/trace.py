"""`llbfront trace`: where the time of a recorded build went; text, JSON, or events for trace viewers."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from llbfront.cli import recorded
from llbfront.cli.output import show, show_json
from llbfront.files.paths import STANDARD_STREAM
from llbfront.files.writing import check_output, write_file
from llbfront.inspection import trace_report
from llbfront.inspection.trace_report import BuildTrace

EPILOG = """\
examples:
  llbfront build . && llbfront trace               the critical path of the latest build, slack, cache exports, cache mounts
  llbfront trace --format chrome -o trace.json     for chrome://tracing and ui.perfetto.dev
  llbfront trace --format otlp . | curl -H 'Content-Type: application/json' --data @- http://localhost:4318/v1/traces
"""
FORMATS: dict[str, Callable[[BuildTrace], str]] = {
    "text": trace_report.to_text,
    "json": trace_report.to_json,
    "chrome": trace_report.to_chrome,
    "otlp": trace_report.to_otlp,
}


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.epilog = EPILOG
    command.set_defaults(run=run)
    recorded.add_arguments(command)
    add = command.add_argument
    add(
        "--format",
        choices=tuple(FORMATS),
        help="text, json, chrome (Trace Event Format) or otlp (OpenTelemetry); default: json for a FILE.json, else text",
    )
    add("-o", "--output", metavar="FILE", help="write to a file, - for standard output (default: -)")
    add(
        "--json",
        action="store_const",
        const="json",
        dest="format",
        help="print JSON, in the form llbfront.trace/1",
    )


def run(parsed: argparse.Namespace) -> int:
    has_file = parsed.output not in {None, STANDARD_STREAM}
    chosen = parsed.format or ("json" if has_file and parsed.output.lower().endswith(".json") else "text")
    if has_file:
        recorded.refuse_replaced(parsed.output, parsed.build)
        check_output(parsed.output)
    written = FORMATS[chosen](BuildTrace.of(recorded.build_of(parsed)))
    if has_file:
        write_file(parsed.output, written.encode(errors="surrogateescape") + b"\n")
    elif chosen == "text":
        show(written)
    else:
        show_json(written)
    return 0
