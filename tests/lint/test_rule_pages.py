"""The pages of the rules: what they show is what happens, and what is committed is what they are made of."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from llbfront.lint import rule_pages
from llbfront.lint.rules import RULES
from tests.differential.subject import answer

if TYPE_CHECKING:
    from llbfront.lint.rule_pages import Page

ROOT = pathlib.Path(__file__).parents[2]
CHECK = "build-arg:BUILDKIT_DOCKERFILE_CHECK"


def found_rules(name: str, dockerfile: str, **options: str) -> list[str]:
    """The rules that a Dockerfile breaks in the world of a page."""
    page = rule_pages.pages()[name]
    images = {}
    for image, platform in page.images.items():
        os, architecture = platform.split("/")
        config = {
            "os": os,
            "architecture": architecture,
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "1" * 64]},
        }
        images[f"{image}:latest"] = {"config": config}
    # The argument is what InvalidDefaultArgInFrom is about: the build is given what the file has no default for.
    opts = {"build-arg:TAG": "1", **{key.replace("_", ":", 1): value for key, value in options.items()}}
    case = {
        "id": "",
        "dockerfile": dockerfile,
        "opts": opts,
        "images": images,
        "dockerignore": {"context": page.ignore},
        "caps": "all",
    }
    answered = answer(case)
    assert answered["error"] is None, answered["error"]
    return [warning["rule"] for warning in answered["warnings"]]


def switch(name: str) -> str:
    return f"{'experimental' if RULES[name].is_experimental else 'skip'}={name}"


def test_every_rule_has_a_page() -> None:
    assert list(rule_pages.pages()) == list(RULES)


@pytest.mark.parametrize(("name", "page"), rule_pages.pages().items(), ids=RULES)
def test_the_bad_example_has_this_finding_and_the_good_one_none(name: str, page: Page) -> None:
    on = {"build-arg_BUILDKIT_DOCKERFILE_CHECK": "experimental=all"}
    assert found_rules(name, page.bad, **on) == [name]
    assert found_rules(name, page.good, **on) == []


@pytest.mark.parametrize(("name", "page"), rule_pages.pages().items(), ids=RULES)
def test_the_switches_of_a_page_work(name: str, page: Page) -> None:
    off, on = ([name], []) if RULES[name].is_experimental else ([], [name])
    assert found_rules(name, page.bad) == on
    assert found_rules(name, page.bad, **{"build-arg_BUILDKIT_DOCKERFILE_CHECK": switch(name)}) == off
    assert found_rules(name, f"# check={switch(name)}\n{page.bad}") == off
    assert f"`# check={switch(name)}`" in rule_pages.write(name)


@pytest.mark.parametrize(("name", "page"), rule_pages.pages().items(), ids=RULES)
def test_a_comment_switches_one_instruction_if_the_page_says_so(name: str, page: Page) -> None:
    """The comment is put above every instruction; a directive of another name in front makes it none of the whole file."""
    commented = re.sub(r"^(?=[A-Za-z]+ )", f"# check={switch(name)}\n", page.bad, flags=re.MULTILINE)
    alone = found_rules(name, f"# no directive\n\n{commented}")
    assert alone == ([name] if RULES[name].is_experimental or not page.comment else [])
    assert ("in a comment above it" in rule_pages.write(name)) is page.comment


def test_an_empty_comment_detaches_a_description_and_an_empty_line_does_not() -> None:
    on, name = {"build-arg_BUILDKIT_DOCKERFILE_CHECK": "experimental=all"}, "InvalidDefinitionDescription"
    assert found_rules(name, "# licence\n\nFROM alpine AS base\n", **on) == [name]
    assert found_rules(name, "# licence\n#\nFROM alpine AS base\n", **on) == []


def test_pages_of_reports_name_a_thread() -> None:
    threads = [report.thread for page in rule_pages.pages().values() for report in page.reports]
    assert len(threads) >= 15
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", thread) for thread in threads)


def test_regenerating_changes_nothing(tmp_path: pathlib.Path) -> None:
    (tmp_path / "Gone.md").write_text("a rule that is no more")
    subprocess.run([sys.executable, ROOT / "docs" / "generate.py", tmp_path], check=True)
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_text() for path in (ROOT / "docs/rules").iterdir()}
    assert set(written) == {"README.md", *(f"{name}.md" for name in RULES)}
