"""Fetch and make all that the demo and the live tests need, once: `python -m tests.support.bases`.

With arguments, run them as a command whose BUILDKIT_HOST is a private engine that finds the base images; it ends with the command.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from llbfront.engine import config, daemon, directories, install
from llbfront.errors import EngineError
from tests.support.bases import Missing, leash, serve


def main() -> int:
    """Install the engine and make the base images, at the same time; return an exit code."""
    try:
        with ThreadPoolExecutor() as pool:
            installing = pool.submit(install.install, report=print)
            with serve(print) as registries:
                installing.result()
                return run(sys.argv[1:], registries) if sys.argv[1:] else 0
    except (EngineError, Missing) as error:
        print(error, file=sys.stderr)
        return 3


def run(command: list[str], registries: tuple[config.Registry, ...]) -> int:
    """Run a command with an engine of its own; return its exit code, 127 if there is no such command."""
    if shutil.which(command[0]) is None:
        print(f"no such command: {command[0]} (python -m tests.support.bases COMMAND…)", file=sys.stderr)
        return 127
    with tempfile.TemporaryDirectory(prefix="llbfront-") as directory:
        here = directories.apart(directory)
        running = daemon.start(here, config.Settings(registries=registries))
        assert running.pid is not None
        with leash(running.pid):
            done = subprocess.run(command, env={**os.environ, "BUILDKIT_HOST": running.address}, check=False)
        daemon.remove(here)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
