"""`llbfront diff`: its sides (paths, git revisions, saved graphs), its words and its exit codes."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
from collections.abc import Callable

import pytest

import llbfront
from llbfront.cli.main import main
from llbfront.client.records.record_store import RecordStore, key_of
from llbfront.inspection import record_codec
from tests.inspection import records

FIRST = "# one\nFROM alpine AS build\nENV MODE=fast\nRUN make\nCOPY . /src\nFROM scratch\nCOPY --from=build /x /x\nUSER ann\n"
COMMENT = FIRST.replace("# one", "# two\n\n# three")
CHANGED = FIRST.replace("fast", "small")
Diff = Callable[..., tuple[int, str, str]]


@pytest.fixture
def diff(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Diff:
    monkeypatch.setenv("DOCKER_DEFAULT_PLATFORM", "linux/amd64")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["diff", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def git(root: pathlib.Path, *arguments: str) -> None:
    command = ["git", "-C", str(root), "-c", "user.name=n", "-c", "user.email=n@example.com", *arguments]
    subprocess.run(command, check=True, capture_output=True)


def commit(root: pathlib.Path, name: str, files: dict[str, str | None]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).unlink() if text is None else (root / path).write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", name)
    git(root, "tag", name)


@pytest.fixture
def repository(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A repository whose directory `app` is built; the current directory is that one."""
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    commit(root, "first", {"app/Dockerfile": FIRST, "app/.dockerignore": "*.log\n", "lib/x": "", "app/other/Dockerfile": COMMENT})
    commit(root, "comment", {"app/Dockerfile": COMMENT})
    commit(root, "changed", {"app/Dockerfile": CHANGED})
    commit(root, "ignore", {"app/.dockerignore": "*.log\n*.tmp\n", "lib/.dockerignore": "y\n"})
    commit(root, "moved", {"app/Dockerfile": None, "app/build/Dockerfile": CHANGED})
    monkeypatch.chdir(root / "app")
    return root


MODE = "RUN line 4: environment MODE fast → small"
IGNORED = "[internal] load build context: ignore rules *.tmp added"
SIDES: list[tuple[tuple[str, ...], int, list[str]]] = [
    (("first:app/Dockerfile", "comment:app/Dockerfile"), 0, ["comment only: 0 of 5 ops differ"]),
    (("first:./Dockerfile", "changed:Dockerfile/../app/Dockerfile"), 4, [MODE, "1 of 5 ops differs, 3 cannot come from the cache"]),
    (
        ("first:app", "ignore:app"),
        4,
        ["RUN line 4: environment MODE fast → small", IGNORED, "2 of 5 ops differ, 3 cannot come from the cache"],
    ),
    (("first", "comment"), 0, ["comment only: 0 of 5 ops differ"]),
    (("first", "first"), 0, ["0 of 5 ops differ"]),
    (
        ("first:app/other/Dockerfile", "comment:app/Dockerfile"),
        4,
        ["[internal] load build context: ignore rules *.log added"],
    ),
    (("comment", "-f", "build/Dockerfile", "moved"), 2, []),
    (("moved", "-f", "build/Dockerfile"), 0, ["0 of 5 ops differ"]),
    (("changed:app/Dockerfile", "build/Dockerfile"), 4, ["[internal] load build context: ignore rules *.log removed"]),
    (("--target", "build", "first", "changed"), 4, ["image config: ENV MODE fast → small", MODE]),
    (("--context", ".", "first:app/other/Dockerfile", "comment:app/Dockerfile"), 0, ["0 of 5 ops differ"]),
    (("--context", "../lib", "first:app/Dockerfile", "build/Dockerfile"), 4, [MODE]),
    (("--context", ".", "other/Dockerfile", "build"), 4, [MODE, "1 of 5 ops differs, 3 cannot come from the cache"]),
    (("--context", ".", "-f", "x", "other/Dockerfile", "build"), 2, []),
    (("build:abc", "."), 2, []),
    (("build:latest", "."), 2, []),
    (("first:", "."), 2, []),
    (("first:app/nothing", "."), 2, []),
    (("HEAD", "../lib"), 2, []),
    (("nothing",), 2, []),
    (("--", "-x"), 2, []),
    (("-", "-"), 2, []),
    (("first:app/.dockerignore", "first"), 1, []),
]


@pytest.mark.parametrize(("arguments", "code", "lines"), SIDES, ids=[" ".join(arguments) for arguments, _, _ in SIDES])
@pytest.mark.usefixtures("repository")
def test_the_sides(diff: Diff, arguments: tuple[str, ...], code: int, lines: list[str]) -> None:
    status, output, errors = diff(*arguments)
    assert status == code, errors
    printed = output.splitlines()
    assert [line for line in lines if line not in printed] == []
    if code in {1, 2}:
        (message,) = [line for line in errors.splitlines() if line.startswith("llbfront: ") and "config assumed" not in line]
        assert "llbfront-revision" not in message
        assert not printed


