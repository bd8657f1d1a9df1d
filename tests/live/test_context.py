"""What of a build context arrives in a build: names, links, ignore rules, sizes, other contexts, secrets that must not."""

from __future__ import annotations

import hashlib
import itertools
import os
import pathlib
import tarfile
import tempfile
import time
from typing import TYPE_CHECKING, Literal

import pytest

import llbfront
from llbfront import SecretSource
from llbfront.errors import LlbfrontError

TEMPORARY = pathlib.Path(tempfile.gettempdir())

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbfront.client.engine import Engine
    from tests.live.conftest import Engine as Running


@pytest.fixture
def client(engine: Running) -> Iterator[Engine]:
    with llbfront.connect(engine.address) as connected:
        yield connected


@pytest.fixture
def context(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    return folder


def names(root: pathlib.Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_ignored_files_do_not_arrive(client: Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    for name in ("keep.txt", "drop.log", "keep.log", "node_modules/a/b.js", "src/deep/x.tmp", "src/deep/x.py"):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text(name)
    (context / ".dockerignore").write_text("# not these\n*.log\n!keep.log\nnode_modules\n**/*.tmp\nDockerfile\n.dockerignore\n")
    client.build(context, output=str(tmp_path / "out"))
    assert names(tmp_path / "out") == {"keep.txt", "keep.log", "src", "src/deep", "src/deep/x.py"}


def test_a_dockerfile_may_have_ignore_rules_of_its_own(client: Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (context / "a").write_text("")
    (context / "b").write_text("")
    (context / ".dockerignore").write_text("a\n")
    (context / "Dockerfile.dockerignore").write_text("*\n!a\n")
    client.build(context, output=str(tmp_path / "out"))
    assert names(tmp_path / "out") == {"a"}


def test_only_the_files_that_are_copied_travel(client: Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (context / "Dockerfile").write_text("FROM scratch\nCOPY used /\n")
    (context / "used").write_text("1")
    (context / "unused").write_bytes(os.urandom(50_000_000))
    started = time.monotonic()
    sent: list[int] = []

    def listen(event: object) -> None:
        sent.extend(status.current for status in getattr(event, "statuses", ()) if "transferring" in status.id)

    client.build(context, output=str(tmp_path / "out"), on_event=listen)
    assert max(sent) < 10_000
    assert time.monotonic() - started < 30


def test_links_arrive_as_links_and_copied_links_are_followed(client: Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (context / "Dockerfile").write_text("FROM scratch\nCOPY tree /tree\nCOPY link /followed\n")
    (context / "tree").mkdir()
    (context / "tree/file").write_text("text")
    (context / "tree/rel").symlink_to("file")
    (context / "tree/gone").symlink_to("/nowhere")
    os.link(context / "tree/file", context / "tree/hard")
    (context / "link").symlink_to("tree/file")
    client.build(context, output=str(tmp_path / "out"))
    out = tmp_path / "out"
    assert os.readlink(out / "tree/rel") == "file"
    assert os.readlink(out / "tree/gone") == "/nowhere"
    assert (out / "tree/hard").read_text() == "text"
    assert not (out / "followed").is_symlink()
    assert (out / "followed").read_text() == "text"


@pytest.mark.parametrize(
    ("copies", "arrived"),
    [
        ("COPY soft/out/apps /o\nCOPY soft/out/lib /o\n", {"o", "o/x", "o/y"}),
        ("COPY softer/apps softer/lib /o/\n", {"o", "o/x", "o/y"}),
        ("COPY absolute/x /a\nCOPY absolute/z /b\n", {"a", "b"}),
        ("COPY trees/*/leaf /t/\n", {"t", "t/leaf"}),
        ("COPY into/f /f\n", {"f"}),
    ],
)
def test_paths_may_share_symlinks(
    client: Engine, context: pathlib.Path, tmp_path: pathlib.Path, copies: str, arrived: set[str]
) -> None:
    for name in ("hard/out/apps/x", "hard/out/lib/y", "files/x", "files/z", "trees/elm/f", "leaves/green", "[1]/f"):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text(name)
    links = {"soft": "hard", "softer": "soft/out", "absolute": "/files", "into": "[1]", "trees/elm/leaf": "../../leaves/green"}
    for name, target in links.items():
        (context / name).symlink_to(target)
    (context / "Dockerfile").write_text(f"FROM scratch\n{copies}")
    client.build(context, output=str(tmp_path / "out"))
    assert names(tmp_path / "out") == arrived


@pytest.mark.parametrize(
    ("ignore", "told"),
    [
        ("ok\nsub/[a\n", ".dockerignore:2: syntax error in pattern (the pattern is sub/[a)"),
        (
            "ok\r\nbuild\\output\\*\r\n",
            r".dockerignore:2: syntax error in pattern (the pattern is build\output\*; names of a path are separated by /)",
        ),
    ],
)
def test_a_malformed_line_of_the_ignore_file_is_named(client: Engine, context: pathlib.Path, ignore: str, told: str) -> None:
    (context / ".dockerignore").write_text(ignore)
    with pytest.raises(LlbfrontError) as caught:
        client.build(context)
    assert str(caught.value) == told


@pytest.mark.timeout(60)
def test_an_ignore_pattern_with_many_stars_costs_no_time(client: Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (context / ("a-" * 100 + "x.js")).touch()
    (context / ".dockerignore").write_text("*-*-*-*-*-*-*-*.map\nDockerfile\n.dockerignore\n")
    client.build(context, output=str(tmp_path / "out"))
    assert names(tmp_path / "out") == {"a-" * 100 + "x.js"}


def test_names_of_all_alphabets(client: Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    file_names = {"naïve.txt", "日本語", "emoji 🐳", "with space", "a'b\"c", "-dash", "éé" * 40}
    for name in file_names:
        (context / name).write_text(name)
    client.build(context, output=str(tmp_path / "out"))
    assert names(tmp_path / "out") == file_names | {"Dockerfile"}
    assert all((tmp_path / "out" / name).read_text() == name for name in file_names)


def test_ten_thousand_small_files(client: Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    for number in range(10_000):
        path = context / f"d{number % 100}" / f"f{number}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(str(number))
    client.build(context, output=str(tmp_path / "out"))
    assert sum(1 for path in (tmp_path / "out").rglob("f*") if path.read_text() == path.name[1:]) == 10_000


def test_a_file_of_200_mb(client: Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    block = os.urandom(1 << 20)
    with (context / "big").open("wb") as file:
        for number in range(200):
            file.write(number.to_bytes(4, "big") + block[4:])
    client.build(context, output=str(tmp_path / "out"))
    digests = []
    for path in (context / "big", tmp_path / "out/big"):
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    assert digests[0] == digests[1]


def test_named_contexts(client: Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "file").write_text("from the other")
    (context / "Dockerfile").write_text(
        "FROM base AS b\nRUN cp /bin/busybox /copied\nFROM scratch\nCOPY --from=src file /\nCOPY --from=b /copied /\n"
    )
    client.build(context, build_contexts={"src": str(other), "base": "docker-image://busybox"}, output=str(tmp_path / "out"))
    assert (tmp_path / "out/file").read_text() == "from the other"


def test_a_secret_reaches_its_step_and_nothing_else(
    client: Engine, context: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = f"secret-{time.time_ns()}"
    (tmp_path / "token").write_text(secret)
    monkeypatch.setenv("LLBFRONT_TEST_TOKEN", secret + "-env")
    (context / "Dockerfile").write_text(
        "FROM alpine\n"
        "RUN --mount=type=secret,id=token --mount=type=secret,id=var,env=VAR "
        'test -s /run/secrets/token && test -n "$VAR" && wc -c < /run/secrets/token > /size\n'
    )
    events: list[object] = []
    result = client.build(
        context,
        secrets=[SecretSource("token", str(tmp_path / "token")), SecretSource("var", env="LLBFRONT_TEST_TOKEN")],
        output=[str(tmp_path / "out"), f"type=oci,dest={tmp_path}/image.tar"],
        on_event=events.append,
    )
    assert (tmp_path / "out/size").read_text().strip() == str(len(secret))
    told = repr(events) + repr(result) + repr(result.metadata)
    assert secret not in told
    with tarfile.open(tmp_path / "image.tar") as image:
        blobs = [image.extractfile(member) for member in image.getmembers() if member.isfile()]
        assert blobs
        for blob in filter(None, blobs):
            data = blob.read()
            unpacked = _unzipped(data)
            assert secret.encode() not in data
            assert secret.encode() not in unpacked


def _unzipped(data: bytes) -> bytes:
    import gzip

    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def test_a_secret_that_was_not_offered_fails_the_step(client: Engine, context: pathlib.Path) -> None:
    (context / "Dockerfile").write_text("FROM alpine\nRUN --mount=type=secret,id=none,required true\n")
    with pytest.raises(LlbfrontError, match="^Dockerfile:2: secret none was not offered"):
        client.build(context)


def test_a_private_base_needs_the_password_of_the_docker_config(
    client: Engine, context: pathlib.Path, tmp_path: pathlib.Path, locked_registry: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    import base64
    import json

    from tests.support import bases

    address = getattr(locked_registry, "address")  # noqa: B009 (typed as object to keep the fixture's module out of here)
    folder = tmp_path / "docker"
    folder.mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    (context / "Dockerfile").write_text("FROM alpine\nRUN echo private > /private\n")
    name = f"{address}/private/app:1"
    with pytest.raises(LlbfrontError, match="(?i)unauthorized|401|no basic auth"):
        client.build(context, tags=[name], push=True)
    pair = base64.b64encode(f"{bases.USER}:{bases.PASSWORD}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {address: {"auth": pair}}}))
    result = client.build(context, tags=[name], push=True)
    assert result.digest
    (context / "Dockerfile").write_text(f"FROM {name}\nRUN cat /private\n")
    client.build(context, output=str(tmp_path / "out"))
    assert (tmp_path / "out/private").read_text() == "private\n"


def test_an_oci_layout_is_a_context(client: Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (context / "Dockerfile").write_text("FROM alpine\nRUN echo layout > /made\n")
    client.build(context, tags=["example.test/base:v1"], output=f"type=oci,tar=false,dest={tmp_path}/layout")
    (context / "Dockerfile").write_text("FROM base\nRUN cat /made > /read\n")
    client.build(context, build_contexts={"base": f"oci-layout://{tmp_path}/layout:v1"}, output=str(tmp_path / "out"))
    assert (tmp_path / "out/read").read_text() == "layout\n"


@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_an_archive_on_standard_input_is_a_context(
    engine: Running, context: pathlib.Path, tmp_path: pathlib.Path, mode: Literal["w:gz", "w"]
) -> None:
    import io
    import subprocess
    import sys

    (context / "file").write_text("text")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        archive.add(context, arcname=".")
    command = [sys.executable, "-m", "llbfront", "build", "--addr", engine.address, "-o", str(tmp_path / "out"), "-"]
    environ = {**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parents[2])}
    done = subprocess.run(command, input=packed.getvalue(), env=environ, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "out/file").read_text() == "text"


def test_a_file_that_cannot_be_read_fails_the_build(engine: Running, context: pathlib.Path) -> None:
    """Root can read everything, so another user builds here."""
    import subprocess
    import sys

    if os.geteuid() != 0:
        pytest.skip("needs to become another user")
    for folder in (context, *itertools.takewhile(lambda each: each != TEMPORARY, context.parents)):
        folder.chmod(0o755)
    code = (
        "import os, sys, llbfront\n"
        "from llbfront.client.solve_errors import lost_engine, solve_error, transfer_error\n"  # these load when a build fails
        "engine = llbfront.connect(sys.argv[1])\n"
        "assert engine.build(sys.argv[2]).sockets == ()\n"  # and so everything is imported, which may be root's own
        "open('closed', 'w').write('text')\n"
        "os.chmod('closed', 0)\n"
        "os.seteuid(65534)\n"
        "try:\n"
        "    engine.build(sys.argv[2])\n"
        "except llbfront.errors.SolveError as error:\n"
        "    print(error)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code, engine.address, str(context)],
        env=environ,
        cwd=context,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = "Dockerfile:2: cannot read closed: permission denied (change its permissions, or leave it out in .dockerignore)"
    assert done.stdout.strip() == told, done.stderr
