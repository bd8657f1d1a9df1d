"""Outputs that would replace an input, and values that no command can use: one line, and every file stays as it is."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import pytest

from llbfront.cli.main import main

NINES = "9" * 5000
CASES = {
    "llb --write-images Dockerfile .": (2, "--write-images would replace a file that is read: Dockerfile"),
    "llb --write-images link .": (2, "--write-images would replace a file that is read: link"),
    "graph --write-images .dockerignore .": (2, "--write-images would replace a file that is read"),
    "llb --write-images out.json -o out.json .": (2, "--write-images and --output cannot both be written to out.json"),
    "inputs --write-images d --depfile d .": (2, "--write-images and --depfile cannot both be written to d"),
    "diff --write-images other . other": (2, "--write-images would replace a file that is read: other"),
    "inputs --depfile a .": (2, "--depfile would replace a file that a step reads: a"),
    "bake --metadata-file docker-bake.json": (2, "--metadata-file would replace a definition: docker-bake.json"),
    "bake --var-file vars --metadata-file vars": (2, "--metadata-file would replace a definition: vars"),
    "bake --metadata-file a": (2, "--metadata-file would replace a file of the build context: a"),
    "bake --set *.output=type=tar,dest=x --metadata-file x": (2, "cannot both be written to x"),
    "solve --frontend f --metadata-file x --ref-file x": (2, "--metadata-file and --ref-file cannot both be written to x"),
    "solve --frontend f --trace link --ref-file Dockerfile": (2, "--ref-file and --trace cannot both be written to link"),
    "solve --frontend f -o type=tar,dest=x --trace x": (2, "the tar output and --trace cannot both be written to x"),
    "solve --frontend f --secret id=a,src=a --trace a": (2, "--trace would replace the secret a: a"),
    "solve --frontend f --local context=. --trace Dockerfile": (2, "--trace would replace the Dockerfile: Dockerfile"),
    "solve --frontend f --local context=. --metadata-file a": (2, "--metadata-file would replace a file of the build context: a"),
    "solve --frontend f --local context=. --ref-file a": (2, "--ref-file would replace a file of the build context: a"),
    "solve --frontend f --local context=. --ref-file word": (2, "--ref-file would replace a file of the build context: word"),
    "solve --frontend f --ref-file new --addr tcp://127.0.0.1:1": (3, "127.0.0.1:1"),
    "solve --frontend f --local context=none": (2, "cannot read the local source context none: no such directory"),
    "solve --frontend f --oci-layout a=.": (2, "cannot read the OCI layout"),
    "solve --frontend f --progress x": (2, "invalid progress mode 'x'"),
    "lock -o Dockerfile .": (2, "source policy Dockerfile"),
    "lock -o none/x .": (1, "cannot write none/x: there is no directory"),
    "trace -o none/x": (1, "cannot write none/x: there is no directory"),
    "why --list .": (2, "--list lists all builds that are recorded"),
    "why --list --against x": (2, "--list lists all builds that are recorded"),
    f"why --build latest~{NINES}": (2, "no build latest~999"),
    f"stages --require {NINES} .": (2, "there is no stage 999"),
    "doctor --timeout nan": (2, "--timeout takes a number of seconds above 0 and up to 3600, not nan"),
    "doctor --timeout -1": (2, "not -1"),
    "doctor --timeout 1e999": (2, "not inf"),
    f"bake --jobs {NINES}": (2, "is not a number of jobs"),
    "engine logs -n -1": (2, "--lines takes a number from 0, not -1"),
    "layers empty.tar": (2, "cannot read empty.tar: it is not a tar"),
    "layers Dockerfile": (2, "cannot read Dockerfile: it is not a tar"),
}
FILES = {
    "Dockerfile": "FROM scratch\nCOPY a /\n",
    ".dockerignore": "x\n",
    "a": "not the result of a build",
    "other": "FROM scratch\n",
    "vars": "A=1\n",
    "docker-bake.json": '{"target": {"default": {}}}',
    "empty.tar": "",
    "word": "1.2.3\n",
}


@pytest.fixture
def run(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[int, str]]:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "link").symlink_to("Dockerfile")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("BUILDKIT_HOST", f"unix://{tmp_path}/nowhere.sock")

    def run(line: str) -> tuple[int, str]:
        code = main(line.split())
        return code, capsys.readouterr().err

    return run


@pytest.mark.parametrize("line", CASES, ids=lambda line: line[:60])
def test_it_is_refused(run: Callable[[str], tuple[int, str]], line: str, tmp_path: pathlib.Path) -> None:
    code, message = CASES[line]
    actual, error = run(line)
    assert (actual, message in error) == (code, True), error
    assert {name: (tmp_path / name).read_text() for name in FILES} == FILES
    assert (tmp_path / "link").is_symlink()


def test_a_metadata_file_of_before_is_removed_when_nothing_is_built(
    run: Callable[[str], tuple[int, str]], tmp_path: pathlib.Path
) -> None:
    for line in ("bake --metadata-file old", "solve --frontend f --metadata-file old", "solve --frontend f --ref-file old"):
        (tmp_path / "old").write_text('{"containerimage.digest": "sha256:0"}')
        assert run(line)[0] == 3
        assert not (tmp_path / "old").exists()


@pytest.mark.parametrize(
    ("flag", "text"),
    [("--ref-file", "r1p8eec3eyu7y7y01a510qptg"), ("--ref-file", ""), ("--metadata-file", '{"llbfront.build.ref": "x"}')],
)
def test_results_of_an_earlier_solve_in_a_local_directory_are_removed(
    run: Callable[[str], tuple[int, str]], tmp_path: pathlib.Path, flag: str, text: str
) -> None:
    (tmp_path / "old").write_text(text)
    assert run(f"solve --frontend f --local context=. {flag} old")[0] == 3
    assert not (tmp_path / "old").exists()


def test_a_dependency_file_is_replaced_by_the_next_one(run: Callable[[str], tuple[int, str]], tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    for _ in range(2):
        assert run("inputs --depfile image.d .")[0] == 0
    assert (tmp_path / "image.d").read_text().startswith("image: \\\n")
