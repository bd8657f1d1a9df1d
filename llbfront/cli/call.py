"""`llbfront build --call`: run the offline command of that name with the flags that both have, instead of a build.

Source: commands/build.go (--call) of docker/buildx.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from llbfront.cli import offline_arguments
from llbfront.cli.exit_codes import DONE, FINDINGS
from llbfront.cli.lint_output import member_of, read_answer, show_text
from llbfront.cli.main import parser
from llbfront.cli.output import say, show, show_json
from llbfront.client.buildflags.csv import fields
from llbfront.errors import OptionError
from llbfront.gostd.strconv import parse_bool
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    import argparse

    from llbfront.frontend.bridge import Bridge, Returned

METHODS = {"check": "check", "lint": "check", "outline": "outline", "targets": "targets"}
QUESTIONS = {"check": "frontend.lint", "lint": "frontend.lint", "outline": "frontend.outline", "targets": "frontend.targets"}
FORMATS = ("text", "json")
# Flags about the result of a build, which a question has none of.
_RESULTS = ("--output", "--push", "--load", "--cache-to", "--iidfile", "--metadata-file")


@attrs.frozen
class Question:
    """The value of `--call`.

    Attributes:
        method: a key of `METHODS`.
        form: one of `FORMATS`.
        ignores_status: findings do not count as a failure.
    """

    method: str
    form: str = FORMATS[0]
    ignores_status: bool = False


def warn_of_results(parsed: argparse.Namespace) -> None:
    """Name the flags that ask for something that no question writes."""
    unused = [flag for flag in _RESULTS if getattr(parsed, flag.removeprefix("--").replace("-", "_"), None)]
    if unused:
        say(f"llbfront: warning: --call and --check build nothing: {', '.join(unused)} {'have' if unused[1:] else 'has'} no effect")


def run(parsed: argparse.Namespace) -> int:
    """Run the subrequest. Image configs come from the engine that `--addr` names; without it no engine is needed."""
    question = read(parsed.call)
    method, form = question.method, question.form
    warn_of_results(parsed)
    if len(parsed.platform) > 1 or any("," in text for text in parsed.platform):
        raise OptionError(f"--call={method} looks at one platform", hint="use one --platform")
    command = METHODS[method]
    arguments = parser(command).parse_args([command])
    arguments.path, arguments.file, arguments.target, arguments.addr = parsed.context, parsed.file, parsed.target, parsed.addr
    arguments.platform = parsed.platform[0] if parsed.platform else None
    arguments.debug = parsed.debug
    arguments.build_arg, arguments.build_context = parsed.build_arg, parsed.build_context
    arguments.images = [offline_arguments.ENGINE] if parsed.addr else []
    arguments.json, arguments.format, arguments.shows_answer = form == "json", form, True
    if parsed.frontend:
        from llbfront.kit.loading import runner

        code = _ask(runner(parsed.frontend), arguments, method, form)
    else:
        code = int(importlib.import_module(f"llbfront.cli.{command}").run(arguments))
    return DONE if question.ignores_status else code


def _ask(frontend: Callable[[Bridge], Returned], arguments: argparse.Namespace, method: str, form: str) -> int:
    """Send a subrequest to a custom frontend, as an engine would, and print the result."""
    with offline_arguments.open_query(arguments, offline_arguments.text_of(arguments), command=METHODS[method]) as query:
        metadata = frontend(query.with_option("requestid", QUESTIONS[method]).bridge()).metadata
    answer = {key: value.decode(errors="replace") for key, value in metadata.items()}
    count, error = read_answer(answer) if METHODS[method] == "check" else (0, None)
    if form == "json":
        show_json(member_of(answer, "result.json"))
    elif METHODS[method] == "check":
        show_text(member_of(answer, "result.txt"), count, is_failed=error is not None)
    else:
        show(member_of(answer, "result.txt"), end="")
    if error is not None:
        raise error
    return FINDINGS if count else DONE


def read(text: str) -> Question:
    """Read `METHOD[,format=json][,ignorestatus=true]`. Raises: OptionError."""
    method, *rest = fields(text) or [""]
    if method not in METHODS:
        raise OptionError(f"unknown method {method}", hint=suggestion(method, METHODS) or f"one of build, {', '.join(METHODS)}")
    settings = {key: value for key, _, value in (field.partition("=") for field in rest)}
    form, ignores = settings.pop("format", FORMATS[0]), parse_bool(settings.pop("ignorestatus", "false") or "true")
    if settings or form not in FORMATS or ignores is None:
        raise OptionError(f"invalid call {text!r}", hint="use METHOD[,format=json][,ignorestatus=true]")
    return Question(method, form, ignores)
