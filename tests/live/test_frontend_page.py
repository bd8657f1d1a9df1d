"""The frontend of docs/frontends.md as an image: BuildKit's own client builds with it."""

from __future__ import annotations

import os
import pathlib
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.live.test_image import image  # noqa: F401  (a fixture)
from tests.support import documents

if TYPE_CHECKING:
    from tests.live.conftest import Engine
    from tests.support.bases import Registry

PAGE = "docs/frontends.md"


def test_any_client_builds_with_the_frontend_image(engine: Engine, registry: Registry, image: str, tmp_path: pathlib.Path) -> None:  # noqa: F811
    blocks = documents.blocks(PAGE)
    (tmp_path / "my_frontend.py").write_text(next(block.code for block in blocks if block.title == "my_frontend.py"))
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/index.html").write_text("page\n")
    name = f"{registry.address}/site"
    (tmp_path / "site").write_text(f"# syntax={name}\n\npages\n")
    lines = next(block.code for block in blocks if "llbfront frontend image" in block.code).splitlines()
    by_llbfront, by_docker = (shlex.split(line.removeprefix("$ "), comments=True) for line in lines)
    words = [word.replace("registry.example/site", name) for word in by_llbfront]
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=tmp_path,
        env={**os.environ, "BUILDKIT_HOST": engine.address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert by_docker == ["docker", "build", "-f", "site", "."]  # any client: here that of BuildKit
    engine.buildctl(
        "build", "--frontend", "dockerfile.v0", "--opt", "filename=site", "--local", f"context={tmp_path}",
        "--local", f"dockerfile={tmp_path}", "--output", f"type=local,dest={tmp_path}/again",
    )  # fmt: skip
    assert (tmp_path / "again/srv/pages/index.html").read_text() == "page\n"
