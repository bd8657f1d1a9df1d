"""What is told without an engine is what the engine's own frontend tells; what is built by hand runs there."""

from __future__ import annotations

import base64
import json
import pathlib
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from llbfront import llb, scripting
from llbfront.client.request.build_request import BuildRequest
from llbfront.client.sources import engine_images
from llbfront.client.sources.engine_images import EngineImages
from llbfront.client.sources.registry import RegistryImages
from llbfront.errors import ExecFailed, LlbfrontError
from llbfront.frontend.bridge import ImageRequest
from llbfront.frontend.offline import Images
from llbfront.oci.platform import Platform
from tests.support import bases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from llbfront.client.engine import Engine as Connection
    from llbfront.frontend.gateway import LLBBridge
    from tests.live.conftest import Engine

AMD64 = Platform("linux", "amd64")
CASES = {
    "findings": "FROM alpine as Base\nARG X\nENV a $Y\nRUN echo $X\nMAINTAINER me\nWORKDIR rel\nFROM scratch\nCOPY --from=base / /\n",
    "facts": (
        "# release builds it\nARG V=1\n# final what people run\nFROM --platform=$BUILDPLATFORM busybox AS final\n"
        "# V which one\nARG V\nARG OTHER=$V\nRUN --mount=type=secret,id=k,required --mount=type=ssh echo $V $OTHER\n"
    ),
    "stages": "FROM alpine AS one\nFROM one AS two\n# three the third\nFROM --platform=linux/arm64 busybox AS three\nFROM two\n",
    "skipped": "# check=skip=JSONArgsRecommended\nFROM alpine\nCMD echo\nENV a b\n",
    "an error": "FROM alpine\nENV a b\nCOPY --from=nobody / /\nRUN --mount=x y\n",
    "a syntax error": "FROM alpine\nRUNN x\n",
}


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with llbfront.connect(engine.address) as connected:
        yield connected


def subrequest(connection: Connection, dockerfile: str, name: str) -> Mapping[str, str]:
    """What the frontend built into the engine answers."""
    files = llb.marshal(llb.scratch().file(llb.Mkfile("/Dockerfile", dockerfile.encode())))

    def ask_there(bridge: LLBBridge) -> Mapping[str, bytes]:
        return bridge.solve_frontend("dockerfile.v0", {"requestid": name}, {"context": files, "dockerfile": files}).metadata

    return {key: value.decode() for key, value in engine_images.query(connection.channel, ask_there).items()}


def answered(ask: Callable[[], Mapping[str, str]]) -> dict[str, Any] | str:
    """An answer, or the message of the error in its place."""
    try:
        return dict(ask())
    except LlbfrontError as error:
        return error.message


@pytest.mark.parametrize("question", ["lint", "outline", "targets"])
@pytest.mark.parametrize("case", CASES)
def test_answers_are_those_of_the_engine(connection: Connection, case: str, question: str) -> None:
    images = Images([EngineImages(connection.channel)], is_strict=True)
    query = scripting.dockerfile_query(CASES[case].encode(), BuildRequest(), images=images)
    name = f"frontend.{question}"
    ours, theirs = answered(lambda: query.ask(name)), answered(lambda: subrequest(connection, CASES[case], name))
    if isinstance(ours, str) or isinstance(theirs, str):
        assert isinstance(ours, str) and isinstance(theirs, str) and ours in theirs
        return
    for each in (ours, theirs):  # how the file came is of no interest here: a source holds the definition that brought it
        document = json.loads(each.pop("result.json"))
        for source in document.get("sources") or ():
            if isinstance(source, dict):
                source.pop("definition", None)
        each["json"] = document
    assert ours == theirs


def test_a_graph_is_that_of_the_engine(connection: Connection) -> None:
    dockerfile = CASES["findings"].replace("ENV a $Y\n", "")
    theirs = llbfront.Graph.load(subrequest(connection, dockerfile, "frontend.convertllb")["result.json"].encode())
    ours = llbfront.convert(dockerfile, images=EngineImages(connection.channel), strict=True)
    assert [node.digest for node in ours.nodes] == [node.digest for node in theirs.nodes]
    assert str(ours) == str(theirs)


def test_registries_tell_the_same_configs_as_the_engine(connection: Connection, base_images: tuple[Any, ...]) -> None:
    mirror = base_images[0].mirrors[0]
    for name in ("alpine", "golang"):
        request = ImageRequest(f"docker.io/library/{name}:latest", AMD64, "default", "")
        direct = ImageRequest(f"{mirror}/library/{name}:latest", AMD64, "default", "")
        (theirs,), (ours,) = EngineImages(connection.channel).find([request]), RegistryImages().find([direct])
        assert not isinstance(theirs, LlbfrontError | None)
        assert not isinstance(ours, LlbfrontError | None)
        assert (ours.digest, ours.config) == (theirs.digest, theirs.config)


@pytest.mark.parametrize("kind", ["locked_registry", "token_registry"])
def test_registries_that_want_credentials(
    connection: Connection, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, kind: str
) -> None:
    address = request.getfixturevalue(kind).address
    login = base64.b64encode(f"{bases.USER}:{bases.PASSWORD}".encode()).decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {address: {"auth": login}}}))
    (tmp_path / "Dockerfile").write_text("FROM alpine\nUSER nobody\n")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    digest = connection.build(tmp_path, tags=[f"{address}/app"], push=True).digest
    image_request = ImageRequest(f"{address}/app:latest", AMD64, "default", "")
    (image,) = RegistryImages().find([image_request])
    assert not isinstance(image, LlbfrontError | None), image
    assert image.digest == digest
    assert json.loads(image.config)["config"]["User"] == "nobody"
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "nobody"))
    (image,) = RegistryImages().find([image_request])
    if kind == "token_registry":
        assert not isinstance(image, LlbfrontError | None), image
    else:
        assert "requires authentication, and docker's config has no credentials for it" in str(image)
        assert bases.PASSWORD not in str(image)


def test_missing_images_are_reported(connection: Connection, base_images: tuple[Any, ...]) -> None:
    mirror = base_images[0].mirrors[0]
    for source in (EngineImages(connection.channel), RegistryImages()):
        (answer,) = source.find([ImageRequest(f"{mirror}/library/none:latest", AMD64, "default", "")])
        assert isinstance(answer, LlbfrontError)
        assert "not found" in str(answer)
    (answer,) = RegistryImages().find([ImageRequest("localhost:1/none:latest", AMD64, "default", "")])
    assert "http://localhost:1: connection refused" in str(answer)


def test_a_graph_made_by_hand_is_solved(connection: Connection, tmp_path: pathlib.Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "name").write_text("world")
    source = llb.local("src")
    run = llb.image("alpine").run(
        ("/bin/sh", "-c", "echo hello $(cat /src/name) > /out/greeting"),
        mounts=(llb.Bind("/src", source, readonly=True), llb.Scratch("/out")),
    )
    result = connection.solve(run.mount("/out"), locals={"src": tmp_path / "src"}, output=str(tmp_path / "out"))
    assert (tmp_path / "out" / "greeting").read_text() == "hello world\n"
    assert any("echo hello" in step.name for step in result.timings)
    again = connection.solve(llb.marshal(run.root), locals={"src": tmp_path / "src"})
    assert "containerimage.digest" not in again.response


def test_a_graph_that_fails_says_so(connection: Connection) -> None:
    with pytest.raises(ExecFailed) as caught:
        connection.solve(llb.image("alpine").run(("/bin/sh", "-c", "exit 7")).root)
    assert caught.value.exit_code == 7
