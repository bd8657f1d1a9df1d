"""Build records: filters, refs, and the archive that holds them."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from llbfront.client.control import bundle, history, running_filters
from llbfront.client.control.history_filters import parse_history_filters
from llbfront.errors import ContextError, OptionError
from llbfront.oci import digest
from llbfront.pb import control_pb2 as control
from tests.support.archives import tar


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), ()),
        (("status=error",), ("status==error",)),
        (("status!=completed",), ("status!=completed",)),
        (("ref=abc",), ("ref~=abc",)),
        (("repository=github.com/a/b", "status=completed"), ("repository~=github.com/a/b,status==completed",)),
        (("startedAt>24h",), ("startedAt>24h",)),
        (("completedAt<=2026-01-31T12:00:00Z",), ("completedAt<=2026-01-31T12:00:00Z",)),
        (("duration>=5m",), ("duration>=5m",)),
        (('repository=a,"b',), ('"repository~=a,""b"',)),
    ],
)
def test_filters(texts: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert parse_history_filters(texts) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sttaus=error", "build records cannot be filtered by 'sttaus=error' (did you mean status?)"),
        ("error", "build records cannot be filtered by 'error'"),
        ("status=eror", "there is no status 'eror' (did you mean error?)"),
        ("status>error", "the filter status takes =, != and ~=, not >"),
        ("duration=5m", "the filter duration takes <, <=, > and >=, not ="),
        ("duration>2026-01-31T12:00:00Z", "the filter duration takes a duration such as 5m, not '2026-01-31T12:00:00Z'"),
        (
            "startedAt>yesterday",
            "the filter startedAt takes a time such as 2026-01-31T12:00:00Z, or an age such as 24h, not 'yesterday'",
        ),
    ],
)
def test_wrong_filters(text: str, message: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse_history_filters([text])
    assert str(refused.value).startswith(message)


def test_the_last_event_of_a_build_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = control.BuildHistoryEventType
    sent = (("a", kinds.STARTED), ("b", kinds.STARTED), ("a", kinds.COMPLETE), ("b", kinds.DELETED), ("", kinds.COMPLETE))
    events = [
        control.BuildHistoryEvent(type=kind, record=control.BuildHistoryRecord(Ref=ref, numTotalSteps=kind)) for ref, kind in sent
    ]
    channel: Any = None
    monkeypatch.setattr(history, "stream", lambda *_: iter(events))
    assert [(record.Ref, record.numTotalSteps) for record in history.messages(channel)] == [("a", kinds.COMPLETE)]


RUNNING = control.BuildHistoryRecord(Ref="abc", FrontendAttrs={"context": "https://host.example/repo.git#main"})
RUNNING.CreatedAt.FromSeconds(1_800_000_000)
NOW_NS = 1_800_000_060 * 10**9


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("status=running",), True),
        (("status!=running",), False),
        (("status=completed",), False),
        (("status!=completed", "ref=b"), True),
        (("ref=x",), False),
        (("ref~=^a",), True),
        (("repository=host.example/repo",), True),
        (("repository=other",), False),
        (("startedAt>5m",), True),
        (("startedAt<5m",), False),
        (("startedAt>=2027-01-15T08:00:00Z",), True),
        (("startedAt>2027-01-15T08:00:00.5Z",), False),
        (("completedAt>24h",), False),
        (("completedAt<24h",), False),
        (("duration>=60s", "duration<61s"), True),
        (("duration>60s",), False),
        ((), True),
    ],
)
def test_filters_select_running_builds(texts: tuple[str, ...], expected: bool) -> None:
    assert running_filters.passes(RUNNING, parse_history_filters(texts), NOW_NS) == expected


RECORDS = [control.BuildHistoryRecord(Ref=ref) for ref in ("abc1", "abd2", "xyz3")]


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        (None, "abc1"),
        ("^0", "abc1"),
        ("^2", "xyz3"),
        ("xyz3", "xyz3"),
        ("x", "xyz3"),
        ("builder/node/abd2", "abd2"),
        ("abd", "abd2"),
    ],
)
def test_refs(ref: str | None, expected: str) -> None:
    assert history.resolve(RECORDS, ref).Ref == expected


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("ab", "several build records begin with ab (abc1, abd2)"),
        ("q", "there is no build record 'q' (llbfront history ls lists them)"),
        ("", "there is no build record '' (llbfront history ls lists them)"),
        ("^3", "there is no build record ^3"),
        ("^x", "'^x' is not a build record (^1 is the build before the last)"),
    ],
)
def test_wrong_refs(ref: str, message: str) -> None:
    with pytest.raises(OptionError) as refused:
        history.resolve(RECORDS, ref)
    assert str(refused.value) == message


def test_no_records() -> None:
    with pytest.raises(OptionError, match="the engine has no build records"):
        history.resolve([], None)


LOG = control.StatusResponse(vertexes=[control.Vertex(digest="sha256:1", name="step")]).SerializeToString()
LOGS = (len(LOG).to_bytes(4, "little") + LOG) * 2
PROVENANCE = b'{"predicate": {}}'
BLOBS = {digest.of(data): data for data in (LOGS, PROVENANCE, b"trace")}


def record(ref: str) -> control.BuildHistoryRecord:
    message = control.BuildHistoryRecord(Ref=ref, numTotalSteps=3, pinned=True, ExporterResponse={"a": "b"})
    message.CreatedAt.FromNanoseconds(1_700_000_000_000_000_001)
    message.CompletedAt.FromNanoseconds(1_700_000_001_000_000_000)
    message.error.code, message.error.message = 2, "failed"
    message.error.details.add(type_url="t", value=b"\x00\xff")
    message.FrontendAttrs["cache-imports"] = json.dumps([{"Type": "registry", "Attrs": {"ref": "r", "password": "hunter2"}}])
    message.FrontendAttrs["target"] = "final"
    message.logs.digest, message.logs.size, message.logs.media_type = (
        digest.of(LOGS),
        len(LOGS),
        "application/vnd.buildkit.status.v0",
    )
    message.trace.digest, message.trace.size = digest.of(b"trace"), 5
    message.Result.Attestations.add(digest=digest.of(PROVENANCE), size=len(PROVENANCE), annotations={history.PREDICATE: "p"})
    message.Results["linux/arm64"].Results[0].digest = digest.of(PROVENANCE)
    return message


@pytest.mark.parametrize("refs", [("one",), ("one", "two", "three")])
def test_an_archive_holds_records_logs_and_attachments_but_neither_traces_nor_credentials(refs: tuple[str, ...]) -> None:
    data = bundle.write_bundle(map(record, refs), BLOBS.__getitem__)
    again = bundle.read_bundle(data, "file")
    assert [message.Ref for message in again.messages] == list(refs)
    expected = record(refs[0])
    expected.ClearField("trace")
    expected.FrontendAttrs["cache-imports"] = '[{"Type": "registry", "Attrs": {"ref": "r"}}]'
    assert again.messages[0] == expected
    assert again.read_blob(digest.of(PROVENANCE)) == PROVENANCE
    assert [event.vertexes[0].name for event in again.logs(refs[0])] == ["step", "step"]
    assert b"hunter2" not in gzip.decompress(data)
    assert digest.of(b"trace") not in again.blobs


def test_the_same_records_give_the_same_archive() -> None:
    assert bundle.write_bundle([record("a")], BLOBS.__getitem__) == bundle.write_bundle([record("a")], BLOBS.__getitem__)


def packed(files: dict[str, bytes]) -> bytes:
    return gzip.compress(tar(files))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "file is not an archive of build records"),
        (b"\x1f\x8bgarbage", "file is not an archive of build records"),
        (b"PK\x03\x04", "file is not an archive of build records: it is not a tar (unpack the zip file first)"),
        (packed({"a": b"b"}), "file is not an archive of build records: it has no index.json"),
        (packed({"index.json": b"[]"}), "file is not an archive of build records"),
        (packed({"index.json": b"{}"}), "file holds no build records"),
        (packed({"index.json": b'{"manifests": [{"digest": "sha256:0"}]}'}), "file is not an archive of build records"),
        (packed({"index.json": b"{}", "blobs/sha256/0": b"x"}), "file is damaged: sha256:0 has other content"),
        (bundle.write_bundle([record("a")], BLOBS.__getitem__)[:-40], "file is not an archive of build records"),
    ],
)
def test_wrong_archives(data: bytes, message: str) -> None:
    with pytest.raises(ContextError) as refused:
        bundle.read_bundle(data, "file")
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ((), "running"),
        (("CompletedAt",), "completed"),
        (("CompletedAt", "failed"), "error"),
        (("CompletedAt", "context canceled"), "canceled"),
    ],
)
def test_status(fields: tuple[str, ...], status: str) -> None:
    message = control.BuildHistoryRecord()
    if fields:
        message.CompletedAt.FromSeconds(1)
    if fields[1:]:
        message.error.message = fields[1]
    assert history.build_record(message).status == status


def test_the_name_is_that_of_the_options() -> None:
    options = {"filename": "docker/Dockerfile", "target": "t"}
    assert history.build_record(control.BuildHistoryRecord(FrontendAttrs=options)).name == "docker (t)"
