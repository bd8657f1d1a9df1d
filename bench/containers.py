"""Measure the peak memory of the containers that an engine runs while a block does.

Containers end before anybody could ask them, so they are asked again and again as long as they live. What a control group counts
is told where there is one (it holds files that were read, too), and what the processes had resident.

Source: cgroup-v1/memory.rst, cgroup-v2.rst and filesystems/proc.rst of the Linux kernel's documentation.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import threading
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERVAL_S = 0.001
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_GROUP = re.compile(r"^(\d+):([^:]*):(.*)$", re.MULTILINE)


@attrs.define
class Peaks:
    """The highest of all that was seen. `looks` says how often a process was seen at all."""

    resident_bytes: int = 0
    group_bytes: int = 0
    looks: int = 0

    def see(self, pid: int, *, outside: str) -> None:
        """Look at a process. `outside` are the groups that it begins in, before it is moved to its own."""
        place = pathlib.Path("/proc", str(pid))
        with contextlib.suppress(OSError):  # it may end at any moment
            if match := _PEAK.search((place / "status").read_text()):
                self.resident_bytes = max(self.resident_bytes, int(match[1]) * 1024)
                self.looks += 1
            self.group_bytes = max(self.group_bytes, _group_peak((place / "cgroup").read_text(), outside))


@contextlib.contextmanager
def watched(engine: int) -> Iterator[Peaks]:
    """Watch what a process's containers take while a block runs."""
    peaks, is_over = Peaks(), threading.Event()
    outside = pathlib.Path("/proc", str(engine), "cgroup").read_text()

    def watch() -> None:
        while not is_over.wait(INTERVAL_S):
            for pid in _inside(engine):
                peaks.see(pid, outside=outside)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        is_over.set()
        thread.join()


def _inside(engine: int) -> list[int]:
    """Processes below another that live in a process namespace of their own: those in containers, not what starts these."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with contextlib.suppress(OSError, ValueError, IndexError):
                parents[int(name)] = int(pathlib.Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[1])
    below, grown = {engine}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in below} - below
        below, grown = below | more, bool(more)
    ids = []
    for pid in below - {engine}:
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{pid}/ns/pid") != os.readlink(f"/proc/{engine}/ns/pid") and not _is_runc(pid):
                ids.append(pid)
    return ids


def _is_runc(pid: int) -> bool:
    """Whether a process of a container is still the program that makes it."""
    return pathlib.Path("/proc", str(pid), "comm").read_text().startswith("runc")


def _group_peak(text: str, outside: str) -> int:
    """The peak of the group that /proc/PID/cgroup names, 0 where it cannot be told or is still the one outside."""
    others = _GROUP.findall(outside)
    for line in _GROUP.findall(text):
        hierarchy, controllers, path = line
        if line in others or path == "/":  # where processes begin and end
            continue
        if controllers == "memory":
            file = pathlib.Path("/sys/fs/cgroup/memory", path.lstrip("/"), "memory.max_usage_in_bytes")
        elif hierarchy == "0":
            file = pathlib.Path("/sys/fs/cgroup", path.lstrip("/"), "memory.peak")
        else:
            continue
        with contextlib.suppress(OSError, ValueError):
            return int(file.read_text())
    return 0
