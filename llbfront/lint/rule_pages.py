"""Write the documentation pages of the rules, and their index. Builds do not load this.

Source: docs/rules of frontend/dockerfile in BuildKit for the contents of a page.
"""

from __future__ import annotations

import os
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.lint.rules import RULES

if TYPE_CHECKING:
    from llbfront.lint.rules import Rule

_WIDTH = 100


@attrs.frozen
class Report:
    """A false alarm of BuildKit that a user reported; `thread` is repo#number, `text` describes it."""

    thread: str
    text: str


@attrs.frozen
class Page:
    """The documentation of a rule. `bad` has its finding and no other, `good` has none.

    `ignore` is the ignore file for both, `images` the platforms of base images that have another than the usual one. With `comment`,
    a comment above an instruction can switch the rule off there.
    """

    finds: str
    why: str
    fix: str
    bad: str
    good: str
    ignore: str = ""
    images: Mapping[str, str] = attrs.field(factory=dict)
    note: str = ""
    comment: bool = True
    reports: tuple[Report, ...] = ()


@cache
def pages() -> Mapping[str, Page]:
    """Read all pages, by rule."""
    with open(os.path.join(os.path.dirname(__file__), "pages.toml"), "rb") as file:
        return {name: _page(fields) for name, fields in tomllib.load(file).items()}


def _page(fields: dict[str, Any]) -> Page:
    return Page(**{**fields, "reports": tuple(Report(**report) for report in fields.get("reports", ()))})


def write(name: str) -> str:
    """Write the page of a rule. Raises: KeyError if there is no such rule."""
    return "\n".join(_lines(RULES[name], pages()[name]))


def index() -> str:
    """Write the table of all rules."""
    rows = [
        f"| [{rule.name}]({rule.name}.md) | {rule.description.partition('. ')[0]} | {'off' if rule.is_experimental else 'on'} |"
        for rule in RULES.values()
    ]
    prose = _filled(
        "`llbfront check` and every build apply these rules. Findings, texts and lines are the same as from BuildKit's frontend. The pages"
        " show how to switch a rule off; `llbfront check --explain RULE` prints them. For custom rules see examples/rules."
    )
    origin = "Generated from llbfront/lint/pages.toml by `make docs`."
    return "\n".join(
        ("# Build checks", "", *prose, "", "| rule | about | by default |", "| --- | --- | --- |", *rows, "", origin, "")
    )


def _lines(rule: Rule, page: Page) -> Iterator[str]:
    yield from (f"# {rule.name}", "", *_filled(rule.description), "")
    yield from ("## What it finds", "", *_filled(page.finds), "")
    yield from ("## Why it matters", "", *_filled(page.why), "")
    yield from ("## Example", "")
    if page.ignore:
        yield from ("With this `.dockerignore`:", "", *_block(page.ignore, "text"))
    for image, platform in page.images.items():
        yield from (f"If `{image}` is an image for {platform}, and the build is for another platform:", "")
    yield from ("Bad:", "", *_block(page.bad, "dockerfile"), "Good:", "", *_block(page.good, "dockerfile"))
    yield from (*_filled(page.fix), "")
    if page.note:
        yield from (*_filled(page.note), "")
    yield from _switches(rule, page)
    if page.reports:
        yield from ("## Reported as a false alarm", "")
        yield from _filled("Users reported these against BuildKit's own check. llbfront does what BuildKit v0.34.2 does in each.")
        yield ""
        for report in page.reports:
            yield from _filled(f"- [{report.thread}]({_address(report.thread)}): {report.text.strip()}", indent="  ")
        yield ""
    if rule.url:
        yield from (f"BuildKit's page: <{rule.url}>", "")


def _switches(rule: Rule, page: Page) -> Iterator[str]:
    option = f"{'experimental' if rule.is_experimental else 'skip'}={rule.name}"
    if rule.is_experimental:
        yield from ("## Switching it on", "", *_filled("It is experimental and off by default; `skip` has no effect on it."), "")
        yield f"- in `llbfront check`: `llbfront check --only {rule.name} .`"
    else:
        yield from ("## Switching it off", "", f"- in `llbfront check`: `llbfront check --disable {rule.name} .`")
    yield f"- in a build, with `llbfront` or `docker`: `--build-arg BUILDKIT_DOCKERFILE_CHECK={option}`"
    yield f"- in a Dockerfile, among its first lines: `# check={option}`"
    if page.comment:
        yield f"- for one instruction, in a comment above it: `# check={option}`"
    else:
        yield "- for one instruction: not possible; this rule ignores comments above instructions"
    yield ""


def _block(text: str, language: str) -> tuple[str, ...]:
    return (f"```{language}", *text.strip("\n").split("\n"), "```", "")


def _filled(text: str, *, indent: str = "") -> list[str]:
    return textwrap.wrap(text.strip(), _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _address(thread: str) -> str:
    repository, _, number = thread.partition("#")
    return f"https://github.com/{repository}/issues/{number}"
