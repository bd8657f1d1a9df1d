"""`llbfront lock`: pin the images, git repositories and web addresses that a build reads, in a source policy of BuildKit.

Source: docs/build-repro.md of BuildKit.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from typing import TYPE_CHECKING

from llbfront.cli import build, engine_flags
from llbfront.cli.exit_codes import DONE, FINDINGS
from llbfront.cli.main import parser
from llbfront.cli.output import reminding, say, show, show_json
from llbfront.cli.platform_warnings import warn_of_platforms
from llbfront.client.prepared_build import prepare
from llbfront.client.request.environment import SOURCE_POLICY
from llbfront.client.sources.source_lock import Lock, to_json, to_text
from llbfront.client.sources.source_pins import source_pins, sources_request
from llbfront.engine import discover
from llbfront.errors import ContextError, OptionError
from llbfront.files.paths import STANDARD_STREAM, is_regular
from llbfront.files.writing import Destination

if TYPE_CHECKING:
    from llbfront.cli.main import Parser
    from llbfront.client.sources.source_pins import Pin

DEFAULT_FILE = "source-policy.json"
EPILOG = """\
examples:
  llbfront lock .                                   write source-policy.json, or bring it up to date
  llbfront build --policy source-policy.json .      build with these sources; buildctl and docker buildx take the file, too
  llbfront lock --check .                           exit with code 4 if a source has changed, or the file lacks one
"""


def add_arguments(command: Parser) -> None:
    build.add_source_options(command)
    build.add_attestations(command)
    command.epilog, command.usage = EPILOG, "%(prog)s [FLAG ...] [PATH]"
    command.set_defaults(run=run)
    add = command.under("the file").add_argument
    add("-o", "--output", default=DEFAULT_FILE, metavar="FILE", help=f"the file, - for standard output (default: {DEFAULT_FILE})")
    add("--check", action="store_true", help="write nothing; exit with code 4 if the file does not pin what the sources are now")
    add("--json", action="store_true", help="print JSON, in the form llbfront.lock/1")
    engine_flags.add_arguments(command, can_start=True)


def run(parsed: argparse.Namespace) -> int:
    if parsed.output == STANDARD_STREAM and (parsed.check or parsed.json):
        raise OptionError(f"--output - and {'--check' if parsed.check else '--json'} cannot be used together")
    is_new = not parsed.check and not _is_lock(parsed.output)
    lock = Lock() if is_new else _loaded(parsed.output)
    with contextlib.ExitStack() as stack:
        output = None if parsed.check or parsed.output == STANDARD_STREAM else stack.enter_context(Destination(parsed.output))
        return _report(parsed, lock, output, is_new=is_new)


def _loaded(path: str) -> Lock:
    """Read a lock. Raises: ContextError, with the command that writes it if there is none."""
    try:
        return Lock.load(path)
    except ContextError as error:
        if not os.path.lexists(path):
            error.add_hint("llbfront lock writes it")
        raise


def _is_lock(path: str) -> bool:
    """Whether a path is a file to bring up to date: not one that is missing or empty, nor a pipe, which only receives the lock."""
    return path != STANDARD_STREAM and is_regular(path) and os.path.getsize(path) > 0


def _report(parsed: argparse.Namespace, lock: Lock, output: Destination | None, *, is_new: bool) -> int:
    """Compare a lock with what the sources are now, write it, and print what differs; return the exit code."""
    pins = _find_pins(parsed)
    states = lock.states(pins)
    is_drift = any(state.is_drift for state in states)
    if parsed.output == STANDARD_STREAM:
        show(lock.update(pins).write().decode(), end="")
        return DONE
    if output is not None and (is_drift or is_new):
        output.write(lock.update(pins).write())
    if parsed.json:
        show_json(to_json(parsed.output, states))
    elif shown := [state for state in states if state.is_drift or not parsed.check]:
        show(to_text(shown))
    elif not states:
        say("llbfront: the build has no sources to pin")
    if parsed.check:
        say(f"llbfront: {parsed.output} {'is not up to date' if is_drift else 'is up to date'}")
    return FINDINGS if parsed.check and is_drift else DONE


def _find_pins(parsed: argparse.Namespace) -> tuple[Pin, ...]:
    """Resolve the sources on an engine, without the policy that the environment names."""
    environ = {name: value for name, value in os.environ.items() if name != SOURCE_POLICY}
    flags = {**vars(parser("build").parse_args(["build"])), **vars(parsed), "output": []}
    request = build.request_of(argparse.Namespace(**flags))
    warn_of_platforms(request.platforms)
    discover.check_address(parsed.addr)
    with (
        prepare(sources_request(request), environ) as prepared,
        engine_flags.connected(parsed, environ) as engine,
        reminding("looks up the sources"),
    ):
        return source_pins(engine, prepared)
