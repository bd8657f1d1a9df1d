"""`llbfront info`: the version of an engine.

Source: buildctl debug info.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from llbfront.cli import engine_flags, listing

if TYPE_CHECKING:
    from llbfront.cli.main import Parser

SCHEMA = "llbfront.info/1"


def add_arguments(command: Parser) -> None:
    command.set_defaults(run=run)
    command.add_argument("--json", action="store_true", help=f"print JSON, in the form {SCHEMA}")
    command.add_argument("--format", action=listing.GoFormat, help=argparse.SUPPRESS)
    engine_flags.add_arguments(command)


def run(parsed: argparse.Namespace) -> int:
    with engine_flags.connected(parsed) as engine:
        info, address = engine.info(), engine.address
    if parsed.json:
        listing.show_document(SCHEMA, address=address, engine=info)
    else:
        build = " ".join(filter(None, (info.package, info.version, info.revision)))
        listing.show_fields([("Address", address), ("BuildKit", build), ("Dockerfile", info.dockerfile_version)])
    return 0
