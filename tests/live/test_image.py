"""The frontend image on a real engine: what `# syntax=` builds with it is what the engine's own frontend and `llbfront build` build."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import llbfront
from llbfront.errors import ExecFailed
from tests.live import frontend_image
from tests.live.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.live.conftest import Engine
    from tests.support.bases import Registry

ROOT = pathlib.Path(__file__).parents[2]
OTHERS = ("[internal]", "docker-image://", "resolve image", "exporting to")
AFTER_DOWNLOADS = ("packages", "system", "described", "bill")
CAPS = ("inputs", "subrequests", "contexts", "gitquerystring", "contexts.zstd")


def make(engine: Engine, output: str, **options: Any) -> dict[str, Any]:
    """Build the image from this repository; return the metadata of its export."""
    with llbfront.connect(engine.address) as client:
        return frontend_image.make(client, output, **options)


@pytest.fixture(scope="session")
def image(engine: Engine, registry: Registry) -> str:
    """The name under which this repository's frontend image can be pulled."""
    try:
        with llbfront.connect(engine.address) as client:
            return frontend_image.image(client, registry.address)
    except ExecFailed as error:
        if "apt-get" in str(error) or "pip" in str(error):
            missing(f"the image needs packages of Debian and of the Python package index: {error}")
        raise


@attrs.frozen
class Built:
    """What a way of building made of a Dockerfile."""

    digests: dict[str, str]
    config: dict[str, Any]
    files: dict[str, str]


def events(log: str) -> dict[str, str]:
    """Names and digests of the steps in a log of raw JSON; internal ones, which have other names elsewhere, left out."""
    digests: dict[str, str] = {}
    for line in log.splitlines():
        if line.startswith("{"):
            vertices = json.loads(line).get("vertexes") or []
            digests |= {vertex["name"]: vertex["digest"] for vertex in vertices}
    return {name: digest for name, digest in digests.items() if not name.startswith(OTHERS)}