@pytest.mark.usefixtures("repository")
def test_a_mistake_names_the_side(diff: Diff) -> None:
    pathlib.Path("Dockerfile").write_text("FROM alpine\nRUNN x\n")
    _, _, errors = diff("first:app", ".")
    assert "Dockerfile:2: unknown instruction: RUNN (did you mean RUN?; in .)" in errors


def test_named_contexts_are_those_of_the_revision(repository: pathlib.Path, diff: Diff) -> None:
    (repository / "app" / "Dockerfile").write_text("FROM scratch\nCOPY --from=lib . /\n")
    git(repository, "commit", "-q", "-a", "--allow-empty", "-m", "lib")
    commit(repository, "lib", {"app/Dockerfile": "FROM scratch\nCOPY --from=lib . /\n"})
    commit(repository, "later", {"lib/.dockerignore": "z\n"})
    status, output, errors = diff("lib", "--build-context", "lib=../lib", ".")
    assert (status, output.splitlines()[0]) == (4, "[context lib] load from client: ignore rules z added; y removed"), errors
    assert diff("HEAD", "--build-context", "lib=../lib")[0] == 0


def test_a_path_is_meant_before_a_revision(repository: pathlib.Path, diff: Diff) -> None:
    (repository / "app" / "first").write_text("FROM scratch\n")
    (repository / "app" / "Dockerfile").write_text("FROM scratch\n")
    assert diff("first", ".")[:2] == (0, "0 of 0 ops differ\n")


def test_symlinks_are_followed_at_the_revision(repository: pathlib.Path, diff: Diff) -> None:
    (repository / "app" / "Dockerfile").symlink_to("other/Dockerfile")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "link")
    assert diff("HEAD", ".")[:2] == (0, "0 of 5 ops differ\n")


@pytest.mark.parametrize("form", ["msgpack", "json", "pb"])
def test_saved_graphs(tmp_path: pathlib.Path, diff: Diff, form: str) -> None:
    saved, dockerfile = tmp_path / f"graph.{form}", tmp_path / "Dockerfile"
    dockerfile.write_text(FIRST)
    llbfront.convert(tmp_path, platform="linux/amd64").save(saved)
    assert diff(str(saved), str(tmp_path))[:2] == (0, "0 of 5 ops differ\n")
    dockerfile.write_text(CHANGED)
    assert diff(str(saved), str(tmp_path))[1].splitlines()[0] == MODE
    saved.write_bytes(saved.read_bytes()[:-9])
    status, output, _ = diff(str(saved), str(tmp_path))
    assert (status in {1, 2}, output) == (True, "")


WORDS: list[tuple[str, str, list[str]]] = [
    ("RUN a\nRUN b\n", "RUN a\nRUN new\nRUN b\n", ["RUN line 3 added: RUN new", "1 of 4 ops differs, 2 cannot come from the cache"]),
    ("RUN a\nRUN b\nRUN c\n", "RUN a\nRUN c\n", ["RUN line 3 removed: RUN b", "1 of 4 ops differs, 1 cannot come from the cache"]),
    ("RUN a\n", "RUN a\nRUN b\n", ["RUN line 3 added: RUN b", "1 of 3 ops differs, 1 cannot come from the cache"]),
    ("RUN a\nRUN b\n", "RUN a\n", ["RUN line 3 removed: RUN b", "1 of 3 ops differs"]),
    ("RUN a -x y\nRUN b\n", "RUN z\nRUN a -x n\nRUN b\n", ["RUN line 2 added: RUN z", "RUN line 3: command a -x y → a -x n"]),
    ("RUN a\n", "COPY a /\n", ["RUN line 2 removed: RUN a", "COPY line 2 added: COPY a /"]),
    ("RUN a\nRUN b\n", "RUN b\nRUN a\n", ["RUN line 3: input root FROM docker.io/library/alpine:latest → RUN b"]),
    ("COPY a /\n", "COPY --chmod=644 a /\n", ["COPY line 2: copy mode (unset) → 0644"]),
    ("RUN a\n", "RUN --network=none a\n", ["RUN line 2: network sandbox → none"]),
    ("RUN a\n", "RUN --mount=type=cache,target=/c a\n", ["RUN line 2: mount /c (unset) → cache, id //c"]),
    ("WORKDIR /a\n", "WORKDIR /b\n", ["WORKDIR line 2: mkdir path /a → /b"]),
    ("USER a\n", "USER b\n", ["image config: USER a → b", "0 of 1 ops differ; the image config differs"]),
    ("ARG A=1\n", "ARG A=2\n", ["0 of 1 ops differ; the image config differs"]),
    ("RUN a\n", "run   a\n", ["comment only: 0 of 2 ops differ"]),
    ("RUN a\n", "RUN a # c\n", ["RUN line 2: command a → a # c"]),
    (f"RUN {'x' * 200}a{'y' * 200}\n", f"RUN {'x' * 200}b{'y' * 200}\n", [f"RUN line 2: command …{'x' * 20}a{'y' * 20}… → …{'x' * 20}b{'y' * 20}…"]),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "lines"), WORDS, ids=[after[:40] for _, after, _ in WORDS])
