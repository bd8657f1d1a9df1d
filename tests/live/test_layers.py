"""The layers of images that an engine makes, in a registry and in tars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

import llbfront

if TYPE_CHECKING:
    import pathlib

    from tests.live.conftest import Engine
    from tests.support import bases

SINGLE = """\
FROM busybox
RUN dd if=/dev/zero of=/compiler bs=1M count=5
RUN mkdir /app && echo program > /app/program && rm /compiler
"""
MULTI = """\
FROM busybox AS build
RUN dd if=/dev/zero of=/compiler bs=1M count=5
RUN mkdir /app && echo program > /app/program
FROM busybox
COPY --from=build /app /app
"""


def test_a_multi_stage_build_wastes_less_than_one_stage(engine: Engine, registry: bases.Registry, tmp_path: pathlib.Path) -> None:
    name = f"{registry.address}/layers"
    with llbfront.connect(engine.address) as connection:
        for kind, text in (("single", SINGLE), ("multi", MULTI)):
            (tmp_path / "Dockerfile").write_text(text)
            connection.build(tmp_path, tags=f"{name}:{kind}", push=True)
            connection.build(
                tmp_path, tags="x", output=[f"type=docker,dest={tmp_path}/{kind}.tar", f"type=oci,dest={tmp_path}/{kind}-oci.tar"]
            )
    pushed, other = llbfront.read_layers(f"{name}:single"), llbfront.read_layers(f"{name}:multi")
    assert [layer.instruction.split(" ")[0] for layer in pushed.layers[-2:]] == ["RUN", "RUN"]
    assert pushed.layers[-1].removed == 1
    assert (pushed.layers[-1].hidden_bytes, pushed.layers[-2].wasted_bytes, pushed.wasted_bytes) == (5 << 20, 5 << 20, 5 << 20)
    assert other.layers[-1].instruction == "COPY /app /app"
    assert (other.wasted_bytes, other.visible_bytes) == (0, pushed.visible_bytes)
    for file in ("single-oci.tar", "single.tar"):
        stored = llbfront.read_layers(tmp_path / file)
        assert [attrs.evolve(layer, digest="", size_bytes=0) for layer in stored.layers] == [
            attrs.evolve(layer, digest="", size_bytes=0) for layer in pushed.layers
        ]
    comparison = llbfront.compare_layers(tmp_path / "single.tar", tmp_path / "multi.tar")
    assert len(comparison.shared) == len(pushed.layers) - 2


@pytest.mark.parametrize("compression", ["zstd", "estargz", "uncompressed"])
def test_every_compression_of_the_engine_is_read(
    engine: Engine, registry: bases.Registry, tmp_path: pathlib.Path, compression: str
) -> None:
    (tmp_path / "Dockerfile").write_text(SINGLE)
    forced = f"compression={compression},force-compression=true"
    name = f"{registry.address}/layers:{compression}"
    with llbfront.connect(engine.address) as connection:
        for output in (
            f"type=oci,dest={tmp_path}/gzip.tar",
            f"type=oci,dest={tmp_path}/other.tar,{forced}",
            f"type=image,push=true,{forced}",
        ):
            connection.build(tmp_path, tags=name, output=output)
    for image in (name, tmp_path / "other.tar"):
        layers, expected = llbfront.read_layers(image).layers, llbfront.read_layers(tmp_path / "gzip.tar").layers
        assert [attrs.evolve(layer, digest="", size_bytes=0, diff_id="") for layer in layers] == [
            attrs.evolve(layer, digest="", size_bytes=0, diff_id="") for layer in expected
        ]
