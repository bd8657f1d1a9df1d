"""Build the reference frontend as an image, `# syntax=docker/dockerfile` of our engine's version, for engines with an older one built in.

The program is built once from the module that pins the private engine, and kept in the user's cache.

Source: frontend/dockerfile/cmd/dockerfile-frontend of BuildKit.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import tempfile
from typing import TYPE_CHECKING

from llbfront.engine import install
from tests.differential.reference import go
from tests.support.bases.packages import cache

if TYPE_CHECKING:
    from llbfront.client.engine import Engine

PINS = pathlib.Path(install.__file__).parent / "build"
PROGRAM = f"{install.MODULE}/frontend/dockerfile/cmd/dockerfile-frontend"
DOCKERFILE = """\
FROM scratch
COPY --chmod=755 dockerfile-frontend /bin/
LABEL moby.buildkit.frontend.network.none=true
LABEL moby.buildkit.frontend.caps=moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts,\
moby.buildkit.frontend.gitquerystring,moby.buildkit.frontend.contexts.zstd
ENTRYPOINT ["/bin/dockerfile-frontend"]
"""


def executable() -> pathlib.Path:
    """Return the built frontend; builds it the first time, in seconds where the private engine was built."""
    built = cache() / f"dockerfile-frontend-{install.version()}"
    if not built.is_file():
        fresh = built.with_name(f"{built.name}.{os.getpid()}")
        go_command = go()
        command = [go_command.go, *install.BUILD, "-p", "2", "-tags", install.TAGS, "-ldflags", "-s -w"]
        environment = {**os.environ, **dict(go_command.environment), "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}
        subprocess.run([*command, "-o", str(fresh), PROGRAM], cwd=PINS, env=environment, check=True)
        fresh.replace(built)
    return built


def image(client: Engine, registry: str) -> str:
    """Push the image to a registry and return its name."""
    name = f"{registry}/reference/dockerfile:{install.version()}"
    with tempfile.TemporaryDirectory() as folder:
        here = pathlib.Path(folder)
        (here / "Dockerfile").write_text(DOCKERFILE)
        (here / "dockerfile-frontend").write_bytes(executable().read_bytes())
        client.build(here, tags=[name], push=True)
    return name
