"""What engines say when a build fails, as our errors: with the lines of the Dockerfile, in clear words, whatever its size."""

from __future__ import annotations

import base64
import functools
import json
import time
import timeit
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import llbfront
from llbfront.client.solve_errors.engine_messages import RULES, FailedVertex, reword
from llbfront.client.solve_errors.solve_error import failure
from llbfront.client.solve_errors.solved_graphs import SolvedGraphs
from llbfront.errors import ExecFailed, RpcError, SolveError
from llbfront.progress.events import StatusEvent, Vertex
from llbfront.progress.trace import Trace, fold
from llbfront.source import excerpt

if TYPE_CHECKING:
    from llbfront.llb.definition import Definition

SOURCE = {
    "info": {"filename": "Dockerfile", "data": base64.b64encode(b"FROM a\nRUN x\n").decode()},
    "ranges": [{"start": {"line": 2}, "end": {"line": 2}}],
}
ZEROS = "0" * 64
HEADER = 'rpc error: code = Internal desc = rpc error: code = Internal desc = header key "{}" contains value with non-printable ASCII characters'


def refused(message: str, *details: tuple[str, object], code: int = 2) -> RpcError:
    encoded = [(f"github.com/moby/buildkit/{kind}+json", json.dumps(value).encode()) for kind, value in details]
    return RpcError(message, code=code, details=encoded)


@functools.cache
def graph(text: str, contexts: tuple[tuple[str, str], ...] = ()) -> Definition:
    return llbfront.convert(text, contexts=dict(contexts)).definition


def vertex(definition: Definition, identifier: str) -> str:
    """The digest of the source with this beginning of its identifier."""
    solved = SolvedGraphs([definition])
    (match,) = [
        digest
        for digest in definition.digests[:-1]
        if (op := solved.op(digest)) and op.WhichOneof("op") == "source" and op.source.identifier.startswith(identifier)
    ]
    return match


def failed(definition: Definition, identifier: str, message: str) -> SolveError:
    error = failure(refused(message, ("errdefs.Vertex", {"digest": vertex(definition, identifier)})), Trace(), [definition])
    assert isinstance(error, SolveError)
    return error


def test_a_failed_command_has_its_code_and_place() -> None:
    error = failure(refused("process failed", ("errdefs.Source", SOURCE), ("gatewayapi.ExitMessage", {"Code": 3})), Trace())
    assert isinstance(error, ExecFailed)
    assert error.exit_code == 3
    assert str(error).startswith("Dockerfile:2: ")


