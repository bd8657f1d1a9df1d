"""The warnings of a Dockerfile and, if it cannot be converted, the error: for all stages unless one is the target.

Source: frontend/subrequests/lint/lint.go, DockerfileLint in frontend/dockerfile/dockerfile2llb/convert.go,
solver/errdefs/source.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.dockerfile2llb.places import single_lines
from llbfront.errors import LlbfrontError
from llbfront.frontend.checks import Checks
from llbfront.frontend.gateway import source_info
from llbfront.frontend.subrequests import formatting
from llbfront.gostd.json import marshal_indent
from llbfront.gostd.sort import sort_slice
from llbfront.gostd.strings import to_valid_utf8
from llbfront.suggestions import SUGGESTION

if TYPE_CHECKING:
    from llbfront.frontend.options import Options
    from llbfront.frontend.subrequests.dispatch import Request
    from llbfront.lint.check import Warning as CheckWarning
    from llbfront.source import Source, Span

VERSION = "1.0.0"
_AROUND = 4


@attrs.frozen(eq=False)
class LintResults:
    """The results of the checks of a Dockerfile. `error` is the error of its conversion, or None."""

    source: Source
    warnings: tuple[CheckWarning, ...]
    error: LlbfrontError | None


def answer(request: Request) -> dict[str, str]:
    """Check a Dockerfile, and write down what was found."""
    return write(find(request))


def find(request: Request) -> LintResults:
    """Check a Dockerfile."""
    options = attrs.evolve(request.options, convert_options=attrs.evolve(request.options.convert_options, needs_graph=False))
    if not options.convert_options.target:
        options = attrs.evolve(options, convert_options=attrs.evolve(options.convert_options, all_stages=True))
    error, warnings = _convert(request, options)
    return LintResults(request.entry.source, tuple(warnings), error)


def write(results: LintResults) -> dict[str, str]:
    """Write what was found as the metadata of an answer."""
    source, warnings, error = results.source, results.warnings, results.error
    places = formatting.Places(source)
    value: dict[str, Any] = {"warnings": [_warning(warning, places) for warning in warnings] or None, "sources": None}
    if error is not None:
        location = places.span(_merged(error.spans)) if error.spans else {}
        value["buildError"] = {"message": _text(error), "location": location}
    value["sources"] = [formatting.message(source_info(source.place(()))) for source in places.sources]
    shown = sort_slice(warnings, lambda warning: warning.lines[0].start if warning.lines else 0)
    return {
        "result.json": marshal_indent(value),
        "result.txt": "".join(_printed(warning, source) for warning in shown),
        "result.statuscode": str(int(bool(warnings or error))),
        "version": VERSION,
    }


def _merged(spans: Sequence[Span]) -> Span:
    """Merge the spans of the source of the first one."""
    source = spans[0].source
    ranges = {line for span in spans if span.source == source for part in span.ranges for line in single_lines(part)}
    return source.at(*sorted(ranges, key=lambda line: line.start))


def _convert(request: Request, options: Options) -> tuple[LlbfrontError | None, list[CheckWarning]]:
    checks: Checks | None = None
    try:
        checks = Checks(request.bridge, options, request.entry, sends=False)
        request.convert_all(request.bridge, options, request.context, request.entry, (None,), checks)
    except LlbfrontError as error:
        return error, checks.warnings if checks else []
    return None, checks.warnings


def _text(error: LlbfrontError) -> str:
    near = (error.hint or "").partition("; ")[0]  # Parity: of our hints, BuildKit has those for near names
    return f"{error.reading}{error.message} ({near})" if near.startswith(SUGGESTION) else f"{error.reading}{error.message}"


def _warning(warning: CheckWarning, places: formatting.Places) -> dict[str, Any]:
    return {
        "ruleName": warning.rule,
        **formatting.without_empty(description=warning.description, url=warning.url, detail=warning.message),
        "location": places.span(places.sources[0].place(warning.lines)),
    }


def _printed(warning: CheckWarning, source: Source) -> str:
    page = f" - {warning.url}" if warning.url else ""
    return f"\nWARNING: {warning.rule}{page}\n{to_valid_utf8(warning.message)}\n{excerpt(source.place(warning.lines))}"


def excerpt(span: Span) -> str:
    """Return the marked lines with a few lines around them, as BuildKit prints them."""
    rows = span.source.text.split("\n")
    if not span.ranges:
        return ""
    first = start = min(part.start for part in span.ranges)
    end = min(max(max(part.end, part.start) for part in span.ranges), len(rows))
    if not 1 <= start <= len(rows):
        return ""
    around, padded = (_AROUND if end == start else _AROUND // 2), 0
    while padded < around:
        if start > 1:
            start -= 1
            padded += 1
        if end != len(rows):
            end += 1
            padded += 1
        padded += 1
    marked = {line for part in span.ranges for line in range(part.start, max(part.start, part.end) + 1)}
    shown = "".join(f" {line:3} | {'>>>' if line in marked else '   '} {rows[line - 1]}\n" for line in range(start, end + 1))
    rule = "-" * 20
    return f"{span.source.filename}:{first}\n{rule}\n{shown}{rule}\n"
