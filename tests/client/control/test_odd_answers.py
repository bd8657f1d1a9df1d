"""An engine that answers du, prune, history and workers oddly: one line each, nothing raw on a terminal, nothing removed twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from llbfront.cli.main import main
from llbfront.pb import control_pb2 as control
from llbfront.pb import worker_pb2 as worker
from llbfront.rpc.calls import Handler
from tests import fake_engine

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator, Sequence

    from google.protobuf.message import Message
    from google.protobuf.timestamp_pb2 import Timestamp

    from llbfront.rpc.calls import ServerCall, Services

EVIL = "\x1b[31mred\x1b]0;title\x07\nline"
HUGE = 1 << 62


class Answers(Handler):
    """Sends messages, and ends the call."""

    def __init__(self, call: ServerCall, messages: Sequence[Message | bytes]) -> None:
        self.call, self.messages = call, messages

    def on_half_close(self) -> None:
        for message in self.messages:
            self.call.send(message if isinstance(message, bytes) else message.SerializeToString())
        self.call.finish()


def usage(*records: control.UsageRecord) -> control.DiskUsageResponse:
    return control.DiskUsageResponse(record=records)


def started(record: control.BuildHistoryRecord) -> control.BuildHistoryEvent:
    return control.BuildHistoryEvent(type=control.BuildHistoryEventType.STARTED, record=record)


def at(time: Timestamp, seconds: int) -> None:
    time.seconds = seconds


def odd_times() -> control.UsageRecord:
    record = control.UsageRecord(ID="a", Size=1)
    at(record.CreatedAt, HUGE)
    at(record.LastUsedAt, -HUGE)
    return record


def odd_build() -> control.BuildHistoryRecord:
    record = control.BuildHistoryRecord(Ref=EVIL, FrontendAttrs={"target": EVIL}, numTotalSteps=-1, numCachedSteps=-9)
    record.error.message = EVIL
    at(record.CreatedAt, HUGE)
    at(record.CompletedAt, -HUGE)
    return record


def odd_worker() -> control.ListWorkersResponse:
    record = worker.WorkerRecord(ID=EVIL, Labels={EVIL: EVIL})
    record.platforms.add(OS=EVIL)
    record.GCPolicy.add(keepDuration=-5, maxUsedSpace=-1)
    return control.ListWorkersResponse(record=[record])


READ: dict[str, tuple[str, Sequence[Message | bytes], Sequence[str]]] = {  # the call, its answers, the commands
    "negative sizes": ("DiskUsage", [usage(control.UsageRecord(ID="a", Size=-5, UsageCount=-3))], ("du", "du -v", "du --json")),
    "times": ("DiskUsage", [usage(odd_times())], ("du", "du -v", "du --json", "prune --dry-run --max-used-space 1")),
    "control sequences": (
        "DiskUsage",
        [usage(control.UsageRecord(ID=EVIL, Description=EVIL, RecordType=EVIL, Parents=[EVIL]))],
        ("du", "du -v", "prune --dry-run"),
    ),
    "parents in a circle": (
        "DiskUsage",
        [usage(control.UsageRecord(ID="a", Parents=["b"]), control.UsageRecord(ID="b", Parents=["a"]))],
        ("du", "prune --dry-run", "prune --dry-run --max-used-space 1"),
    ),
    "the same record twice": ("DiskUsage", [usage(*[control.UsageRecord(ID="a")] * 2)], ("du", "prune --dry-run")),
    "builds": ("ListenBuildHistory", [started(odd_build())], ("history ls", "history ls --json", "history inspect")),
    "events without a build": ("ListenBuildHistory", [control.BuildHistoryEvent()], ("history ls", "history ls --json")),
    "workers": ("ListWorkers", [odd_worker()], ("workers", "workers -v", "workers --json")),
}
REFUSED: dict[str, tuple[str, Sequence[Message | bytes], Sequence[str]]] = {
    "usage that is no message": ("DiskUsage", [b"\xff\xff"], ("du", "du --json", "prune --force")),
    "no usage": ("DiskUsage", [], ("du", "du --json", "prune --force")),
    "builds that are no messages": ("ListenBuildHistory", [b"\x0f\xff"], ("history ls", "history inspect", "history rm --all")),
    "workers that are no message": ("ListWorkers", [b"\xff\xff"], ("workers", "workers --json")),
}


@pytest.fixture
def engine(
    request: pytest.FixtureRequest, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[fake_engine.FakeEngine]:
    """Run an engine that gives the answers of a case."""
    name, messages, _ = request.param
    services = fake_engine.FakeEngine.services

    def with_answers(self: fake_engine.FakeEngine) -> Services:
        return {**services(self), f"{fake_engine.CONTROL}{name}": lambda call: Answers(call, messages)}

    monkeypatch.setattr(fake_engine.FakeEngine, "services", with_answers)
    with fake_engine.serve(tmp_path) as running:
        yield running


def run(engine: fake_engine.FakeEngine, words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main([*words.split(), "--addr", engine.address])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(("engine", "case"), [(case, case) for case in READ.values()], ids=READ, indirect=["engine"])
def test_odd_records_are_shown(
    engine: fake_engine.FakeEngine, case: tuple[str, object, Sequence[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    for words in case[2]:
        code, out, err = run(engine, words, capsys)
        assert (code, err) == (0, ""), words
        assert "\x1b" not in out and "\x07" not in out
        if "--json" in words:
            assert json.loads(out)["schema"]


@pytest.mark.parametrize(("engine", "case"), [(case, case) for case in REFUSED.values()], ids=REFUSED, indirect=["engine"])
def test_answers_that_cannot_be_read_are_one_line(
    engine: fake_engine.FakeEngine, case: tuple[str, object, Sequence[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    for words in case[2]:
        code, out, err = run(engine, words, capsys)
        assert (code, out) == (1, ""), words
        assert err.startswith(f"llbfront: the engine at {engine.address} ")
        assert err.count("\n") == 1
