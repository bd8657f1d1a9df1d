"""Names in bake files that nothing reads: warnings with the name that is probably meant, and the same plan and exit code as without them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llbfront import bake
from llbfront.cli.main import main

ROWS = {
    # what is in the file: what is said of it
    'target "a" {\n  dockerfle = "x"\n}': "2: target a has no attribute dockerfle, which is ignored (did you mean dockerfile?)",
    'target "a" {\n  cache_from = ["x"]\n}': "2: target a has no attribute cache_from, which is ignored (did you mean cache-from?)",
    'target "a" {\n  tag = ["x"]\n}': "2: target a has no attribute tag, which is ignored (did you mean tags?)",
    'target "a" {\n  nothing_like_it = 1\n}': "2: target a has no attribute nothing_like_it, which is ignored",
    'target "a" {\n  args {\n    X = 1\n  }\n}': "2: target a has no block args, which is ignored (write args = { … })",
    'target "a" {}\ngroup "g" {\n  targets = []\n  target = ["a"]\n}': "4: group g has no attribute target, which is ignored (did you mean targets?)",
    'target "a" {}\ntargt "b" {}': "2: there is no block targt, which is ignored (did you mean target?)",
    'target "a" {}\nvariabel "b" {}': "2: there is no block variabel, which is ignored (did you mean variable?)",
    'target "a" {}\nvariable "b" {\n  defualt = 1\n}': "3: variable b has no attribute defualt, which is ignored (did you mean default?)",
    'target "a" {}\nvariable "b" {\n  validation {\n    condition = true\n  }\n}': None,
    'target "a" {\n  x-mine = 1\n  matrix = { i = ["1"] }\n  name = "a${i}"\n}\nx-all "b" {}': None,
    'target "a" {}\nfunction "f" {\n  params = []\n  result = 1\n}\nanything = 1': None,
}


@pytest.mark.parametrize("text", ROWS)
def test_names_that_nothing_reads(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docker-bake.hcl").write_text(f"{text}\n")
    assert main(["bake", "--print", "a1" if "matrix" in text else "a"]) == 0
    output = capsys.readouterr()
    json.loads(output.out)
    expected = ROWS[text]
    assert output.err == ("" if expected is None else f"llbfront: warning: docker-bake.hcl:{expected}\n")


def test_files_in_json(tmp_path: Path) -> None:
    file = tmp_path / "bake.json"
    file.write_text('{"target": {"a": {"contxt": "src"}}}')
    (unknown,) = bake.plan("a", files=str(file)).unknown
    assert (unknown.text, unknown.hint) == ("target a has no attribute contxt", "did you mean context?")


@pytest.mark.parametrize(
    ("override", "hint"),
    [("ap.tags=x", "did you mean app?"), ("appp.tags=x", "did you mean app?"), ("zzz*.tags=x", "targets are app, db")],
)
def test_an_override_of_no_target(tmp_path: Path, override: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "docker-bake.hcl"
    file.write_text('target "app" {}\ntarget "db" {}\n')
    assert main(["bake", "-f", str(file), "--print", "app", "--set", override]) == 2
    pattern = override.partition(".")[0]
    assert capsys.readouterr().err == f"llbfront: could not find any target matching '{pattern}' ({hint})\n"
