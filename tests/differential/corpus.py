"""Cases from a folder of real Dockerfiles: each plain, for another platform, for two, and with each of its stages as the target.

The stage names are the reference's own: it is asked for the targets of every file first. An ignore file beside a Dockerfile
comes along.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.differential import filters

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.differential.filters import Answer, Case

MODES: dict[str, dict[str, str]] = {
    "plain": {},
    "arm64": {"platform": "linux/arm64"},
    "two": {"platform": "linux/amd64,linux/arm64"},
}


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".dockerignore"))


def cases(folder: Path) -> list[Case]:
    base_cases = [base(folder, path) for path in files(folder)]
    target_cases = [{**case, "opts": {"requestid": "frontend.targets"}} for case in base_cases]
    [answers] = filters.ask(target_cases, filters.oracle())
    return [case_in_mode for case, answer in zip(base_cases, answers, strict=True) for case_in_mode in modes(case, answer)]


def base(folder: Path, path: Path) -> Case:
    ignore = {}
    for name, local in ((path.name + ".dockerignore", "dockerfile"), (".dockerignore", "context")):
        if (path.parent / name).is_file():
            ignore[local] = read(path.parent / name)
    return {"id": str(path.relative_to(folder)), "dockerfile": read(path), "dockerignore": ignore, "caps": "all", "images": {}}


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def modes(case: Case, targets: Answer) -> Iterator[Case]:
    for mode, opts in MODES.items():
        yield {**case, "id": f"{case['id']} {mode}", "opts": opts}
    yield {**case, "id": f"{case['id']} lint", "opts": {"requestid": "frontend.lint"}}
    if targets["error"] is None:
        names = [target.get("name") for target in json.loads(targets["meta"]["result.json"])["targets"]]
        for name in dict.fromkeys(name for name in names if name):
            yield {**case, "id": f"{case['id']} target {name}", "opts": {"target": name}}
