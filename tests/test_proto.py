"""The generated messages are those of proto/, and nothing else."""

import pathlib
import subprocess
import sys

import pytest

from tests.wire import samples, unknown_fields

BY_HAND = {"__init__.py", "codec.py", "packing.py"}
ROOT = pathlib.Path(__file__).parent.parent


def test_regenerating_changes_nothing(tmp_path: pathlib.Path) -> None:
    subprocess.run([sys.executable, ROOT / "proto" / "generate.py", tmp_path], check=True)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_text() for path in (ROOT / "llbfront/pb").glob("*.py*") if path.name not in BY_HAND}
    assert made == committed


@pytest.mark.parametrize("name", sorted(samples()))
def test_recorded_messages_hold_nothing_unknown(name: str) -> None:
    for data in samples()[name]:
        assert unknown_fields(name, data) == []


def test_an_unknown_field_would_be_found() -> None:
    assert unknown_fields("moby.buildkit.v1.StatusResponse", bytes.fromhex("0a03f80701")) == [
        "moby.buildkit.v1.StatusResponse.vertexes.127"
    ]
