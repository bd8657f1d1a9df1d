"""`llbfront doctor`: one line for each place where an engine may be, with what is wrong there and what helps."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from llbfront.cli.exit_codes import DONE, NO_ENGINE
from llbfront.cli.listing import show_document
from llbfront.cli.output import say, show
from llbfront.engine import doctor
from llbfront.errors import OptionError

if TYPE_CHECKING:
    import argparse

LONGEST_S = 3600


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=run)
    command.add_argument(
        "--addr",
        metavar="ADDRESS",
        help="examine this engine only, as llbfront build --addr would use it (default: all that are found)",
    )
    command.add_argument("--json", action="store_true", help="print the findings as JSON, in the form llbfront.doctor/1")
    command.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="how long each may take to answer (default: as a build waits, 15 for a named engine or a helper program, 1 for others)",
    )


def run(parsed: argparse.Namespace) -> int:
    """Print the findings; exit code 3 if a build would find no engine now."""
    if parsed.timeout is not None and not 0 < parsed.timeout <= LONGEST_S:
        raise OptionError(f"--timeout takes a number of seconds above 0 and up to {LONGEST_S}, not {parsed.timeout:g}")
    findings = doctor.examine(parsed.addr, environ=os.environ, timeout_s=parsed.timeout, report=say)
    if parsed.json:
        show_document("llbfront.doctor/1", places=findings)
    else:
        for finding in findings:
            show(str(finding))
    return DONE if any(finding.is_chosen for finding in findings) else NO_ENGINE
