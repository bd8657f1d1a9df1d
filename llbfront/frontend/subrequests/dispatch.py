"""Dispatch subrequests about a Dockerfile: outline, targets, checks, its graph, and the list of subrequests.

Source: frontend/dockerui/requests.go, frontend/subrequests of BuildKit.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from llbfront.errors import LlbfrontError, UnsupportedCapability
from llbfront.frontend.bridge import Returned
from llbfront.suggestions import guess

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.emit import Result
    from llbfront.frontend.bridge import Bridge
    from llbfront.frontend.contexts import Entry, MainContext
    from llbfront.frontend.options import Options

_ANSWERS = {
    "frontend.subrequests.describe": "describe",
    "frontend.outline": "outline",
    "frontend.targets": "targets",
    "frontend.lint": "lint",
    "frontend.convertllb": "graph",
}


class UnsupportedSubrequest(UnsupportedCapability):
    """A question that cannot be answered. `hint` says why, by default which questions there are."""

    def __init__(self, name: str, *, hint: str | None = None) -> None:
        super().__init__(f"unsupported request {name}", hint=hint or guess(name, _ANSWERS) or f"one of {', '.join(_ANSWERS)}")
        self.name = name


@attrs.frozen(eq=False)
class Request:
    """A subrequest, with the inputs of its answer."""

    bridge: Bridge
    options: Options
    context: MainContext
    entry: Entry
    convert_all: Callable[..., list[Result]]


def answer(name: str, request: Request) -> Returned:
    """Answer a question. Raises: UnsupportedSubrequest, or what the conversion raises."""
    if name not in _ANSWERS:
        raise UnsupportedSubrequest(name)
    module = importlib.import_module(f"llbfront.frontend.subrequests.{_ANSWERS[name]}")
    try:
        metadata = module.answer(request)
    except LlbfrontError as error:
        raise error.evolve(spans=()) from error  # Parity: engines get places only with errors of builds
    return Returned(metadata={key: text.encode(errors="surrogateescape") for key, text in metadata.items()})
