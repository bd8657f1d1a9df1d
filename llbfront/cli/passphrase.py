"""Prompt for the passphrase of an SSH key on the terminal."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from typing import TYPE_CHECKING

from llbfront.printable import visible_name

if TYPE_CHECKING:
    from llbfront.session.ssh_keys import AskPassphrase

TERMINAL = "/dev/tty"


def terminal_prompt() -> AskPassphrase | None:
    """Return a function that prompts for a passphrase on the terminal; None without a terminal."""
    if not sys.stderr.isatty():
        return None
    try:
        os.close(os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return None
    return _ask


def _ask(question: str) -> str:
    return getpass(visible_name(question))
