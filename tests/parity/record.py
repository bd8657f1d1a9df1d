"""Record the help of docker buildx and buildctl, all commands of both: `make parity`."""

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
    return {**_below([peers.buildx()], "docker buildx"), **_below([programs.buildctl], "buildctl")}


def _below(command: list[str], name: str) -> dict[str, str]:
    environ = {**os.environ, "BUILDX_EXPERIMENTAL": "1"}
    text = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True, env=environ).stdout
    texts = {name: text}
    for below in read(text).commands:
        texts |= _below([*command, below], f"{name} {below}")
    return texts


def write() -> None:
    RECORDED.write_text(json.dumps({name: text.splitlines() for name, text in record().items()}, indent=1) + "\n")
