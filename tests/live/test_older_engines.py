"""Older engines, each with the capabilities of its time: one Dockerfile with much of the language, and every way out of a build.

Run by `make older`: building those engines costs minutes that `make test` does not have.
"""

from __future__ import annotations

import json
import pathlib
import tarfile
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from llbfront import llb
from llbfront.client.buildflags.secrets import SecretSource
from llbfront.engine import config
from llbfront.errors import ExecFailed, OptionError, SolveError
from tests.live import older_engines, reference_frontend
from tests.live.conftest import missing
from tests.live.test_engine_converter import FILES, judge
from tests.live.test_image import image  # noqa: F401  (a fixture)
from tests.support import bases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbfront.client.engine import Engine

pytestmark = pytest.mark.older

DOCKERFILE = """\
ARG BASE=alpine
FROM ${BASE} AS build
ARG WHO=world
ENV GREETING="hello $WHO"
WORKDIR /work
COPY --chmod=755 --exclude=*.md src/ ./
COPY <<EOF greeting
$GREETING
EOF
RUN --mount=type=secret,id=token,env=TOKEN --mount=type=cache,target=/cache --mount=type=bind,source=src,target=/bound \\
    --mount=type=tmpfs,target=/scratch --network=none \\
    test "$TOKEN" = hush && cat /bound/file greeting > said && stat -c %a file >> said && ls >> said
FROM busybox AS beside
RUN <<EOF
echo from a heredoc > /beside
EOF
FROM scratch AS final
COPY --link --from=build /work/said /
COPY --link --from=beside --chown=12:34 /beside /sub/
COPY --parents src/./deep/file /
ADD archive.tar /unpacked/
LABEL made.by=llbfront
CMD ["/said"]
"""


