"""Plays a recorded build through a display to stderr, as a build would: `python -m tests.progress.play NAME MODE SPEED`."""

import os
import sys
import time

from llbfront.progress.display import display
from tests.progress import recording


def play(name: str, mode: str, speed: float) -> None:
    shown = display(mode, sys.stderr, os.environ, description="a private engine")
    try:
        began_ns, first_ns = time.time_ns(), None
        for sent_ns, event in recording.timed(name):
            first_ns = first_ns or sent_ns
            while time.time_ns() - began_ns < (sent_ns - first_ns) / speed:
                time.sleep(0.01)
                shown.tick()
            shown.update(event)
        shown.finish()
    except KeyboardInterrupt as interrupt:
        shown.finish(interrupt)
        sys.exit(130)


if __name__ == "__main__":
    play(sys.argv[1], sys.argv[2], float(sys.argv[3]))
