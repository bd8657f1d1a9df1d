"""Convert hostile inputs, each in a process of its own: names come on standard input, one line of JSON per name goes to standard output.

The processes are forked once everything is imported, so that their CPU time is that of the conversion alone.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback

from llbfront.cli import GARBAGE_THRESHOLD
from tests.support import hostile


def main() -> None:
    """Answer until standard input ends."""
    gc.set_threshold(GARBAGE_THRESHOLD)  # as the command does
    for line in sys.stdin:
        print(json.dumps(measure(line.rstrip("\n"))), flush=True)


def measure(name: str) -> dict[str, object]:
    """Convert one input in a child: what came of it, CPU seconds, peak bytes. `error` is the traceback of a child that failed."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        convert(name, writing)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        answer = pipe.read()
    _, status, usage = os.wait4(pid, 0)
    outcome = json.loads(answer) if answer else {"error": f"ended with {os.waitstatus_to_exitcode(status)}"}
    return {**outcome, "cpu_s": usage.ru_utime + usage.ru_stime}


def convert(name: str, writing: int) -> None:
    """Write what came of a conversion, and end this process."""
    try:
        outcome = {"said": hostile.convert(hostile.INPUTS[name]()), "peak_bytes": hostile.peak_bytes()}
    except BaseException:  # noqa: BLE001 - a child must not return into the loop of its parent
        outcome = {"error": traceback.format_exc()}
    with open(writing, "w", encoding="utf-8") as pipe:
        json.dump(outcome, pipe)
    os._exit(0)


if __name__ == "__main__":
    main()
