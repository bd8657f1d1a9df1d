"""Layers in every form in which images store them, and layers that are damaged or hostile."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sys
import tarfile
from typing import TYPE_CHECKING

import attrs
import pytest

import llbfront
from llbfront.cli.main import main
from llbfront.client.layers.layer_files import entries
from llbfront.errors import ContextError
from llbfront.oci import digest
from tests.client.layers.test_analysis import layer

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Mapping

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LAYERS = (layer({"a": None, "a/b": 10, "c": 5}), layer({"a/.wh.b": 0, "c": 7}))
OCI, DOCKER = "application/vnd.oci.image.layer", "application/vnd.docker.image.rootfs"


def estargz(data: bytes) -> bytes:
    """Return a layer in several gzip members, the last with a table of contents."""
    toc = io.BytesIO()
    with tarfile.open(fileobj=toc, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("stargz.index.json"))
    files = data[: data.rindex(b"ustar") - 257 + 1024]  # without the end of the tar
    return gzip.compress(files[:512]) + gzip.compress(files[512:]) + gzip.compress(toc.getvalue())


FORMS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "uncompressed": (f"{OCI}.v1.tar", bytes),
    "gzip": (f"{OCI}.v1.tar+gzip", gzip.compress),
    "gzip in two members": (f"{OCI}.v1.tar+gzip", lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:])),
    "zstd": (f"{OCI}.v1.tar+zstd", zstd.compress),
    "zstd in two frames": (f"{OCI}.v1.tar+zstd", lambda data: zstd.compress(data[:700]) + zstd.compress(data[700:])),
    "zstd after a skippable frame": (f"{OCI}.v1.tar+zstd", lambda data: b"\x50\x2a\x4d\x18\x04\0\0\0meta" + zstd.compress(data)),
    "bzip2": (f"{OCI}.v1.tar", bz2.compress),
    "xz": (f"{OCI}.v1.tar", lzma.compress),
    "nondistributable": (f"{OCI}.nondistributable.v1.tar+gzip", gzip.compress),
    "docker": (f"{DOCKER}.diff.tar.gzip", gzip.compress),
    "docker, uncompressed": (f"{DOCKER}.diff.tar", bytes),
    "docker, foreign": (f"{DOCKER}.foreign.diff.tar.gzip", gzip.compress),
    "another type": ("application/x-custom", gzip.compress),
}  # fmt: skip


def blobs_of(packed: list[bytes], media_type: str) -> dict[str, bytes]:
    """Return the blobs of an image, the manifest last."""
    config = json.dumps(
        {"architecture": "amd64", "os": "linux", "rootfs": {"diff_ids": [digest.of(each) for each in LAYERS]}}
    ).encode()
    layers = [{"mediaType": media_type, "digest": digest.of(data), "size": len(data)} for data in packed]
    manifest = json.dumps({"config": {"digest": digest.of(config), "size": len(config)}, "layers": layers}).encode()
    return {digest.of(data): data for data in (config, *packed, manifest)}


def files_of(blobs: Mapping[str, bytes]) -> dict[str, bytes]:
    *_, manifest = blobs
    index = {"manifests": [{"digest": manifest, "size": len(blobs[manifest])}]}
    return {"index.json": json.dumps(index).encode(), **{f"blobs/{name.replace(':', '/')}": data for name, data in blobs.items()}}


def write_layout(place: pathlib.Path, files: Mapping[str, bytes]) -> pathlib.Path:
    for name, data in files.items():
        (place / "layout" / name).parent.mkdir(parents=True, exist_ok=True)
        (place / "layout" / name).write_bytes(data)
    return place / "layout"


def write_tar(place: pathlib.Path, files: Mapping[str, bytes]) -> pathlib.Path:
    with tarfile.open(place / "image.tar", "w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return place / "image.tar"


def write_saved(place: pathlib.Path, packed: list[bytes]) -> pathlib.Path:
    """Write an archive of `docker save` with two images."""
    config = json.dumps({"rootfs": {"diff_ids": [digest.of(each) for each in LAYERS]}}).encode()
    names = [f"{number}/layer.tar" for number in range(len(packed))]
    images = [
        {"Config": "c.json", "RepoTags": ["r/other:1"], "Layers": names[:1]},
        {"Config": "c.json", "RepoTags": ["r/app:2"], "Layers": names},
    ]
    return write_tar(
        place, {"manifest.json": json.dumps(images).encode(), "c.json": config, **dict(zip(names, packed, strict=True))}
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", ["layout", "tar", "saved"])
def test_every_form_has_the_same_files(tmp_path: pathlib.Path, form: str, place: str) -> None:
    media_type, pack = FORMS[form]
    packed = [pack(data) for data in LAYERS]
    files = files_of(blobs_of(packed, media_type))
    if place == "saved":
        name = f"{write_saved(tmp_path, packed)}:2"
    else:
        name = str((write_layout if place == "layout" else write_tar)(tmp_path, files))
    lower, upper = llbfront.read_layers(name).layers
    assert (lower.files, lower.content_bytes, lower.wasted_bytes, lower.size_bytes) == (3, 15, 15, len(packed[0]))
    assert (upper.files, upper.removed, upper.replaced, upper.hidden_bytes) == (1, 1, 1, 15)


def test_a_layer_of_estargz_has_a_table_of_contents(tmp_path: pathlib.Path) -> None:
    data = estargz(layer({"a": 3}))
    image = llbfront.read_layers(write_layout(tmp_path, files_of(blobs_of([data], f"{OCI}.v1.tar+gzip"))))
    assert image.layers[0].content_bytes == 3


@pytest.mark.parametrize("media_type", [f"{OCI}.nondistributable.v1.tar+gzip", f"{DOCKER}.foreign.diff.tar.gzip"])
def test_a_foreign_layer_may_be_elsewhere(tmp_path: pathlib.Path, media_type: str, capsys: pytest.CaptureFixture[str]) -> None:
    blobs = blobs_of([gzip.compress(data) for data in LAYERS], media_type)
    missing = list(blobs)[1]
    files = {name: data for name, data in files_of(blobs).items() if missing.partition(":")[2] not in name}
    layout = write_layout(tmp_path, files)
    lower, upper = llbfront.read_layers(layout).layers
    assert attrs.asdict(lower) | {"digest": "", "diff_id": "", "size_bytes": 0} == {
        "digest": "", "diff_id": "", "instruction": "", "size_bytes": 0, "content_bytes": 0, "files": 0, "replaced": 0, "removed": 0,
        "hidden_bytes": 0, "wasted_bytes": 0, "is_absent": True,
    }  # fmt: skip
    assert (lower.size_bytes > 0, upper.is_absent, upper.files) == (True, False, 1)
    assert main(["layers", str(layout)]) == 0
    assert "elsewhere" in capsys.readouterr().out


def test_a_missing_layer_that_is_not_foreign_is_an_error(tmp_path: pathlib.Path) -> None:
    blobs = blobs_of([gzip.compress(data) for data in LAYERS], f"{OCI}.v1.tar+gzip")
    files = {name: data for name, data in files_of(blobs).items() if list(blobs)[1].partition(":")[2] not in name}
    with pytest.raises(ContextError, match="no such file"):
        llbfront.read_layers(write_layout(tmp_path, files))


def long_header() -> bytes:
    entry = tarfile.TarInfo("x")
    entry.type, entry.size = tarfile.XHDTYPE, 1 << 30
    return entry.tobuf() + b"\0" * 4096


BAD: dict[str, tuple[bytes, str]] = {
    "JSON": (b'{"a": 1}', "cannot be read: it is not a tar (its type is application/x)"),
    "text": (b"hello " * 200, "cannot be read: "),
    "cut gzip": (gzip.compress(LAYERS[0])[:60], "cannot be read: "),
    "cut zstd": (zstd.compress(LAYERS[0])[:40], "cannot be read: "),
    "damaged zstd": (zstd.compress(LAYERS[0])[:20] + b"\xff" * 40, "cannot be read: "),
    "compressed text": (gzip.compress(b"hello " * 200), "cannot be read: "),
    "zstd of text": (zstd.compress(b"hello " * 200), "cannot be read: "),
    "path of 5000 characters": (layer({"a/" * 2500 + "b": 1}), "cannot be read: a path of 5001 characters"),
    "header of 1 GiB": (gzip.compress(long_header()), "cannot be read: "),
}


@pytest.mark.parametrize("name", BAD)
def test_invalid_layer_is_one_line(name: str) -> None:
    data, message = BAD[name]
    with pytest.raises(ContextError) as caught:
        list(entries(io.BytesIO(data), "the layer", "application/x"))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_directories_may_be_deep(tmp_path: pathlib.Path) -> None:
    deep = "a/" * 2040 + "b"
    layers = [layer({deep: 1}), layer({".wh.a": 0})]
    image = llbfront.read_layers(write_layout(tmp_path, files_of(blobs_of(layers, f"{OCI}.v1.tar"))))
    assert (image.wasted_bytes, image.layers[1].removed) == (1, 1)


def test_a_tar_with_two_images_names_its_tags(tmp_path: pathlib.Path) -> None:
    packed = [gzip.compress(data) for data in LAYERS]
    with pytest.raises(ContextError, match=r"has no tag 3 \(it has 1, 2\)"):
        llbfront.read_layers(f"{write_saved(tmp_path, packed)}:3")
    assert len(llbfront.read_layers(f"{tmp_path}/image.tar").layers) == 1


def test_an_image_with_two_names_is_one_image(tmp_path: pathlib.Path) -> None:
    blobs = blobs_of([gzip.compress(data) for data in LAYERS], f"{OCI}.v1.tar+gzip")
    *_, manifest = blobs
    index = {
        "manifests": [
            {"digest": manifest, "size": 1, "annotations": {"org.opencontainers.image.ref.name": tag}} for tag in ("one", "two")
        ]
    }
    tar = write_tar(tmp_path, {**files_of(blobs), "index.json": json.dumps(index).encode()})
    assert len(llbfront.read_layers(tar).layers) == len(llbfront.read_layers(f"{tar}:two").layers) == 2


def test_without_a_library_for_zstd_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("compression", "compression.zstd", "backports", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ContextError, match=r"is compressed by zstd, which cannot be read here \(pip install backports\.zstd"):
        list(entries(io.BytesIO(zstd.compress(LAYERS[0])), "the layer"))


def test_the_only_image_of_a_file_may_be_for_another_platform(tmp_path: pathlib.Path) -> None:
    layout = write_layout(tmp_path, files_of(blobs_of([gzip.compress(data) for data in LAYERS], f"{OCI}.v1.tar+gzip")))
    assert len(llbfront.read_layers(layout, platform="linux/amd64").layers) == 2
    with pytest.raises(ContextError, match="is an image for linux/amd64, not for linux/s390x"):
        llbfront.read_layers(layout, platform="linux/s390x")
