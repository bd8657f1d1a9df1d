"""`llbfront engine`: manage the private engine from the command line.

Source: none; the verbs are those of service managers.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from llbfront.cli.output import say, show
from llbfront.engine import daemon, install
from llbfront.engine.daemon import Condition
from llbfront.errors import OptionError

if TYPE_CHECKING:
    from llbfront.engine.daemon import Status

NO_ENGINE = 3


def add_arguments(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(metavar="VERB", required=True, prog=command.prog)
    for name, (run, summary) in VERBS.items():
        verb = verbs.add_parser(
            name, help=summary, description=summary.capitalize() + ".", allow_abbrev=False, formatter_class=command.formatter_class
        )
        verb.set_defaults(run=run)
        if name == "logs":
            verb.add_argument("-n", "--lines", type=int, metavar="N", help="print only the last N lines")
            verb.add_argument("-f", "--follow", action="store_true", help=argparse.SUPPRESS)


def run_install(_: argparse.Namespace) -> int:
    programs = install.install(report=say)
    show(f"buildkitd {programs.version} is installed: {programs.buildkitd}")
    return 0


def run_start(_: argparse.Namespace) -> int:
    return show_status(daemon.start(report=say))


def run_stop(_: argparse.Namespace) -> int:
    show("the private engine has stopped" if daemon.stop() else "the private engine was not running")
    return 0


def run_status(_: argparse.Namespace) -> int:
    return show_status(daemon.status())


def run_logs(parsed: argparse.Namespace) -> int:
    if parsed.follow:
        raise OptionError("llbfront engine logs cannot follow the log", hint=f"run tail -f {daemon.status().log}")
    for line in daemon.logs(lines=parsed.lines):
        show(line)
    return 0


def show_status(status: Status) -> int:
    """Print the state of the private engine; exit code 0 only when it runs."""
    show(f"private engine: buildkitd {status.version}, {status.condition.value}")
    if status.pid is not None:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime((status.since_ns or 0) / 1e9))
        show(f"process:        {status.pid}, since {since}")
    show(f"address:        {status.address}")
    show(f"log:            {status.log}")
    return 0 if status.condition is Condition.RUNNING else NO_ENGINE


VERBS = {
    "install": (run_install, "build buildkitd from source, once (downloads it through the Go module proxy)"),
    "start": (run_start, "start the private engine, after installing it if needed"),
    "stop": (run_stop, "stop the private engine"),
    "status": (run_status, "print the state, address and log file of the private engine"),
    "logs": (run_logs, "print the log of the private engine"),
}
