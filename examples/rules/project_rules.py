"""Three rules that a project may want besides the built-in ones.

    llbfront check --rules examples/rules/project_rules.py .

Installed as a package (pyproject.toml beside this file) they are found without `--rules`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llbfront.dockerfile.instructions import Copy, Run
from llbfront.rules import Checked, Finding, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

APT_LISTS = "/var/lib/apt"
INSTALLS = re.compile(r"pip3? install|npm (ci|install)|yarn install|go mod download|bundle install|composer install")


@rule("UnpinnedBase", "Base images should be pinned to a digest")
def unpinned_base(checked: Checked) -> Iterator[Finding]:
    """A tag may name another image tomorrow. With a digest the same Dockerfile always begins with the same files.

    Facts have variables expanded, so a digest that comes from an ARG counts. Images that COPY --from and mounts name count, too.
    """
    for image in checked.facts.images:
        if not image.is_pinned:
            yield Finding(f"{image.name} is not pinned", image, hint=f"{image.name}@sha256:…")


@rule("AptListsKept", "A step that installs packages should leave no package lists behind")
def apt_lists_kept(checked: Checked) -> Iterator[Finding]:
    """The lists of apt are some twenty megabytes in a layer. Removing them in a later step makes the image no smaller.

    The graph knows the whole command with its variables, and the mounts: lists in a cache mount are in no layer.
    """
    for node in checked.graph.nodes:
        command = " ".join(node.args)
        mounted = {mount.get("dest", "") for mount in node.op.get("mounts", ()) if mount.get("mountType") == "CACHE"}
        if "apt-get install" in command and f"{APT_LISTS}/lists" not in command and not any(APT_LISTS in dest for dest in mounted):
            yield Finding("apt-get leaves its package lists in the layer", node, hint=f"end with rm -rf {APT_LISTS}/lists/*")


@rule("CopyBeforeInstall", "Dependencies should be installed before the whole context is copied")
def copy_before_install(checked: Checked) -> Iterator[Finding]:
    """A change to any file makes everything below `COPY . .` run again, the installation of dependencies with it."""
    for stage in checked.stages:
        whole = None
        for instruction in stage.instructions:
            if isinstance(instruction, Copy) and not instruction.origin and {".", "./"} & set(instruction.sources):
                whole = whole or instruction
            elif whole and isinstance(instruction, Run) and INSTALLS.search(instruction.text):
                yield Finding(
                    f"line {instruction.range.start} installs again after every change", whole, hint="copy the lock file first"
                )
                whole = None
