"""Less common build flags on a real engine: caches, attestations, annotations, SSH agents, hosts and limits."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from llbfront.engine import config, daemon, directories
from tests.live.test_command import ROOT, complaint, llbfront
from tests.support import bases
from tests.test_start import ASKED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.live.conftest import Engine

Build = "Callable[..., subprocess.CompletedProcess[str]]"


@pytest.fixture
def build(engine: Engine, tmp_path: pathlib.Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(dockerfile: str, *arguments: object, addr: str = engine.address) -> subprocess.CompletedProcess[str]:
        (tmp_path / "Dockerfile").write_text(dockerfile)
        return llbfront("build", "--addr", addr, "--progress", "plain", *arguments, ".", cwd=tmp_path)

    return run


@pytest.fixture
def other_engine(base_images: tuple[config.Registry, ...], registry: bases.Registry) -> Iterator[str]:
    """An engine that has built nothing yet."""
    with tempfile.TemporaryDirectory(prefix="llbfront-") as directory:
        here = directories.apart(directory)
        running = daemon.start(here, config.Settings(registries=(*base_images, config.Registry(registry.address, is_http=True))))
        assert running.pid is not None
        with bases.leash(running.pid):
            yield running.address
        daemon.remove(here)


STAMP = "FROM alpine AS base\nRUN head -c 20 /dev/urandom | od -x > /stamp\nFROM scratch\nCOPY --from=base /stamp /\n"


def assert_built(process: subprocess.CompletedProcess[str]) -> None:
    assert process.returncode == 0, process.stderr


@pytest.mark.parametrize(
    ("to", "origin"),
    [
        ("type=local,dest=cache,mode=max", "type=local,src=cache"),
        ("type=registry,ref={registry}/cached/steps,mode=max", "{registry}/cached/steps"),
        ("type=registry,ref={registry}/cached/steps:tagged,mode=max,image-manifest=false", "type=registry,ref={registry}/cached/steps:tagged"),
    ],
)  # fmt: skip
def test_another_engine_imports_a_cache(
    build: Any, other_engine: str, registry: bases.Registry, tmp_path: pathlib.Path, to: str, origin: str
) -> None:
    to, origin = to.format(registry=registry.address), origin.format(registry=registry.address)
    assert_built(build(STAMP, "-o", "first", "--cache-to", to, "--no-cache"))
    assert_built(build(STAMP, "-o", "second", "--cache-from", origin, addr=other_engine))
    assert (tmp_path / "second/stamp").read_text() == (tmp_path / "first/stamp").read_text()
    assert_built(build(STAMP, "-o", "third", "--no-cache", addr=other_engine))
    assert (tmp_path / "third/stamp").read_text() != (tmp_path / "first/stamp").read_text()


def test_an_image_can_have_an_inline_cache(build: Any, other_engine: str, registry: bases.Registry, tmp_path: pathlib.Path) -> None:
    text, name = "FROM alpine\nRUN head -c 20 /dev/urandom | od -x > /stamp\n", f"{registry.address}/cached/inline"
    assert_built(build(text, "-t", name, "--push", "-o", "first", "--cache-to", "type=inline", "--no-cache"))
    assert_built(build(text, "-o", "second", "--cache-from", name, addr=other_engine))
    assert (tmp_path / "second/stamp").read_text() == (tmp_path / "first/stamp").read_text()


def test_a_missing_cache_directory_is_skipped_on_import_and_created_by_export(build: Any, tmp_path: pathlib.Path) -> None:
    flags = ("--cache-from", "type=local,src=cache", "--cache-to", "type=local,dest=cache,mode=max,reset=true")
    process = build(STAMP, *flags)
    assert_built(process)
    assert f"llbfront: warning: a cache was skipped: there is no directory {tmp_path}/cache\n" in process.stderr
    before = set((tmp_path / "cache/blobs/sha256").iterdir())
    assert_built(process := build(STAMP, *flags, "--no-cache"))
    assert "skipped" not in process.stderr
    after = set((tmp_path / "cache/blobs/sha256").iterdir())
    assert len(json.loads((tmp_path / "cache/index.json").read_text())["manifests"]) == 1
    assert after != before
    assert not before <= after, "reset=true removes blobs that the new cache does not use"


SCANNER = r"""FROM alpine
RUN printf '#!/bin/sh\n\
test -e $BUILDKIT_SCAN_SOURCE/marker && name=$BUILDKIT_SCAN_NAME\n\
echo "{\"_type\": \"https://in-toto.io/Statement/v0.1\", \"predicateType\": \"https://spdx.dev/Document\",\
 \"predicate\": {\"name\": \"$name\"}}" > $BUILDKIT_SCAN_DESTINATION/sbom.spdx.json\n' > /scan && chmod +x /scan
