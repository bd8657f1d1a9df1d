"""The command line: one module per command group, each loaded only when its command runs; `command` is the program.

Source: none.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

GARBAGE_THRESHOLD = 50_000


def command() -> NoReturn:
    """The program `llbfront`: run one command and leave.

    Python would spend 5 ms on looking for garbage while modules load, and 13 ms on taking everything down at the end.
    """
    gc.set_threshold(GARBAGE_THRESHOLD)
    from llbfront.cli.main import main

    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        sys.exit(code)  # says what could not be written, as it does for any program
    os._exit(code)
