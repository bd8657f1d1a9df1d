"""The files that are listed for the steps of a build, judged by an engine: what it asks for, and what makes a step run again."""

from __future__ import annotations

import os
import pathlib
import re
from typing import TYPE_CHECKING

import attrs
import pytest

import llbfront
from llbfront.fsutil.diffcopy import Sender

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llbfront.client.engine import Engine
    from llbfront.inspection.formats import Graph
    from llbfront.inspection.inputs import Inputs, StepInputs
    from llbfront.progress.events import StatusEvent, Vertex
    from tests.live.conftest import Engine as Running

STEP = re.compile(r"\[.*\d+/\d+\] (LINK )?(COPY|ADD|RUN) ")
FILES: Mapping[str, str] = {
    "a.txt": "a",
    "b.txt": "b",
    "notes.md": "notes",
    "empty": "",
    "spaced name.txt": "spaced",
    "src/main.go": "main",
    "src/util.go": "util",
    "src/doc.md": "doc",
    "src/deep/er/x.c": "x",
    "src/deep/er/y.h": "y",
    "src-other/z": "z",
    "lib/one/l.so": "1",
    "lib/two/l.so": "2",
    "assets/logo.png": "png",
    "assets/style.css": "css",
    ".env": "SECRET=1",
    "build.log": "log",
    "target/out.o": "o",
    "target/keep.me": "keep",
}
LINKS: Mapping[str, str] = {
    "to-file": "src/main.go",
    "to-dir": "src/deep",
    "abs": "/src/util.go",
    "chain": "to-dir",
    "src/up": "../a.txt",
    "lib/latest": "two",
    "dangling": "nowhere",
}


@attrs.frozen
class Case:
    """A Dockerfile with an ignore file; `assets` is a named context, too."""

    dockerfile: str
    ignore: str = ""


def copy(*lines: str, ignore: str = "") -> Case:
    return Case("FROM scratch\n" + "".join(f"{line}\n" for line in lines), ignore)


CASES: Mapping[str, Case] = {
    "everything": copy("COPY . /"),
    "a file": copy("COPY a.txt /"),
    "several files": copy("COPY a.txt b.txt /d/"),
    "a directory": copy("COPY src /src"),
    "a directory with a slash": copy("COPY src/ /src/"),
    "a file by a variable": copy("ARG F=a.txt", "COPY $F /"),
    "a name with a space": copy('COPY ["spaced name.txt", "/"]'),
    "an empty file": copy("COPY empty /"),
    "dots in a path": copy("COPY ./src/../a.txt /"),
    "a path out of the context": copy("COPY ../../a.txt /"),
    "a wildcard": copy("COPY *.txt /d/"),
    "a wildcard in a directory": copy("COPY src/*.go /d/"),
    "a wildcard of directories": copy("COPY lib/*/l.so /d/"),
    "a question mark": copy("COPY ?.txt /d/"),
    "a class": copy("COPY [ab].txt /d/"),
    "a wildcard that takes a directory": copy("COPY sr* /d/"),
    "a wildcard without a match": copy("COPY a.txt nothing* /d/"),
    "a link to a file": copy("COPY to-file /"),
    "a link to a directory": copy("COPY to-dir /d"),
    "an absolute link": copy("COPY abs /"),
    "a chain of links": copy("COPY chain /d"),
    "through a link": copy("COPY to-dir/er/x.c /"),
    "through a chain": copy("COPY chain/er/x.c /"),
    "a link that goes up": copy("COPY src/up /"),
    "a wildcard behind a link": copy("COPY to-dir/er/*.c /d/"),
    "a wildcard over links": copy("COPY to-* /d/"),
    "a link in a copied directory": copy("COPY lib /lib"),
    "parents": copy("COPY --parents src/deep/er/x.c /d/"),
    "parents of wildcards": copy("COPY --parents src/*.go lib/*/l.so /d/"),
    "parents of two stars": copy("COPY --parents **/*.so /d/"),
    "parents behind a pivot": copy("COPY --parents src/./deep/er /d/"),
    "excludes": copy("COPY --exclude=*.md src /d"),
    "excludes of everything": copy("COPY --exclude=**/*.md --exclude=lib --exclude=dangling . /d/"),
    "excludes with a wildcard": copy("COPY --exclude=b.txt *.txt /d/"),
    "excludes with parents": copy("COPY --parents --exclude=**/doc.md src /d/"),
    "excludes of a linked directory": copy("COPY --exclude=*.h to-dir/er /d/"),
    "ignored names": copy("COPY . /", ignore="*.log\n.env\n"),
    "ignored directories": copy("COPY . /", ignore="target\nlib/\n"),
    "exceptions": copy("COPY . /", ignore="*\n!src/**/*.c\n!a.txt\n"),
    "an exception in an ignored directory": copy("COPY . /", ignore="target\n!target/keep.me\n"),
    "ignored and copied by name": copy("COPY src /d", ignore="**/*.md\nsrc/deep\n"),
    "ignored behind a link": copy("COPY to-dir /d", ignore="**/*.h\n"),
    "link": copy("COPY --link src/*.go /d/", "COPY --link a.txt /e/"),
    "add": copy("ADD a.txt src /d/"),
    "two steps": copy("COPY a.txt /", "COPY src /src"),
    "chown and chmod": copy("COPY --chown=1:2 --chmod=700 a.txt src /d/"),
    "two stages": Case("FROM scratch AS one\nCOPY a.txt /\nFROM scratch AS skipped\nCOPY lib /\nFROM scratch\nCOPY --from=one /a.txt /\nCOPY b.txt /\n"),
    "a named context": copy("COPY --from=assets . /d/"),
    "a file of a named context": copy("COPY --from=assets logo.png /d/"),
    "a bind mount": Case("FROM busybox\nRUN --mount=type=bind,source=src,target=/s ls /s\n"),
    "a bind mount of everything": Case("FROM busybox\nRUN --mount=type=bind,target=/s ls /s\n", "*.log\n"),
    "a bind mount to write to": Case("FROM busybox\nRUN --mount=type=bind,source=src,target=/s,rw touch /s/new\n"),
    "a bind mount of a file": Case("FROM busybox\nRUN --mount=type=bind,source=a.txt,target=/a.txt cat /a.txt\n"),
    "a bind mount of a link": Case("FROM busybox\nRUN --mount=type=bind,source=to-dir,target=/d ls /d\n"),
    "a bind mount of a named context": Case("FROM busybox\nRUN --mount=type=bind,from=assets,source=logo.png,target=/l cat /l\n"),
    "a bind mount beside a copy": Case("FROM busybox\nCOPY b.txt /\nRUN --mount=type=bind,source=lib,target=/lib2 ls /lib2\n"),
}  # fmt: skip