CMD ["/scan"]
"""


def opened(path: pathlib.Path) -> tuple[dict[str, Any], Callable[[str], dict[str, Any]]]:
    """Return the only descriptor of an OCI archive, and a function that reads its blobs."""
    with tarfile.open(path) as archive:
        files = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}  # type: ignore[union-attr]

    def blob(digest: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(files[f"blobs/{digest.replace(':', '/')}"])
        return document

    (entry,) = json.loads(files["index.json"])["manifests"]
    return entry, blob


def test_attestations_are_attached_to_the_image(build: Any, registry: bases.Registry, tmp_path: pathlib.Path) -> None:
    scanner = f"{registry.address}/tools/scanner"
    assert_built(build(SCANNER, "-t", scanner, "--push"))
    flags = ("--provenance", "mode=max", "--attest", f"type=sbom,generator={scanner},NAME=told")
    assert_built(build("FROM scratch\nCOPY Dockerfile /marker\n", *flags, "-o", "type=oci,dest=a.tar"))
    entry, blob = opened(tmp_path / "a.tar")
    image, statement = blob(entry["digest"])["manifests"]
    assert statement["annotations"]["vnd.docker.reference.type"] == "attestation-manifest"
    assert statement["annotations"]["vnd.docker.reference.digest"] == image["digest"]
    layers = blob(statement["digest"])["layers"]
    statements = {layer["annotations"]["in-toto.io/predicate-type"]: blob(layer["digest"]) for layer in layers}
    assert statements["https://spdx.dev/Document"]["predicate"]["name"] == "told"
    (provenance,) = [each for kind, each in statements.items() if kind.startswith("https://slsa.dev/provenance/")]
    (info,) = provenance["predicate"]["runDetails"]["metadata"]["buildkit_metadata"]["source"]["infos"]
    assert base64.b64decode(info["data"]) == b"FROM scratch\nCOPY Dockerfile /marker\n"


@pytest.mark.parametrize("flags", [(), ("--provenance", "false")], ids=["default", "disabled"])
def test_there_are_no_attestations_by_default(build: Any, tmp_path: pathlib.Path, flags: tuple[str, ...]) -> None:
    assert_built(build("FROM scratch\nCOPY Dockerfile /\n", *flags, "-o", "type=oci,dest=a.tar"))
    entry, _ = opened(tmp_path / "a.tar")
    assert entry["mediaType"] == "application/vnd.oci.image.manifest.v1+json"


def test_annotations_are_on_the_objects_that_they_name(build: Any, tmp_path: pathlib.Path) -> None:
    flags = [
        part
        for text in ("plain=1", "manifest:both=2", "index:top=3", "manifest-descriptor:below=4", "index-descriptor:file=5")
        for part in ("--annotation", text)
    ]
    assert_built(build("FROM scratch\nCOPY Dockerfile /\n", "--provenance", "true", *flags, "-o", "type=oci,dest=a.tar"))
    entry, blob = opened(tmp_path / "a.tar")
    index = blob(entry["digest"])
    assert index["annotations"] == {"top": "3"}
    assert index["manifests"][0]["annotations"] == {"below": "4"}
    assert blob(index["manifests"][0]["digest"])["annotations"] == {"plain": "1", "both": "2"}
    assert entry["annotations"]["file"] == "5"


@contextlib.contextmanager
def agent(answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """Serve an SSH agent on a socket; yield its path."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/agent")
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(100):
                    connection.sendall(answer(data))

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()


ASK = """\
FROM debian:bookworm-slim
RUN --mount=type=ssh{id},required perl -e 'use IO::Socket::UNIX; my $agent = IO::Socket::UNIX->new(Peer => $ENV{{SSH_AUTH_SOCK}}) or die $!; \
syswrite $agent, {message}; sysread $agent, my $answer, 100; print unpack("H*", $answer)' > /answer
"""
LIST_KEYS = b"\0\0\0\1\x0b"
NO_KEYS = b"\0\0\0\5\x0c\0\0\0\0"


def test_a_step_can_use_an_ssh_agent(build: Any, tmp_path: pathlib.Path) -> None:
    text = ASK.format(id="", message='pack("NC", 1, 11)')
    with agent(lambda data: NO_KEYS if data == LIST_KEYS else b"") as path:
        assert_built(build(text, "--ssh", f"default={path}", "-o", "out", "--no-cache"))
    assert (tmp_path / "out/answer").read_text() == NO_KEYS.hex()