URL, GIT = "https://a.test/f", "https://a.test/r.git"
COPIES = 'FROM scratch\nCOPY a /\nCOPY b[0.txt /\nCOPY ["c\\nd", "/"]\nCOPY \\\n  e \\\n  /\n'
SOURCES: list[tuple[str, str, str, str]] = [
    # Dockerfile, identifier of the source that failed, what the engine says, what is said
    (
        f"FROM scratch\nADD {URL} /\n",
        "https",
        "failed to load cache key: invalid response status 404",
        f"Dockerfile:2: {URL}: invalid response status 404 Not Found (check the address)",
    ),
    (
        f"FROM scratch\nADD {URL} /\n",
        "https",
        "failed to load cache key: invalid response status 503",
        f"Dockerfile:2: {URL}: invalid response status 503 Service Unavailable (the server failed; try again later)",
    ),
    (
        f"FROM scratch\nADD {URL} /\n",
        "https",
        "failed to load cache key: invalid response status 799",
        f"Dockerfile:2: {URL}: invalid response status 799 (the server failed; try again later)",
    ),
    (
        "FROM scratch\nADD https://user:secret@a.test/f /\n",
        "https",
        "failed to load cache key: invalid response status 401",
        f"Dockerfile:2: {URL}: invalid response status 401 Unauthorized (it refuses the credentials in the address)",
    ),
    (
        f"FROM scratch\nADD {URL} /\n",
        "https",
        "failed to load cache key: invalid response status 403",
        f"Dockerfile:2: {URL}: invalid response status 403 Forbidden (the engine has no credentials for it)",
    ),
    (
        f"FROM scratch\nADD {GIT} /\n",
        "git",
        (f"failed to load cache key: error fetching default branch for repository {GIT}: git stderr:\n"
        "fatal: could not read Username for 'https://a.test': terminal prompts disabled\n: exit status 128"),
        (f"Dockerfile:2: error fetching default branch for repository {GIT}: fatal: could not read Username for 'https://a.test':"
        ' terminal prompts disabled (it needs credentials: secrets="id=GIT_AUTH_TOKEN,env=NAME")'),
    ),
    (
        f"FROM scratch\nADD \\\n  {URL} \\\n  /\n",
        "https",
        f'failed to load cache key: Get "{URL}": dial tcp 127.0.0.1:1: connect: connection refused',
        (f'Dockerfile:2: Get "{URL}": dial tcp 127.0.0.1:1: connect: connection refused'
        " (the engine fetches it over its own network: check the address, and whether the engine reaches it)"),
    ),
    (
        f"FROM scratch\nCOPY a /\nADD --checksum=sha256:{ZEROS} {URL} /\n",
        "https",
        f"digest mismatch sha256:{'1' * 64}: sha256:{ZEROS}",
        f"Dockerfile:3: {URL}: digest mismatch sha256:{'1' * 64}: sha256:{ZEROS} (the content has the first digest, the Dockerfile expects the second)",
    ),
    (
        f"FROM scratch AS a\nADD {URL} /\nFROM a\nADD {URL} /\n",
        "https",
        "invalid response status 410",
        f"Dockerfile:2: {URL}: invalid response status 410 Gone (check the address)",
    ),
    (
        f"FROM scratch\nADD {GIT}#v9 /\n",
        "git",
        'failed to load cache key: repository does not contain ref v9, output: ""',
        f"Dockerfile:2: {GIT}#v9: repository does not contain ref v9 (check the branch, tag or commit after #)",
    ),
    (
        f"FROM scratch\nADD {GIT} /\n",
        "git",
        (f"failed to load cache key: error fetching default branch for repository {GIT}: git stderr:\n"
        f"fatal: repository '{GIT}/' not found\n: exit status 128"),
        (f"Dockerfile:2: error fetching default branch for repository {GIT}: fatal: repository '{GIT}/' not found"
        ' (check the address; a private repository needs secrets="id=GIT_AUTH_TOKEN,env=NAME")'),
    ),
    (
        f"FROM scratch\nADD --checksum={'0' * 40} {GIT} /\n",
        "git",
        f"failed to load cache key: expected checksum to match {'0' * 40}, got {'1' * 40}",
        f"Dockerfile:2: {GIT}: expected checksum to match {'0' * 40}, got {'1' * 40}",
    ),
    (
        "FROM scratch\nADD git@a.test:x/y.git /\n",
        "git",
        'failed to load cache key: no SSH key "default" forwarded from the client',
        ('Dockerfile:2: git@a.test:x/y.git: no SSH key "default" forwarded from the client'
        ' (offer an agent or a key with ssh="default")'),
    ),
    (
        COPIES,
        "local",
        "rpc error: code = Unknown desc = syntax error in pattern (the pattern is b[0.txt)",
        "Dockerfile:3: syntax error in pattern (the pattern is b[0.txt)",
    ),
    (
        COPIES,
        "local",
        HEADER.format("followpaths"),
        r'Dockerfile:4: "/c\nd" has a control character, which cannot be sent to the engine (rename the file)',
    ),
    (
        COPIES,
        "local",
        HEADER.format("exclude-patterns"),
        ".dockerignore: a pattern has a control character, which cannot be sent to the engine",
    ),
    (COPIES, "local", "open /x/e: permission denied", "Dockerfile:5: open /x/e: permission denied"),
    (COPIES, "local", "something about the whole context", "something about the whole context"),
    ("FROM scratch\nCOPY f /\n", "local", "something about the only file", "Dockerfile:2: something about the only file"),
    (
        "FROM scratch\nRUN --mount=source=a,target=/a x\nRUN --mount=source=b,target=/b x\n",
        "local",
        "lstat b: input/output error",
        "Dockerfile:3: lstat b: input/output error",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "identifier", "said", "expected"), SOURCES)
