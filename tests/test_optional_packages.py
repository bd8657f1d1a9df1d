"""The table of packages that llbfront can use, and hints that tell how to install one."""

import pathlib
import re
import tomllib

import pytest

from llbfront.optional_packages import PACKAGES, install_command

ROOT = pathlib.Path(__file__).parent.parent
EXTRAS_OF_DEVELOPERS = {"dev", "docs"}


def normalized(requirement: str) -> str:
    (name,) = re.findall(r"^[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_table_is_that_of_the_extras() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    names = {normalized(each) for extra, each_of in extras.items() if extra not in EXTRAS_OF_DEVELOPERS for each in each_of}
    assert {normalized(name) for name in PACKAGES.values()} == names


@pytest.mark.parametrize("module", PACKAGES)
def test_the_command_names_the_package(module: str) -> None:
    assert install_command(module) == f"pip install {PACKAGES[module]}"


def test_no_message_names_an_extra() -> None:
    texts = {path: path.read_text() for path in (ROOT / "llbfront").rglob("*.py")}
    assert texts
    assert [str(path) for path, text in texts.items() if "llbfront[" in text] == []
