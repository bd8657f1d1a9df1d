"""Run a program, its output thrown away, and print its exit code, seconds, CPU seconds and peak memory in KiB.

    python -I -S launcher.py PROGRAM ARGUMENT…

The kernel counts the memory of the program that starts another one in the peak of that one. So it is started by this small program
and not by the benchmark.

Source: getrusage(2).
"""

from __future__ import annotations

import os
import sys
import time


def main(command: list[str]) -> None:
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1)]
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    wall_s = time.perf_counter() - started
    print(os.waitstatus_to_exitcode(status), wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


if __name__ == "__main__":
    main(sys.argv[1:])
