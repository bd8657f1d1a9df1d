"""The clients that llbfront is compared with: buildctl comes with the private engine, buildx is built here from its pinned Go module.

The programs are kept in the user's cache.

Source: cmd/buildx of docker/buildx at the version of go.mod.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

from llbfront.engine import directories, install, toolchain
from llbfront.errors import EngineError

HERE = pathlib.Path(__file__).parent
PACKAGE = "github.com/docker/buildx/cmd/buildx"


def buildx() -> str:
    """Return buildx, built first if it is not there. Raises EngineError if that fails."""
    pins = b"".join((HERE / name).read_bytes() for name in install.PINS)
    home = pathlib.Path(directories.default().cache) / f"buildx-{hashlib.sha256(pins).hexdigest()[:16]}"
    program = home / "buildx"
    if not program.exists():
        go = toolchain.find(install.needed_go())
        if go is None:
            raise EngineError("buildx is compared with, and building it needs Go")
        print("building buildx, once", flush=True)
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as aside:
            for name in install.PINS:
                shutil.copy(HERE / name, aside)
            built = os.path.join(aside, "buildx")
            environment = {**os.environ, **dict(go.environment), "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}
            command = [go.go, *install.BUILD, "-p", "2", "-o", built, PACKAGE]
            done = subprocess.run(command, cwd=aside, env=environment, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise EngineError(f"cannot build buildx: {done.stderr[-1000:]}")
            os.rename(built, program)
    return str(program)
