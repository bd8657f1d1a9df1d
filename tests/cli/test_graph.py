"""`llbfront graph`: the suffix decides the format; a recorded run is shown."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import stat
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.cli.graph import FORMATS, SUFFIXES
from llbfront.cli.main import main
from llbfront.client.records.record_store import RecordStore, key_of
from llbfront.errors import ExportError
from llbfront.inspection import record_codec
from llbfront.inspection.diagram.png import to_png
from tests.inspection import records

if TYPE_CHECKING:
    from collections.abc import Callable

DOCKERFILE = "FROM scratch AS unused\nCOPY b /\nFROM scratch\nCOPY Dockerfile /\n"
S = "2026-01-01T00:00:0"


@pytest.fixture
def place(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "file", "begin"),
    [
        (["-o", "g.html"], "g.html", "<!DOCTYPE html>"),
        (["-o", "g.HTM"], "g.HTM", "<!DOCTYPE html>"),
        (["-o", "g.svg"], "g.svg", "<?xml"),
        (["-o", "g.json"], "g.json", '{\n  "schema": "llbfront.graph/1"'),
        (["-o", "g.txt"], "g.txt", "#2 file"),
        (["-o", "a.b/g"], "a.b/g", "#2 file"),
        (["-o", "g.svg", "--format", "html"], "g.svg", "<!DOCTYPE html>"),
        (["-o", "g", "--json"], "g", '{\n  "schema"'),
    ],
)
def test_the_suffix_or_the_format_decides(place: pathlib.Path, words: list[str], file: str, begin: str) -> None:
    (place / "a.b").mkdir()
    assert main(["graph", *words, "."]) == 0
    assert (place / file).read_text().startswith(begin)


def test_every_format_has_a_suffix() -> None:
    assert set(SUFFIXES.values()) == set(FORMATS)


@pytest.mark.parametrize("name", ["g.yaml", "g.pgn", "g.pdf"])
def test_an_unknown_suffix_is_refused(place: pathlib.Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["graph", "-o", name, "."]) == 2
    assert f"{name} has the unknown suffix {pathlib.Path(name).suffix}" in capsys.readouterr().err
    assert not (place / name).exists()


def test_the_command_writes_what_the_library_returns(place: pathlib.Path) -> None:
    assert main(["graph", "--all", "-o", "g.html", "."]) == 0
    assert (place / "g.html").read_text() == llbfront.convert(".").to_html(with_unused=True)
    assert "unused (not built)" in (place / "g.html").read_text()


def test_a_saved_graph_is_drawn(place: pathlib.Path) -> None:
    llbfront.convert(".").save("g.msgpack")
    assert main(["graph", "-o", "g.svg", "g.msgpack"]) == 0
    assert "COPY Dockerfile /" in (place / "g.svg").read_text()


@pytest.mark.parametrize("command", ["graph", "llb"])
@pytest.mark.parametrize(
    ("words", "flags"),
    [
        ("--target unused", "--target"),
        ("--build-arg A=1 --platform linux/arm64", "--build-arg, --platform"),
        ("--build-context base=.", "--build-context"),
        ("--images registry", "--images"),
        ("--strict", "--strict"),
        ("--write-images images.json", "--write-images"),
    ],
)
def test_a_saved_graph_cannot_be_changed(
    place: pathlib.Path, capsys: pytest.CaptureFixture[str], command: str, words: str, flags: str
) -> None:
    llbfront.convert(".").save("g.msgpack")
    assert main([command, *words.split(), "g.msgpack"]) == 2
    hint = "use the option when you save it"
    assert capsys.readouterr().err == f"llbfront: {flags} cannot change a saved graph: g.msgpack ({hint})\n"
    assert not (place / "images.json").exists()


def vertex(name: str, start: int, end: int, **more: object) -> str:
    times = {"started": f"{S}{start}Z", "completed": f"{S}{end}Z"}
    return json.dumps({"vertexes": [{"digest": f"sha256:{name}", "name": name, **times, **more}]})


def test_a_run_is_shown(place: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = vertex("[stage-1 1/1] COPY Dockerfile /", 3, 5)
    (place / "run.json").write_text(f"a message\n{vertex('[internal] load build context', 1, 2)}\n{copy}\n")
    assert main(["graph", "--run", "run.json", "--json", "."]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [node["run"]["duration_ns"] for node in document["nodes"]] == [10**9, 2 * 10**9]
    assert document["critical_path"] == [1, 2]
    assert main(["graph", "--run", "run.json", "."]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("2.0s")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no progress"),
        ("FROM x\n", "holds no progress"),
        ("{\n", "line 1 is not a status event"),
        ('{"vertexes": 3}\n', "line 1 is not a status event: vertexes is not a list"),
        ('\n{"vertexes": [{"started": "x"}]}\n', "line 2 is not a status event: started is not a time"),
        ('{"statuses": [{"current": "1"}]}\n', "line 1 is not a status event"),
        (vertex("RUN something else", 1, 2), "is the progress of another build"),
    ],
)
def test_a_bad_run_is_refused(place: pathlib.Path, capsys: pytest.CaptureFixture[str], text: str, words: str) -> None:
    (place / "run.json").write_text(text)
    assert main(["graph", "--run", "run.json", "."]) == 2
    error = capsys.readouterr().err
    assert f"run.json {words}" in error.replace("run.json is not progress in raw JSON: ", "run.json ") and error.count("\n") == 1


def program(folder: pathlib.Path, name: str, text: str) -> Callable[[str], str | None]:
    """A function that finds this program alone."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {name: str(path)}.get


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("rsvg-convert", 'for word; do case $word in --output=*) cp "$3" "${word#--output=}";; esac; done'),
        ("chromium", 'for word; do case $word in --screenshot=*) echo png > "${word#--screenshot=}";; esac; done'),
    ],
)
def test_png_is_what_the_program_writes(tmp_path: pathlib.Path, name: str, script: str) -> None:
    assert to_png('<svg width="3" height="4"/>', which=program(tmp_path, name, script))


