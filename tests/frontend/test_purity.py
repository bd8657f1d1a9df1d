"""Converting a Dockerfile runs nothing, asks nobody, and reads and writes nothing beyond what it was given.

An audit hook of Python sees every file that is opened, every socket, every program that is started and every text that is compiled.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CASES = 500
WATCHED = (
    "open",
    "socket.",
    "subprocess.",
    "os.",
    "exec",
    "compile",
    "import",
    "ctypes.",
    "urllib.",
    "shutil.",
    "tempfile.",
    "sqlite3.",
)

# Runs in a process of its own, since an audit hook cannot be taken away again.
PROGRAM = f"""
import os, sys
from tests.differential import subject
from tests.differential.generator.cases import make

cases = [make(20261126, number)[0] for number in range({CASES})]
warm = cases + [make(7, number)[0] for number in range({CASES})]
for case in warm:  # loads every module and expression that is loaded when first used
    subject.answer(case)

seen = []
watching = False

def watch(event, arguments):
    if watching and event.startswith({WATCHED!r}):
        seen.append((event, repr(arguments)[:200]))

sys.addaudithook(watch)
before = set(sys.modules)
accepted = 0
watching = True
for case in cases:
    accepted += subject.answer(case)["error"] is None
watching = False
new = sorted(set(sys.modules) - before)
assert accepted > {CASES} * 0.6, accepted
assert not new, new
assert not seen, seen[:20]

watching = True
try:
    open(os.devnull).close()
    compile("1", "x", "eval")
finally:
    watching = False
assert {{event for event, _ in seen}} >= {{"open", "compile"}}, "the hook sees nothing"
print("pure")
"""


@pytest.mark.timeout(180)
def test_conversion_touches_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "pure", done.stderr[-3000:]