def test_the_words(tmp_path: pathlib.Path, diff: Diff, before: str, after: str, lines: list[str]) -> None:
    (tmp_path / "a").write_text(f"FROM alpine\n{before}")
    (tmp_path / "b").write_text(f"FROM alpine\n{after}")
    status, output, _ = diff(str(tmp_path / "a"), str(tmp_path / "b"))
    printed = output.splitlines()
    assert [line for line in lines if line not in printed] == [], output
    assert status == (0 if lines[0].startswith("comment only") else 4)


def test_json(tmp_path: pathlib.Path, diff: Diff) -> None:
    (tmp_path / "a").write_text(FIRST)
    (tmp_path / "b").write_text(CHANGED)
    status, output, _ = diff("--json", str(tmp_path / "a"), str(tmp_path / "b"))
    document = json.loads(output)
    counts = {key: document[key] for key in ("schema", "is_equal", "text_change", "op_count", "differing_count", "rebuilt_count")}
    assert (status, counts) == (
        4,
        {
            "schema": "llbfront.diff/1",
            "is_equal": False,
            "text_change": "instruction",
            "op_count": 5,
            "differing_count": 1,
            "rebuilt_count": 3,
        },
    )
    (difference,) = document["differences"]
    assert (difference["kind"], difference["stage"], difference["line"]) == ("changed", "build", 4)
    assert difference["fields"] == [{"name": "environment MODE", "before": "fast", "after": "small"}]


def test_different_contexts_are_named(repository: pathlib.Path, diff: Diff) -> None:
    _, _, errors = diff("other/Dockerfile", "build/Dockerfile")
    assert "note: the ignore rules" not in errors
    (repository / "app/other/.dockerignore").write_text("*.o\n")
    _, output, errors = diff("other/Dockerfile", "build/Dockerfile")
    assert "[internal] load build context: ignore rules *.o removed" in output
    assert f"come from the contexts {repository}/app/other and {repository}/app/build; --context DIR compares" in errors
    assert "ignore rules" not in diff("--context", ".", "other/Dockerfile", "build/Dockerfile")[1]


