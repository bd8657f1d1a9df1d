"""Running a filter: conversion cases in, answers out, in the same order.

A filter is a program that reads one JSON case a line and writes one JSON answer a line. It runs once per list of cases.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.differential import reference

if TYPE_CHECKING:
    from collections.abc import Sequence

Case = dict[str, Any]
Answer = dict[str, Any]
Command = tuple[str, ...]

ROOT = Path(__file__).parent.parent.parent


class FilterFailed(RuntimeError):
    """A filter ended before it had answered every case."""


def oracle() -> Command:
    return (str(reference.executable()),)


def subject() -> Command:
    return (sys.executable, "-m", "tests.differential.subject")


def ask(cases: Sequence[Case], *commands: Command) -> list[list[Answer]]:
    """Give all cases to every filter, which run side by side; one list of answers per filter.

    Raises: FilterFailed with the end of what the filter wrote to its standard error.
    """
    with tempfile.TemporaryDirectory() as folder:
        case_file = Path(folder) / "cases"
        case_file.write_bytes(b"".join(json.dumps(case).encode() + b"\n" for case in cases))
        running = [start(command, case_file, Path(folder) / str(number)) for number, command in enumerate(commands)]
        codes = [process.wait() for process in running]
        return [
            read(command, Path(folder) / str(number), code, len(cases))
            for number, (command, code) in enumerate(zip(commands, codes, strict=True))
        ]


def start(command: Command, case_file: Path, out: Path) -> subprocess.Popen[bytes]:
    with case_file.open("rb") as stdin, out.open("wb") as stdout, out.with_suffix(".errors").open("wb") as stderr:
        return subprocess.Popen(command, cwd=ROOT, stdin=stdin, stdout=stdout, stderr=stderr)


def read(command: Command, out: Path, code: int, expected: int) -> list[Answer]:
    lines = out.read_bytes().splitlines()
    if code or len(lines) != expected:
        said = out.with_suffix(".errors").read_text(errors="replace")[-4000:]
        raise FilterFailed(f"{' '.join(command)}: exit code {code}, {len(lines)} answers to {expected} cases\n{said}")
    return [json.loads(line) for line in lines]
