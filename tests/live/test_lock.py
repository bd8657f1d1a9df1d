"""`llbfront lock`: what it pins is what builds read then and later, with llbfront and with buildctl."""

from __future__ import annotations

import base64
import io
import json
import os
import pathlib
import subprocess
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import attrs
import pytest

import llbfront
from llbfront import BuildRequest, llb
from llbfront.cli.main import main
from llbfront.client.sources.source_pins import source_pins
from llbfront.oci import digest
from tests.live.conformance.servers import serve
from tests.support import bases
from tests.support.json_forms import problems

if TYPE_CHECKING:
    from tests.live.conftest import Engine
    from tests.support.bases import Registry

IMAGES = ("base", "copied", "mounted", "named", "frontend", "unused")
DOCKERFILE = """\
ARG NAME=base
FROM {registry}/$NAME:1 AS first
ADD {files}/data.txt /data.txt
ADD {git}#main:sub /repository
ADD --checksum={checksum} {files}/Dockerfile /pinned
FROM {registry}/unused:1 AS skipped
FROM busybox@{busybox} AS pinned
FROM alpine
COPY --from=first /data.txt /repository /first/
COPY --from={registry}/copied:1 /content /copied
COPY --from=pinned /bin/ls /ls
COPY --from=named /content /named
RUN --mount=from={registry}/mounted:1,target=/m cp /m/content /mounted
"""


@attrs.frozen
class Place:
    """A context with sources that can be changed."""

    engine: Engine
    registry: str
    root: pathlib.Path
    servers: Mapping[str, str]

    @property
    def lock(self) -> pathlib.Path:
        return self.root / "policy.json"

    @property
    def options(self) -> tuple[str, ...]:
        return ("--build-context", f"named=docker-image://{self.registry}/named:1", str(self.root / "context"))

    def push(self, text: str) -> None:
        """Push the images anew, with other content."""
        with llbfront.connect(self.engine.address) as client:
            for name in IMAGES:
                state = llb.scratch().file(llb.Mkfile("/content", f"{name} {text}"))
                client.solve(state, tags=[f"{self.registry}/{name}:1"], push=True)

    def run(self, *arguments: str) -> int:
        return main([arguments[0], "--addr", self.engine.address, *arguments[1:]])

    def build(self, name: str, *flags: str) -> dict[str, str]:
        """Build, and return the files that sources decide about."""
        out = self.root / name
        assert self.run("build", "--progress", "none", "-o", str(out), *flags, *self.options) == 0
        return content(out)


def content(out: pathlib.Path) -> dict[str, str]:
    paths = [*sorted((out / "first").iterdir()), *(out / name for name in ("copied", "named", "mounted"))]
    return {path.name: path.read_text() for path in paths}


def git(directory: pathlib.Path, *words: str) -> str:
    command = ["git", "-c", "user.name=n", "-c", "user.email=n@example.test", *words]
    return subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def place(engine: Engine, registry: Registry, tmp_path: pathlib.Path) -> Iterator[Place]:
    with serve(tmp_path) as servers, llbfront.connect(engine.address) as client:
        here = Place(engine, registry.address, tmp_path, servers)
        here.push("1")
        (busybox,) = source_pins(client, BuildRequest(context=io.BytesIO(b"FROM busybox\n")))
        (tmp_path / "context").mkdir()
        checksum = digest.of((tmp_path / "web/Dockerfile").read_bytes())
        values = {"registry": registry.address, "files": servers["<files>"], "git": servers["<git>"], "busybox": busybox.value}
        (tmp_path / "context/Dockerfile").write_text(DOCKERFILE.format(checksum=checksum, **values))
        yield here


def change(place: Place) -> None:
    """Change the images, the repository and the file."""
    place.push("2")
    work = place.root / "git/work"
    (work / "sub/b.txt").write_text("changed\n")
    git(work, "commit", "-q", "-a", "-m", "later")
    git(work, "push", "-q", str(place.root / "git/repo.git"), "main")


def test_builds_with_the_lock_are_the_same_later(place: Place) -> None:
    before = place.build("before")
    assert place.run("lock", "-o", str(place.lock), *place.options) == 0
    change(place)
    assert place.build("policy", "--policy", str(place.lock)) == before
    assert place.build("file", "--no-cache", "--source-policy-file", str(place.lock)) == before
    context = place.root / "context"
    named = f"context:named=docker-image://{place.registry}/named:1"
    directories = [f"--local={name}={context}" for name in ("context", "dockerfile")]
    out = place.root / "buildctl"
    place.engine.buildctl(
        "build", "--frontend=dockerfile.v0", *directories, f"--opt={named}", "--no-cache", f"--source-policy-file={place.lock}", f"--output=type=local,dest={out}"
    )  # fmt: skip
    assert content(out) == before
    after = place.build("after")
    assert {name for name in before if before[name] != after[name]} == {"repository", "copied", "named", "mounted"} - {
        "repository"
    } | {"b.txt"}


