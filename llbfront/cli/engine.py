"""`llbfront engine`: manage the private engine from the command line.

The verbs are the usual ones of service managers.
"""

from __future__ import annotations

import argparse
import contextlib
import threading
import time
from typing import TYPE_CHECKING

import attrs

from llbfront.cli import engine_config, listing
from llbfront.cli.exit_codes import NO_ENGINE
from llbfront.cli.output import ReaderGone, flush, is_answered, is_confirmed, reader_watched, say, show
from llbfront.engine import daemon, directories, install
from llbfront.engine.daemon import Condition
from llbfront.errors import OptionError

if TYPE_CHECKING:
    from llbfront.cli.main import Parser
    from llbfront.engine.daemon import Status

SCHEMA = "llbfront.engine-status/1"


def add_arguments(command: Parser) -> None:
    verbs = command.add_subparsers(metavar="VERB", required=True, prog=command.prog)
    for name, (run, summary) in VERBS.items():
        verb = verbs.add_parser(name, help=summary, description=summary.capitalize() + ".", allow_abbrev=False)
        verb.set_defaults(run=run)
        if name == "logs":
            verb.add_argument("-n", "--lines", type=int, metavar="N", help="print only the last N lines")
            verb.add_argument("-f", "--follow", action="store_true", help="go on with each line as it is written, until Ctrl-C")
        elif name == "uninstall":
            verb.add_argument("--force", action="store_true", help="do not ask before removing")
        elif name == "config":
            engine_config.add_arguments(verb)
        elif name == "status":
            verb.add_argument("--json", action="store_true", help=f"print JSON, in the form {SCHEMA}")


def run_install(_: argparse.Namespace) -> int:
    programs = install.install(report=say)
    show(f"buildkitd {programs.version} is installed: {programs.buildkitd}")
    return 0


def run_start(_: argparse.Namespace) -> int:
    return show_status(daemon.start(report=say))


def run_stop(_: argparse.Namespace) -> int:
    show("the private engine has stopped" if daemon.stop() else "the private engine was not running")
    return 0


def run_status(parsed: argparse.Namespace) -> int:
    status = daemon.status()
    if parsed.json:
        listing.show_document(SCHEMA, **{**attrs.asdict(status), "condition": status.condition.value})
        return exit_code(status)
    return show_status(status)


def run_logs(parsed: argparse.Namespace) -> int:
    if parsed.lines is not None and parsed.lines < 0:
        raise OptionError(f"--lines takes a number from 0, not {parsed.lines}")
    is_over = threading.Event()
    lines = (
        daemon.follow_logs(lines=parsed.lines, is_over=is_over.is_set) if parsed.follow else iter(daemon.logs(lines=parsed.lines))
    )
    with contextlib.suppress(ReaderGone), reader_watched(is_over.set):
        for line in lines:
            show(line)
            if parsed.follow:
                flush()
    return 0


def run_restart(_: argparse.Namespace) -> int:
    return show_status(daemon.restart(report=say))


def run_uninstall(parsed: argparse.Namespace) -> int:
    places = directories.default()
    if not parsed.force:
        if not is_answered():
            raise OptionError("uninstall asks before it removes, and standard input is not a terminal", hint="use --force")
        if not is_confirmed(f"Remove the private engine, its cache in {places.state}, and the programs in {places.data}?"):
            return 0
    daemon.uninstall(places)
    show("the private engine is removed")
    return 0


def show_status(status: Status) -> int:
    """Print the state of the private engine; exit code 0 only when it runs."""
    show(f"private engine: buildkitd {status.version}, {status.condition.value}")
    if status.pid is not None:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime((status.since_ns or 0) / 1e9))
        show(f"process:        {status.pid}, since {since}")
    show(f"address:        {status.address}")
    show(f"log:            {status.log}")
    return exit_code(status)


def exit_code(status: Status) -> int:
    return 0 if status.condition is Condition.RUNNING else NO_ENGINE


VERBS = {
    "install": (run_install, "build buildkitd from source, once (downloads it through the Go module proxy)"),
    "start": (run_start, "start the private engine, after installing it if needed"),
    "stop": (run_stop, "stop the private engine"),
    "status": (run_status, "print the state, address and log file of the private engine"),
    "restart": (run_restart, "stop and start the private engine, with the settings of engine config"),
    "config": (engine_config.run, "print and change the settings of the private engine: mirrors, entitlements, garbage collection"),
    "uninstall": (run_uninstall, "remove the private engine, its cache and its programs"),
    "logs": (run_logs, "print the log of the private engine"),
}