@pytest.fixture
def recorded(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A project with two recorded builds, of the target `build` with a build argument, on images with configs of their own."""
    root = tmp_path / "project"
    (root / "lib").mkdir(parents=True)
    (root / "lib/file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(root)
    for number, text in enumerate((RECORDED, RECORDED.replace("make", "make all")), 1):
        (root / "Dockerfile").write_text(text)
        add_record(root, number)
    return root


RECORDED = "FROM alpine AS build\nARG MODE\nCOPY --from=lib . /lib\nRUN make\nFROM build AS last\nRUN never\n"
IMAGE = {"architecture": "amd64", "os": "linux", "config": {"Env": ["OWN=1"]}, "rootfs": {"type": "layers", "diff_ids": []}}
IMAGE_DIGEST = f"sha256:{'1' * 64}"


def add_record(root: pathlib.Path, number: int) -> None:
    """Add the record of a build, as `llbfront build --target build --build-arg MODE=fast --build-context lib=lib` does."""
    graph = llbfront.convert(
        root, platform="linux/amd64", target="build", build_args={"MODE": "fast"}, contexts={"lib": root / "lib"},
        images={"alpine": {"digest": IMAGE_DIGEST, "config": IMAGE}},
    )  # fmt: skip
    context = records.members(root, target="build")["contexts"]["context"]
    members = records.members(root) | {
        "ref": f"ref{number}",
        "started_ns": number,
        "definitions": [[graph.definition.encode(), None]],
        "config": graph.config,
        "options": {"target": "build", "build-arg:MODE": "fast", "filename": "Dockerfile", "context:lib": "local:lib"},
        "contexts": {"context": context, "lib": context | {"root": str(root / "lib")}},
        "images": [["docker.io/library/alpine:latest", IMAGE_DIGEST, json.dumps(IMAGE).encode()]],
    }
    key = key_of(members["context"], members["dockerfile"])
    RecordStore.of(os.environ).add(record_codec.pack(members), time_ns=number, key=key, ref=members["ref"])


MAKE = "RUN line 4: command make → make all"
BUILDS = [
    (("build:latest~1", "build:latest"), [MAKE]),
    (("build:ref1", "build:ref2"), [MAKE]),
    (("build:ref2", "build:ref2"), ["0 of 3 ops differ"]),
    (("build:ref1", "."), [MAKE]),
    (("build:latest", "."), ["0 of 3 ops differ"]),
    (("build:latest", "Dockerfile"), ["0 of 3 ops differ"]),
    ((".", "build:ref1"), ["RUN line 4: command make all → make"]),
    (("build:latest", "--build-arg", "MODE=small", "."), ["RUN line 4: environment MODE fast → small"]),
    (("build:latest", "--target", "last", "."), ["RUN line 6 added: RUN never"]),
]


@pytest.mark.parametrize(("arguments", "lines"), BUILDS, ids=[" ".join(arguments) for arguments, _ in BUILDS])
@pytest.mark.usefixtures("recorded")
def test_recorded_builds_are_sides(diff: Diff, arguments: tuple[str, ...], lines: list[str]) -> None:
    status, output, errors = diff(*arguments)
    assert "config assumed" not in errors
    assert (output.splitlines()[: len(lines)], status) == (lines, 0 if lines[0].startswith("0") else 4), errors


def test_a_revision_and_the_file_of_a_record_are_sides(recorded: pathlib.Path, diff: Diff) -> None:
    (file,) = (recorded.parent / "state").rglob("*ref1.build")
    assert diff(str(file), ".")[1].splitlines()[0] == MAKE
    git(recorded, "init", "-q")
    commit(recorded, "first", {"Dockerfile": RECORDED})
    assert diff("build:ref1", "first")[:2] == (0, "0 of 3 ops differ\n")
    file.write_bytes(file.read_bytes()[:-1])
    status, output, errors = diff(str(file), ".")
    assert (status, output) == (2, "")
    assert "a damaged record" in errors


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("latest~2", "there is no build latest~2 (the oldest recorded build of this Dockerfile is latest~1)"),
        ("reg1", "no build reg1 is recorded, and there is no such file (did you mean ref1?)"),
        ("ref", "several builds begin with ref"),
    ],
)
@pytest.mark.usefixtures("recorded")
def test_a_build_that_is_not_recorded(diff: Diff, name: str, words: str) -> None:
    status, _, errors = diff(f"build:{name}", ".")
    assert (status, words in errors) == (2, True), errors


PLATFORMS = "FROM scratch AS app\nARG TARGETARCH\nCOPY a /$TARGETARCH\nCOPY b /\n"


@pytest.fixture
def of_platforms(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A project with two recorded builds for two platforms."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    for number, text in enumerate((PLATFORMS, PLATFORMS.replace("COPY b", "COPY c")), 1):
        (root / "Dockerfile").write_text(text)
        graphs = [
            llbfront.convert(root, platform=f"linux/{name}", options={"multi-platform": "true"}) for name in ("amd64", "arm64")
        ]
        members = records.members(root) | {
            "ref": f"ref{number}",
            "started_ns": number,
            "definitions": [[graph.definition.encode(), None] for graph in graphs],
            "config": None,
            "options": {"platform": "linux/amd64,linux/arm64"},
        }
        key = key_of(members["context"], members["dockerfile"])
        RecordStore.of(os.environ).add(record_codec.pack(members), time_ns=number, key=key, ref=members["ref"])
    return root


@pytest.mark.parametrize("side", ["build:latest", "."])
def test_records_of_several_platforms(of_platforms: pathlib.Path, capsys: pytest.CaptureFixture[str], side: str) -> None:
    assert of_platforms.is_dir()
    assert main(["diff", "build:ref1", side]) == 4
    assert [line for line in capsys.readouterr().out.splitlines() if "COPY" in line] == [
        "COPY line 4 (linux/amd64): copy source /b → /c",
        "COPY line 4 (linux/arm64): copy source /b → /c",
    ]
    assert main(["diff", "build:latest", "."]) == 0
    assert capsys.readouterr().out == "0 of 5 ops differ\n"
    assert main(["diff", "--json", "build:ref1", side]) == 4
    differences = json.loads(capsys.readouterr().out)["differences"]
    assert [each["platform"] for each in differences if each["line"] == 4] == ["linux/amd64", "linux/arm64"]


@pytest.mark.usefixtures("of_platforms")
def test_one_platform_of_a_record_cannot_be_chosen(diff: Diff) -> None:
    status, _, errors = diff("--platform", "linux/amd64", "build:ref1", ".")
    assert status == 2
    assert "--platform cannot be used with a recorded build for several platforms (linux/amd64, linux/arm64)" in errors