def test_the_rules(place: Place) -> None:
    assert place.run("lock", "-o", str(place.lock), *place.options) == 0
    rules = {rule["selector"]["identifier"]: rule for rule in json.loads(place.lock.read_bytes())["rules"]}
    repository = place.servers["<git>"].removeprefix("git://")
    images = [f"docker-image://{place.registry}/{name}:1" for name in ("base", "copied", "mounted", "named")]
    others = [f"{place.servers['<files>']}/data.txt", f"git://{repository}#main:sub"]
    assert list(rules) == sorted([*images, *others, "docker-image://docker.io/library/alpine:latest"])
    assert all(rule["action"] == "CONVERT" and rule["selector"]["match_type"] == "EXACT" for rule in rules.values())
    assert rules[others[0]]["updates"] == {"attrs": {"http.checksum": digest.of(b"data\n")}}
    assert rules[others[1]]["updates"] == {"identifier": f"git://{repository}#{place.servers['<commit>']}:sub"}
    assert rules[images[0]]["updates"]["identifier"].startswith(f"{images[0]}@sha256:")


def test_a_check_names_what_has_changed(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    lock = ("lock", "-o", str(place.lock), *place.options)
    assert place.run(*lock) == 0
    text, status = place.lock.read_bytes(), os.stat(place.lock)
    assert place.run(*lock) == 0
    assert (place.lock.read_bytes(), os.stat(place.lock).st_mtime_ns) == (text, status.st_mtime_ns)
    assert place.run(*lock, "--check") == 0
    change(place)
    (place.root / "web/data.txt").write_text("other\n")
    dockerfile = place.root / "context/Dockerfile"
    dockerfile.write_text(
        dockerfile.read_text().replace(f"ADD {place.servers['<git>']}#main:sub /repository\n", "").replace("/repository ", "")
    )
    dockerfile.write_text(f"{dockerfile.read_text()}COPY --from={place.registry}/unused:1 /content /more\n")
    capsys.readouterr()
    assert place.run(*lock, "--check", "--json") == 4
    document = json.loads(capsys.readouterr().out)
    assert problems(document) == []
    assert all(source["lines"] for source in document["sources"] if source["state"] != "unused")
    states = {source["identifier"].rpartition("/")[2]: source["state"] for source in document["sources"]}
    assert (document["schema"], document["is_current"]) == ("llbfront.lock/1", False)
    assert {name: state for name, state in states.items() if state not in {"current", "in the Dockerfile"}} == {
        "base:1": "changed", "copied:1": "changed", "mounted:1": "changed", "named:1": "changed", "unused:1": "missing",
        "data.txt": "changed", "repo.git#main:sub": "unused",
    }  # fmt: skip
    assert place.lock.read_bytes() == text
    assert place.run(*lock) == 0
    assert place.run(*lock, "--check") == 0


def test_other_rules_are_kept(place: Place) -> None:
    deny = {"action": "DENY", "selector": {"identifier": "docker-image://docker.io/library/nothing*"}}
    place.lock.write_text(json.dumps({"version": 1, "rules": [deny]}))
    assert place.run("lock", "-o", str(place.lock), *place.options) == 0
    document = json.loads(place.lock.read_bytes())
    assert (document["version"], document["rules"][0], len(document["rules"])) == (1, deny, 8)


def test_the_image_of_the_syntax_line_is_pinned(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.root / "context/Dockerfile").write_text(f"# syntax={place.registry}/frontend:1\nFROM scratch\n")
    assert place.run("lock", "-o", "-", *place.options) == 0
    (rule,) = json.loads(capsys.readouterr().out)["rules"]
    assert rule["selector"]["identifier"] == f"docker-image://{place.registry}/frontend:1"
    assert place.run("lock", "--syntax", "builtin", "-o", "-", *place.options) == 0
    assert json.loads(capsys.readouterr().out)["rules"] == []


def test_a_policy_holds_for_the_image_of_the_syntax_line(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    name = f"{place.registry}/frontend:1"
    (place.root / "context/Dockerfile").write_text(f"# syntax={name}\nFROM scratch\n")
    selector = {"identifier": f"docker-image://{name}", "match_type": "EXACT"}
    place.lock.write_text(json.dumps({"rules": [{"action": "DENY", "selector": selector}]}))
    assert place.run("build", "--progress", "none", "--policy", str(place.lock), *place.options) == 1
    assert f'source "docker-image://{name}" denied by policy' in capsys.readouterr().err


REMOTE = "FROM scratch\nCOPY --from=there . /\n"
CONTEXTS: list[tuple[tuple[str, ...], str, str]] = [
    (("--build-context", "there={git}#main", "{context}"), REMOTE, "{git}#main"),
    (("--build-context", "there={git}#v1:sub", "{context}"), REMOTE, "{git}#v1:sub"),
    (("--build-context", "there={files}/context.tar.gz", "{context}"), REMOTE, "{files}/context.tar.gz"),
    (("{git}#main",), "", "{git}#main"),
    (("{files}/context.tar",), "", "{files}/context.tar"),
    (("-f", "{context}/Dockerfile", "{git}#side"), "FROM scratch\nCOPY side.txt /\n", "{git}#side"),
    (("--platform", "linux/amd64,linux/arm64", "--build-arg", "IMAGE={registry}/base", "{context}"), "ARG IMAGE\nFROM $IMAGE:1\n", "docker-image://{registry}/base:1"),
    (("--target", "one", "{context}"), "FROM {registry}/base:1 AS one\nFROM {registry}/unused:1\n", "docker-image://{registry}/base:1"),
    (("--build-context", "alpine=docker-image://{registry}/named:1", "{context}"), "FROM alpine\n", "docker-image://{registry}/named:1"),
    (("{context}",), "FROM {registry}/base:1 AS x\nONBUILD COPY --from={registry}/unused:1 /content /\nFROM scratch\nCOPY --from=x /content /\n", "docker-image://{registry}/base:1"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "dockerfile", "source"), CONTEXTS, ids=[source for _, _, source in CONTEXTS])
def test_contexts_platforms_and_targets(
    place: Place, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], dockerfile: str, source: str
) -> None:
    context = place.root / "context"
    values = {"registry": place.registry, "files": place.servers["<files>"], "git": place.servers["<git>"], "context": str(context)}
    (context / "Dockerfile").write_text(dockerfile.format(**values) or "FROM nothing\n")
    options = [argument.format(**values) for argument in arguments]
    assert place.run("lock", "-o", str(place.lock), *options) == 0
    (rule,) = json.loads(place.lock.read_bytes())["rules"]
    assert rule["selector"]["identifier"] == source.format(**values)
    assert place.run("build", "--progress", "none", "--no-cache", "--policy", str(place.lock), *options) == 0


def test_a_private_registry_is_asked_with_the_credentials_of_docker(
    place: Place, locked_registry: Registry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"{locked_registry.address}/private:1"
    secret = base64.b64encode(f"{bases.USER}:{bases.PASSWORD}".encode()).decode()
    (place.root / "config.json").write_text(json.dumps({"auths": {locked_registry.address: {"auth": secret}}}))
    (place.root / "context/Dockerfile").write_text(f"FROM {name}\n")
    monkeypatch.setenv("DOCKER_CONFIG", str(place.root))
    with llbfront.connect(place.engine.address) as client:
        client.solve(llb.scratch().file(llb.Mkfile("/content", "private")), tags=[name], push=True)
    assert place.run("lock", "-o", str(place.lock), *place.options) == 0
    (rule,) = json.loads(place.lock.read_bytes())["rules"]
    assert rule["selector"]["identifier"] == f"docker-image://{name}"
    assert bases.PASSWORD not in place.lock.read_text() + capsys.readouterr().err


@pytest.mark.parametrize(
    ("dockerfile", "message"),
    [
        ("FROM {registry}/nothing:1\n", "Dockerfile:1: "),
        ("FROM scratch\nADD {files}/nothing /x\n", "Dockerfile:2: "),
        ("FROM scratch\nADD {git}#nothing /x\n", "Dockerfile:2: "),
        ("FROM scratch\nADDD x y\n", "Dockerfile:2: unknown instruction: ADDD"),
    ],
)
def test_a_source_that_is_not_there(place: Place, capsys: pytest.CaptureFixture[str], dockerfile: str, message: str) -> None:
    values = {"registry": place.registry, "files": place.servers["<files>"], "git": place.servers["<git>"]}
    (place.root / "context/Dockerfile").write_text(dockerfile.format(**values))
    assert place.run("lock", "-o", str(place.lock), *place.options) == 1
    assert f"llbfront: {message}" in capsys.readouterr().err
    assert not place.lock.exists()


def test_a_lock_leaves_no_build_record(engine: Engine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Dockerfile").write_text("FROM busybox\n")
    monkeypatch.chdir(tmp_path)
    with llbfront.connect(engine.address) as client:
        before = {record.ref for record in client.history()}
        assert main(["lock", "--addr", engine.address, "."]) == 0
        assert {record.ref for record in client.history()} == before


@pytest.mark.parametrize("words", [[], ["--check"]], ids=["written", "checked"])
def test_a_build_without_sources_prints_no_empty_line(
    words: list[str], engine: Engine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    monkeypatch.chdir(tmp_path)
    assert main(["lock", "--addr", engine.address, "."]) == 0
    capsys.readouterr()
    assert main(["lock", "--addr", engine.address, *words, "."]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert "llbfront: the build has no sources to pin" in output.err


def test_a_check_that_finds_nothing_prints_no_empty_line(
    engine: Engine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM busybox\n")
    monkeypatch.chdir(tmp_path)
    assert main(["lock", "--addr", engine.address, "."]) == 0
    capsys.readouterr()
    assert main(["lock", "--addr", engine.address, "--check", "."]) == 0
    assert capsys.readouterr().out == ""