@pytest.mark.parametrize(("script", "words"), [("exit 3", "chromium failed"), ("exit 0", "wrote no picture")])
def test_a_program_that_fails_is_named(tmp_path: pathlib.Path, script: str, words: str) -> None:
    with pytest.raises(ExportError, match=words):
        to_png("<svg/>", which=program(tmp_path, "chromium", script))


def test_png_needs_a_program() -> None:
    with pytest.raises(ExportError, match=r"neither Chromium nor rsvg-convert is installed"):
        to_png("<svg/>", which=lambda _: None)


@pytest.mark.skipif(not (shutil.which("chromium-headless-shell") or shutil.which("chromium")), reason="Chromium is not installed")
def test_chromium_draws_a_png(place: pathlib.Path) -> None:
    assert main(["graph", "-o", "g.png", "."]) == 0
    assert (place / "g.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["Dockerfile", "link", ".dockerignore", "saved.json"])
@pytest.mark.parametrize(
    "command", [["graph", "--format", "svg", "-o"], ["llb", "--format", "json", "-o"], ["inputs", "--depfile"]]
)
def test_an_output_does_not_replace_what_is_read(
    place: pathlib.Path, capsys: pytest.CaptureFixture[str], command: list[str], name: str
) -> None:
    (place / ".dockerignore").write_text("x\n")
    (place / "link").symlink_to("Dockerfile")
    (place / "saved.json").write_text(DOCKERFILE)
    files = ["-f", "saved.json"] if name == "saved.json" else []
    before = (place / name).read_bytes()
    assert main([*command, name, *files, "."]) == 2
    assert f"{command[-1].replace('-o', '--output')} would replace a file that is read: {name}" in capsys.readouterr().err
    assert (place / name).read_bytes() == before


def test_a_recorded_build_says_why_its_steps_ran(
    place: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    for time_ns, content in enumerate((DOCKERFILE, f"{DOCKERFILE}# comment\n"), 1):
        (place / "Dockerfile").write_text(content)
        members = records.members(place) | {"ref": f"r{time_ns}", "started_ns": time_ns}
        key = key_of(members["context"], members["dockerfile"])
        RecordStore.of(os.environ).add(record_codec.pack(members), time_ns=time_ns, key=key, ref=members["ref"])
    for name in ("latest", "r2"):
        assert main(["graph", "--json", "--build", name, "."]) == 0
        nodes = {node["instruction"]: node for node in json.loads(capsys.readouterr().out)["nodes"]}
        assert nodes["COPY Dockerfile /"]["run"]["reason"] == "file-content: the content of Dockerfile changed"
        assert "reason" not in nodes["[internal] load build context"]["run"]
    assert main(["graph", "--build", "r1", "-o", "g.html", "."]) == 0
    assert "first-build: no earlier build" in (place / "g.html").read_text()


@pytest.mark.parametrize(
    "flag",
    [
        "--all",
        "--target=x",
        "--build-arg=A=b",
        "--run=x",
        "--frontend=x.py",
        "--build-context=a=.",
        "--platform=linux/arm64",
        "--images=registry",
        "--strict",
        "--write-images=x",
    ],
)
def test_a_recorded_build_takes_no_options_of_a_conversion(
    place: pathlib.Path, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["graph", "--build", "latest", flag, str(place)]) == 2
    assert f"{flag.partition('=')[0]} and --build cannot be used together" in capsys.readouterr().err


def test_a_tree_lists_stages_that_are_not_built(place: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.is_dir()
    assert main(["graph", "."]) == 0
    assert "unused" not in capsys.readouterr().out
    assert main(["graph", "--all", "."]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["not built: unused  line 1", "   COPY b /"]


SAVED_FORMS = ["g.msgpack", "g.json", "g.pb"]


@pytest.mark.parametrize("file", SAVED_FORMS)
@pytest.mark.parametrize(
    "command", [["stages"], ["inputs"], ["check"], ["targets"], ["outline"], ["affected", "--files", "Dockerfile"]]
)
def test_a_saved_graph_is_not_a_dockerfile(
    place: pathlib.Path, capsys: pytest.CaptureFixture[str], command: list[str], file: str
) -> None:
    assert main(["llb", "-o", file, "."]) == 0
    capsys.readouterr()
    assert main([*command, str(place / file)]) == 2
    assert f"{file} is a saved graph, not a Dockerfile" in capsys.readouterr().err


FRONTEND = """\
from llbfront import llb
from llbfront.kit import Build, Image


def frontend(build: Build) -> Image:
    state = build.image("busybox").state
    for number, path in enumerate(build.source.text.splitlines(), 1):
        state = state.file(llb.Copy(build.files(path), path, "/srv/"), meta=build.step(f"add {path}", build.source.at(number)))
    return Image(state)
"""


def test_a_custom_frontend_is_drawn(place: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "mine.py").write_text(FRONTEND)
    (place / "site").write_text("pages\n")
    assert main(["graph", "--frontend", "mine.py", "-f", "site", "."]) == 0
    assert "file  add pages  site:1" in capsys.readouterr().out
    assert main(["graph", "--frontend", "mine.py", "-f", "site", "-o", "g.html", "."]) == 0
    assert "add pages" in (place / "g.html").read_text()


@pytest.mark.parametrize(
    ("name", "code", "words"), [("no.py", 2, "no such file"), ("site", 2, "not a Python file"), ("bad.py", 2, "frontend")]
)
def test_a_bad_frontend_is_refused(
    place: pathlib.Path, capsys: pytest.CaptureFixture[str], name: str, code: int, words: str
) -> None:
    (place / "bad.py").write_text("")
    assert main(["graph", "--frontend", name, "."]) == code
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("form", ["svg", "html"])
def test_the_title_names_the_recorded_build(place: pathlib.Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    members = records.members(place) | {"ref": "r123456789abcdef", "started_ns": 10**18}
    key = key_of(members["context"], members["dockerfile"])
    RecordStore.of(os.environ).add(record_codec.pack(members), time_ns=1, key=key, ref=members["ref"])
    assert main(["graph", "--build", "latest", "-o", f"g.{form}", "."]) == 0
    assert (
        f"<title>Build r123456789ab of {place}, target stage-1, 2001-09-09 01:46:40 UTC</title>"
        in (place / f"g.{form}").read_text()
    )
    assert main(["graph", "-o", f"g.{form}", "."]) == 0
    assert "<title>Build graph of Dockerfile, target stage-1</title>" in (place / f"g.{form}").read_text()
