"""The command line: one module per command, each loaded only when its command runs. `command` is the program."""

from __future__ import annotations

import gc
import signal
import sys
from typing import NoReturn

GARBAGE_THRESHOLD = 200_000
"""Allocations between two collections: more than the modules and classes of a small build, which stay until the end."""
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
    gc.freeze()  # else the interpreter collects all of it once more: 5 % of the instructions of a small build
    sys.exit(code)
