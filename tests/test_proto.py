"""llbfront/pb is what `make proto` writes, and nothing else."""

import pathlib
import subprocess
import sys

import pytest

from tests.wire import samples, unknown_fields

ROOT = pathlib.Path(__file__).parent.parent


def test_regenerating_changes_nothing(tmp_path: pathlib.Path) -> None:
    subprocess.run([sys.executable, ROOT / "proto" / "generate.py", tmp_path], check=True)
    generated = {path.name: path.read_text() for path in (tmp_path / "llbfront/pb").iterdir()}
    committed = {path.name: path.read_text() for path in (ROOT / "llbfront/pb").glob("*.py*")}
    assert generated == committed


@pytest.mark.parametrize("name", sorted(samples()))
def test_recorded_messages_hold_nothing_unknown(name: str) -> None:
    messages = samples()[name]
    assert messages
    assert [unknown_fields(name, data) for data in messages] == [[]] * len(messages)


def test_an_unknown_field_would_be_found() -> None:
    assert unknown_fields("moby.buildkit.v1.StatusResponse", bytes.fromhex("0a03f80701")) == [
        "moby.buildkit.v1.StatusResponse.vertexes.127"
    ]
