"""Print the answer to `frontend.lint`: that of llbfront, or of a custom frontend, whose answer may be anything.

Source: printResult in commands/build.go of docker/buildx.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from llbfront.cli.output import show
from llbfront.errors import DockerfileError, FrontendError, InvalidJson
from llbfront.foreign_json import parse_object
from llbfront.source import LineRange, Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llbfront.foreign_json import JsonObject
    from llbfront.source import Span


def show_text(findings: str, count: int, *, is_failed: bool) -> None:
    """Print the number of findings and the findings.

    `is_failed` says that an error follows on standard error: then "no warnings found" is left out.
    """
    if count:
        noun = "warnings have" if count > 1 else "warning has"
        show(f"Check complete, {count} {noun} been found!\n{findings}", end="\n" if is_failed else "")
    elif not is_failed:
        show("Check complete, no warnings found.")


def read_answer(answer: Mapping[str, str]) -> tuple[int, DockerfileError | None]:
    """Return the number of findings, and the error of a Dockerfile that cannot be built.

    Raises: FrontendError if the answer is not one to `frontend.lint`.
    """
    try:
        document = parse_object(member_of(answer, "result.json"))
        return len(document.objects("warnings")), _build_error(document)
    except InvalidJson as error:
        raise FrontendError(f"the frontend answered frontend.lint with an invalid result.json: {error.message}") from None


def member_of(answer: Mapping[str, str], name: str) -> str:
    """Return a member of an answer. Raises: FrontendError if the frontend left it out."""
    if name not in answer:
        raise FrontendError(f"the frontend answered without {name}", hint=f"return it as metadata {name!r}")
    return answer[name]


def _build_error(document: JsonObject) -> DockerfileError | None:
    error = document.object("buildError")
    if not error.members:
        return None
    return DockerfileError(error.text("message"), span=_span(error.object("location"), document.objects("sources")))


def _span(location: JsonObject, sources: Sequence[JsonObject]) -> Span | None:
    """Return the place of an error; None if the answer names none. Raises: InvalidJson."""
    ranges = tuple(
        LineRange(part.object("start").integer("line"), part.object("end").integer("line")) for part in location.objects("ranges")
    )
    number = location.integer("sourceIndex")
    if not (ranges and sources):
        return None
    if not 0 <= number < len(sources):
        raise InvalidJson(f"{location.where}.sourceIndex is not the number of a source")
    try:
        data = base64.b64decode(sources[number].text("data"))
    except ValueError:
        raise InvalidJson(f"{sources[number].where}.data is not base64") from None
    return Source(sources[number].text("filename"), data).place(ranges)
