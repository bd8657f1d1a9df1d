"""How help is laid out: the width of the terminal → formatters for argparse.

argparse asks shutil for the width, once for every argument that is added; loading it takes longer than making the parser.

Source: argparse and shutil.get_terminal_size of Python.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys

MARGIN = 2
FALLBACK = 80


def columns() -> int:
    """The width of the terminal: as COLUMNS says, as standard output has it, or 80."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and len(told) < 7 and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or FALLBACK  # type: ignore[union-attr]  # caught
    except (AttributeError, ValueError, OSError):
        return FALLBACK


def wrapping() -> functools.partial[argparse.HelpFormatter]:
    """For `formatter_class`: text is wrapped."""
    return functools.partial(argparse.HelpFormatter, width=columns() - MARGIN)


def verbatim() -> functools.partial[argparse.RawDescriptionHelpFormatter]:
    """For `formatter_class`: descriptions and epilogs stay as written."""
    return functools.partial(argparse.RawDescriptionHelpFormatter, width=columns() - MARGIN)
