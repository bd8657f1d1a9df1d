"""Which questions there are. Parity: the checks and the graph are answered, too, but not named.

Source: frontend/subrequests/describe.go, describe in frontend/dockerui/requests.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llbfront.gostd.json import marshal_indent
from llbfront.gostd.tabwriter import format_table

if TYPE_CHECKING:
    from llbfront.frontend.subrequests.dispatch import Request

VERSION = "1.0.0"


def _named(name: str, description: str = "") -> dict[str, str]:
    return {"name": name, "description": description}


def _question(name: str, description: str, opts: list[dict[str, str]] | None) -> dict[str, Any]:
    return {
        "name": name,
        "version": VERSION,
        "type": "rpc",
        "description": description,
        "opts": opts,
        "inputs": None,
        "metadata": [_named("result.json"), _named("result.txt")],
        "refs": None,
    }


_QUESTIONS = (
    _question("frontend.outline", "List all parameters current build target supports", [_named("target", "Target build stage")]),
    _question("frontend.targets", "List all targets current build supports", []),
)
_DESCRIBE = _question("frontend.subrequests.describe", "List available subrequest types", None)


def answer(_request: Request) -> dict[str, str]:
    """List the questions."""
    return listed(_QUESTIONS)


def listed(questions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Write a list of questions; that for the list itself is always among them."""
    questions = (*questions, _DESCRIBE)
    rows = [("NAME", "VERSION", "DESCRIPTION")]
    rows += [(question["name"].removeprefix("frontend."), question["version"], question["description"]) for question in questions]
    return {"result.json": marshal_indent(questions), "result.txt": format_table(rows, gap=1), "version": VERSION}
