"""A missing source of COPY, ADD or a mount: absent from the context, left out by a line of the ignore file, or meant otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from llbfront.client.inputs.contexts import Inputs
from llbfront.client.request.build_request import BuildRequest
from llbfront.client.solve_errors.missing_files import explained
from llbfront.client.solve_errors.solve_error import failure
from llbfront.client.solve_errors.solved_graphs import SolvedGraphs
from llbfront.errors import SolveError
from llbfront.frontend.offline import Images
from llbfront.llb.definition import Definition
from llbfront.progress.trace import Trace
from llbfront.scripting import dockerfile_query
from tests.client.solve_errors.test_solve_error import refused
from tests.fsutil.trees import File, Link, Node, build

TREE: dict[str, Node] = {
    "ctx/app.txt": File(),
    "ctx/sub/one.py": File(),
    "ctx/keys/key": File(),
    "ctx/kept.log": File(),
    "ctx/keep.log": File(),
    "ctx/gone": Link("nowhere"),
    "docker/Dockerfile": File(),
    "docker/start.sh": File(),
}
IGNORE = "# a comment\nkeys\n*.log\n!keep.log\n"
ABSENT = "the build context does not have it: there is no ctx/{}"
ROWS = {
    # the instruction, the path in the message: the hint
    ("COPY ap.txt /", "/ap.txt"): f"{ABSENT.format('ap.txt')}; did you mean app.txt?",
    ("ADD sub/on.py /", "/sub/on.py"): f"{ABSENT.format('sub/on.py')}; did you mean sub/one.py?",
    ("RUN --mount=source=subb/one.py,target=/a x", "/subb/one.py"): f"{ABSENT.format('subb/one.py')}; did you mean sub/one.py?",
    ("COPY other /", "/other"): ABSENT.format("other"),
    ("COPY kept.lo /", "/kept.lo"): ABSENT.format("kept.lo"),  # what is near is left out, too
    ("COPY keep.lo /", "/keep.lo"): f"{ABSENT.format('keep.lo')}; did you mean keep.log?",
    ("COPY keys/key /", "/keys/key"): ".dockerignore:2 leaves it out of the build context: keys",
    ("COPY keys /", "/keys"): ".dockerignore:2 leaves it out of the build context: keys",
    ("COPY kept.log /", "/kept.log"): ".dockerignore:3 leaves it out of the build context: *.log",
    ("COPY gone /", "/gone"): "it is a symlink to a path that the build context does not have",
    ("COPY ../x /", "/x"): f"{ABSENT.format('x')}; paths do not leave the context with ..",
    (
        "COPY start.sh /",
        "/start.sh",
    ): f"{ABSENT.format('start.sh')}; it is beside the Dockerfile, but paths are relative to the context",
    ("COPY --from=n on.py /", "/on.py"): "the context n does not have it: there is no ctx/sub/on.py; did you mean one.py?",
    ("COPY --from=alpine ap.txt /", "/ap.txt"): "it was looked for in the result of FROM docker.io/library/alpine:latest",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    build(tmp_path, TREE)
    (tmp_path / "ctx/.dockerignore").write_text(IGNORE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def converted(tree: Path, instruction: str) -> Definition:
    (tree / "docker/Dockerfile").write_text(f"FROM scratch\n{instruction}\n")
    request = BuildRequest(file=str(tree / "docker/Dockerfile"))
    return dockerfile_query(str(tree / "ctx"), request, images=Images(), contexts={"n": "ctx/sub"}).convert().definition


def inputs(tree: Path) -> Inputs:
    directories = {"context": str(tree / "ctx"), "dockerfile": str(tree / "docker"), "n": str(tree / "ctx/sub")}
    return Inputs(directories, {"filename": "Dockerfile"})


def failed(
    definition: Definition, path: str, said: str = 'failed to calculate checksum of ref a::b: "{}": not found'
) -> SolveError:
    solved = SolvedGraphs([definition])
    (reader,) = [
        digest
        for digest in definition.digests
        if (op := solved.op(digest)) and (op.file.actions or any(mount.selector for mount in op.exec.mounts))
    ]
    error = failure(refused(said.format(path), ("errdefs.Vertex", {"digest": reader})), Trace(), [definition])
    assert isinstance(error, SolveError)
    return error


@pytest.mark.parametrize(("instruction", "path"), ROWS)
def test_why_a_directory_does_not_have_a_file(tree: Path, instruction: str, path: str) -> None:
    definition = converted(tree, instruction)
    error = failed(definition, path)
    error = explained(error, [definition], inputs(tree))
    assert error.message == f'"{path}" does not exist'
    assert error.hint == ROWS[instruction, path]


def test_the_ignore_file_with_the_name_of_the_dockerfile(tree: Path) -> None:
    (tree / "docker/Dockerfile.dockerignore").write_text("\napp.txt\n")
    definition = converted(tree, "COPY app.txt /")
    error = failed(definition, "/app.txt")
    error = explained(error, [definition], inputs(tree))
    assert error.hint == "Dockerfile.dockerignore:2 leaves it out of the build context: app.txt"


def test_rules_that_were_not_sent_are_not_blamed(tree: Path) -> None:
    definition = converted(tree, "COPY keys/key /")
    (tree / "ctx/.dockerignore").write_text("keys/key\n")
    error = failed(definition, "/keys/key")
    error = explained(error, [definition], inputs(tree))
    assert error.hint == "the build context does not have it, or .dockerignore leaves it out"


def test_a_path_of_a_wildcard_in_another_stage(tree: Path) -> None:
    definition = converted(tree, "COPY --from=alpine /q/a* /")
    error = failed(definition, "/q", "lstat {}: no such file or directory")
    assert str(error).endswith('"/q" does not exist (it was looked for in the result of FROM docker.io/library/alpine:latest)')


@pytest.mark.parametrize("error", [SolveError("something else"), SolveError('"/x" does not exist')], ids=str)
def test_other_errors_are_left_alone(tree: Path, error: SolveError) -> None:
    before = str(error)
    error = explained(error, [converted(tree, "COPY a /")], inputs(tree))
    assert str(error) == before
