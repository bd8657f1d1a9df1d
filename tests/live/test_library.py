"""The library against an engine: graphs that are solved, inputs from memory, and the graph that a build returns."""

from __future__ import annotations

import asyncio
import gzip
import io
import pathlib
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from llbfront import aio, llb
from llbfront.errors import ContextError, OptionError, SolveError
from llbfront.inspection.compare import compare_graphs
from tests.support.archives import tar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.live.conftest import Engine as Address

COPY = "FROM scratch\nCOPY . /\n"


@pytest.fixture
def connected(engine: Address) -> Iterator[llbfront.Engine]:
    with llbfront.connect(engine.address) as connection:
        yield connection


@pytest.fixture
def context(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text(COPY)
    (folder / "file").write_text("first\n")
    return folder


TAR = tar({"Dockerfile": COPY.encode(), "file": b"from the tar\n"})


def test_a_converted_graph_is_solved_with_the_files_of_today(
    connected: llbfront.Engine, context: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    graph = llbfront.convert(context)
    for text in ("first\n", "second\n"):
        (context / "file").write_text(text)
        connected.solve(graph, locals={"context": context}, output=tmp_path / "out")
        assert (tmp_path / "out" / "file").read_text() == text


def test_a_loaded_graph_is_solved(connected: llbfront.Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    llbfront.convert(context).save(tmp_path / "graph.pb")
    connected.solve(llbfront.Graph.load(tmp_path / "graph.pb"), locals={"context": context}, output=tmp_path / "out")
    assert (tmp_path / "out" / "file").read_text() == "first\n"


def test_an_image_of_a_graph_has_its_config(connected: llbfront.Engine, tmp_path: pathlib.Path) -> None:
    graph = llbfront.convert('FROM scratch\nWORKDIR /w\nCMD ["/run"]\n')
    result = connected.solve(graph, output={"type": "oci", "dest": tmp_path / "image.tar"})
    assert result.config_digest
    with tarfile.open(tmp_path / "image.tar") as tar:
        config = tar.extractfile(f"blobs/{result.config_digest.replace(':', '/')}")
        assert config is not None
        assert b'"Cmd":["/run"]' in config.read()


def test_a_frontend_that_lacks_a_directory_has_a_hint(connected: llbfront.Engine, context: pathlib.Path) -> None:
    with pytest.raises(SolveError, match=r"no access allowed to dir 'context'.*pass locals=\{\"NAME\": DIRECTORY\}"):
        connected.solve_frontend("dockerfile.v0", locals={"dockerfile": context})


@pytest.mark.parametrize(
    ("directories", "hint"), [({}, 'pass locals={"sources": DIRECTORY}'), ({"source": "."}, "did you mean source?")]
)
def test_a_missing_directory_is_refused_before_the_engine_is_asked(
    connected: llbfront.Engine, directories: dict[str, str], hint: str
) -> None:
    graph = llb.scratch().file(llb.Copy(llb.local("sources"), "/a", "/a"))
    with pytest.raises(ContextError) as caught:
        connected.solve(graph, locals=directories)
    assert str(caught.value) == f"the graph needs the local directory sources ({hint})"


@pytest.mark.parametrize(
    "form", [TAR, io.BytesIO(TAR), gzip.compress(TAR), io.BytesIO(gzip.compress(TAR))], ids=["bytes", "file", "gzip", "gzip file"]
)
def test_a_context_in_memory(connected: llbfront.Engine, form: Any, tmp_path: pathlib.Path) -> None:
    connected.build(form, output=tmp_path / "out")
    assert (tmp_path / "out" / "file").read_text() == "from the tar\n"
    if isinstance(form, io.BytesIO):
        assert not form.closed


def test_a_context_in_memory_with_a_dockerfile_of_its_own(connected: llbfront.Engine, tmp_path: pathlib.Path) -> None:
    connected.build(TAR, file="FROM scratch\nCOPY file /other\n", output=tmp_path / "out")
    assert (tmp_path / "out" / "other").read_text() == "from the tar\n"
    with pytest.raises(OptionError, match="the context is not a tar"):
        connected.build(b"FROM scratch\n", file=b"FROM scratch\n")


@pytest.mark.parametrize(
    "form", ["FROM scratch\nCOPY file /x\n", b"FROM scratch\nCOPY file /x\n", io.StringIO("FROM scratch\nCOPY file /x\n")]
)
def test_a_dockerfile_in_memory(connected: llbfront.Engine, form: Any, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    connected.build(context, file=form, output=tmp_path / "out")
    assert (tmp_path / "out" / "x").read_text() == "first\n"


def test_a_dockerfile_in_memory_without_files(connected: llbfront.Engine, tmp_path: pathlib.Path) -> None:
    connected.build(b"FROM scratch\nCOPY <<EOF /x\nhello\nEOF\n", output=tmp_path / "out")
    assert (tmp_path / "out" / "x").read_text() == "hello\n"


def test_a_secret_in_memory(connected: llbfront.Engine, tmp_path: pathlib.Path) -> None:
    file = "FROM busybox\nRUN --mount=type=secret,id=token,required cat /run/secrets/token > /got\nFROM scratch\nCOPY --from=0 /got /\n"
    for secret in ({"id": "token", "value": "hunter2"}, llbfront.SecretSource("token", value=b"hunter2")):
        connected.build(file=file, secrets=secret, output=tmp_path / "out", no_cache=True)
        assert (tmp_path / "out" / "got").read_text() == "hunter2"


def test_named_contexts_may_be_graphs_and_states(connected: llbfront.Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    state = llb.scratch().file(llb.Mkfile("/made", "by hand\n"))
    graph = llbfront.convert("FROM scratch\nCOPY <<EOF /text\nconverted\nEOF\n")
    read = llb.scratch().file(llb.Copy(llb.local("more"), "/file", "/read"))
    contexts = {"made": state, "graph": graph, "read": read, "more": context}
    file = "FROM graph\nCOPY --from=made /made /\nCOPY --from=read /read /\n"
    connected.build(context, file=file, build_contexts=contexts, output=tmp_path / "out")
    assert {path.name: path.read_text() for path in (tmp_path / "out").iterdir()} == {
        "text": "converted\n", "made": "by hand\n", "read": "first\n",
    }  # fmt: skip
    with pytest.raises(ContextError, match="needs the local directory more"):
        connected.build(context, file=file, build_contexts={"made": state, "graph": graph, "read": read})


def test_each_timing_has_its_node(connected: llbfront.Engine, context: pathlib.Path) -> None:
    file = "FROM busybox AS a\nRUN echo 1\nFROM busybox AS b\nCOPY --from=a /etc /e\nCOPY . /c\nADD --link file /f\nRUN --mount=from=a,target=/a echo 2\n"
    result = connected.build(context, file=file)
    assert result.graph is not None
    nodes = {node.digest: node for node in result.graph.nodes}
    steps = [timing for timing in result.timings if not timing.name.startswith("[internal] load metadata")]
    assert len(steps) >= 6
    assert [timing.name for timing in steps if timing.digest not in nodes] == []
    assert {nodes[timing.digest].lines for timing in steps if "RUN" in timing.name} == {"Dockerfile:2", "Dockerfile:7"}


def test_the_graph_of_a_build_is_that_of_its_conversion(connected: llbfront.Engine, context: pathlib.Path) -> None:
    (context / "Dockerfile").write_text("FROM scratch\nCOPY . /\nUSER ann\n")
    built, converted = connected.build(context).graph, llbfront.convert(context)
    assert built is not None
    assert built.image == converted.image
    assert compare_graphs(built, converted) == ()
    assert str(built.with_runs(())) == str(converted)


def test_timings_of_several_platforms_have_their_nodes(connected: llbfront.Engine) -> None:
    result = connected.build(
        file="FROM scratch\nWORKDIR /a\nARG TARGETARCH\nCOPY <<EOF /$TARGETARCH\nEOF\n", platforms="linux/amd64,linux/arm64"
    )
    assert result.graph is not None
    assert {timing.digest for timing in result.timings} <= {node.digest for node in result.graph.nodes}


def test_timings_of_a_solved_graph_have_their_nodes(connected: llbfront.Engine, context: pathlib.Path) -> None:
    result = connected.solve(llbfront.convert(context), locals={"context": context})
    assert result.graph is not None
    assert {timing.digest for timing in result.timings} <= {node.digest for node in result.graph.nodes}
    assert result.timings


def test_a_frontend_may_be_a_function_or_a_file(connected: llbfront.Engine, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    source = 'def frontend(build):\n    return "FROM scratch\\nCOPY file /by-frontend\\n"\n'
    (tmp_path / "mine.py").write_text(source)
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    for number, frontend in enumerate((namespace["frontend"], str(tmp_path / "mine.py"), tmp_path / "mine.py")):
        connected.build(context, frontend=frontend, output=tmp_path / str(number))
        assert (tmp_path / str(number) / "by-frontend").exists()
    with pytest.raises(OptionError, match="frontend takes a function or the path of a Python file"):
        connected.build(context, frontend=3)  # type: ignore[arg-type]


def test_the_same_with_asyncio(engine: Address, context: pathlib.Path, tmp_path: pathlib.Path) -> None:
    async def build() -> None:
        async with aio.connect(engine.address) as connection:
            await connection.build(context, output={"type": "local", "dest": tmp_path / "built"}, build_args={"A": 1}, tags="app")
            await connection.solve(llbfront.convert(context), locals={"context": context}, output=tmp_path / "solved")
            with pytest.raises(OptionError, match="tags takes a string or a list of strings"):
                await connection.build(context, tags=1)  # type: ignore[arg-type]

    asyncio.run(build())
    assert (tmp_path / "built" / "file").exists()
    assert (tmp_path / "solved" / "file").exists()


def test_a_command_for_the_shell(connected: llbfront.Engine, tmp_path: pathlib.Path) -> None:
    run = llb.image("busybox").run("echo $((1 + 1)) > /out/two", mounts=llb.Scratch("/out"))
    connected.solve(run.mount("/out"), output=tmp_path / "out")
    assert (tmp_path / "out" / "two").read_text() == "2\n"
