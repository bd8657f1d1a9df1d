"""Exported directories, tars, OCI layouts and pushed images, compared file by file."""

from __future__ import annotations

import json
import os
import pathlib
import stat
import tarfile
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from llbfront.errors import ExecFailed, ExportError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbfront.client.engine import Engine
    from tests.live.conftest import Engine as Running
    from tests.support.bases import Registry

TIME = 1_600_000_000
TREE = f"""\
FROM alpine AS make
RUN mkdir -p /t/dir/deep /t/empty && \\
    printf 'plain' > /t/file && chmod 640 /t/file && \\
    printf 'run' > /t/dir/program && chmod 4755 /t/dir/program && \\
    printf 'ümlaut' > '/t/dir/naïve ☃.txt' && \\
    ln -s ../file /t/dir/link && ln -s nowhere /t/dangling && \\
    ln /t/file /t/dir/deep/hard && \\
    chown 12:34 /t/dir/deep && chmod 1777 /t/empty && \\
    find /t -exec touch -h -d @{TIME} {{}} +
FROM scratch
COPY --from=make /t /
"""


@pytest.fixture
def client(engine: Running) -> Iterator[Engine]:
    with llbfront.connect(engine.address) as connected:
        yield connected


@pytest.fixture
def tree(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/Dockerfile").write_text(TREE)
    return tmp_path / "tree"


def entries_of(root: pathlib.Path) -> dict[str, tuple[str, int, str, int]]:
    """Return kind, mode, content or link target, and time by path. Owners are not compared, since they are those of the caller."""
    entries = {}
    for path in sorted(root.rglob("*")):
        info = path.lstat()
        content = os.readlink(path) if path.is_symlink() else path.read_text() if path.is_file() else ""
        mode = 0 if path.is_symlink() else stat.S_IMODE(info.st_mode)
        entries[str(path.relative_to(root))] = (stat.filemode(info.st_mode)[0], mode, content, int(info.st_mtime))
    return entries


EXPECTED = {
    "dangling": ("l", 0, "nowhere", TIME),
    "dir": ("d", 0o755, "", TIME),
    "dir/deep": ("d", 0o755, "", TIME),
    "dir/deep/hard": ("-", 0o640, "plain", TIME),
    "dir/link": ("l", 0, "../file", TIME),
    "dir/naïve ☃.txt": ("-", 0o644, "ümlaut", TIME),
    "dir/program": ("-", 0o4755, "run", TIME),
    "empty": ("d", 0o1777, "", TIME),
    "file": ("-", 0o640, "plain", TIME),
}


def test_a_directory_has_all_files_with_modes_links_and_times(client: Engine, tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    client.build(tree, output=str(tmp_path / "out"))
    assert entries_of(tmp_path / "out") == EXPECTED


def test_a_directory_is_merged_into_an_existing_one(client: Engine, tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    out = tmp_path / "out"
    (out / "dir").mkdir(parents=True)
    (out / "dir/kept").write_text("mine")
    (out / "file").write_text("old")
    client.build(tree, output=str(out))
    assert (out / "dir/kept").read_text() == "mine"
    assert (out / "file").read_text() == "plain"


def test_mode_delete_leaves_only_the_result(client: Engine, tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "stale").write_text("old")
    client.build(tree, output=f"type=local,dest={out},mode=delete")
    assert entries_of(out) == EXPECTED


def members_of(archive: tarfile.TarFile) -> dict[str, tuple[str, int, int, int, int]]:
    kinds = {tarfile.REGTYPE: "-", tarfile.DIRTYPE: "d", tarfile.SYMTYPE: "l", tarfile.LNKTYPE: "h"}
    return {
        member.name.strip("/"): (kinds[member.type], member.mode & 0o7777, member.uid, member.gid, int(member.mtime))
        for member in archive.getmembers()
    }


def test_a_tar_has_owners(client: Engine, tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    client.build(tree, output=f"type=tar,dest={tmp_path}/out.tar")
    with tarfile.open(tmp_path / "out.tar") as archive:
        members = members_of(archive)
        assert members["dir/deep"] == ("d", 0o755, 12, 34, TIME)
        assert members["dir/program"] == ("-", 0o4755, 0, 0, TIME)
        content = archive.extractfile("dir/naïve ☃.txt")
        assert content is not None
        assert content.read().decode() == "ümlaut"
    assert set(members) == set(EXPECTED)


def layers_of(index: dict[str, Any], blob: Any) -> list[str]:
    manifest = json.loads(blob(index["manifests"][0]["digest"]))
    return [layer["digest"] for layer in manifest["layers"]]


def test_an_oci_archive_has_the_image_of_the_reported_digest(client: Engine, tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    result = client.build(tree, tags=["example.test/tree:1"], output=f"type=oci,dest={tmp_path}/image.tar")
    with tarfile.open(tmp_path / "image.tar") as archive:
        names = set(archive.getnames())
        index = json.load(archive.extractfile("index.json"))  # type: ignore[arg-type]
        assert index["manifests"][0]["digest"] == result.digest
        assert index["manifests"][0]["annotations"]["io.containerd.image.name"] == "example.test/tree:1"

        def read(digest: str) -> bytes:
            blob = archive.extractfile(f"blobs/{digest.replace(':', '/')}")
            assert blob is not None
            return blob.read()

        layers = layers_of(index, read)
        assert layers
        assert {f"blobs/{digest.replace(':', '/')}" for digest in layers} <= names


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        (["base:1"], [("docker.io/library/base:1", "1")]),
        (["example.test/tree", "tree:2"], [("example.test/tree:latest", "latest"), ("docker.io/library/tree:2", "2")]),
        ([], [(None, "latest")]),
    ],
)
def test_a_layout_names_images_as_buildctl_does(
    client: Engine, tree: pathlib.Path, tmp_path: pathlib.Path, tags: list[str], names: list[tuple[str | None, str]]
) -> None:
    client.build(tree, tags=tags, output=f"type=oci,tar=false,dest={tmp_path}/layout")
    index = json.loads((tmp_path / "layout/index.json").read_text())
    annotations = [manifest["annotations"] for manifest in index["manifests"]]
    pairs = [(entry.get("io.containerd.image.name"), entry["org.opencontainers.image.ref.name"]) for entry in annotations]
    assert pairs == names


def test_a_layout_is_written_as_a_directory_of_blobs(client: Engine, tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    result = client.build(tree, tags=["example.test/tree:1"], output=f"type=oci,tar=false,dest={tmp_path}/layout")
    index = json.loads((tmp_path / "layout/index.json").read_text())
    assert [manifest["digest"] for manifest in index["manifests"]] == [result.digest]

    def read(digest: str) -> bytes:
        return (tmp_path / "layout/blobs" / digest.replace(":", "/")).read_bytes()

    layers = layers_of(index, read)
    assert layers
    assert all(read(digest) for digest in layers)
    assert json.loads((tmp_path / "layout/oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}


def test_a_docker_archive_has_its_manifest(client: Engine, tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    client.build(tree, tags=["tree:1"], output=f"type=docker,dest={tmp_path}/image.tar")
    with tarfile.open(tmp_path / "image.tar") as archive:
        manifest = json.load(archive.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert manifest[0]["RepoTags"] == ["tree:1"]


def test_an_image_is_pushed_and_pulled_back(client: Engine, tree: pathlib.Path, registry: Registry, tmp_path: pathlib.Path) -> None:
    name = f"{registry.address}/tree:pushed"
    result = client.build(tree, tags=[name], push=True)
    request = urllib.request.Request(f"http://{registry.address}/v2/tree/manifests/pushed")
    request.add_header("Accept", "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json")
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.headers["Docker-Content-Digest"] == result.digest
        manifest = json.load(response)
    assert manifest["config"]["digest"] == result.config_digest
    back = tmp_path / "back"
    back.mkdir()
    (back / "Dockerfile").write_text(f"FROM {name}@{result.digest}\n")
    client.build(back, output=str(tmp_path / "out"), no_cache=True)
    assert entries_of(tmp_path / "out") == EXPECTED


def test_two_outputs_of_one_build(client: Engine, tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    client.build(tree, output=[str(tmp_path / "out"), f"type=tar,dest={tmp_path}/out.tar"])
    assert entries_of(tmp_path / "out") == EXPECTED
    assert tarfile.is_tarfile(tmp_path / "out.tar")


def test_a_failed_build_leaves_no_file_behind(client: Engine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/Dockerfile").write_text("FROM alpine\nRUN false\n")
    (tmp_path / "out").mkdir()
    with pytest.raises(ExecFailed):
        client.build(tmp_path / "app", output=[str(tmp_path / "new"), f"type=tar,dest={tmp_path}/out/a.tar"])
    assert not (tmp_path / "new").exists()
    assert not list((tmp_path / "out").iterdir())


def test_a_full_disk_is_one_error_and_keeps_the_old_file(client: Engine, tmp_path: pathlib.Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() != 0 or os.system(f"mount -t tmpfs -o size=1m none {small}"):
        pytest.skip("needs to mount a small tmpfs")
    try:
        (small / "a.tar").write_text("old")
        (tmp_path / "app").mkdir()
        (tmp_path / "app/big").write_bytes(os.urandom(3_000_000))
        (tmp_path / "app/Dockerfile").write_text("FROM scratch\nCOPY big /\n")
        for output in (f"type=tar,dest={small}/a.tar", str(small / "out")):
            with pytest.raises(ExportError, match="no space left on device"):
                client.build(tmp_path / "app", output=output)
        assert (small / "a.tar").read_text() == "old"
        assert sorted(path.name for path in small.rglob("*")) == ["a.tar", "out"]
    finally:
        os.system(f"umount {small}")
