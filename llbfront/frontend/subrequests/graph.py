"""The graph that a Dockerfile converts to, as JSON.

Source: frontend/subrequests/convertllb/convertllb.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront import llb
from llbfront.frontend.checks import Checks
from llbfront.frontend.subrequests import formatting
from llbfront.gostd.json import marshal_indent
from llbfront.llb import protojson

if TYPE_CHECKING:
    from llbfront.frontend.subrequests.dispatch import Request

VERSION = "0.1.0"


def answer(request: Request) -> dict[str, str]:
    """Convert without building."""
    checks = Checks(request.bridge, request.options, request.entry)
    (result,) = request.convert_all(request.bridge, request.options, request.context, request.entry, (None,), checks)
    return written(llb.marshal(result.state, platform=result.platform, caps=request.bridge.llb_caps))


def written(definition: llb.Definition) -> dict[str, str]:
    """Write a graph."""
    message = definition.to_message()
    value = {
        "def": {digest: protojson.op_json(data) for digest, data in sorted(zip(definition.digests, definition.ops, strict=True))},
        "metadata": {digest: formatting.message(message.metadata[digest]) for digest in sorted(message.metadata)},
        "source": protojson.message_json(message.Source),
    }
    return {"result.json": marshal_indent(value), "version": VERSION}
