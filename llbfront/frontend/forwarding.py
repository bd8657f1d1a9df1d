"""Forward a build to another frontend if the Dockerfile or an option names one.

Source: forwardGateway and validateCaps in frontend/dockerfile/builder of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile.lines import detect_syntax
from llbfront.errors import LlbfrontError, RpcError, UnsupportedCapability
from llbfront.gostd.strings import WHITESPACE

if TYPE_CHECKING:
    from llbfront.frontend.bridge import Bridge, Returned
    from llbfront.frontend.contexts import Entry
    from llbfront.frontend.options import Options
    from llbfront.source import Span

CAPS = frozenset(
    f"moby.buildkit.frontend.{name}" for name in ("inputs", "subrequests", "contexts", "gitquerystring", "contexts.zstd")
)


class MissingFrontendCap(UnsupportedCapability):
    """The build asks for a frontend that can what we cannot. It may be another frontend's to answer."""

    def __init__(self, cap: str, *, may_forward: bool) -> None:
        super().__init__(f"unsupported frontend capability {cap}")
        self.cap = cap
        self.may_forward = may_forward


@attrs.frozen(eq=False)
class Other:
    """A frontend image with the line that named it, and where it was named; `span` is None for a build argument."""

    ref: str
    cmdline: str
    span: Span | None


def missing_cap(text: str) -> MissingFrontendCap | None:
    """Return the first missing capability, if only the frontend that the build is forwarded to needs it. Raises it if this one does, too."""
    missing = None
    for word in text.split(",") if text else ():
        name, plus, _ = word.partition("+")
        if name not in CAPS:
            missing = MissingFrontendCap(name, may_forward=plus == "+" and "+forward" in word)
            if not missing.may_forward:
                raise missing
    return missing


def other_frontend(texts: Mapping[str, str], entry: Entry) -> Other | None:
    """Return the frontend to forward the build to; None if another frontend has already forwarded it to this one."""
    if "cmdline" in texts:
        return None
    line = texts.get("build-arg:BUILDKIT_SYNTAX")
    if line is not None:
        return Other(line.strip(WHITESPACE).partition(" ")[0], line, None)
    directive = detect_syntax(entry.source.data)
    return Other(directive.ref, directive.cmdline, entry.source.at(directive.range)) if directive else None


def forward(bridge: Bridge, options: Options, other: Other) -> Returned:
    """Build with the other frontend, with the same options and inputs."""
    texts = {**options.texts, "cmdline": other.cmdline, "source": other.ref}
    inputs = bridge.inputs() if bridge.caps.supports("frontend.inputs") else {}
    try:
        return bridge.solve_frontend("gateway.v0", texts, inputs)
    except LlbfrontError as error:
        if error.spans or _has_places(error):
            raise
        if other.span is not None:
            raise error.evolve(span=other.span, spans=(other.span,)) from error
        message = f"failed with build-arg:BUILDKIT_SYNTAX = {other.cmdline}: {error.message}"
        raise error.evolve(message=message, span=None, spans=()) from error


def _has_places(error: LlbfrontError) -> bool:
    """Return whether the error of the other frontend has spans."""
    return isinstance(error, RpcError) and any(url.removesuffix("+json").endswith(".Source") for url, _ in error.details)
