"""Answer the questions of a plan: `llbfront bake --call`, and targets with the field `call`. Each runs the offline command of that name.

Source: commands/bake.go (--call) of docker/buildx.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import tempfile
from typing import TYPE_CHECKING, Any

from llbfront.cli import offline_arguments
from llbfront.cli.call import FORMATS, METHODS, Question, read
from llbfront.cli.exit_codes import DONE, exit_code
from llbfront.cli.main import parser, report
from llbfront.cli.output import show, show_json
from llbfront.errors import BakeError, LlbfrontError, OptionError
from llbfront.gostd.json import marshal_indent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llbfront.bake.plan import Plan
    from llbfront.bake.target import Target
    from llbfront.client.linked_requests import LinkedRequest


def questions(plan: Plan, flag: Question | None) -> dict[str, Question]:
    """Return the questions of the targets that answer one, by name. The flag decides about the form. Raises: OptionError."""
    form, ignores_status = (flag.form, flag.ignores_status) if flag else (FORMATS[0], False)
    asked = [target for _, target in sorted(plan.targets.items()) if target.is_asked]
    return {target.name: Question(_method(target), form, ignores_status) for target in asked}


def _method(target: Target) -> str:
    try:
        return read(target.call or "").method
    except OptionError as error:
        error.add_hint(f"in target {target.name}")
        raise


def answer(plan: Plan, asked: Mapping[str, Question], address: str | None) -> int:
    """Print the answers of targets. Return the exit code: that of the first error, else the highest one."""
    requests = plan.questions()
    if any(question.form == "json" for question in asked.values()):
        return _answer_json(plan, asked, requests, address)
    codes, errors = [], []
    for number, (name, question) in enumerate(asked.items()):
        description = plan.targets[name].description
        show(f"{'' if number == 0 else chr(10)}{name}\n" + (f"{description}\n" if description else ""))
        try:
            codes.append(_ask(requests[name], question, address))
        except LlbfrontError as error:
            error.add_hint(f"in target {name}")
            report(error)
            errors.append(exit_code(error))
    return errors[0] if errors else max(codes, default=DONE)


def _answer_json(plan: Plan, asked: Mapping[str, Question], requests: Mapping[str, LinkedRequest], address: str | None) -> int:
    """Print one document: the groups, and each target with its fields and its answer."""
    document = plan.to_json()
    targets: dict[str, dict[str, Any]] = {name: {"build": fields} for name, fields in document["target"].items()}
    codes, errors = [], []
    for name, question in asked.items():
        content: dict[str, Any] = {}
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                codes.append(_ask(requests[name], question, address))
        except LlbfrontError as error:
            content["error"] = str(error)
            errors.append(exit_code(error))
        targets[name][METHODS[question.method]] = {**(json.loads(printed.getvalue() or "{}")), **content}
    show_json(marshal_indent({**document, "target": targets}))
    return errors[0] if errors else max(codes, default=DONE)


def _ask(linked: LinkedRequest, question: Question, address: str | None) -> int:
    """Run the command that a question names about a request; return its exit code."""
    request, command = linked.request, METHODS[question.method]
    if not isinstance(request.context, str):
        raise BakeError(f"--call={question.method} needs a context that is a path or a URL")
    arguments = parser(command).parse_args([command])
    arguments.path, arguments.target, arguments.addr = request.context, request.target, address
    arguments.platform = request.platforms[0] if request.platforms else None
    arguments.build_arg = [f"{name}={value}" for name, value in request.build_args.items()]
    arguments.build_context = [f"{name}={value}" for name, value in request.build_contexts.items() if isinstance(value, str)]
    arguments.images = [offline_arguments.ENGINE] if address else []
    arguments.json, arguments.format, arguments.shows_answer = question.form == "json", question.form, True
    with tempfile.TemporaryDirectory() as directory:
        arguments.file = _path(request.file, directory)
        code = int(importlib.import_module(f"llbfront.cli.{command}").run(arguments))
    return DONE if question.ignores_status else code


def _path(dockerfile: str | bytes | None, directory: str) -> str | None:
    """Return the path of a Dockerfile. An inline Dockerfile is written to a directory."""
    if not isinstance(dockerfile, bytes):
        return dockerfile
    path = os.path.join(directory, "Dockerfile")
    with open(path, "wb") as file:
        file.write(dockerfile)
    return path
