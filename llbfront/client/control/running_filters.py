"""Filters of build records that are applied to running builds here: an engine sends those whatever the filter says.

Source: solver/llbsolver/history/filter.go of BuildKit.
"""

from __future__ import annotations

import csv
import operator
import re
from collections.abc import Iterable
from datetime import datetime

from llbfront.client.control.history_filters import split_condition
from llbfront.gostd.time import parse_duration
from llbfront.pb import control_pb2 as control

_COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def passes(record: control.BuildHistoryRecord, selection: Iterable[str], now_ns: int) -> bool:
    """Return whether the record of a running build meets the conditions of `parse_history_filters`."""
    conditions = next(csv.reader(selection), [])
    return all(_holds(record, *split_condition(condition), now_ns) for condition in conditions)


def _holds(record: control.BuildHistoryRecord, name: str, operation: str, value: str, now_ns: int) -> bool:
    started_ns = record.CreatedAt.ToNanoseconds()
    if name == "completedAt":
        return False
    if name == "duration":
        return bool(_COMPARISONS[operation](now_ns - started_ns, parse_duration(value)))
    if name == "startedAt":
        return bool(_COMPARISONS[operation](started_ns, _time_ns(value, now_ns)))
    text = {"ref": record.Ref, "status": "running", "repository": _repository(record)}[name]
    if operation == "~=":
        return re.search(value, text) is not None
    return (text == value) == (operation == "==")


def _time_ns(value: str, now_ns: int) -> int:
    try:
        return now_ns - parse_duration(value)
    except ValueError:
        return int(datetime.fromisoformat(value).timestamp() * 1e9)


def _repository(record: control.BuildHistoryRecord) -> str:
    options = record.FrontendAttrs
    return options.get("vcs:source", "") or options.get("context", "").partition("#")[0]
