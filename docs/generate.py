"""Write docs/rules, a page for each rule of the build checks and their index, and docs/environment.md and docs/commands.md beside it.

Run by `make docs`.
"""

import pathlib
import sys

import commands_page

from llbfront.client.request import environment_table
from llbfront.lint import rule_pages
from llbfront.lint.rules import RULES


def main(folder: pathlib.Path) -> None:
    """Write all pages into a folder; pages of rules that no longer exist are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"README.md": rule_pages.index(), **{f"{name}.md": rule_pages.write(name) for name in RULES}}
    for old in folder.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text)
    (folder.parent / "environment.md").write_text(environment_table.page())
    (folder.parent / "commands.md").write_text(commands_page.page())


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
