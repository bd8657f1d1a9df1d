"""The code blocks of README.md and docs/, run as a reader would: those of a page one after the other, in one directory.

- A `console` block: each line that starts with `$ ` is a command, and lines below it are what it prints. A comment `# exit code 4` says how
  it ends; without one it ends with 0, or with any code that `exit code 0 or 4` names. `…` stands for any text.
- A `python` block is a script. A `text` block right behind it is what it prints.
- A block with `title="FILE"` is a file.
- `<!-- output varies -->` before a block: what it prints is not compared. `<!-- not run: REASON -->` before a block leaves it out. `<!-- needs: engine -->` anywhere makes the page a live test.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping

import attrs

ROOT = pathlib.Path(__file__).parents[2]
GENERATED = ("docs/rules/", "docs/api/")  # tests/lint/test_pages.py runs the examples of the rules
_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*) -->\n)?^```(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<code>.*?)^```\n"
    r"(?:\n```text\n(?P<output>.*?)^```\n)?",
    re.MULTILINE | re.DOTALL,
)
_COMMAND = re.compile(r"^\$ (?P<command>.*(?:\\\n.*)*)\n?(?P<output>(?:(?!\$ ).*\n?)*)", re.MULTILINE)
_GIT_USER = {
    f"GIT_{role}_{field}": f"t{at}" for role in ("AUTHOR", "COMMITTER") for field, at in (("NAME", ""), ("EMAIL", "@t.test"))
}
_NO_GIT_USER = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}  # blocks name the user of a commit themselves
_EXIT_CODE = re.compile(r"exit code (\d+)(?: or (\d+))?")


@attrs.frozen
class Block:
    """A block of code in a page."""

    page: str
    line: int
    language: str
    mark: str
    title: str
    code: str
    output: str | None

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def is_run(self) -> bool:
        return self.language in {"console", "python"} and not self.title and not self.mark.startswith("not run:")


def pages() -> list[str]:
    """The pages whose blocks are run."""
    names = ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]
    return [name for name in names if not name.startswith(GENERATED)]


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in its order."""
    text = (ROOT / page).read_text()
    return [
        Block(
            page, text.count("\n", 0, match.start()) + 1, match["language"], match["mark"] or "", match["title"] or "", match["code"],
            match["output"],
        )
        for match in _BLOCK.finditer(text)
    ]  # fmt: skip


def needs_engine(page: str) -> bool:
    return "<!-- needs: engine -->" in (ROOT / page).read_text()


def workspace(directory: pathlib.Path) -> None:
    """Make a directory in which pages can be run: a git repository with the examples."""
    shutil.copytree(ROOT / "examples", directory / "examples", dirs_exist_ok=True)
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "first")):
        subprocess.run(["git", *words], cwd=directory, env={**os.environ, **_GIT_USER}, check=True)


def run_page(page: str, directory: pathlib.Path, *, variables: Mapping[str, str], registry: str = "registry.example") -> int:
    """Run the blocks of a page; return how many commands and scripts were run."""
    bin_path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    recorded = {"LLBFRONT_RECORD": "1", "XDG_STATE_HOME": f"{directory}-state"}
    environ = {**os.environ, "PATH": bin_path, "COLUMNS": "120", **_NO_GIT_USER, **recorded, **variables}
    count = 0
    for block in blocks(page):
        code = block.code.replace("registry.example", registry)
        if block.title:
            path = directory / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(code)
        if not block.is_run:
            continue
        runs = [((sys.executable, "-c", code), {0}, block.output)] if block.language == "python" else _commands(code)
        for command, codes, output in runs:
            _run(block, command, codes, None if block.mark == "output varies" else output, directory, environ)
            count += 1
    return count


def _commands(code: str) -> Iterator[tuple[tuple[str, ...], set[int], str | None]]:
    for match in _COMMAND.finditer(code):
        codes = _EXIT_CODE.search(match["command"])
        yield (
            ("bash", "-c", match["command"]),
            {int(each) for each in codes.groups() if each} if codes else {0},
            match["output"] or None,
        )


def _run(
    block: Block, command: tuple[str, ...], codes: set[int], output: str | None, directory: pathlib.Path, environ: Mapping[str, str]
) -> None:
    done = subprocess.run(
        command, cwd=directory, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
    )
    told = f"{block.place}: {command[-1]}\n--- standard output\n{done.stdout}--- standard error\n{done.stderr}"
    assert done.returncode in codes, f"exit code {done.returncode}\n{told}"
    assert output is None or matches(output, done.stdout), f"it should print\n{output}\n{told}"


def matches(expected: str, printed: str) -> bool:
    """Whether a program printed what a page says; `…` stands for any text."""
    pattern = ".*".join(map(re.escape, expected.strip().split("…")))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None
