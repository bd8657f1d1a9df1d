"""The directories of the private engine, below the directories of the XDG Base Directory Specification (version 0.8)."""

from __future__ import annotations

import os
from collections.abc import Mapping

import attrs

from llbfront.errors import EngineError
from llbfront.files import xdg
from llbfront.files.paths import make_directories, reason


@attrs.frozen
class Directories:
    """Directories of one private engine. Engines that share `data` and `cache` share the programs that were built."""

    data: str  # programs that were built, and the Go toolchain if one had to be fetched
    cache: str  # what building them downloaded; may be deleted at any time
    state: str  # what the engine keeps between runs: snapshots, build cache, configuration, log
    runtime: str  # its socket and process id; gone after a reboot

    @property
    def root(self) -> str:
        """The directory that belongs to buildkitd."""
        return os.path.join(self.state, "root")

    @property
    def config(self) -> str:
        return os.path.join(self.state, "buildkitd.toml")

    @property
    def log(self) -> str:
        return os.path.join(self.state, "buildkitd.log")

    @property
    def lock(self) -> str:
        """A file that is locked while the engine is started or stopped."""
        return os.path.join(self.state, "lock")

    @property
    def socket(self) -> str:
        return os.path.join(self.runtime, "buildkitd.sock")

    @property
    def traces(self) -> str:
        """The socket on which steps may hand traces to buildkitd."""
        return os.path.join(self.runtime, "otel.sock")

    @property
    def pid(self) -> str:
        return os.path.join(self.runtime, "buildkitd.pid")

    @property
    def address(self) -> str:
        return f"unix://{self.socket}"


def default(environ: Mapping[str, str] = os.environ) -> Directories:
    """Return the directories of this user's private engine. Without XDG_RUNTIME_DIR the socket is next to the state directory."""
    state = xdg.directory(environ, xdg.STATE)
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    return Directories(
        data=xdg.directory(environ, xdg.DATA),
        cache=xdg.directory(environ, xdg.CACHE),
        state=os.path.join(state, "engine"),
        runtime=os.path.join(runtime, "llbfront") if os.path.isabs(runtime) else os.path.join(state, "run"),
    )


def apart(directory: str, environ: Mapping[str, str] = os.environ) -> Directories:
    """Return the places of another engine, with the programs of the default one but state and socket under `directory`."""
    return attrs.evolve(default(environ), state=os.path.join(directory, "state"), runtime=os.path.join(directory, "run"))


def make_directory(path: str, *, mode: int = 0o777) -> None:
    """Make a directory of the private engine, and those above it. Raises: EngineError."""
    try:
        make_directories(path, mode=mode)
    except (OSError, ValueError) as error:
        hint = "$HOME and the XDG variables say where the private engine is"
        raise EngineError(f"cannot make the directory {path}: {reason(error)}", hint=hint) from None
