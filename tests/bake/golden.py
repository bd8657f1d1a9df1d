"""Record what docker buildx prints for the cases: `python -m tests.bake.golden` writes expected.json."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
from typing import Any

from tests.bake.cases import CASES, DEFINITIONS, Case
from tests.support import peers

EXPECTED = pathlib.Path(__file__).parent / "expected.json"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/tmp"}


def printed_by_buildx(case: Case) -> dict[str, Any] | None:
    """Return the plan that buildx prints, None if it refuses the command."""
    command = [peers.buildx(), "bake", "--print", "--progress=quiet", *case.words]
    environment = {**ENVIRONMENT, **dict(case.environ)}
    finished = subprocess.run(command, cwd=DEFINITIONS, env=environment, capture_output=True, text=True, check=False, timeout=60)
    if finished.returncode:
        return None
    plan: dict[str, Any] = json.loads(finished.stdout)
    return plan


def in_order(plan: Any, key: str = "") -> Any:
    """Sort what buildx lists in a random order: the targets of groups, and ulimits of Compose files."""
    if isinstance(plan, dict):
        return {name: in_order(value, name) for name, value in plan.items()}
    if isinstance(plan, list):
        return sorted(plan) if key in {"targets", "ulimits"} else [in_order(value) for value in plan]
    return plan


def main() -> None:
    os.chdir(DEFINITIONS)
    recorded = {case.name: in_order(printed_by_buildx(case)) for case in CASES}
    EXPECTED.write_text(json.dumps(recorded, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
