"""`llbfront ignored`: which rule of the ignore file decides about a path; text or JSON."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from llbfront.cli.output import show, show_json
from llbfront.errors import ContextError, OptionError
from llbfront.files.near_paths import near_path_hint
from llbfront.inspection import ignored
from llbfront.printable import hide_credentials
from llbfront.scripting import ignore_rules

if TYPE_CHECKING:
    import argparse


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=run)
    command.add_argument("paths", nargs="+", metavar="PATH", help="a file or directory of the context, which need not exist")
    command.add_argument("--context", default=".", metavar="DIRECTORY", help="the build context (default: .)")
    command.add_argument(
        "-f", "--file", metavar="FILE", help="the Dockerfile, which may have an ignore file with its name next to it"
    )
    command.add_argument("--json", action="store_true", help="print JSON, in the form llbfront.ignored/1")


def run(parsed: argparse.Namespace) -> int:
    if parsed.file is not None and not os.path.exists(parsed.file):
        raise ContextError(f"cannot read the Dockerfile {parsed.file}: no such file", hint=near_path_hint(parsed.file))
    rules = ignore_rules(parsed.context, file=parsed.file)
    decisions = [rules.decide(_relative(path, parsed.context), root=parsed.context) for path in parsed.paths]
    if parsed.json:
        show_json(ignored.to_json(decisions))
    else:
        show("\n".join(map(ignored.to_text, decisions)))
    return 0


def _relative(path: str, context: str) -> str:
    """Return a path as the context has it; a path that is relative to the current directory, as others of a command line."""
    if "://" in path:
        raise OptionError(f"{hide_credentials(path)} is a URL, not a path of the build context")
    relative = os.path.relpath(path, context)
    if relative == "." or relative.split(os.sep)[0] == "..":
        raise OptionError(f"{path} is not below the build context {context}", hint="set another directory with --context")
    return relative
