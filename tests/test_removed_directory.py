"""Relative paths in a current directory that was removed: each argument that takes a path raises one error."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator

import pytest

import llbfront
from llbfront import bake
from llbfront.errors import LlbfrontError
from tests import fake_engine

DOCKERFILE = "FROM scratch\nCOPY x /x\n"
Call = Callable[[llbfront.Engine], object]


def built(**arguments: object) -> Call:
    """Return a build of an empty context with some arguments."""
    return lambda engine: engine.build("/", file=DOCKERFILE, **arguments)  # type: ignore[arg-type]


def solved(**arguments: object) -> Call:
    return lambda engine: engine.solve_frontend("dockerfile.v0", **arguments)  # type: ignore[arg-type]


CALLS: dict[str, Call] = {
    "convert": lambda _: llbfront.convert(pathlib.Path("Dockerfile")),
    "convert: a context": lambda _: llbfront.convert("FROM scratch\nCOPY --from=c / /\n", contexts={"c": "rel"}),
    "affected_stages: the Dockerfile": lambda _: llbfront.affected_stages(pathlib.Path("Dockerfile"), "x"),
    "affected_stages: a change": lambda _: llbfront.affected_stages(DOCKERFILE, "x"),
    "ignore_rules": lambda _: llbfront.ignore_rules("."),
    "inputs": lambda _: llbfront.convert(DOCKERFILE).inputs({"context": "rel"}),
    "read_layers": lambda _: llbfront.read_layers("./rel"),
    "Graph.load": lambda _: llbfront.Graph.load("rel.json"),
    "Graph.save": lambda _: llbfront.convert(DOCKERFILE).save("rel.json"),
    "plan": lambda _: bake.plan(files="docker-bake.json"),
    "affected_targets: a file": lambda _: bake.affected_targets("/x", files="docker-bake.json"),
    "affected_targets: a change": lambda _: bake.affected_targets("x"),
    "RecordedBuilds.latest": lambda _: llbfront.RecordedBuilds({}).latest("."),
    "build: the context": lambda engine: engine.build("."),
    "build: the Dockerfile": lambda engine: engine.build("/", file="Dockerfile"),
    "build: a secret": built(secrets="id=a,src=rel"),
    "build: an SSH key": built(ssh={"default": "rel"}),
    "build: a context": built(build_contexts={"c": "rel"}),
    "build: an OCI layout": built(build_contexts={"c": "oci-layout://rel"}),
    "build: a policy": built(source_policy="rel"),
    "build: a cache to read": built(cache_from="type=local,src=rel"),
    "build: a cache to write": built(cache_to="type=local,dest=rel"),
    "build: a directory": built(output="rel"),
    "build: a tar": built(output="type=tar,dest=rel"),
    "build: an OCI archive": built(output="type=oci,dest=rel"),
    "build: an OCI layout to write": built(output="type=oci,tar=false,dest=rel"),
    "solve_frontend: a local directory": solved(locals={"context": "rel"}),
    "solve_frontend: an output": solved(output="rel"),
}


@pytest.fixture
def engine(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[llbfront.Engine]:
    gone = tmp_path / "gone"
    gone.mkdir()
    with fake_engine.serve(tmp_path) as fake, llbfront.connect(fake.address) as connected:
        monkeypatch.chdir(gone)
        gone.rmdir()
        yield connected
        assert fake.solves == 0


@pytest.mark.parametrize("name", CALLS)
def test_a_relative_path_is_one_error(name: str, engine: llbfront.Engine) -> None:
    with pytest.raises(LlbfrontError) as caught:
        CALLS[name](engine)
    assert "\n" not in str(caught.value)
    assert any(text in str(caught.value) for text in ("does not exist", "no such", "no directory", "no file"))
