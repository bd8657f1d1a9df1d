"""The README's scripts that need no engine, run as they stand there: what they print is what stands below them."""

import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
SCRIPT = re.compile(r"<!-- tested: ([a-z ]+) -->\n```python\n((?:(?!```).)*?)```\n\n```text\n(.*?)```", re.DOTALL)
SCRIPTS = {name: (code, output) for name, code, output in SCRIPT.findall((ROOT / "README.md").read_text())}


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_prints_what_the_readme_says(name: str) -> None:
    code, output = SCRIPTS[name]
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout == output


def test_there_are_five() -> None:
    assert set(SCRIPTS) == {"unpinned", "network", "layers", "context", "difference"}


def test_the_table_of_commands_is_whole() -> None:
    commands = re.findall(r"^\$ llbfront (\w+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    from llbfront.cli.main import COMMANDS

    assert set(commands) <= set(COMMANDS)
