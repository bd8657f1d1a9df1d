"""The options that change a bake definition, for `bake` and `affected --bake`.

Source: commands/bake.go of docker/buildx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _ActionsContainer


def add_definition_options(container: _ActionsContainer) -> None:
    """Add `--set`, `--var` and `--var-file` to a command or a group of arguments."""
    add = container.add_argument
    add("--set", action="append", default=[], dest="overrides", metavar="PATTERN.KEY=VALUE", help="override a field of targets")
    add("--var", action="append", default=[], dest="variables", metavar="NAME=VALUE", help="set a variable of the definition")
    add(
        "--var-file",
        action="append",
        default=[],
        dest="variable_files",
        metavar="FILE",
        help="set the variables of a file NAME=VALUE",
    )
