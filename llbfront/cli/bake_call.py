"""Ask an offline command about a target of a plan, as `llbfront build --call` does about a Dockerfile.

Source: commands/bake.go (--call) of docker/buildx.
"""

from __future__ import annotations

import importlib
import os
import tempfile
from typing import TYPE_CHECKING

from llbfront.cli import offline_arguments
from llbfront.cli.call import METHODS, read
from llbfront.cli.main import parser
from llbfront.errors import BakeError

if TYPE_CHECKING:
    from llbfront.client.linked_requests import LinkedRequest


def ask(linked: LinkedRequest, text: str, address: str | None) -> int:
    """Run the command that `text` names about a request; return its exit code."""
    method, form, ignores_status = read(text)
    command, request = METHODS[method], linked.request
    if not isinstance(request.context, str):
        raise BakeError(f"--call={method} needs a context that is a path or a URL")
    arguments = parser(command).parse_args([command])
    arguments.path, arguments.target, arguments.addr = request.context, request.target, address
    arguments.platform = request.platforms[0] if request.platforms else None
    arguments.build_arg = [f"{name}={value}" for name, value in request.build_args.items()]
    arguments.build_context = [f"{name}={value}" for name, value in request.build_contexts.items() if isinstance(value, str)]
    arguments.images = [offline_arguments.ENGINE] if address else []
    arguments.json, arguments.format, arguments.shows_answer = form == "json", form, True
    with tempfile.TemporaryDirectory() as directory:
        arguments.file = _path(request.file, directory)
        code = int(importlib.import_module(f"llbfront.cli.{command}").run(arguments))
    return 0 if ignores_status else code


def _path(dockerfile: str | bytes | None, directory: str) -> str | None:
    """The path of a Dockerfile; one that stands in the definition is written to a directory."""
    if not isinstance(dockerfile, bytes):
        return dockerfile
    path = os.path.join(directory, "Dockerfile")
    with open(path, "wb") as file:
        file.write(dockerfile)
    return path