def test_a_step_can_use_key_files(build: Any, tmp_path: pathlib.Path) -> None:
    keys = []
    for name in ("first", "second"):
        private = ed25519.Ed25519PrivateKey.generate()
        (tmp_path / name).write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        line = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        keys.append(base64.b64decode(line.split()[1]))
    text = ASK.format(id="", message='pack("NC", 1, 11)').replace("$answer, 100", "$answer, 1000")
    assert_built(build(text, "--ssh", f"default={tmp_path}/first,{tmp_path}/second", "-o", "out", "--no-cache"))
    answer = bytes.fromhex((tmp_path / "out/answer").read_text())
    assert answer[4:9] == b"\x0c\0\0\0\2"
    assert keys[0] in answer and keys[1] in answer


def test_a_raw_socket_carries_any_bytes(build: Any, tmp_path: pathlib.Path) -> None:
    text = ASK.format(id=",id=mine", message='"hello"')
    with agent(bytes.upper) as path:
        assert_built(build(text, "--ssh", f"mine={path},raw=true", "-o", "out", "--no-cache"))
    assert bytes.fromhex((tmp_path / "out/answer").read_text()) == b"HELLO"


SEEN = """\
FROM alpine
RUN mkdir /seen && cat /etc/hosts > /seen/hosts && ulimit -n > /seen/files && ulimit -Hn >> /seen/files && \\
    grep " /dev/shm " /proc/mounts > /seen/shm && cat /proc/self/cgroup > /seen/cgroup
FROM scratch
COPY --from=0 /seen /
"""


def test_steps_see_hosts_limits_and_shared_memory(build: Any, tmp_path: pathlib.Path) -> None:
    hosts = ("--add-host", "one.test=10.1.2.3", "--add-host", "six.test:[fd00::7]")
    assert_built(build(SEEN, *hosts, "--ulimit", "nofile=123:456", "--shm-size", "3m", "-o", "out"))
    lines = [line.split() for line in (tmp_path / "out/hosts").read_text().splitlines()]
    assert ["10.1.2.3", "one.test"] in lines
    assert ["fd00::7", "six.test"] in lines
    assert (tmp_path / "out/files").read_text().split() == ["123", "456"]
    assert "size=3072k" in (tmp_path / "out/shm").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="an engine without root makes no cgroups")
def test_steps_run_below_a_cgroup(build: Any) -> None:
    name = f"llbfront-test-{os.getpid()}"
    assert_built(build("FROM alpine\nRUN true\n", "--cgroup-parent", name, "--no-cache"))
    groups = [pathlib.Path("/sys/fs/cgroup", name), *pathlib.Path("/sys/fs/cgroup").glob(f"*/{name}")]
    directories = [group for group in groups if group.is_dir()]
    for group in directories:
        for below in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
            below.rmdir()
        group.rmdir()
    assert directories


def test_an_entitlement_must_be_allowed(build: Any) -> None:
    text = "FROM alpine\nRUN --security=insecure grep CapEff /proc/self/status\n"
    refused = build(text)
    assert refused.returncode == 1
    assert "security.insecure is not allowed" in complaint(refused)
    assert_built(build(text, "--allow", "security.insecure", "--no-cache"))


def test_a_plain_build_does_not_load_modules_of_these_flags(engine: Engine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    flags = ["build", "--addr", engine.address, "--progress", "none", "-o", "out", "."]
    script = f"import sys; from llbfront.cli.main import main; assert main({flags}) == 0; print(*sys.modules)"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environ, check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "llbfront.client.build" in loaded
    assert not set(ASKED.split()) & loaded


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--ssh", "default=/none"), "the SSH agent /none cannot be used"),
        (("--cache-to", "type=locl,dest=x"), "did you mean local?"),
        (("--attest", "type=x"), "unknown type x"),
        (("--annotation", "x"), "it is not KEY=VALUE"),
        (("--add-host", "a=b"), "'b' is not an IP address"),
        (("--ulimit", "x=1"), "invalid ulimit type: x"),
        (("--shm-size", "x"), "invalid shm-size 'x'"),
        (("--allow", "all"), "unknown entitlement all"),
        (("--call", "chekc"), "unknown method chekc (did you mean check?)"),
    ],
)
def test_invalid_values_are_refused_before_connecting(build: Any, flags: tuple[str, ...], message: str) -> None:
    process = build("FROM scratch\n", *flags, addr="unix:///nowhere.sock")
    assert process.returncode == 2
    assert message in complaint(process)


def test_host_gateway_needs_a_docker_engine(build: Any) -> None:
    process = build("FROM scratch\n", "--add-host", "a=host-gateway")
    assert process.returncode == 2
    assert "only docker engines know what host-gateway is" in complaint(process)
