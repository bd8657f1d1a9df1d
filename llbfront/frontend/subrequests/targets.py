"""The stages of a Dockerfile, without converting it.

Source: frontend/subrequests/targets/targets.go, ListTargets in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import parse_stages
from llbfront.errors import DockerfileSyntaxError, StageError
from llbfront.frontend.subrequests import formatting
from llbfront.gostd.json import marshal_indent
from llbfront.gostd.strings import to_valid_utf8
from llbfront.gostd.tabwriter import format_table

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Stage
    from llbfront.dockerfile.statements import Dockerfile
    from llbfront.frontend.subrequests.dispatch import Request

VERSION = "1.0.0"


def answer(request: Request) -> dict[str, str]:
    """List the stages."""
    source = request.entry.source
    if not source.data:
        raise DockerfileSyntaxError("file with no instructions", span=source.at(), spans=())  # Parity: a build says it otherwise
    dockerfile = parse(source)
    stages = _stages(dockerfile)
    places = formatting.Places(source)
    targets = [
        formatting.without_empty(
            name=stage.name,
            default=stage is stages[-1],
            description=stage.base.description,
            base=stage.base.image,
            platform=stage.base.platform,
            location=places.of(stage.base.range),
        )
        for stage in stages
    ]
    rows = [("TARGET", "DESCRIPTION")]
    for stage in stages:
        mark = "(default)" if stage is stages[-1] else ""
        rows.append((" ".join(filter(None, (stage.name, mark))), stage.base.description))
    value = {"targets": targets or None, "sources": [formatting.base64_text(source.data) for source in places.sources]}
    return {"result.json": marshal_indent(value), "result.txt": to_valid_utf8(format_table(rows, gap=1)), "version": VERSION}


def _stages(dockerfile: Dockerfile) -> tuple[Stage, ...]:
    """Return the stages. A file with nothing but ARGs has none, which is not an error here."""
    try:
        return parse_stages(dockerfile)[1]
    except StageError:
        if any(statement.keyword.lower() != "arg" for statement in dockerfile.statements):
            raise
        return ()
