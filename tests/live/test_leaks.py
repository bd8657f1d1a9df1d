"""Whether a secret stays in the image, judged by the layers that an engine exports."""

from __future__ import annotations

import io
import json
import pathlib
import tarfile
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.inspection.leaks import find_leaks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.live.conftest import Engine

CONTENT = b"SECRET=planted"
DOCKERFILES = {
    "copied": "FROM scratch\nCOPY . /\n",
    "removed later": "FROM busybox\nCOPY .env /\nRUN rm /.env\n",
    "left in a stage": "FROM scratch AS a\nCOPY . /\nFROM scratch\nCOPY --from=a /app /app\n",
    "carried on": "FROM scratch AS a\nCOPY . /src\nFROM scratch\nCOPY --from=a /src /src\n",
    "carried on by a wildcard": "FROM scratch AS a\nCOPY .env main /d/\nFROM scratch\nCOPY --from=a /d/.* /d/\n",
    "not carried on by a wildcard": "FROM scratch AS a\nCOPY .env main /d/\nFROM scratch\nCOPY --from=a /d/m* /d/\n",
    "renamed": "FROM scratch AS a\nCOPY .env /x\nFROM scratch\nCOPY --from=a /x /y\n",
    "into a directory": "FROM busybox AS a\nCOPY .env /tmp\nFROM scratch\nCOPY --from=a /tmp/.env /y\n",
    "mounted": "FROM busybox\nRUN --mount=type=bind,source=.env,target=/e cat /e\n",
    "linked": "FROM busybox\nCOPY --link .env /e/\n",
    "excluded": "FROM scratch\nCOPY --exclude=.env . /\n",
    "in a base": "FROM scratch AS a\nCOPY .env /\nFROM a\nCOPY main /\n",
}


def members(data: bytes) -> Iterator[bytes]:
    """Yield the contents of all regular files of an archive."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            if member.isreg() and (file := archive.extractfile(member)) is not None:
                yield file.read()


def layers(image: pathlib.Path) -> Iterator[bytes]:
    """Yield the layers of a docker archive."""
    with tarfile.open(image) as archive:
        manifest = archive.extractfile("manifest.json")
        assert manifest is not None
        for name in json.loads(manifest.read())[0]["Layers"]:
            layer = archive.extractfile(name)
            assert layer is not None
            yield layer.read()


@pytest.mark.parametrize("name", DOCKERFILES)
def test_a_secret_is_in_the_image_exactly_if_a_layer_has_it(engine: Engine, tmp_path: pathlib.Path, name: str) -> None:
    context = tmp_path / "context"
    (context / "app").mkdir(parents=True)
    (context / ".env").write_bytes(CONTENT)
    (context / "main").write_text("main")
    (context / "app/file").write_text("app")
    (context / "Dockerfile").write_text(DOCKERFILES[name])
    graph = llbfront.convert(context)
    predicted = any(leak.in_image for leak in find_leaks(graph, graph.inputs()) if leak.path == ".env")
    with llbfront.connect(engine.address) as connection:
        connection.build(context, output=f"type=docker,dest={tmp_path / 'image.tar'}")
    assert predicted == any(CONTENT in each for layer in layers(tmp_path / "image.tar") for each in members(layer))
