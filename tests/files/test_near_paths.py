"""Paths that do not exist: the whole path that was probably meant, for every command that reads one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llbfront.cli.main import main
from llbfront.files.near_paths import near_path, near_path_hint

TREE = (
    "Dockerfile",
    "README.md",
    "src/Dockerfile",
    "src/app.py",
    "docs/guide.txt",
    "x/y",
    "bake.hcl",
    "apps/one/Dockerfile",
    "apps/two/Dockerfile",
    "apps/.x/Dockerfile",
)
ROWS = {
    "Dockerfil": "Dockerfile",
    "dockerfile": "Dockerfile",
    "readme.MD": "README.md",
    "scr": "src",
    "scr/": "src/",
    "scr/app.py": "src/app.py",
    "src/ap.py": "src/app.py",
    "./scr/app.py": "./src/app.py",
    "scr/none.py": None,  # the rest has to exist
    "src/none": None,
    "src/app.py": None,  # it exists
    "z": None,  # one letter is like any other
    "none/at/all": None,
    "a\0b": None,
    "": None,
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in TREE:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("FROM scratch\nCOPY none /\n" if name.endswith("Dockerfile") else "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BUILDKIT_HOST", raising=False)
    return tmp_path


@pytest.mark.parametrize("path", ROWS)
def test_the_nearest_path(tree: Path, path: str) -> None:
    assert near_path(path) == ROWS[path]
    assert near_path(path, str(tree)) == ROWS[path]
    if ROWS[path] is not None:
        assert near_path(f"{tree}/{path}") == f"{tree}/{ROWS[path]}"


def test_what_can_be_suggested_may_be_limited(tree: Path) -> None:
    assert tree
    assert near_path_hint("scr", is_meant=os.path.isdir) == "did you mean src?"
    assert near_path_hint("Dockerfil", is_meant=os.path.isdir) is None


NO_DIRECTORY = "cannot read the build context scr: no such directory (did you mean src?)"
NOTHING = "cannot read scr: no such file or directory (did you mean src?)"
COMMANDS = {
    **{
        f"{command} scr": NOTHING for command in ("llb", "graph", "check", "outline", "targets", "stages", "inputs", "why", "trace")
    },
    **{f"{command} scr": NO_DIRECTORY for command in ("build", "lock")},
    "diff scr .": "scr is neither a file, a directory nor a git revision (did you mean src?; give a PATH, ",
    "diff . scr": "scr is neither a file, a directory nor a git revision (did you mean src?; give a PATH, ",
    "diff docs": "(name it with --file FILE)",
    "llb x": "cannot read the Dockerfile x/Dockerfile: no such file (name it with --file FILE)",
    "build apps": "cannot read the Dockerfile apps/Dockerfile: no such file (name it with --file FILE; there is apps/one/Dockerfile, apps/two/Dockerfile)",
    "lock --check .": "cannot read the source policy source-policy.json: no such file or directory (llbfront lock writes it)",
    "ignored --context scr x": NO_DIRECTORY,
    "ignored -f Dockerfil src": "cannot read the Dockerfile Dockerfil: no such file (did you mean Dockerfile?)",
    "affected --files README.md scr": NOTHING,
    "affected --files REDME.md": "cannot read the changes REDME.md: no such file or directory (did you mean README.md?)",
    "build -f Dockerfil .": "cannot read the Dockerfile Dockerfil: no such file (did you mean Dockerfile?)",
    "llb -f docs/Dockerfil .": "cannot read the Dockerfile docs/Dockerfil: no such file",
    "build -f ap.py src": "cannot read the Dockerfile ap.py: no such file (did you mean src/app.py?)",
    "build --build-context a=scr .": "cannot read the build context a from scr: no such directory (did you mean src?)",
    "build --secret id=a,src=READM.md .": "cannot read the secret a from READM.md: no such file or directory (did you mean README.md?)",
    "build --ssh a=READM.md .": "READM.md cannot be used: no such file or directory (did you mean /",
    "bake -f bake.hc": "cannot read bake.hc: no such file or directory (did you mean bake.hcl?)",
    "check --rules src/ap.py .": "cannot read the rules src/ap.py: no such file or directory (did you mean src/app.py?)",
    "llb --images READM.md .": "cannot read the image configs READM.md: no such file or directory (did you mean README.md?)",
    "frontend image src/ap.py -t x": "cannot read the frontend src/ap.py: no such file (did you mean src/app.py?)",
    "layers ./scr": "cannot read ./scr: no such file or directory (did you mean ./src?)",
    "solve --frontend dockerfile.v0 --local context=scr": "no such directory (did you mean src?)",
}


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_names_the_path_that_was_meant(tree: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    assert tree
    assert main(line.split()) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert COMMANDS[line] in output.err
    assert output.err.startswith("llbfront: ")


def test_diff_with_one_operand_says_what_the_other_is(
    tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree / "docs")
    assert main(["diff", "../src"]) == 2
    assert "B is the current directory if it is not given: llbfront diff A B" in capsys.readouterr().err


def test_a_name_that_is_neither_a_file_nor_an_image(
    tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tree
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert main(["layers", "redme.md"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(
        "llbfront: no file or directory is called redme.md, and no image of that name can be read: https://registry-1.docker.io: "
    )
    assert said.endswith("(did you mean README.md?)\n")
    assert main(["layers", "127.0.0.1:1/app"]) == 2
    assert capsys.readouterr().err.startswith("llbfront: cannot read the image 127.0.0.1:1/app: ")
