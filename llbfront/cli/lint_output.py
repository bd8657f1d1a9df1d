"""Print the answer to `frontend.lint`, of the checks here or of a frontend of your own.

Source: printResult in commands/build.go of docker/buildx.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from llbfront.cli.output import show
from llbfront.errors import DockerfileError
from llbfront.source import LineRange, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llbfront.source import Span


def show_text(findings: str, count: int, *, is_failed: bool) -> None:
    """Print the number of findings and the findings. An error follows on standard error, so "no warnings found" is left out."""
    if count:
        is_or_are = "warnings have" if count > 1 else "warning has"
        show(f"Check complete, {count} {is_or_are} been found!\n{findings}", end="\n" if is_failed else "")
    elif not is_failed:
        show("Check complete, no warnings found.")


def read_answer(answer: Mapping[str, str]) -> tuple[int, DockerfileError | None]:
    """Return the number of findings, and the error of a Dockerfile that cannot be built."""
    document = json.loads(answer["result.json"])
    return len(document["warnings"] or ()), _build_error(document)


def _build_error(document: Mapping[str, Any]) -> DockerfileError | None:
    error = document.get("buildError")
    return DockerfileError(error["message"], span=_span(error["location"], document["sources"] or [])) if error else None


def _span(location: Mapping[str, Any], sources: list[Mapping[str, Any]]) -> Span | None:
    ranges = tuple(LineRange(part["start"]["line"], part["end"]["line"]) for part in location.get("ranges", ()))
    if not (ranges and sources):
        return None
    source = sources[location.get("sourceIndex", 0)]
    return Source(source["filename"], base64.b64decode(source.get("data", ""))).place(ranges)
