"""Record what docker buildx prints for the cases and texts: `python -m tests.bake.golden` writes the files expected.json."""

from __future__ import annotations

import json
import pathlib
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any

from tests.bake import texts
from tests.bake.cases import CASES, DEFINITIONS
from tests.support import peers

EXPECTED = pathlib.Path(__file__).parent / "expected.json"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/tmp"}


def printed_by_buildx(words: Iterable[str], directory: pathlib.Path, environ: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the plan that buildx prints, None if it refuses the command."""
    command = [peers.buildx(), "bake", "--print", "--progress=quiet", *words]
    finished = subprocess.run(
        command, cwd=directory, env={**ENVIRONMENT, **environ}, capture_output=True, text=True, check=False, timeout=60
    )
    if finished.returncode:
        return None
    plan: dict[str, Any] = json.loads(finished.stdout)
    return plan


def plan_of_text(text: texts.Text) -> dict[str, Any] | None:
    """Return the plan that buildx prints for a text."""
    with tempfile.TemporaryDirectory() as directory:
        text.write(pathlib.Path(directory))
        return printed_by_buildx(text.words, pathlib.Path(directory), text.environ)


def in_order(plan: Any, key: str = "") -> Any:
    """Sort what buildx lists in a random order: the targets of groups, and ulimits of Compose files."""
    if isinstance(plan, dict):
        return {name: in_order(value, name) for name, value in plan.items()}
    if isinstance(plan, list):
        return sorted(plan) if key in {"targets", "ulimits"} else [in_order(value) for value in plan]
    return plan


def _write(path: pathlib.Path, plans: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(plans, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def main() -> None:
    _write(EXPECTED, {case.name: in_order(printed_by_buildx(case.words, DEFINITIONS, dict(case.environ))) for case in CASES})
    _write(texts.EXPECTED, {text.name: in_order(plan_of_text(text)) for text in texts.TEXTS})


if __name__ == "__main__":
    main()
