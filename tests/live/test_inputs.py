"""Inputs that one frontend gives to another: graphs instead of directories, through the engine's own frontend and through the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront import llb
from llbfront.client.solve.frontend_run import FrontendRun, build_metadata
from llbfront.errors import LlbfrontError
from llbfront.frontend.errors import encode_error
from llbfront.frontend.gateway import LLBBridge
from llbfront.inspection.graph import Graph
from llbfront.rpc.services.gateway import LLBBridgeMethods
from tests.live.test_image import image  # noqa: F401  (a fixture)

if TYPE_CHECKING:
    import pathlib

    from tests.live.conftest import Engine

FILES = (
    llb.scratch().file(llb.Mkfile("/Dockerfile", b"FROM scratch\nCOPY a.txt /b\n")).file(llb.Mkfile("/a.txt", b"of the input\n"))
)
ONLY_FILES = llb.scratch().file(llb.Mkfile("/a.txt", b"of another\n"))


@pytest.mark.parametrize(
    ("inputs", "options", "expected"),
    [
        ({"context": FILES, "dockerfile": FILES}, {}, b"of the input\n"),
        ({"context": ONLY_FILES, "dockerfile": FILES}, {}, b"of another\n"),
        ({"context": ONLY_FILES}, {}, b"of another\n"),  # the Dockerfile is the local one
        ({"dockerfile": FILES}, {"dockerfilekey": "dockerfile"}, b"here\n"),  # and so it is where it is asked for
        ({"lib": ONLY_FILES}, {"context:stage": "input:lib"}, b"of another\n"),
    ],
)
def test_inputs_stand_for_directories(
    engine: Engine,
    image: str,  # noqa: F811
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    inputs: dict[str, llb.State],
    options: dict[str, str],
    expected: bytes,
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch AS stage\nCOPY a.txt /\nFROM scratch\nCOPY --from=stage a.txt /b\n")
    (tmp_path / "a.txt").write_text("here\n")
    results: list[tuple[bytes, list[str]]] = []

    def compare_frontends(run: FrontendRun) -> None:
        bridge = LLBBridge.connect(run.channel, options=run.options, session_id=run.session_id, metadata=build_metadata(run.ref))
        definitions = {name: llb.marshal(state, caps=bridge.llb_caps) for name, state in inputs.items()}
        for name, own in (("dockerfile.v0", {}), ("gateway.v0", {"source": image})):
            returned = bridge.solve_frontend(name, {**run.options, **options, **own}, definitions)
            assert returned.ref is not None
            graph = Graph.load(returned.ref.definition.SerializeToString())  # type: ignore[attr-defined]  # this bridge gives it
            results.append((returned.ref.read_file("/b", limit=100), [node.digest for node in graph.nodes]))
        verdict = LlbfrontError("judged")
        bridge.ask(LLBBridgeMethods.Return, encode_error(verdict))
        raise verdict

    monkeypatch.setattr(FrontendRun, "run", compare_frontends)
    with llbfront.connect(engine.address) as client, pytest.raises(LlbfrontError, match="judged"):
        client.build(tmp_path)
    theirs, ours = results
    assert theirs[0] == expected
    assert ours == theirs
