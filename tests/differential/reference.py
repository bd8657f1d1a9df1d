"""The reference filter: BuildKit's own frontend behind the form of conversion cases, built from `oracle/` with Go.

The program is built once for the text of its sources and kept outside the repository, in the user's cache folder
(LLBFRONT_ORACLE_CACHE moves it). Go is found, or fetched, as for the private engine.

Source: frontend/dockerfile/builder/build.go (BuildKit v0.34.2), called by oracle/main.go.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from llbfront.engine import directories, install, toolchain
from llbfront.engine.download import run_download

SOURCES = Path(__file__).parent / "oracle"


def go() -> toolchain.Toolchain:
    """A Go that is new enough; fetched once where there is none."""
    here = directories.default()
    needed = install.needed_go()
    return toolchain.find(needed) or toolchain.fetch(needed, data=here.data, cache=here.cache, report=say)


def say(line: str) -> None:
    print(line, file=sys.stderr)


def executable() -> Path:
    """The built reference filter; builds it where this text of it has not been built yet (a minute, once)."""
    sources = sorted(path for path in SOURCES.iterdir() if path.suffix in {".go", ".mod", ".sum"})
    key = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in sources)).hexdigest()[:16]
    folder = os.environ.get("LLBFRONT_ORACLE_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    built = Path(folder) / "llbfront" / f"oracle-{key}"
    if not built.is_file():
        built.parent.mkdir(parents=True, exist_ok=True)
        fresh = built.with_suffix(f".{os.getpid()}")
        go_command = go()
        command = [go_command.go, *install.BUILD, "-p", "2", "-o", str(fresh), "."]
        environment = {**os.environ, **dict(go_command.environment), "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}
        done = run_download(command, cwd=SOURCES, env=environment)
        if done.returncode != 0:
            raise RuntimeError(f"cannot build the reference filter (it needs the Go module proxy once): {done.stdout[-800:]}")
        fresh.replace(built)
    return built


if __name__ == "__main__":
    print(executable())
