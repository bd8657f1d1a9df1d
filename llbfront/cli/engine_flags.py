"""The flags that choose an engine, for the commands that ask one, and the connection that they mean."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import llbfront
from llbfront.cli.foreign_flags import add_refused
from llbfront.cli.output import say

if TYPE_CHECKING:
    import argparse

    from llbfront.client.engine import Engine


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--addr", metavar="ADDRESS", help="the engine (default: the first that answers)")
    add_refused(command)


@contextlib.contextmanager
def connected(parsed: argparse.Namespace) -> Iterator[Engine]:
    """Connect to the engine that the flags name."""
    with llbfront.connect(parsed.addr, report=say) as engine:
        if parsed.debug:
            say(f"llbfront: debug: engine {engine.version()} at {engine.address}")
        yield engine