@pytest.fixture
def client(engine: Running) -> Iterator[Engine]:
    with llbfront.connect(engine.address) as connected:
        yield connected


@pytest.fixture
def context(tmp_path: pathlib.Path) -> pathlib.Path:
    root = tmp_path / "context"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"{text} of {tmp_path.name}" if text else "")
    for path, target in LINKS.items():
        (root / path).symlink_to(target)
    return root


@pytest.fixture
def requested_paths(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The paths, with their directories, whose content the engine asks for."""
    paths: set[str] = set()
    ask = Sender._ask

    def record(sender: Sender, number: int) -> None:
        paths.add(os.path.join(os.fsdecode(sender._root), os.fsdecode(sender._contents.get(number, b""))))
        ask(sender, number)

    monkeypatch.setattr(Sender, "_ask", record)
    return paths


def write(context: pathlib.Path, case: Case) -> Mapping[str, pathlib.Path]:
    """Write a case; return its named contexts."""
    (context / "Dockerfile").write_text(case.dockerfile)
    if case.ignore:
        (context / ".dockerignore").write_text(case.ignore)
    return {"assets": context / "assets"}


def listed(inputs: Inputs, *, of_contexts: bool) -> set[str]:
    """The regular files of steps or of contexts, as absolute paths."""
    roots = {name: each.root for name, each in inputs.contexts.items()}
    if of_contexts:
        return {os.path.join(each.root, file.path) for each in inputs.contexts.values() for file in each.files if file.link is None}
    return {os.path.join(roots[step.context], file.path) for step in inputs.steps for file in step.files if file.link is None}


def ran(client: Engine, context: pathlib.Path, named: Mapping[str, pathlib.Path]) -> set[str]:
    """Build; return the names of the steps that the engine did not take from its cache."""
    vertexes: dict[str, Vertex] = {}

    def listen(event: StatusEvent) -> None:
        vertexes.update({vertex.digest: vertex for vertex in event.vertexes})

    client.build(context, build_contexts=named, on_event=listen)
    return {vertex.name for vertex in vertexes.values() if vertex.started_ns and not vertex.cached and STEP.match(vertex.name)}


def with_followers(graph: Graph, names: set[str]) -> set[str]:
    """Add the steps that build on steps."""
    numbers = {node.number for node in graph.nodes if node.name in names}
    for node in graph.nodes:
        if any(edge.number in numbers for edge in node.edges):
            numbers.add(node.number)
    return {graph.node(number).name for number in numbers}


@pytest.mark.parametrize("name", CASES)
def test_contexts_list_what_the_engine_asks_for(
    client: Engine, context: pathlib.Path, requested_paths: set[str], name: str
) -> None:
    named = write(context, CASES[name])
    inputs = llbfront.convert(context, contexts=named).inputs()
    client.build(context, build_contexts=named, no_cache=True)
    control = {str(context / control) for control in ("Dockerfile", ".dockerignore")}
    assert requested_paths - control == listed(inputs, of_contexts=True) - control
    assert listed(inputs, of_contexts=False) <= listed(inputs, of_contexts=True)


@pytest.mark.parametrize("name", CASES)
def test_a_step_runs_again_exactly_if_a_listed_file_changes(client: Engine, context: pathlib.Path, name: str) -> None:
    named = write(context, CASES[name])
    graph = llbfront.convert(context, contexts=named)
    inputs = graph.inputs()
    roots = {each: pathlib.Path(context_inputs.root) for each, context_inputs in inputs.contexts.items()}
    users = {path: {step.node.name for step in inputs.steps if context / path in paths_of(step, roots)} for path in FILES}
    ran(client, context, named)
    assert ran(client, context, named) == set()
    for path in sorted(path for path, steps in users.items() if steps):
        change(context, path)
        again = ran(client, context, named)
        assert users[path] <= again <= with_followers(graph, users[path]), path
    change(context, *(path for path, steps in users.items() if not steps))
    assert ran(client, context, named) == set()


def paths_of(step: StepInputs, roots: Mapping[str, pathlib.Path]) -> set[pathlib.Path]:
    """The files that are listed for a step."""
    return {roots[step.context] / file.path for file in step.files}


def change(context: pathlib.Path, *paths: str) -> None:
    """Write something new into files."""
    for path in paths:
        with open(context / path, "a") as file:
            file.write(" changed")
