"""Fetch and make all that the demo and the live tests need, once: `python -m examples.bases`."""

from __future__ import annotations

import sys

from examples.bases import Missing, serve
from llbfront.engine import install
from llbfront.errors import EngineError


def main() -> int:
    """Install the engine and make the base images; return an exit code."""
    try:
        install.install(report=print)
        with serve(print):
            return 0
    except (EngineError, Missing) as error:
        print(error, file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
