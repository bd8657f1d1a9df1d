"""`llbfront build --call`: a question instead of a build, answered by the command of that name with the flags that both have.

Enters: the parsed flags of `build`. Leaves: an exit code.

Source: commands/build.go (--call) of docker/buildx.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from llbfront.cli.asking import ENGINE
from llbfront.client.csv import fields
from llbfront.dockerfile.golang import parse_bool
from llbfront.errors import OptionError, suggestion

if TYPE_CHECKING:
    import argparse

METHODS = {"check": "check", "lint": "check", "outline": "outline", "targets": "targets"}
FORMATS = ("text", "json")


def run(parsed: argparse.Namespace) -> int:
    """Ask. Image configs come from the engine that `--addr` names; without it no engine is needed."""
    from llbfront.cli.main import parser

    method, form, ignores_status = read(parsed.call)
    if len(parsed.platform) > 1 or any("," in text for text in parsed.platform):
        raise OptionError(f"--call={method} looks at one platform", hint="give one --platform")
    command = METHODS[method]
    asked = parser(command).parse_args([command])
    asked.path, asked.file, asked.target, asked.addr = parsed.context, parsed.file, parsed.target, parsed.addr
    asked.platform = parsed.platform[0] if parsed.platform else None
    asked.build_arg, asked.build_context = parsed.build_arg, parsed.build_context
    asked.images = [ENGINE] if parsed.addr else []
    asked.json, asked.format = form == "json", form
    code = int(importlib.import_module(f"llbfront.cli.{command}").run(asked))
    return 0 if ignores_status else code


def read(text: str) -> tuple[str, str, bool]:
    """Read `METHOD[,format=json][,ignorestatus=true]`. Raises: OptionError."""
    method, *rest = fields(text) or [""]
    if method not in METHODS:
        raise OptionError(f"unknown method {method}", hint=suggestion(method, METHODS) or f"one of build, {', '.join(METHODS)}")
    given = {key: value for key, _, value in (field.partition("=") for field in rest)}
    form, ignores = given.pop("format", FORMATS[0]), parse_bool(given.pop("ignorestatus", "false") or "true")
    if given or form not in FORMATS or ignores is None:
        raise OptionError(f"invalid call {text!r}", hint="METHOD[,format=json][,ignorestatus=true]")
    return method, form, ignores
