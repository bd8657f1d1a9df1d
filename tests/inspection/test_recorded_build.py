"""Records of builds that are read: whole, damaged, of another version, and of any other content."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgpack  # type: ignore[import-untyped]  # it ships no types
import pytest

from llbfront.client.records import recording
from llbfront.errors import GraphError
from llbfront.fsutil.walk import walk
from llbfront.inspection import record_codec
from llbfront.inspection.recorded_build import RecordedBuild, from_members
from tests.inspection.records import members

if TYPE_CHECKING:
    import pathlib

MUTATIONS = 2000  # with 100,000 for both loaders it was run by hand


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("record")
    (root / "Dockerfile").write_text("FROM alpine AS base\nCOPY . /src\nRUN make\n")
    (root / "file").write_text("content")
    (root / "link").symlink_to("file")
    return record_codec.pack(members(root))


def test_a_record_survives_a_round_trip(record: bytes) -> None:
    build = RecordedBuild.read(record)
    assert [node.line for node in build.graph.nodes if node.is_step] == [1, 2, 3]
    assert len(build.graph.runs) == len(build.graph.nodes)
    (step,) = build.inputs.steps
    assert [(file.path, file.link) for file in step.files] == [("Dockerfile", None), ("file", None), ("link", "file")]
    assert build.contexts["context"].digests.keys() == {b"Dockerfile", b"file"}


def test_entries_of_transfers_at_the_same_time_are_told_apart(tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        "FROM scratch AS a\nCOPY --exclude=*.map js /\nFROM scratch\nCOPY css /\nCOPY --from=a / /\n"
    )
    for path in ("css/a.css", "js/x.js", "tool"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(path)
    entries = {stat.path: stat for stat in walk(str(tmp_path))}
    mixed = record_codec.EntryColumns.of(entries[path] for path in (b"js", b"css", b"js/x.js", b"css/a.css", b"tool"))
    context = recording._context(str(tmp_path), mixed, recording._NOTHING_KNOWN, "context")
    build = from_members(members(tmp_path) | {"contexts": {"context": context}})
    assert {step.line: [file.path for file in step.files] for step in build.inputs.steps} == {2: ["js/x.js"], 4: ["css/a.css"]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a record of a build"),
        (b"FROM alpine\n", "not a record of a build"),
        (record_codec.MAGIC + b"0009\n", "a record of version 9"),
        (record_codec.MAGIC + b"0001\n" + bytes(40), "a damaged record: its content has another digest"),
    ],
)
def test_a_file_that_is_not_a_record_is_named(data: bytes, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        RecordedBuild.read(data)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Change, insert, remove or repeat some bytes."""
    result = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(result))
        end = min(len(result), start + chance.choice((1, 1, 2, 8, 64)))
        result[start:end] = chance.choice((chance.randbytes(end - start), b"", chance.randbytes(9), bytes(result[start:end]) * 2))
        if not result:
            return b"\0"
    return bytes(result)


def test_mutated_records_are_errors(record: bytes) -> None:
    chance = random.Random(15)
    for _ in range(MUTATIONS):
        data = mutated(record, chance)
        if data != record:
            with pytest.raises(GraphError):
                RecordedBuild.read(data)


def test_mutated_content_is_an_error_or_a_build(record: bytes) -> None:
    chance = random.Random(16)
    body = msgpack.packb(record_codec.unpack(record), unicode_errors="surrogateescape")
    read = 0
    for _ in range(MUTATIONS):
        try:
            build = from_members(record_codec.unpack_body(mutated(body, chance)))
            list(build.inputs.steps)
            read += 1
        except GraphError:
            continue
    assert 0 < read < MUTATIONS
