"""The flags that choose an engine, for the commands that ask one, and the connection that they mean."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import llbfront
from llbfront.cli import headings
from llbfront.cli.foreign_flags import add_refused
from llbfront.cli.output import say

if TYPE_CHECKING:
    from llbfront.cli.main import Parser
    from llbfront.client.engine import Engine

DEFAULT = "$BUILDKIT_HOST, else the first engine that answers"


def add_arguments(command: Parser, *, can_start: bool = False) -> None:
    """Add the flags under a heading of their own, with `--engine` for commands that can start the private engine."""
    group = add_address(command)
    if can_start:
        group.add_argument(
            "--engine", choices=("found", "auto"), default="found", help="auto: start the private engine if none is found"
        )
    add_refused(command)


def add_address(command: Parser, purpose: str = "the engine") -> argparse._ArgumentGroup:
    """Add `--addr` and `--debug`; return their group."""
    group = command.under(headings.ENGINE)
    group.add_argument("--addr", metavar="ADDRESS", help=f"{purpose}, such as tcp://HOST:PORT (default: {DEFAULT})")
    # Without a default, the flag before a verb (`history -D ls`) is not undone by the parser of the verb.
    group.add_argument("-D", "--debug", action="store_true", default=argparse.SUPPRESS, help="print which engine is used")
    return group


@contextlib.contextmanager
def connected(parsed: argparse.Namespace, environ: Mapping[str, str] | None = None) -> Iterator[Engine]:
    """Connect to the engine that the flags name, else to one that is found, and started if `--engine` says so."""
    can_start = getattr(parsed, "engine", "found") == "auto"
    with llbfront.connect(parsed.addr, start=can_start, environ=environ, report=say) as engine:
        if parsed.debug:
            say(f"llbfront: debug: engine {engine.version()} at {engine.address}")
        yield engine
