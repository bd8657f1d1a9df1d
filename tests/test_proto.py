"""The generated messages are those of proto/, and nothing else."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent


def test_regenerating_changes_nothing(tmp_path: pathlib.Path) -> None:
    subprocess.run([sys.executable, ROOT / "proto" / "generate.py", tmp_path], check=True)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_text() for path in (ROOT / "llbfront/pb").glob("*.py*") if path.name != "__init__.py"}
    assert made == committed
