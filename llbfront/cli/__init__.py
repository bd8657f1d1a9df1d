"""The command line: one module per command, each loaded only when its command runs. `command` is the program.

Source: none.
"""

from __future__ import annotations

import gc
import signal
import sys
from typing import NoReturn

GARBAGE_THRESHOLD = 50_000
"""Allocations between two collections. With Python's 700, a small build spends 20 ms on collections while modules load."""
INTERRUPTED = 130


def command() -> NoReturn:
    """Run the program `llbfront`: one command of `sys.argv`, then exit."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    try:
        from llbfront.cli import streams
        from llbfront.cli.main import main

        streams.prepare()
    except KeyboardInterrupt:  # before `main`, which reports later ones
        sys.exit(INTERRUPTED)
    try:
        code = main()
    except SystemExit as leaving:  # --help and --version
        code = leaving.code if isinstance(leaving.code, int) else 0
    code = streams.finish(code)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is left to clean up
    sys.exit(code)