def test_an_error_about_a_source_names_the_instruction_that_reads_it(text: str, identifier: str, said: str, expected: str) -> None:
    assert str(failed(graph(text), identifier, said)) == expected


@pytest.mark.parametrize(
    ("context", "said", "expected"),
    [
        (URL, "invalid response status 404", f"Dockerfile:2: {URL}: invalid response status 404 Not Found (check the address)"),
        (
            f"{GIT}#v9",
            'repository does not contain ref v9, output: ""',
            f"Dockerfile:2: {GIT}#v9: repository does not contain ref v9 (check the branch, tag or commit after #)",
        ),
    ],
)
@pytest.mark.parametrize("reader", ["COPY --from=n /x /", "RUN --mount=from=n,target=/x y"])
def test_so_does_one_about_a_named_context(context: str, said: str, expected: str, reader: str) -> None:
    definition = graph(f"FROM scratch\n{reader}\n", (("n", context),))
    assert str(failed(definition, context.partition("://")[0] if context == URL else "git", said)) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("FROM n\nRUN x\n", 1),
        ("FROM scratch\nRUN y\nFROM n AS b\nENV a=b\nCOPY a /\nFROM scratch\nRUN z\n", 3),
        ("FROM n AS a\nCOPY --from=n /x /\n", 1),
        ("FROM scratch\nCOPY --from=n /x /\nRUN x\n", 2),
    ],
)
def test_a_named_context_that_is_a_base_is_named_by_its_from(text: str, line: int) -> None:
    definition = llbfront.convert(
        text, contexts={"n": URL}, target="b" if text.startswith("FROM scratch\nRUN") else None
    ).definition
    assert failed(definition, "https", "invalid response status 404").span is not None
    assert str(failed(definition, "https", "invalid response status 404")).startswith(f"Dockerfile:{line}: ")


def test_what_was_done_stays_before_the_reason() -> None:
    error = failure(refused("failed to read downloaded context: failed to load cache key: invalid response status 404"), Trace())
    assert str(error) == "failed to read downloaded context: invalid response status 404 Not Found (check the address)"


def test_a_source_that_a_policy_changed_is_found_by_its_name() -> None:
    definition = graph(f"FROM scratch\nADD {URL} /\n")
    name = SolvedGraphs([definition]).name(vertex(definition, "https"))
    trace = fold(Trace(), StatusEvent((Vertex("sha256:changed", name, started_ns=1),)))
    error = failure(refused("invalid response status 404", ("errdefs.Vertex", {"digest": "sha256:changed"})), trace, [definition])
    assert str(error).startswith("Dockerfile:2: ")


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("FROM scratch\nCOPY nope /\n", "/nope", "the build context does not have it, or .dockerignore leaves it out"),
        (
            "FROM scratch AS made\nRUN make\nFROM scratch\nCOPY --from=made /nope /\n",
            "/nope",
            "it was looked for in the result of [made 1/1] RUN make",
        ),
        (
            "FROM scratch\nCOPY --from=busybox /nope /\n",
            "/nope",
            "it was looked for in the result of FROM docker.io/library/busybox:latest",
        ),
        ("FROM scratch\nRUN --mount=source=nope,target=/a x\n", "/nope", "the build context does not have it, or"),
        ('FROM scratch\nCOPY ["a\\\\\\"b", "/"]\n', '/a\\"b', "the build context does not have it, or"),
    ],
)
def test_a_file_that_is_missing_is_missing_somewhere(text: str, path: str, expected: str) -> None:
    definition = graph(text)
    (reader,) = [digest for digest in definition.digests if definition.locations.get(digest) and _reads(definition, digest)]
    said = f'failed to compute cache key: failed to calculate checksum of ref abc::def: "{path}": not found'
    error = failure(refused(said, ("errdefs.Vertex", {"digest": reader})), Trace(), [definition])
    assert str(error).partition(": ")[2].startswith(f'"{path}" does not exist ({expected}')


