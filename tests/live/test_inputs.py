"""Frontend inputs, which are graphs in place of local directories: the engine's own frontend and our image give the same result."""

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

FILES = llb.scratch().file(llb.Mkfile("/Dockerfile", b"FROM scratch\nCOPY a.txt /b\n")).file(llb.Mkfile("/a.txt", b"input\n"))
ONLY_FILES = llb.scratch().file(llb.Mkfile("/a.txt", b"other input\n"))


@pytest.mark.parametrize(
    ("inputs", "options", "expected"),
    [
        ({"context": FILES, "dockerfile": FILES}, {}, b"input\n"),
        ({"context": ONLY_FILES, "dockerfile": FILES}, {}, b"other input\n"),
        ({"context": ONLY_FILES}, {}, b"other input\n"),  # the Dockerfile is the local one
        (
            {"dockerfile": FILES},
            {"dockerfilekey": "dockerfile"},
            b"local\n",
        ),  # `dockerfilekey` names the input that has the Dockerfile only
        ({"lib": ONLY_FILES}, {"context:stage": "input:lib"}, b"other input\n"),
    ],
)
def test_inputs_replace_local_directories(
    engine: Engine,
    image: str,  # noqa: F811
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    inputs: dict[str, llb.State],
    options: dict[str, str],
    expected: bytes,
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch AS stage\nCOPY a.txt /\nFROM scratch\nCOPY --from=stage a.txt /b\n")
    (tmp_path / "a.txt").write_text("local\n")
    results: list[tuple[bytes, list[str]]] = []

    def compare_frontends(run: FrontendRun) -> None:
        bridge = LLBBridge.connect(run.channel, options=run.options, session_id=run.session_id, metadata=build_metadata(run.ref))
        definitions = {name: llb.marshal(state, caps=bridge.llb_caps) for name, state in inputs.items()}
        for name, own in (("dockerfile.v0", {}), ("gateway.v0", {"source": image})):
            returned = bridge.solve_frontend(name, {**run.options, **options, **own}, definitions)
            assert returned.ref is not None
            graph = Graph.load(returned.ref.definition.SerializeToString())  # type: ignore[attr-defined]  # references of this bridge have it
            results.append((returned.ref.read_file("/b", limit=100), [node.digest for node in graph.nodes]))
        end = LlbfrontError("compared")
        bridge.ask(LLBBridgeMethods.Return, encode_error(end))
        raise end

    monkeypatch.setattr(FrontendRun, "run", compare_frontends)
    with llbfront.connect(engine.address) as client, pytest.raises(LlbfrontError, match="compared"):
        client.build(tmp_path)
    theirs, ours = results
    assert theirs[0] == expected
    assert ours == theirs
