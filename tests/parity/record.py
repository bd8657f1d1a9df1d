"""Record the help texts of all commands of docker buildx and buildctl. Run by `make parity`."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

from llbfront.engine import install
from tests.parity.help_text import read
from tests.support import peers

RECORDED = pathlib.Path(__file__).parent / "help.json"


def record() -> dict[str, str]:
    """Return the help by command, such as `docker buildx history ls`."""
    programs = install.install()
    return {**_help_texts([peers.buildx()], "docker buildx"), **_help_texts([programs.buildctl], "buildctl")}


def _help_texts(command: list[str], name: str) -> dict[str, str]:
    """Return the help of a command and its subcommands by name."""
    environ = {**os.environ, "BUILDX_EXPERIMENTAL": "1"}
    text = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True, env=environ).stdout
    texts = {name: text}
    for subcommand in read(text).commands:
        texts |= _help_texts([*command, subcommand], f"{name} {subcommand}")
    return texts


def write() -> None:
    RECORDED.write_text(json.dumps({name: text.splitlines() for name, text in record().items()}, indent=1) + "\n")
