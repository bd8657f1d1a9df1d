"""A build reads and checks its local input before it asks the engine for anything."""

from __future__ import annotations

import os
import pathlib
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from llbfront import llb
from llbfront.client.prepared_build import prepare
from llbfront.errors import ContextError, ExportError, InvalidValue, LlbfrontError, OptionError
from tests import fake_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fake_engine import FakeEngine

BAD: dict[str, tuple[dict[str, Any], type[LlbfrontError]]] = {
    "context": ({"context": "none"}, ContextError),
    "Dockerfile": ({"file": "none"}, ContextError),
    "platform": ({"platforms": "foo"}, InvalidValue),
    "one of several platforms": ({"platforms": ["linux/amd64", "foo"]}, InvalidValue),
    "named context": ({"build_contexts": {"a": "none"}}, ContextError),
    "graph that reads another directory": ({"build_contexts": {"a": llb.local("other")}}, ContextError),
    "source policy": ({"source_policy": "none"}, ContextError),
    "secret": ({"secrets": "id=a,src=none"}, ContextError),
    "agent": ({"ssh": {"a": "none"}}, InvalidValue),
    "file in no directory": ({"output": "type=tar,dest=none/a.tar"}, ExportError),
    "directory in a file": ({"output": "Dockerfile/a"}, ExportError),
    "cache in a file": ({"cache_to": "type=local,dest=Dockerfile/a"}, ExportError),
    "attested docker archive": ({"sbom": True, "output": "type=docker,dest=a.tar"}, OptionError),
    "output over the Dockerfile": ({"output": "type=tar,dest=Dockerfile"}, OptionError),
    "frontend": ({"frontend": "none.py"}, LlbfrontError),
}


@pytest.fixture
def engine(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    monkeypatch.chdir(tmp_path)
    with fake_engine.serve(tmp_path) as engine:
        yield engine


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_before_the_solve(engine: FakeEngine, case: str) -> None:
    arguments, kind = BAD[case]
    with llbfront.connect(engine.address) as client, pytest.raises(kind):
        client.build(**arguments)
    assert engine.solves == 0


@pytest.mark.parametrize("output", ["Dockerfile", "type=tar,dest=none/a.tar"])
def test_outputs_of_a_graph_are_checked_before_the_solve(engine: FakeEngine, output: str) -> None:
    with llbfront.connect(engine.address) as client, pytest.raises(ExportError):
        client.solve(llb.scratch(), output=output)
    assert engine.solves == 0


def test_temporary_files_are_removed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    with prepare(llbfront.BuildRequest(context=str(tmp_path), file=b"FROM scratch\n"), {}) as prepared:
        assert os.listdir(tmp_path / "temporary")
    assert os.listdir(tmp_path / "temporary") == []
    assert prepared.inputs.dockerfile == "Dockerfile"
    with pytest.raises(OptionError, match="UTF-8"):
        prepare(llbfront.BuildRequest(context=str(tmp_path), file=b"FROM scratch\n", build_args={"A": "\udcff"}), {})
    assert os.listdir(tmp_path / "temporary") == []
