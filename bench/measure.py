"""Run programs and measure seconds, CPU seconds and peak memory; print medians as a table."""

from __future__ import annotations

import compileall
import os
import resource
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import attrs

import llbfront
from bench import launcher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_WITHOUT_COMPILED = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "COVERAGE_PROCESS_START")


def installed_environment() -> dict[str, str]:
    """Compile llbfront as pip does when it installs, and return the environment of programs that use the compiled files."""
    compileall.compile_dir(os.path.dirname(llbfront.__file__), quiet=1)
    return {name: value for name, value in os.environ.items() if name not in _WITHOUT_COMPILED}


@attrs.frozen
class Run:
    """What one process took."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


def run(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run a program to its end, its output thrown away. Ends this program if that one fails."""
    launched = [sys.executable, "-I", "-S", launcher.__file__, *command]
    done = subprocess.run(launched, stdin=subprocess.DEVNULL, capture_output=True, env=environment, check=False)
    code, wall_s, cpu_s, peak_kib = map(float, done.stdout.split() or (done.returncode, 0, 0, 0))
    if code != 0:
        sys.exit(f"{' '.join(command)}: code {code:g}\n{done.stderr[-2000:].decode('utf-8', 'replace')}")
    return Run(wall_s, cpu_s, int(peak_kib) * 1024)


def interleaved(
    contenders: Mapping[str, Sequence[str]],
    environment: Mapping[str, str],
    *,
    runs: int,
    prepare: Callable[[Sequence[str]], None] = lambda _: None,
) -> dict[str, list[Run]]:
    """Run all contenders in turn, `runs` times over; `prepare` gets the command before each run and is not timed."""
    runs_by_contender: dict[str, list[Run]] = {name: [] for name in contenders}
    for number in range(runs):
        order = list(contenders)
        for name in order[number % len(order) :] + order[: number % len(order)]:
            prepare(contenders[name])
            runs_by_contender[name].append(run(contenders[name], environment))
    return runs_by_contender


def interleaved_calls(actions: Mapping[str, Callable[[], object]], *, runs: int) -> dict[str, list[Run]]:
    """Call all `actions` of this process in turn, `runs` times over."""
    measured: dict[str, list[Run]] = {name: [] for name in actions}
    for number in range(runs):
        order = list(actions)
        for name in order[number % len(order) :] + order[: number % len(order)]:
            cpu_s, wall_s = time.process_time(), time.perf_counter()
            actions[name]()
            wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
            measured[name].append(Run(wall_s, cpu_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))
    return measured


def table(title: str, runs_by_contender: Mapping[str, Sequence[Run]], *, unit: str) -> str:
    """Return the medians of one scenario as lines of text, with ratios to the contender `unit`."""
    unit_median = statistics.median(entry.wall_s for entry in runs_by_contender[unit])
    lines = [f"{title} ({len(runs_by_contender[unit])} runs, load {os.getloadavg()[0]:.1f})"]
    for name, runs in runs_by_contender.items():
        wall = statistics.median(entry.wall_s for entry in runs)
        cpu = statistics.median(entry.cpu_s for entry in runs)
        peak = max(entry.peak_bytes for entry in runs)
        spread = f"{min(e.wall_s for e in runs) * 1000:.0f}-{max(e.wall_s for e in runs) * 1000:.0f}"
        lines.append(
            f"  {name:10} {wall * 1000:9.1f} ms  {wall / unit_median:5.2f} x {unit}  cpu {cpu * 1000:8.1f} ms  peak {peak / 1e6:6.1f} MB  ({spread})"
        )
    return "\n".join(lines)
