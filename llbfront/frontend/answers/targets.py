"""The stages of a Dockerfile, without converting it.

Source: frontend/subrequests/targets/targets.go, ListTargets in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import stages
from llbfront.frontend.answers import forms

if TYPE_CHECKING:
    from llbfront.frontend.subrequests import Request

VERSION = "1.0.0"


def answer(request: Request) -> dict[str, str]:
    """List the stages."""
    source = request.entry.source
    dockerfile = parse(source)
    keywords = {statement.keyword.lower() for statement in dockerfile.statements}
    found = () if keywords == {"arg"} else stages(dockerfile)[1]
    targets = [
        forms.without_empty(
            name=stage.name,
            default=stage is found[-1],
            description=stage.base.description,
            base=stage.base.image,
            platform=stage.base.platform,
            location=forms.place(stage.base.range),
        )
        for stage in found
    ]
    rows = [("TARGET", "DESCRIPTION")]
    for stage in found:
        mark = "(default)" if stage is found[-1] else ""
        rows.append((" ".join(filter(None, (stage.name, mark))), stage.base.description))
    value = {"targets": targets or None, "sources": [forms.base64_text(source.data)]}
    return {"result.json": forms.indented(value), "result.txt": forms.table(rows, gap=1), "version": VERSION}
