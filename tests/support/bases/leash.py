"""End a process when this one ends, even if this one is killed."""

from __future__ import annotations

import contextlib
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def leash(pid: int) -> Iterator[None]:
    """Have a process ended if this one goes before the block does."""
    # The holder reads until our end of the pipe closes, which the kernel does for us whatever happens.
    command = ["sh", "-c", 'read word || kill "$1"', "leash", str(pid)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as holder:
        try:
            yield
        finally:
            holder.communicate(b"done\n")
