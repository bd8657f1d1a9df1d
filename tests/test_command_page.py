"""Every command and flag is in docs/commands.md, and every flag that a page gives to a command exists."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest

from llbfront.cli.main import flags_of
from tests.cli.test_help import COMMANDS, shown
from tests.support import documents

ROOT = documents.ROOT
PAGE = (ROOT / "docs/commands.md").read_text()
INVOCATION = re.compile(r"(?:^\$ |[`|&]|\$\(|\()\s*(?:[A-Z_]+=\S+ )*llbfront ((?:[^`\n|&#;]|\|(?! ))+)", re.MULTILINE)


def test_regenerating_the_page_changes_nothing(tmp_path: pathlib.Path) -> None:
    subprocess.run([sys.executable, ROOT / "docs/generate.py", tmp_path / "rules"], check=True)
    assert (tmp_path / "commands.md").read_text() == PAGE, "make docs"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_is_in_the_page(name: str) -> None:
    section = PAGE.partition(f"## `llbfront {name}`\n")[2].partition("\n## ")[0]
    assert section
    for action in shown(COMMANDS[name]):
        assert action.dest == "help" or action.option_strings[-1] in section


@pytest.mark.parametrize("page", [page for page in documents.pages() if page != "docs/parity.md"])
def test_flags_of_commands_in_pages_exist(page: str) -> None:
    for text in INVOCATION.findall((ROOT / page).read_text()):
        words = text.split()
        name = next((name for name in (" ".join(words[:2]), words[0]) if name in COMMANDS), None)
        if name is None:
            continue
        flags = flags_of(COMMANDS[name])
        for flag in re.findall(r"(?<![\w-])--[a-z][\w-]*", text):
            assert flag in flags, f"{page}: llbfront {text}"
