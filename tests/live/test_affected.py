"""Every stage that an engine builds again after a file changed is said to be affected, over each file of five contexts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.client.request.build_request import BuildRequest
from llbfront.errors import SolveError
from llbfront.frontend.offline import Images
from llbfront.scripting import causes_by_stage, dockerfile_query

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from llbfront.client.engine import Engine as Connection
    from llbfront.progress.events import StatusEvent, Vertex
    from tests.live.conftest import Engine

STEP = re.compile(r"\[(?P<stage>\S+) +\d+/\d+\] (LINK )?(COPY|ADD|RUN) ")
FILES = (
    "a.txt",
    "b.txt",
    "notes.md",
    "src/main.go",
    "src/util.go",
    "src/doc.md",
    "src/deep/x.c",
    "lib/one/l.so",
    "lib/two/l.so",
    "out.log",
)
CONTEXTS = {
    "stages": (
        """\
FROM scratch AS one
COPY a.txt /
FROM scratch AS two
COPY src/*.go /s/
FROM scratch AS last
COPY --from=one / /one/
COPY --from=two / /two/
COPY b.txt /
""",
        "",
    ),
    "everything with rules": (
        "FROM scratch AS all\nCOPY . /\nFROM scratch AS last\nCOPY --from=all /src /src\n",
        "*.log\nlib/*\n!lib/two\n",
    ),
    "parents and excludes": (
        """\
FROM scratch AS parents
COPY --parents lib/**/*.so /l/
FROM scratch AS last
COPY --exclude=**/*.md src /src
COPY --from=parents / /p/
""",
        "",
    ),
    "mounts": (
        """\
FROM busybox AS test
RUN --mount=type=bind,source=src,target=/s ls /s
FROM busybox AS last
RUN --mount=type=bind,target=/c ls /c && touch /done
COPY --from=test /etc/passwd /p
""",
        "*.md\n",
    ),
    "links and wildcards": (
        "FROM scratch AS linked\nCOPY --link link/ /d/\nFROM linked AS last\nCOPY --link [ab].txt /t/\nCOPY l*/one /l/\n",
        "",
    ),
}


def change(path: pathlib.Path) -> None:
    path.write_text(f"{path.read_text()} changed")


def run_executable(path: pathlib.Path) -> None:
    path.chmod(0o700)


def add(path: pathlib.Path) -> None:
    path.with_name(f"new-{path.name}").write_text(str(path))


def remove(path: pathlib.Path) -> None:
    path.unlink()


EDITS: tuple[Callable[[pathlib.Path], None], ...] = (change, run_executable, add)


def build(connection: Connection, context: pathlib.Path, target: str) -> set[str]:
    """Build; return the stages with a step that the engine did not take from its cache."""
    vertexes: dict[str, Vertex] = {}

    def listen(event: StatusEvent) -> None:
        vertexes.update({vertex.digest: vertex for vertex in event.vertexes})

    connection.build(context, target=target, on_event=listen)
    ran = [STEP.match(vertex.name) for vertex in vertexes.values() if vertex.started_ns and not vertex.cached]
    return {match["stage"] for match in ran if match}


@pytest.mark.parametrize("name", CONTEXTS)
def test_no_stage_is_missed(engine: Engine, tmp_path: pathlib.Path, name: str) -> None:
    context = tmp_path / "context"
    for path in FILES:
        (context / path).parent.mkdir(parents=True, exist_ok=True)
        (context / path).write_text(f"{path} of {tmp_path.name} {name}")
    (context / "link").symlink_to("src/deep")
    dockerfile, ignore = CONTEXTS[name]
    (context / "Dockerfile").write_text(dockerfile)
    (context / ".dockerignore").write_text(ignore)
    false_alarms = 0
    with llbfront.connect(engine.address) as connection:
        build(connection, context, "last")
        assert build(connection, context, "last") == set()
        for edit in (*EDITS, remove):
            for path in FILES:
                before = set(context.rglob("*"))
                edit(context / path)
                changed = {context / path} if edit is not add else set(context.rglob("*")) - before
                query = dockerfile_query(str(context), BuildRequest(), images=Images())
                causes = causes_by_stage(query, map(str, changed))
                predicted = {stage for stage in causes if causes[stage]}
                try:
                    ran = build(connection, context, "last")
                except SolveError:  # the removed file was named; that is a change, too
                    assert predicted, path
                    (context / path).write_text(path)
                    build(connection, context, "last")
                    continue
                assert ran <= predicted, (edit.__name__, path)
                for stage in predicted - ran:  # the engine found the same content in an earlier stage
                    false_alarms += 1
                    assert stage not in {cause.stage for cause in causes[stage]}, (edit.__name__, path)
    print(f"{name}: {false_alarms} false alarms")
