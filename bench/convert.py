"""Measure how the time of a conversion grows: Dockerfiles of 10 to 10,000 instructions or stages, and all hostile inputs. No engine is used.

    python -m bench.convert KIND COUNT      converts one such Dockerfile and prints nothing

Each conversion runs in a process of its own. The table lists CPU seconds, the time for one more element, and peak memory.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from bench import measure
from llbfront.cli import GARBAGE_THRESHOLD
from tests.support import hostile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COUNTS = (10, 100, 1000, 10_000)
RUNS = 3
INSTRUCTIONS = (
    "RUN --mount=type=cache,target=/c make $V",
    "COPY --chown=1:2 a{0} b /d/",
    "ENV V=v{0}",
    "WORKDIR /w{0}",
    "LABEL l=$V",
    "ADD https://example.test/{0} /",
    "EXPOSE 80",
    "COPY --link --from=base /x /y",
)
"""In turn; none makes the next one larger."""


def instructions(count: int) -> str:
    lines = (INSTRUCTIONS[number % len(INSTRUCTIONS)].format(number) for number in range(count))
    return "FROM alpine AS base\nFROM alpine\n" + "\n".join(lines) + "\n"


def stages(count: int) -> str:
    """Each stage stands on the one before, runs, and copies from the first."""
    texts = (f"FROM s{number} AS s{number + 1}\nARG A=b\nRUN make\nCOPY --from=s0 /x /y\n" for number in range(count))
    return "FROM alpine AS s0\n" + "".join(texts)


KINDS: dict[str, Callable[[int], str]] = {"instructions": instructions, "stages": stages}


def growth(kind: str) -> Iterator[str]:
    """Lines of the table of one kind: the fastest of a few runs, and what one costs beyond the start of the program."""
    start = fastest(kind, 1)
    for count in COUNTS:
        run = fastest(kind, count)
        each = (run.cpu_s - start.cpu_s) / count * 1e6
        yield f"  {count:6} {kind:12} cpu {run.cpu_s * 1000:8.1f} ms  each {each:7.1f} us  peak {run.peak_bytes / 1e6:6.1f} MB"


def fastest(kind: str, count: int) -> measure.Run:
    command = [sys.executable, "-m", "bench.convert", kind, str(count)]
    return min((measure.run(command, os.environ) for _ in range(RUNS)), key=lambda run: run.cpu_s)


def hostility() -> Iterator[str]:
    """Lines of the table of hostile inputs, slowest first."""
    runs = {name: measure.run([sys.executable, "-m", "tests.support.hostile", name], os.environ) for name in hostile.INPUTS}
    for name, run in sorted(runs.items(), key=lambda pair: -pair[1].cpu_s):
        yield f"  {name:50} cpu {run.cpu_s * 1000:8.1f} ms  peak {run.peak_bytes / 1e6:6.1f} MB"


def main() -> None:
    for kind in KINDS:
        print(f"conversion of many {kind} (load {os.getloadavg()[0]:.1f})")
        print("\n".join(growth(kind)), flush=True)
    print(f"{len(hostile.INPUTS)} hostile inputs of about 100 KB (load {os.getloadavg()[0]:.1f})")
    print("\n".join(hostility()), flush=True)


if __name__ == "__main__":
    gc.set_threshold(GARBAGE_THRESHOLD)
    hostile.convert(hostile.Input(KINDS[sys.argv[1]](int(sys.argv[2]))))
