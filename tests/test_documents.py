"""The pages that need no engine: their commands and scripts work, one after the other; links and pictures exist."""

from __future__ import annotations

import pathlib
import re

import pytest

from tests.support import documents

ROOT = documents.ROOT
OFFLINE = [
    page for page in documents.pages() if not documents.needs_engine(page) and any(block.is_run for block in documents.blocks(page))
]
LINK = re.compile(r"\]\(([^)\s#]+)(?:#([^)\s]+))?\)")


@pytest.mark.parametrize("page", OFFLINE)
def test_the_blocks_of_a_page_work_one_after_the_other(page: str, tmp_path: pathlib.Path) -> None:
    documents.workspace(tmp_path)
    assert documents.run_page(page, tmp_path, variables={}) > 0


def test_the_pages_that_must_be_run_are_run() -> None:
    assert {"docs/scripting.md", "docs/exit-codes.md", "docs/ci.md", "docs/security.md", "docs/migrating.md"} <= set(OFFLINE)
    assert {page for page in documents.pages() if documents.needs_engine(page)} >= {
        "README.md", "docs/first-build.md", "docs/inspection.md", "docs/library.md", "docs/frontends.md",
    }  # fmt: skip


def test_pages_have_links_and_blocks_that_are_not_run() -> None:
    """The next two tests look at each page alone, which may have none."""
    assert any(LINK.search((ROOT / page).read_text()) for page in documents.pages())
    assert any(block.mark.startswith("not run") for page in documents.pages() for block in documents.blocks(page))


@pytest.mark.parametrize("page", documents.pages())
def test_a_block_that_is_not_run_says_why(page: str) -> None:
    for block in documents.blocks(page):
        assert not block.mark.startswith("not run") or len(block.mark) > len("not run: ") + 10, block.place


# What a block uses, and what it then says, so that it can be pasted alone.
NEEDED = {
    "import networkx": "pip install networkx",
    "-m pytest": "pip install pytest",
    "bake -f compose.yaml": "pip install PyYAML",
    "bake -f codefresh.yml": "pip install PyYAML",
    "commit -": "-c user.name=me -c user.email=",
}


@pytest.mark.parametrize("page", documents.pages())
def test_a_block_says_what_it_needs(page: str) -> None:
    for block in documents.blocks(page):
        if block.language in {"console", "python"} and not block.title:
            assert [needed for used, needed in NEEDED.items() if used in block.code and needed not in block.code] == [], block.place
            assert not re.search(r"2> ?/dev/null", block.code), f"{block.place} hides errors"


@pytest.mark.parametrize("page", [*documents.pages(), "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_links_lead_to_files(page: str) -> None:
    folder = (ROOT / page).parent
    for target, _ in LINK.findall((ROOT / page).read_text()):
        assert "://" in target or target.startswith("mailto:") or (folder / target).exists(), f"{page}: {target}"


@pytest.mark.parametrize(
    ("expected", "printed", "does_match"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("a …\n", "a 1 2\n3\n", True),
        ("…b\n", "ab\n", True),
        ("… s  …\n", "  0.10 s  x\n", True),
        ("a\n…\n", "b\na\n", False),
    ],
)
def test_printed_text_is_compared(expected: str, printed: str, does_match: bool) -> None:
    assert documents.matches(expected, printed) is does_match


def test_a_wrong_page_is_noticed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    for text in ("```console\n$ false\n```\n", "```console\n$ echo a\nb\n```\n", "```python\nprint(1)\n```\n\n```text\n2\n```\n"):
        (tmp_path / "page.md").write_text(text)
        with pytest.raises(AssertionError, match=r"page\.md:1"):
            documents.run_page("page.md", tmp_path, variables={})
