"""Run programs that download (pip, go, apt), and try again when a registry does not answer."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

ATTEMPTS = 3
PAUSE_S = 3.0


def run_download(
    command: Sequence[str],
    *,
    attempts: int = ATTEMPTS,
    pause_s: float = PAUSE_S,
    sleep: Callable[[float], None] = time.sleep,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run `command` until it succeeds, `attempts` times at most; return the last attempt with its exit code.

    Args:
        command: a program and its arguments. It must be safe to run again after it failed.
        attempts: how often it is run at most.
        pause_s: seconds between two attempts.
        sleep: called for the pause; tests replace it.
        options: more arguments of `subprocess.run`, such as `cwd` and `env`.

    Returns:
        The last attempt. Its `stdout` holds standard output and standard error, as text.
    """
    for attempt in range(1, attempts + 1):
        process = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            **options,
        )
        if process.returncode == 0:
            break
        if attempt < attempts:
            sleep(pause_s)
    return process