def read(path: pathlib.Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The config of the first image of an OCI layout in a tar file, and its files with their hashes."""
    with tarfile.open(path) as archive:

        def blob(digest: str) -> bytes:
            file = archive.extractfile(f"blobs/sha256/{digest.removeprefix('sha256:')}")
            assert file is not None
            return file.read()

        index = archive.extractfile("index.json")
        assert index is not None
        manifests = json.loads(index.read())["manifests"]
        configs: dict[str, Any] = {}
        files: dict[str, str] = {}
        while manifests:
            described = manifests.pop(0)
            manifest = json.loads(blob(described["digest"]))
            if "manifests" in manifest:
                manifests.extend(
                    descriptor for descriptor in manifest["manifests"] if descriptor["platform"]["architecture"] != "unknown"
                )
                continue
            config = json.loads(blob(manifest["config"]["digest"]))
            configs[config["architecture"]] = without_times(config)
            for layer in manifest["layers"]:
                with archive.extractfile(f"blobs/sha256/{layer['digest'].removeprefix('sha256:')}") as packed:  # type: ignore[union-attr]
                    files |= listing(packed, config["architecture"])
        return configs, files


def listing(packed: Any, architecture: str) -> dict[str, str]:
    with tarfile.open(fileobj=packed) as layer:
        files = {}
        for member in layer:
            data = layer.extractfile(member) if member.isreg() else None
            content = hashlib.sha256(data.read()).hexdigest() if data else member.linkname
            files[f"{architecture}/{member.name}"] = f"{member.mode:o} {member.uid}:{member.gid} {content}"
        return files


def without_times(config: dict[str, Any]) -> dict[str, Any]:
    """A config without the times of this run, and what follows from them."""
    config.pop("created", None)
    config.pop("rootfs", None)
    for entry in config.get("history", ()):
        entry.pop("created", None)
    return config


def by_buildctl(engine: Engine, place: pathlib.Path, out: pathlib.Path, options: tuple[str, ...], *frontend: str) -> Built:
    words = [word for option in options for word in ("--opt", option)]
    done = engine.buildctl(
        "build", *frontend, *words, "--local", f"context={place}", "--local", f"dockerfile={place}",
        "--output", f"type=oci,dest={out}", "--progress", "rawjson", "--no-cache",
    )  # fmt: skip
    return Built(events(done.stderr), *read(out))


def by_us(engine: Engine, place: pathlib.Path, out: pathlib.Path, options: tuple[str, ...]) -> Built:
    flags = {"build-arg": "--build-arg", "platform": "--platform", "target": "--target", "label": "--label"}
    words = []
    for option in options:
        key, _, value = option.partition("=")
        kind, _, name = key.partition(":")
        words += [flags[kind], f"{name}={value}" if name else value]
    command = [sys.executable, "-m", "llbfront", "build", "--addr", engine.address, *words, "-o", f"type=oci,dest={out}"]
    done = subprocess.run(
        [*command, "--progress", "rawjson", "--no-cache", str(place)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return Built(events(done.stderr), *read(out))


CASES = {
    "stages": ("FROM alpine AS a\nRUN echo a > /a\nFROM a AS b\nRUN echo b > /b\nFROM scratch\nCOPY --from=b /a /b /\n", ()),
    "target": ("FROM alpine AS a\nRUN echo a > /a\nFROM a AS b\nRUN false\n", ("target=a",)),
    "mounts": (
        ("FROM alpine AS data\nRUN echo data > /d\nFROM alpine\n"
        "RUN --mount=from=data,target=/in --mount=type=cache,target=/c --mount=type=tmpfs,target=/t cp /in/d /d\n"),
        (),
    ),
    "heredocs": (
        "FROM alpine\nRUN <<EOF\nset -e\necho one > /1\necho two > /2\nEOF\nCOPY <<-A <<'B' /to/\n\tx $HOME\nA\ny $HOME\nB\n",
        (),
    ),
    "build args": ("ARG BASE=none\nFROM $BASE\nARG WHO=nobody\nENV FOR=$WHO\nRUN echo $WHO > /who\n", ("build-arg:BASE=alpine", "build-arg:WHO=me")),
    "config": (
        ('FROM alpine\nWORKDIR /w\nUSER 1:2\nEXPOSE 80/tcp 90\nVOLUME /v\nLABEL a=b "c d"=e\nSTOPSIGNAL 9\nHEALTHCHECK --interval=5s CMD true\n'
        'SHELL ["/bin/sh", "-ec"]\nENTRYPOINT ["x"]\nCMD y z\nONBUILD RUN echo\n'),
        ("label:l=m",),
    ),
    "platforms": (
        "FROM --platform=$BUILDPLATFORM alpine AS a\nARG TARGETARCH\nRUN echo $TARGETARCH > /arch\nFROM scratch\nCOPY --from=a /arch /\n",
        ("platform=linux/amd64,linux/arm64",),
    ),
    "context": ("FROM scratch\nCOPY --chown=3:4 --chmod=0751 dir/*.txt /to/\nADD a.txt /b.txt\nCOPY --link a.txt /c\n", ()),
    "epoch": ("FROM alpine\nRUN echo $SOURCE_DATE_EPOCH > /e\n", (f"build-arg:SOURCE_DATE_EPOCH={frontend_image.EPOCH}",)),
}  # fmt: skip


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Callable[[str], pathlib.Path]:
    """Write a build context with a Dockerfile; its other files are always the same."""

    def write(dockerfile: str | bytes) -> pathlib.Path:
        folder = tmp_path / "app"
        (folder / "dir").mkdir(parents=True, exist_ok=True)
        (folder / "a.txt").write_text("a\n")
        (folder / "dir/b.txt").write_text("b\n")
        (folder / "dir/c.txt").write_text("c\n")
        (folder / ".dockerignore").write_text("**/c.txt\n")
        (folder / "Dockerfile").write_bytes(dockerfile if isinstance(dockerfile, bytes) else dockerfile.encode())
        return folder

    return write


@pytest.mark.parametrize("name", CASES)
def test_three_ways_to_build_make_the_same(
    engine: Engine, image: str, place: Callable[[str], pathlib.Path], tmp_path: pathlib.Path, name: str
) -> None:
    dockerfile, options = CASES[name]
    context = place(dockerfile)
    reference = by_buildctl(engine, context, tmp_path / "1.tar", options, "--frontend", "dockerfile.v0")
    through = by_buildctl(engine, context, tmp_path / "2.tar", options, "--frontend", "gateway.v0", "--opt", f"source={image}")
    ours = by_us(engine, context, tmp_path / "3.tar", options)
    for other in (through, ours):
        assert other.config == reference.config
        assert other.files == reference.files
        assert other.digests.keys() == reference.digests.keys()
        if name != "context":  # whose ops name the session
            assert other.digests == reference.digests


def test_a_syntax_line_is_enough(engine: Engine, image: str, place: Callable[[str], pathlib.Path], tmp_path: pathlib.Path) -> None:
    context = place(f"# syntax={image}\nFROM alpine AS a\nRUN echo hello > /said\nFROM scratch\nCOPY --from=a /said /\n")
    engine.buildctl(
        "build", "--frontend", "dockerfile.v0", "--local", f"context={context}", "--local", f"dockerfile={context}",
        "--output", f"type=local,dest={tmp_path}/out",
    )  # fmt: skip
    assert (tmp_path / "out/said").read_text() == "hello\n"


@pytest.fixture
def failed(engine: Engine, image: str, place: Callable[[str | bytes], pathlib.Path]) -> Callable[..., str]:
    """Build through the image what cannot be built; give what buildctl says."""

    def build(dockerfile: str | bytes, *options: str, frontend: tuple[str, ...] = ()) -> str:
        context = place(dockerfile)
        words = [word for option in options for word in ("--opt", option)]
        chosen = frontend or ("--frontend", "gateway.v0", "--opt", f"source={image}")
        local = ("--local", f"context={context}", "--local", f"dockerfile={context}")
        done = engine.buildctl("build", *chosen, *words, *local, "--progress", "plain", check=False)
        assert done.returncode != 0
        return done.stderr

    return build


def test_a_wrong_line_is_shown(failed: Callable[..., str], image: str) -> None:
    log = failed("FROM alpine\nENV a=b\nRNU echo\n")
    assert "Dockerfile:3\n" in log and "   3 | >>> RNU echo\n" in log
    assert "error: failed to solve: dockerfile parse error on line 3: unknown instruction: RNU" in log
    log = failed(f"# syntax={image}\nFROM alpine\nRUN --mount=type=nope true\n", frontend=("--frontend", "dockerfile.v0"))
    assert "   3 | >>> RUN --mount=type=nope true\n" in log


def test_a_step_that_fails_is_shown(failed: Callable[..., str]) -> None:
    log = failed("FROM alpine\nRUN exit 7\n")
    assert "   2 | >>> RUN exit 7\n" in log
    assert 'process "/bin/sh -c exit 7" did not complete successfully: exit code: 7' in log


@pytest.mark.parametrize(
    ("dockerfile", "options", "message"),
    [
        (b"\x7fELF\x02\x01\x01\x00\n" * 9, (), "unknown instruction"),
        (b"FROM alpine\n" + b"# " + b"x" * 70_000 + b"\n", (), "dockerfile line greater than max allowed size"),
        (b"FROM alpine\n", ("platform=linux/amd64/v2/x/y",), "platform"),
        (b"FROM alpine\n", ("shm-size=much",), "shm"),
        (b"FROM alpine\n", ("target=nowhere",), "nowhere"),
        (b"", (), "empty"),
        (b"FROM alpine\n", ("filename=nowhere",), "nowhere"),
        (b"FROM alpine\n", ("requestid=frontend.nope",), "frontend.nope"),
    ],
)
def test_bad_input_is_one_error(failed: Callable[..., str], dockerfile: bytes, options: tuple[str, ...], message: str) -> None:
    log = failed(dockerfile, *options)
    last = log.rstrip().splitlines()[-1]
    assert last.startswith("error: failed to solve: ") and message in last, log
    assert "exit code: 1" not in last and "Traceback" not in log


def test_a_large_dockerfile_is_built_or_refused(failed: Callable[..., str]) -> None:
    reference = failed(b"FROM alpine\n" + b"# more\n" * 3_000_000, frontend=("--frontend", "dockerfile.v0"))
    ours = failed(b"FROM alpine\n" + b"# more\n" * 3_000_000)
    assert "Traceback" not in ours
    assert ours.rstrip().splitlines()[-1] == reference.rstrip().splitlines()[-1]


def test_the_image_is_small_and_lists_its_capabilities(engine: Engine, image: str, tmp_path: pathlib.Path) -> None:
    make(engine, f"type=oci,dest={tmp_path}/image.tar")
    configs, files = read(tmp_path / "image.tar")
    (config,) = configs.values()
    assert config["config"]["Labels"] == {
        "moby.buildkit.frontend.network.none": "true",
        "moby.buildkit.frontend.caps": ",".join(f"moby.buildkit.frontend.{cap}" for cap in CAPS),
    }
    assert config["config"]["User"] == "65532:65532"
    assert not any("/grpc/" in name for name in files)
    assert (tmp_path / "image.tar").stat().st_size < 14_000_000


# The packages that a frontend runs; the others of llbfront need what the image does not have, such as grpcio.
IMPORTING = """
import importlib, pkgutil
names = ["llbfront.frontend.stdio"]
for package in ("dockerfile", "dockerfile2llb", "frontend", "kit", "lint", "llb", "oci", "pb", "rpc"):
    paths = importlib.import_module(f"llbfront.{package}").__path__
    names += [each.name for each in pkgutil.walk_packages(paths, f"llbfront.{package}.")]
names.remove("llbfront.rpc.grpcio_channel")  # of addresses that a frontend never dials
for name in names:
    importlib.import_module(name)
print("imported", len(names))
"""


def test_the_image_has_whatever_its_modules_import(engine: Engine, image: str, place: Callable[[str], pathlib.Path]) -> None:
    command = json.dumps(["/usr/bin/python3", "-I", "-B", "-c", IMPORTING])
    context = place(f"FROM {image}\nRUN {command}\n")
    words = (
        "--frontend",
        "dockerfile.v0",
        "--local",
        f"context={context}",
        "--local",
        f"dockerfile={context}",
        "--progress",
        "plain",
        "--no-cache",
    )
    log = engine.buildctl("build", *words).stderr
    match = re.search(r"imported (\d+)", log)
    assert match and int(match[1]) > 100


PROTOBUF = "from google.protobuf.internal import api_implementation; print('protobuf is', api_implementation.Type())"


def test_the_image_runs_the_compiled_protobuf(engine: Engine, image: str, place: Callable[[str], pathlib.Path]) -> None:
    """Without a library that it needs, protobuf falls back to Python, which starts and runs much slower."""
    context = place(f"FROM {image}\nRUN {json.dumps(['/usr/bin/python3', '-I', '-B', '-c', PROTOBUF])}\n")
    local = ("--local", f"context={context}", "--local", f"dockerfile={context}")
    log = engine.buildctl("build", "--frontend", "dockerfile.v0", *local, "--progress", "plain", "--no-cache").stderr
    assert "protobuf is upb" in log


def test_the_image_lists_its_packages(engine: Engine, image: str, tmp_path: pathlib.Path) -> None:
    make(engine, f"type=oci,dest={tmp_path}/image.tar")
    _, files = read(tmp_path / "image.tar")
    statement = attached(tmp_path / "image.tar")
    assert statement["predicateType"] == "https://spdx.dev/Document"
    document = statement["predicate"]
    assert (document["spdxVersion"], document["SPDXID"]) == ("SPDX-2.3", "SPDXRef-DOCUMENT")
    assert document["creationInfo"]["created"] == "2023-11-14T22:13:20Z"
    packages = {package["name"]: package for package in document["packages"]}
    assert [name for name, package in packages.items() if "pkg:pypi/" in package["externalRefs"][0]["referenceLocator"]] == [
        "llbfront",
        "attrs",
        "googleapis-common-protos",
        "protobuf",
    ]
    assert packages["llbfront"]["versionInfo"] == llbfront.__version__
    assert packages["python3.11-minimal"]["versionInfo"].startswith("3.11.")
    assert all(re.match(r"pkg:\w+/", package["externalRefs"][0]["referenceLocator"]) for package in packages.values())
    libraries = {
        "libc.so": "libc6",
        "libgcc_s.so": "libgcc-s1",
        "libstdc++.so": "libstdc++6",
        "libz.so": "zlib1g",
        "libbz2.so": "libbz2-1.0",
        "liblzma.so": "liblzma5",
        "libexpat.so": "libexpat1",
    }
    of_libc = {"libm.so", "libdl.so", "libpthread.so"}
    libraries_by_name = {match[1] for name in files if (match := re.search(r"/(lib[a-z0-9+_]+\.so)", name))}
    assert libraries_by_name - of_libc == libraries.keys()
    assert set(libraries.values()) < packages.keys()
    contained = {
        package["relatedSpdxElement"] for package in document["relationships"] if package["relationshipType"] == "CONTAINS"
    }
    assert contained == {package["SPDXID"] for package in packages.values()} - {"SPDXRef-Image"}


def attached(path: pathlib.Path) -> dict[str, Any]:
    """The statement of the only attestation in an OCI layout of one platform, which is about the image beside it."""
    with tarfile.open(path) as archive:

        def document(name: str) -> dict[str, Any]:
            file = archive.extractfile(name)
            assert file is not None
            return dict(json.loads(file.read()))

        def blob(described: dict[str, Any]) -> dict[str, Any]:
            return document(f"blobs/sha256/{described['digest'].removeprefix('sha256:')}")

        image, attestation = blob(document("index.json")["manifests"][0])["manifests"]
        assert attestation["platform"]["os"] == "unknown"
        assert attestation["annotations"]["vnd.docker.reference.type"] == "attestation-manifest"
        assert attestation["annotations"]["vnd.docker.reference.digest"] == image["digest"]
        (layer,) = blob(attestation)["layers"]
        return blob(layer)


def test_the_same_sources_make_the_same_image(engine: Engine, image: str, tmp_path: pathlib.Path) -> None:
    responses = [make(engine, f"type=oci,dest={tmp_path}/image.tar", anew=anew) for anew in (AFTER_DOWNLOADS, (), AFTER_DOWNLOADS)]
    assert len({response["containerimage.digest"] for response in responses}) == 1


@pytest.mark.downloading
def test_the_same_packages_make_the_same_image(engine: Engine, image: str, tmp_path: pathlib.Path) -> None:
    responses = [make(engine, f"type=oci,dest={tmp_path}/image.tar", no_cache=no_cache) for no_cache in (True, False, True)]
    assert len({response["containerimage.digest"] for response in responses}) == 1


@pytest.mark.timeout(300)  # downloads
def test_the_image_for_another_architecture_is_made_here(engine: Engine, image: str, tmp_path: pathlib.Path) -> None:
    other = "arm64" if os.uname().machine == "x86_64" else "amd64"
    make(engine, f"type=oci,dest={tmp_path}/image.tar", platform=f"linux/{other}")
    configs, files = read(tmp_path / "image.tar")
    assert list(configs) == [other]
    machine = {"arm64": "aarch64", "amd64": "x86_64"}[other]
    assert any(f"lib/{machine}-linux-gnu/libc.so.6" in name for name in files)
