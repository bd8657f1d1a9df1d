"""The JSON examples of docs/engine.md are what the commands print, or have the members of their records."""

from __future__ import annotations

import argparse
import json
import pathlib
import re
from typing import Any

import attrs
import pytest

from llbfront.cli import du, prune
from llbfront.client.control.history import Attachment, BuildRecord, Exporter
from llbfront.client.control.prune import PruneResult
from llbfront.client.control.usage import CacheRecord, DiskUsage

PAGE = (pathlib.Path(__file__).parents[2] / "docs/engine.md").read_text()
EXAMPLES: dict[str, dict[str, Any]] = {
    (example := json.loads(text))["schema"]: example for text in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
}


def members(kind: type[attrs.AttrsInstance]) -> list[str]:
    return [field.name for field in attrs.fields(kind)]


def test_the_example_of_disk_usage_is_what_du_prints(capsys: pytest.CaptureFixture[str]) -> None:
    example = EXAMPLES["llbfront.disk-usage/1"]
    du.show_json(DiskUsage(tuple(CacheRecord(**record) for record in example["records"])))
    assert json.loads(capsys.readouterr().out) == example


def test_the_example_of_prune_is_what_prune_prints(capsys: pytest.CaptureFixture[str]) -> None:
    prune.show_result(PruneResult((), is_dry_run=True), argparse.Namespace(json=True))
    assert json.loads(capsys.readouterr().out) == EXAMPLES["llbfront.prune/1"]


def test_the_example_of_history_has_the_members_of_records() -> None:
    (record,) = EXAMPLES["llbfront.history/1"]["records"]
    assert list(record) == members(BuildRecord)
    assert [list(exporter) for exporter in record["exporters"]] == [members(Exporter)]
    assert [list(attachment) for attachment in record["attachments"]] == [members(Attachment)]