@pytest.fixture(scope="module", params=older_engines.VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def address(version: str, base_images: tuple[config.Registry, ...], registry: bases.Registry) -> Iterator[str]:
    """Run an engine of `version`."""
    try:
        with older_engines.run(version, (*base_images, config.Registry(registry.address, is_http=True))) as running:
            yield running
    except bases.Missing as error:
        missing(error)


@pytest.fixture
def client(address: str) -> Iterator[Engine]:
    with llbfront.connect(address) as connected:
        yield connected


@pytest.fixture
def app(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "app"
    (folder / "src/deep").mkdir(parents=True)
    for name, text in (("src/file", "from a file\n"), ("src/deep/file", "deep\n"), ("src/READ.md", "read\n"), ("token", "hush")):
        (folder / name).write_text(text)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / ".dockerignore").write_text("token\n")
    with tarfile.open(folder / "archive.tar", "w") as archive:
        archive.add(folder / "src/file", "inside")
    return folder


def secret(app: pathlib.Path) -> tuple[SecretSource]:
    return (SecretSource("token", str(app / "token")),)


def test_which_one_it_is(client: Engine, version: str) -> None:
    assert client.version() == version


def test_a_directory(client: Engine, app: pathlib.Path, tmp_path: pathlib.Path) -> None:
    client.build(app, secrets=secret(app), build_args={"WHO": "you"}, output=str(tmp_path / "out"))
    out = tmp_path / "out"
    assert (out / "said").read_text() == "from a file\nhello you\n755\ndeep\nfile\ngreeting\nsaid\n"
    assert (out / "sub/beside").read_text() == "from a heredoc\n"
    assert (out / "deep/file").read_text() == "deep\n"
    assert (out / "unpacked/inside").read_text() == "from a file\n"


def test_an_untouched_rebuild_is_cached(client: Engine, app: pathlib.Path) -> None:
    for _ in range(2):
        result = client.build(app, secrets=secret(app))
    steps = [step for step in result.timings if any(word in step.name for word in ("RUN", "COPY", "ADD"))]
    assert len(steps) >= 7  # the engine need not speak of what it found no reason to look at
    assert all(step.cached for step in steps)


def test_an_oci_archive(client: Engine, app: pathlib.Path, tmp_path: pathlib.Path) -> None:
    result = client.build(app, secrets=secret(app), tags=["llbfront.test/old"], output=f"type=oci,dest={tmp_path}/a.tar")
    with tarfile.open(tmp_path / "a.tar") as archive:
        index = json.load(archive.extractfile("index.json"))  # type: ignore[arg-type]
        assert index["manifests"][0]["digest"] == result.digest
        assert result.config_digest is not None
        image = json.load(archive.extractfile(f"blobs/{result.config_digest.replace(':', '/')}"))  # type: ignore[arg-type]
    assert image["config"]["Cmd"] == ["/said"]
    assert image["config"]["Labels"] == {"made.by": "llbfront"}
    assert len(image["rootfs"]["diff_ids"]) == 4


def test_a_pushed_image(client: Engine, app: pathlib.Path, version: str, registry: bases.Registry) -> None:
    result = client.build(app, secrets=secret(app), tags=[f"{registry.address}/old:{version}"], push=True)
    kinds = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
    kinds += ", application/vnd.oci.image.index.v1+json"
    request = urllib.request.Request(f"http://{registry.address}/v2/old/manifests/{version}", headers={"Accept": kinds})
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Docker-Content-Digest"] == result.digest


def test_several_outputs(client: Engine, app: pathlib.Path, tmp_path: pathlib.Path, version: str) -> None:
    outputs = [str(tmp_path / "out"), f"type=oci,dest={tmp_path}/a.tar"]
    if version == "v0.12.5":
        with pytest.raises(OptionError, match="too old for several outputs"):
            client.build(app, secrets=secret(app), output=outputs)
        assert not (tmp_path / "out").exists()
    else:
        client.build(app, secrets=secret(app), output=outputs)
        assert (tmp_path / "out/said").exists()
        assert (tmp_path / "a.tar").exists()


def test_the_commands_about_the_engine(client: Engine, app: pathlib.Path, version: str) -> None:
    ref = client.build(app, secrets=secret(app)).ref
    assert client.info().version == version
    assert [worker.info.version for worker in client.workers()] == [version]
    assert client.build_record(ref).status == "completed"
    assert client.history()[0].ref == ref
    events: list[object] = []
    client.build_logs(ref, on_event=events.append)
    assert events
    usage = client.disk_usage(filters="type=exec.cachemount")
    assert [record.type for record in usage.records] == ["exec.cachemount"]
    planned = client.prune(filters="type=exec.cachemount", dry_run=True)
    removed = client.prune(filters="type=exec.cachemount", only=planned)
    assert [(record.id, record.type) for record in removed.records] == [(record.id, record.type) for record in planned.records]
    client.remove_build(ref)
    assert ref not in {record.ref for record in client.history()}


def test_what_an_old_engine_would_ignore_is_refused(
    client: Engine, app: pathlib.Path, tmp_path: pathlib.Path, version: str
) -> None:
    client.build(app, secrets=secret(app))
    with pytest.raises(OptionError, match="this engine is too old to filter build records"):
        client.history(filters="status=error")
    with pytest.raises(OptionError, match="this engine is too old for a limit of free space"):
        client.prune(min_free_space="1GB", dry_run=True)
    options: dict[str, Any] = {"locals": {"context": app, "dockerfile": app}, "secrets": secret(app)}
    with pytest.raises(OptionError, match="this engine is too old for the proxy network"):
        client.solve_frontend("dockerfile.v0", **options, proxy_network=True)
    outputs = [tmp_path / "one", tmp_path / "two"]
    if version == "v0.12.5":
        with pytest.raises(OptionError, match="this engine is too old for several outputs"):
            client.solve_frontend("dockerfile.v0", **options, output=outputs)
        with pytest.raises(OptionError, match="this engine is too old for several outputs"):
            client.solve(llb.scratch().file(llb.Mkfile("/f", b"x")), output=outputs)
        assert not any(path.exists() for path in outputs)
    else:
        (app / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")  # that frontend is as old as the engine
        client.solve_frontend("dockerfile.v0", **options, output=outputs)
        assert all(path.exists() for path in outputs)


def test_failures_tell_their_place(client: Engine, app: pathlib.Path) -> None:
    (app / "Dockerfile").write_text("FROM alpine\nRUN echo last words; exit 7\n")
    with pytest.raises(ExecFailed, match=r"^Dockerfile:2: ") as caught:
        client.build(app)
    assert (caught.value.exit_code, caught.value.log_tail) == (7, ("last words",))
    (app / "Dockerfile").write_text("FROM alpine\nCOPY none /\n")
    with pytest.raises(SolveError, match=r'^Dockerfile:2: "/none" does not exist'):
        client.build(app)


@pytest.fixture(scope="module")
def reference(address: str, registry: bases.Registry) -> str:
    with llbfront.connect(address) as connected:
        return reference_frontend.image(connected, registry.address)


@pytest.mark.parametrize("name", FILES)
def test_the_graph_equals_that_of_the_engines_own_frontend(
    client: Engine, reference: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "Dockerfile").write_text(FILES[name])
    verdict = judge(client, tmp_path, {}, monkeypatch, image=reference)
    assert isinstance(verdict.theirs, dict), verdict.theirs
    assert verdict.ours == verdict.theirs


@pytest.mark.parametrize("name", FILES)
def test_our_image_makes_the_same_graph_on_this_engine(
    client: Engine,
    image: str,  # noqa: F811  (the fixture)
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    (tmp_path / "Dockerfile").write_text(FILES[name])
    verdict = judge(client, tmp_path, {}, monkeypatch, image=image)
    assert isinstance(verdict.theirs, dict), verdict.theirs
    assert verdict.ours == verdict.theirs