def _reads(definition: Definition, digest: str) -> bool:
    op = SolvedGraphs([definition]).op(digest)
    assert op is not None
    return any(action.copy.src for action in op.file.actions) or any(mount.selector for mount in op.exec.mounts)


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        (
            'failed to compute cache key: failed to calculate checksum of ref a::b: "/x y": not found: not found',
            '"/x y" does not exist',
            "if it is in the build context, look into .dockerignore",
        ),
        ("secret token: not found", "secret token was not offered", 'offer it with secrets="id=token,src=FILE"'),
        (
            "failed to push r.test/a: unexpected status from POST request to https://r.test/v2/a/blobs/uploads/: 401 Unauthorized",
            "failed to push r.test/a: unexpected status from POST request to https://r.test/v2/a/blobs/uploads/: 401 Unauthorized",
            "log in with docker login r.test, or check its config",
        ),
        (
            "pull access denied, repository does not exist",
            "pull access denied, repository does not exist",
            "log in with docker login",
        ),
        ('no SSH key "" forwarded from the client', 'no SSH key "default" forwarded from the client', 'ssh="default"'),
        ("failed to solve: rpc error: code = Unknown desc = odd", "odd", ""),
        ("something else", "something else", ""),
    ],
)
def test_common_mistakes_are_said_clearly(said: str, message: str, hint: str) -> None:
    error = failure(refused(said), Trace())
    assert isinstance(error, SolveError)
    assert error.message == message
    assert hint in (error.hint or "")
    assert bool(hint) == bool(error.hint)


def test_details_of_old_engines_come_from_the_trace() -> None:
    step = Vertex("sha256:1", "RUN x", started_ns=1, completed_ns=2, error="exit code: 7")
    error = failure(refused("process x did not complete successfully: exit code: 7"), fold(Trace(), StatusEvent((step,))))
    assert isinstance(error, ExecFailed)
    assert (error.exit_code, error.vertex) == (7, "sha256:1")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (kind, value)
        for kind in ("errdefs.Source", "errdefs.Vertex", "gatewayapi.ExitMessage")
        for value in (
            None, 1, "text", [], [1], {}, {"info": 1}, {"info": [], "ranges": 1}, {"info": {"data": 1}, "ranges": [1]},
            {"info": {"data": "?"}, "ranges": [{}]}, {"ranges": [{"start": {"line": "1"}, "end": {}}]}, {"digest": [1]}, {"Code": "1"},
            {"Code": [1]}, {"info": {"filename": ["x"]}, "ranges": {"start": 1}},
        )
    ],
)  # fmt: skip
def test_details_of_any_shape_are_passed_over(kind: str, value: object) -> None:
    error = failure(refused("failed", (kind, value)), Trace())
    assert isinstance(error, SolveError)
    assert str(error) == "failed"


@pytest.mark.parametrize("value", [b"{", b"\xff", b"[" * 100_000, b""])
def test_damaged_details_are_passed_over(value: bytes) -> None:
    damaged = RpcError("failed", code=2, details=[("github.com/moby/buildkit/errdefs.Source+json", value), ("unknown", value)])
    assert str(failure(damaged, Trace())) == "failed"


