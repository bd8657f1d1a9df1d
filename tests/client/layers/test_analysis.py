"""What layers add, hide and waste, in every form in which images are stored."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import tarfile
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront import aio
from llbfront.cli.main import main
from llbfront.client.layers.analysis import instruction
from llbfront.errors import ContextError
from llbfront.oci import digest
from tests.support.archives import tar

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Mapping


def layer(files: Mapping[str, int | None]) -> bytes:
    """Return a layer with files of sizes; None is a directory."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, size in files.items():
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE if size is None else tarfile.REGTYPE
            entry.size = size or 0
            archive.addfile(entry, io.BytesIO(b"\0" * entry.size))
    return packed.getvalue()


def blobs_of(layers: list[bytes], history: list[dict[str, object]]) -> tuple[dict[str, bytes], dict[str, object]]:
    config = json.dumps(
        {
            "architecture": "amd64", "os": "linux", "history": history,
            "rootfs": {"type": "layers", "diff_ids": [digest.of(data) for data in layers]},
        }
    ).encode()  # fmt: skip
    packed = [gzip.compress(data, mtime=0) for data in layers]
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "config": {"digest": digest.of(config), "size": len(config)},
            "layers": [{"digest": digest.of(data), "size": len(data)} for data in packed],
        }
    ).encode()
    blobs = {digest.of(data): data for data in (config, manifest, *packed)}
    return blobs, {
        "manifests": [
            {"digest": digest.of(manifest), "size": len(manifest), "annotations": {"org.opencontainers.image.ref.name": "v1"}}
        ]
    }


def write_layout(directory: pathlib.Path, layers: list[bytes], history: list[dict[str, object]]) -> pathlib.Path:
    blobs, index = blobs_of(layers, history)
    (directory / "blobs/sha256").mkdir(parents=True)
    for name, data in blobs.items():
        (directory / "blobs/sha256" / name.partition(":")[2]).write_bytes(data)
    (directory / "index.json").write_text(json.dumps(index))
    return directory


STEPS: list[dict[str, object]] = [
    {"created_by": "FROM x"},
    {"created_by": "ENV a=b", "empty_layer": True},
    {"created_by": "RUN |1 A=b /bin/sh -c make # buildkit"},
    {"created_by": "COPY a /a # buildkit"},
]


@pytest.mark.parametrize(
    ("upper", "replaced", "removed", "hidden", "wasted"),
    [
        ({"new": 7}, 0, 0, 0, 0),
        ({"etc/passwd": 5}, 1, 0, 10, 10),
        ({"etc/.wh.passwd": 0}, 0, 1, 10, 10),
        ({".wh.etc": 0}, 0, 3, 110, 110),  # two files and the directory
        ({"etc": None, "etc/.wh..wh..opq": 0}, 0, 2, 110, 110),
        ({"etc": None, "etc/.wh..wh..opq": 0, "etc/new": 3}, 0, 2, 110, 110),
        ({"etc": None}, 0, 0, 0, 0),
        ({"etc": 4}, 1, 2, 110, 110),  # a file in place of a directory
        ({"./etc/passwd": 5}, 1, 0, 10, 10),
        ({"etc/.wh.nothing": 0}, 0, 0, 0, 0),
        ({"bin/sh": 1, "bin/sh/": None}, 1, 0, 1000, 1000 + 1),
    ],
)
def test_a_layer_hides_what_is_below(
    tmp_path: pathlib.Path, upper: dict[str, int | None], replaced: int, removed: int, hidden: int, wasted: int
) -> None:
    lower = layer({"etc": None, "etc/passwd": 10, "etc/group": 100, "bin/sh": 1000})
    image = llbfront.read_layers(write_layout(tmp_path / "image", [lower, layer(upper)], []))
    top = image.layers[1]
    assert (top.replaced, top.removed, top.hidden_bytes, image.wasted_bytes) == (replaced, removed, hidden, wasted)
    assert image.content_bytes - image.wasted_bytes == image.visible_bytes


LAYERS = [layer({"base": 1000}), layer({"opt/tool": 500, "tmp/x": 9}), layer({"a": 3, "tmp/.wh.x": 0})]


def docker_tar(path: pathlib.Path) -> pathlib.Path:
    blobs, _ = blobs_of(LAYERS, STEPS)
    config = next(name for name, data in blobs.items() if b"rootfs" in data)
    files = {"config.json": blobs[config], **{f"{number}/layer.tar": data for number, data in enumerate(LAYERS)}}
    files["manifest.json"] = json.dumps(
        [{"Config": "config.json", "Layers": [f"{number}/layer.tar" for number in range(3)]}]
    ).encode()
    path.write_bytes(tar(files))
    return path


