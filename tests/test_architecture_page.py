"""ARCHITECTURE.md and CONTRIBUTING.md say what is so: packages and their imports, modules, files, make targets, dependencies."""

from __future__ import annotations

import pathlib
import re
import tomllib

import pytest

from tests.test_architecture import ALLOWED_EVERYWHERE, UNRESTRICTED, imports_by_package, modules, package_of

ROOT = pathlib.Path(__file__).parents[1]
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
NAME = re.compile(r"`([^`]+)`")
PACKAGES = {package_of(path) for path in modules()} - {"__init__", "__main__"}
# What the table of imports leaves out, and another table describes.
LEFT_OUT = (ALLOWED_EVERYWHERE - {"attrs"}) | {"errors", "source"}


def rows(page: str, *head: str) -> list[list[str]]:
    """Return the cells of the table with this head."""
    lines = page.splitlines()
    start = lines.index(f"| {' | '.join(head)} |") + 2
    end = next(number for number in range(start, len(lines)) if not lines[number].startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[start:end]]


TABLE = {
    NAME.findall(package)[0]: (int(layer), imported)
    for layer, package, _, imported in rows(ARCHITECTURE, "layer", "package", "input → output", "imports")
}


def test_every_package_and_module_is_described_once() -> None:
    small = [name for cell, _ in rows(ARCHITECTURE, "module", "contents") for name in NAME.findall(cell)]
    assert sorted([*TABLE, *small]) == sorted(PACKAGES)
    assert set(small) == LEFT_OUT


@pytest.mark.parametrize("package_name", sorted(set(TABLE) - {"cli"}))
def test_the_imports_of_the_table_are_those_of_the_code(package_name: str) -> None:
    real = imports_by_package().get(package_name, set())
    assert set(NAME.findall(TABLE[package_name][1])) == real & PACKAGES - LEFT_OUT, (
        f"correct the row of {package_name} in ARCHITECTURE.md"
    )


@pytest.mark.parametrize("package_name", sorted(TABLE))
def test_the_layer_is_one_more_than_that_of_the_imports(package_name: str) -> None:
    layer, imported = TABLE[package_name]
    below = NAME.findall(imported) if package_name not in UNRESTRICTED or package_name == "aio" else set(TABLE) - UNRESTRICTED
    assert layer == 1 + max((TABLE[name][0] for name in below), default=0)


def test_every_module_of_the_client_is_described_once() -> None:
    described = [name for cell, _ in rows(ARCHITECTURE, "package of `client`", "task") for name in NAME.findall(cell)]
    there = {path.stem for path in (ROOT / "llbfront/client").iterdir() if not path.name.startswith("__")}
    assert sorted(described) == sorted(there)


@pytest.mark.parametrize("page", [ARCHITECTURE, CONTRIBUTING], ids=["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_named_modules_and_files_exist(page: str) -> None:
    for name in NAME.findall(page):
        first, *rest = name.split(".")
        if first in PACKAGES and rest and re.fullmatch(r"[a-z_0-9.]+", name):
            place = ROOT / "llbfront" / "/".join([first, *rest])
            assert place.is_dir() or place.with_suffix(".py").exists(), name
        if re.fullmatch(r"(llbfront|tests|docs|examples|proto|bench)(/[\w./-]*)?/?", name):
            assert (ROOT / name).exists(), name


def test_the_table_of_make_targets_is_complete() -> None:
    described = {NAME.findall(row[0])[0] for row in rows(CONTRIBUTING, "target", "what it does", "needs")}
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony and described == set(phony[1].split())


def test_make_targets_in_the_text_exist() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    for page in [ROOT / "README.md", *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for words in re.findall(r"`make ([a-z][a-z -]*)", page.read_text()):
            assert set(words.split()) <= set(phony[1].split()), page.name


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {name: needs for name, needs in project["optional-dependencies"].items() if name not in {"dev", "docs"}}
    needed = {
        re.split(r"[\[>=<;]", text)[0]
        for text in [*project["dependencies"], *(text for needs in extras.values() for text in needs)]
    }
    described = {NAME.findall(row[0])[0] for row in rows(ARCHITECTURE, "package", "reason")}
    assert described == needed
