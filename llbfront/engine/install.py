"""Install the programs of the private engine: buildkitd and buildctl, built once from the Go module in the directory `build`.

The module pins every dependency by hash (`build/go.mod`, `build/go.sum`), so that builds are reproducible. The name of the
installation directory has a hash of those files, so that changed pins are built again.

Source: cmd/buildkitd, cmd/buildctl and the flags of the Dockerfile of BuildKit v0.34.2.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import os
import re
import shutil
import tempfile
from collections.abc import Callable

import attrs

from llbfront.engine import toolchain
from llbfront.engine.directories import Directories, default, make_directory
from llbfront.engine.download import run_download
from llbfront.errors import EngineError
from llbfront.files.locking import locked

MODULE = "github.com/moby/buildkit"
PROGRAMS = ("buildkitd", "buildctl")
PINS = ("go.mod", "go.sum")
TAGS = "osusergo,netgo,static_build,seccomp"
BUILD = ("build", "-mod=readonly", "-trimpath", "-gcflags=all=-dwarf=false")
"""How `go` builds these programs: without the debug information that the linker leaves out, which takes a sixth of the time."""
RUNC_PATHS = ("/usr/sbin/runc", "/sbin/runc", "/usr/local/sbin/runc")
RUNC_HINT = "install it with the package manager, e.g. apt-get install runc, dnf install runc, apk add runc"


@attrs.frozen
class Programs:
    """The paths of the installed programs, and their BuildKit version."""

    buildkitd: str
    buildctl: str
    version: str


def installed(directories: Directories | None = None) -> Programs | None:
    """Return the programs if they are built already."""
    install_directory = _install_directory(directories or default())
    buildkitd, buildctl = (os.path.join(install_directory, name) for name in PROGRAMS)
    return Programs(buildkitd, buildctl, version()) if os.path.exists(buildkitd) and os.path.exists(buildctl) else None


def install(directories: Directories | None = None, *, report: Callable[[str], None] = lambda _: None) -> Programs:
    """Return the programs, built first if they are not there: about two minutes on two cores, once.

    A second process waits until the first has built them. `report` is called with a line before each slow step.

    Raises: EngineError if no Go toolchain is available, or the build fails.
    """
    directories = directories or default()
    if ready := installed(directories):
        return ready
    with locked(lock_path(directories)):
        if ready := installed(directories):
            return ready
        go = toolchain.find(needed_go()) or toolchain.fetch(
            needed_go(), data=directories.data, cache=directories.cache, report=report
        )
        report(
            f"building buildkitd and buildctl {version()} with Go {'.'.join(map(str, go.version))}; this takes some minutes, once"
        )
        _build(go, _install_directory(directories))
    ready = installed(directories)
    if ready is None:
        raise EngineError(f"the Go build left no programs in {_install_directory(directories)}")
    return ready


def version() -> str:
    """Return the version of BuildKit that is pinned, e.g. `v0.34.2`."""
    match = re.search(rf"{re.escape(MODULE)} (v\S+)", _pinned("go.mod").decode())
    assert match is not None
    return match[1]


def needed_go() -> toolchain.Version:
    """Return the Go version that the pinned module requires."""
    match = re.search(r"^go (\S+)$", _pinned("go.mod").decode(), re.MULTILINE)
    needed = toolchain.parse_version(f"go{match[1]}") if match else None
    assert needed is not None
    return needed


def find_runc() -> str | None:
    """Return the path of runc. Directories that only root has in PATH are searched, too."""
    return shutil.which("runc") or next((path for path in RUNC_PATHS if os.access(path, os.X_OK)), None)


def lock_path(directories: Directories) -> str:
    """Return the file that is locked while the programs or their Go toolchain are installed; its directory exists afterwards."""
    make_directory(directories.data)
    return os.path.join(directories.data, "install.lock")


def _build(go: toolchain.Toolchain, install_directory: str) -> None:
    make_directory(os.path.dirname(install_directory))
    with tempfile.TemporaryDirectory(prefix=".build-", dir=os.path.dirname(install_directory)) as build_directory:
        for name in PINS:
            with open(os.path.join(build_directory, name), "wb") as file:
                file.write(_pinned(name))
        binaries = os.path.join(build_directory, "bin")
        process = run_download(
            [go.go, *BUILD, "-tags", TAGS, "-ldflags", _linker_flags(), "-o", binaries + "/"]
            + [f"{MODULE}/cmd/{name}" for name in PROGRAMS],
            cwd=build_directory,
            env={**os.environ, **dict(go.environment), "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""},
        )
        if process.returncode != 0:
            tail = [line for line in process.stdout.splitlines() if not line.startswith("go: downloading")][-3:]
            raise EngineError(
                f"cannot build buildkitd: {' / '.join(tail) or f'exit code {process.returncode}'}",
                hint="if the Go module proxy cannot be reached, set GOPROXY to another one",
            )
        shutil.rmtree(install_directory, ignore_errors=True)
        os.rename(binaries, install_directory)


def _linker_flags() -> str:
    return f"-s -w -X {MODULE}/version.Version={version()} -X {MODULE}/version.Package={MODULE}"


def _install_directory(directories: Directories) -> str:
    """Return the directory of the programs. Its name has a hash of the pins and build flags."""
    pins = hashlib.sha256(b"".join(_pinned(name) for name in PINS) + TAGS.encode() + _linker_flags().encode())
    return os.path.join(directories.data, f"buildkit-{version()}-{pins.hexdigest()[:12]}")


def _pinned(name: str) -> bytes:
    return importlib.resources.files("llbfront.engine").joinpath("build", name).read_bytes()