def oci_tar(path: pathlib.Path) -> pathlib.Path:
    directory = write_layout(path.parent / "layout", LAYERS, STEPS)
    with tarfile.open(path, "w") as archive:
        archive.add(directory, ".")
    return path


@pytest.mark.parametrize("form", ["layout", "tagged", "oci", "docker"])
def test_every_form_of_an_image_has_the_same_layers(tmp_path: pathlib.Path, form: str) -> None:
    if form == "docker":
        name = str(docker_tar(tmp_path / "image.tar"))
    elif form == "oci":
        name = str(oci_tar(tmp_path / "image.tar"))
    else:
        name = str(write_layout(tmp_path / "image", LAYERS, STEPS)) + (":v1" if form == "tagged" else "")
    image = llbfront.read_layers(name)
    assert [each.instruction for each in image.layers] == ["FROM x", "RUN make", "COPY a /a"]
    assert [each.content_bytes for each in image.layers] == [1000, 509, 3]
    assert [each.diff_id for each in image.layers] == [digest.of(data) for data in LAYERS]
    assert (image.wasted_bytes, image.visible_bytes) == (9, 1503)


def test_the_history_of_a_base_image_without_one(tmp_path: pathlib.Path) -> None:
    history: list[dict[str, object]] = [
        {"created_by": "RUN one"},
        {"created_by": "RUN two"},
        {"created_by": "x", "comment": "buildkit.exporter.image.v0"},
    ]
    image = llbfront.read_layers(write_layout(tmp_path / "image", LAYERS, history))
    assert [each.instruction for each in image.layers] == ["", "RUN one", "RUN two"]


@pytest.mark.parametrize(
    ("created_by", "expected"),
    [
        ("RUN /bin/sh -c make # buildkit", "RUN make"),
        ("RUN |2 A=b C=d /bin/sh -c make -j # buildkit", "RUN make -j"),
        ("COPY a /b # buildkit", "COPY a /b"),
        ("/bin/sh -c #(nop) ADD file:1 in / ", "ADD file:1 in /"),
        ("/bin/sh -c apt-get update", "RUN apt-get update"),
        ('RUN ["a"]', 'RUN ["a"]'),
        ("", ""),
    ],
)  # fmt: skip
def test_instructions(created_by: str, expected: str) -> None:
    assert instruction(created_by) == expected


def test_two_images_are_compared(tmp_path: pathlib.Path) -> None:
    single = write_layout(tmp_path / "single", LAYERS, STEPS)
    multi = write_layout(tmp_path / "multi", [LAYERS[0], layer({"a": 4})], [])
    comparison = llbfront.compare_layers(single, multi)
    assert [each.diff_id for each in comparison.shared] == [digest.of(LAYERS[0])]
    assert comparison.directories == (("/opt", 500, 0), ("/", 1003, 1004))
    assert asyncio.run(aio.compare_layers(single, multi)) == comparison
    assert asyncio.run(aio.read_layers(single)) == comparison.first


def test_the_command(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    single = str(write_layout(tmp_path / "single", LAYERS, STEPS))
    multi = str(write_layout(tmp_path / "multi", [LAYERS[0]], []))
    assert main(["layers", single]) == 0
    text = capsys.readouterr().out
    assert "COPY a /a" in text
    assert "3 layers" in text
    assert main(["layers", single, multi, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "llbfront.layers-comparison/1"
    assert document["first"]["wasted_bytes"] == 9
    assert main(["layers", single, multi]) == 0
    assert "shared layers: 1" in capsys.readouterr().out


def test_an_input_that_is_not_an_image(tmp_path: pathlib.Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").write_text("x")
    with tarfile.open(tmp_path / "other.tar", "w") as archive:
        archive.add(tmp_path / "text", "text")
    zstd = write_layout(tmp_path / "zstd", [b"\x28\xb5\x2f\xfd" + b"\0" * 2000], [])
    for path in (zstd / "blobs/sha256").iterdir():
        if (data := path.read_bytes()).startswith(b"\x1f\x8b"):
            path.write_bytes(gzip.decompress(data))
    damaged = write_layout(tmp_path / "damaged", LAYERS, STEPS)
    next(path for path in (damaged / "blobs/sha256").iterdir() if path.read_bytes().startswith(b"\x1f\x8b")).write_bytes(
        b"\x1f\x8bxx"
    )
    cases = {
        "empty": "cannot read",
        "text": "it is not a tar",
        "other.tar": "holds no image: it has neither index.json nor manifest.json",
        "nothing.tar": "nothing.tar: no such file or directory",
        "damaged:v2": "has no tag v2 (it has v1)",
        "damaged": "cannot be read",
        "zstd": "cannot be read",
    }
    for name, message in cases.items():
        with pytest.raises(ContextError) as refused:
            llbfront.read_layers(f"{tmp_path}/{name}")
        assert message in str(refused.value)