LONG = [
    "failed to calculate checksum of ref ",
    "failed to compute cache key: ",
    'failed to compute cache key: "a": not found: ',
    '"a": not found',
    '"',
    '\\"',
    "secret ",
    "x: 401 Unauthorize",
    "https://a@",
    "rpc error: code = A desc = ",
    "exit code: 1",
    "1",
    "digest mismatch a:b: ",
    "git stderr:\n",
    "repository '",
    "\x1b[31m",
    ": ",
]


KINDS = ("errdefs.Source", "errdefs.Vertex", "gatewayapi.ExitMessage", "errdefs.Solve", "google.rpc.Status")
ODD_DETAILS: list[object] = [
    None, [], {}, 1, "text", {"info": None}, {"info": []}, {"info": {"data": "%"}}, {"info": {"data": 1}}, {"info": {"filename": []}},
    {"info": {"data": "é"}}, {"ranges": {}}, {"ranges": [None]}, {"ranges": [1]}, {"ranges": [{"start": 1}]},
    {"ranges": [{"start": {"line": "x"}, "end": {"line": 1}}]}, {"ranges": [{"start": {"line": 1}, "end": {"line": 2**31}}]},
    {"ranges": [{"start": {"line": -5}, "end": {"line": -1}}]}, {"digest": 1}, {"digest": None}, {"digest": {"a": 1}}, {"Code": "abc"},
    {"Code": None}, {"Code": []}, {"Code": 1e300}, {"Code": -1}, {"Code": 2**70}, {"Code": "1"}, {"Code": True},
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("document", ODD_DETAILS, ids=repr)
def test_odd_details_leave_an_error_of_the_build(kind: str, document: object) -> None:
    error = failure(refused("it failed", (kind, document)), Trace())
    assert isinstance(error, SolveError)
    assert "\n" not in str(error)
    for span in error.spans:
        excerpt(span)


@pytest.mark.parametrize("value", [b"", b"[" * 100_000, b'{"Code":' + b"1" * 10_000 + b"}", b"\xff\xfe", b'{"Code": NaN}'])
def test_details_that_are_not_json(value: bytes) -> None:
    details = [(f"github.com/moby/buildkit/{kind}+json", value) for kind in KINDS]
    assert failure(RpcError("it failed", code=2, details=details), Trace()).message == "it failed"


MEMBERS = st.sampled_from(["info", "ranges", "start", "end", "line", "data", "filename", "digest", "Code"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
DOCUMENTS = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(MEMBERS, inner), max_leaves=12)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS, st.sampled_from(KINDS))
def test_details_with_any_members(document: object, kind: str) -> None:
    assert isinstance(failure(refused("it failed", (kind, document)), Trace()), SolveError)


@pytest.mark.parametrize("message", ["exit code: " + "9" * 5000, "exit code: \u0663", "exit code: -1", "exit code:"])
def test_odd_exit_codes_in_messages(message: str) -> None:
    assert isinstance(failure(RpcError(message, code=2), Trace()), SolveError)


@pytest.mark.parametrize("piece", LONG)
def test_a_long_message_takes_time_in_proportion_to_its_length(piece: str) -> None:
    def seconds(length: int) -> float:
        error = refused(piece * (length // len(piece)))
        return min(timeit.repeat(lambda: str(failure(error, Trace())), timer=time.process_time, number=1, repeat=3))

    assert seconds(400_000) < 12 * max(seconds(100_000), 0.02)


def test_each_rule_is_met_by_a_message() -> None:
    said = [row[2] for row in SOURCES] + ['"/x": not found', "secret a: not found", "403 Forbidden", "git stderr:\nfatal: x"]
    said += ["lstat /q: no such file or directory"]
    said += ["server gave HTTP response to HTTPS client", "x509: certificate signed by unknown authority"]
    bare = [reword(message, FailedVertex(SolvedGraphs()))[0] for message in said]
    assert len(bare) == len(said)
    for pattern, _ in RULES:
        assert any(
            pattern.search(message.rpartition("desc = ")[2].removeprefix("failed to load cache key: ")) for message in said
        ), pattern
