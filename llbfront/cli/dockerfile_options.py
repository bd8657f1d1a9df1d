"""The options that name the Dockerfile, the target stage, build arguments and other contexts, for `build` and the offline commands.

Source: commands/build.go of docker/buildx.
"""

from __future__ import annotations

import argparse


def add_dockerfile_options(command: argparse.ArgumentParser) -> None:
    """Add `--file`, `--target`, `--build-arg` and `--build-context`."""
    add = command.add_argument
    add(
        "-f",
        "--file",
        metavar="FILE",
        help="the Dockerfile: a file, an http URL, or - for standard input (default: PATH/Dockerfile)",
    )
    add("--target", metavar="STAGE", help="the target stage (default: the last)")
    add(
        "--build-arg",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="value of an ARG; from the environment without =VALUE",
    )
    add(
        "--build-context",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another context: a directory, URL, image or OCI layout",
    )
