"""`llbfront why --list`: a table of the recorded builds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from llbfront.cli.main import main
from llbfront.client.records.record_store import RecordStore, key_of
from llbfront.inspection import record_codec
from tests.inspection import records

if TYPE_CHECKING:
    import pathlib


def test_the_list_is_a_table(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TZ", "UTC")
    (tmp_path / "Dockerfile").write_text("FROM scratch AS base\nCOPY Dockerfile /\n")
    for number, failed in enumerate((True, False), 1):
        members = records.members(tmp_path, target="base") | {
            "ref": f"ref{number}" * number, "started_ns": number * 10**18, "ended_ns": number * 10**18 + number * 10**9 * 75, "has_failed": failed,
        }  # fmt: skip
        key = key_of(members["context"], members["dockerfile"])
        RecordStore.of(os.environ).add(record_codec.pack(members), time_ns=number, key=key, ref=members["ref"])
    assert main(["why", "--list"]) == 0
    heading, latest, first = capsys.readouterr().out.splitlines()
    assert heading.split() == ["REF", "STARTED", "TOOK", "RESULT", "TARGET", "CONTEXT"]
    assert latest.split()[0] == "ref2ref2" and first.split()[0] == "ref1"
    for title in ("STARTED", "RESULT", "TARGET", "CONTEXT"):
        at = heading.index(title)
        assert latest[at - 1] == first[at - 1] == " " and latest[at] != " " and first[at] != " "
    assert [line.split()[-3:] for line in (latest, first)] == [["done", "base", str(tmp_path)], ["failed", "base", str(tmp_path)]]


def test_an_empty_list_says_so(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(["why", "--list"]) == 0
    assert capsys.readouterr().out == "No build is recorded.\n"
