"""The options that name the Dockerfile, the target stage, build arguments and other contexts, for `build` and the offline commands.

Source: commands/build.go of docker/buildx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.cli import headings

if TYPE_CHECKING:
    from llbfront.cli.main import Parser


def add_dockerfile_options(command: Parser, arguments_heading: str = headings.INPUT) -> None:
    """Add `--file`, `--target`, `--build-context` and, under a heading of the caller, `--build-arg`."""
    add = command.under(headings.INPUT).add_argument
    add(
        "-f",
        "--file",
        metavar="FILE",
        help="the Dockerfile: a file, an http URL, or - for standard input (default: PATH/Dockerfile)",
    )
    add("--target", metavar="STAGE", help="the target stage (default: the last)")
    add(
        "--build-context",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another context: a directory, URL, image or OCI layout",
    )
    command.under(arguments_heading).add_argument(
        "--build-arg",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="value of an ARG; from the environment without =VALUE",
    )
