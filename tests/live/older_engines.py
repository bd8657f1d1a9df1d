"""Run older engines: buildkitd of years ago, built once from Go modules pinned under `engines/` and kept in the user's cache.

Their modules keep the `go` line of their time, which decides how a newer Go compiles them. No source had to be replaced to build them with
Go 1.26.

Source: cmd/buildkitd of BuildKit v0.12.5 and v0.16.0.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pathlib
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING

from llbfront.engine import config, directories, install, rootless
from llbfront.engine.download import run_download
from llbfront.engine.probe import Answer, probe
from llbfront.errors import LlbfrontError
from tests.differential.reference import go
from tests.support import bases
from tests.support.bases.packages import cache

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

VERSIONS = ("v0.12.5", "v0.16.0")
PINS = pathlib.Path(__file__).parent / "engines"
PROGRAM = f"{install.MODULE}/cmd/buildkitd"
START_TIMEOUT_S = 30.0


def executable(version: str) -> pathlib.Path:
    """Return the built buildkitd of a version; builds it where these pins have not been built yet (two minutes on two cores, once)."""
    pins = PINS / version
    key = hashlib.sha256(b"".join((pins / name).read_bytes() for name in install.PINS)).hexdigest()[:12]
    built = cache() / f"buildkitd-{version}-{key}"
    if built.is_file():
        return built
    fresh = built.with_name(f"{built.name}.{os.getpid()}")
    go_command = go()
    stamp = f"-s -w -X {install.MODULE}/version.Version={version} -X {install.MODULE}/version.Package={install.MODULE}"
    command = [
        go_command.go,
        "build",
        "-p",
        "2",
        "-mod=readonly",
        "-trimpath",
        "-tags",
        install.TAGS,
        "-ldflags",
        stamp,
        "-o",
        str(fresh),
    ]
    environment = {**os.environ, **dict(go_command.environment), "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}
    run_download([*command, PROGRAM], cwd=pins, env=environment).check_returncode()
    fresh.replace(built)
    return built


@contextlib.contextmanager
def run(version: str, registries: Sequence[config.Registry]) -> Iterator[str]:
    """Run a buildkitd of a version with state of its own. Raises: bases.Missing if it cannot be built or run here."""
    runc = install.find_runc()
    if rootless.is_needed() or runc is None:
        raise bases.Missing("older engines are run by root, with runc")
    try:
        program = executable(version)
    except (LlbfrontError, subprocess.CalledProcessError) as error:
        raise bases.Missing(f"buildkitd {version} cannot be built: {error}") from None
    with tempfile.TemporaryDirectory(prefix="older-", ignore_cleanup_errors=True) as directory:
        here = directories.apart(directory)
        for each in (here.root, here.state, here.runtime):
            pathlib.Path(each).mkdir(parents=True, exist_ok=True)
        settings = config.Settings(registries=tuple(registries), has_gc=False, entitlements=("network.host", "security.insecure"))
        pathlib.Path(here.config).write_text(config.render(settings, here, runc=runc))
        with pathlib.Path(here.log).open("wb") as log:
            process = subprocess.Popen([program, "--config", here.config], stdout=log, stderr=log, start_new_session=True)
        try:
            with bases.leash(process.pid):
                _wait(here, process)
                yield here.address
        finally:
            process.terminate()
            process.wait()


def _wait(here: directories.Directories, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not isinstance(probe(here.address), Answer):
        if process.poll() is not None or time.monotonic() > deadline:
            raise bases.Missing(f"an older buildkitd does not start here: {pathlib.Path(here.log).read_text()[-500:]}")
        time.sleep(0.02)


if __name__ == "__main__":
    for each in VERSIONS:
        print(executable(each))
