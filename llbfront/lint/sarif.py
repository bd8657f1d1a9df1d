"""Write findings as SARIF, the format that code hosts and editors read.

Source: the standard SARIF 2.1.0 of OASIS.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from llbfront.lint.rules import RULES

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
BUILD_ERROR = "BuildError"


class Described(Protocol):
    """A rule as SARIF lists it; the url may be empty."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def url(self) -> str: ...


def write(
    answer: Mapping[str, Any],
    *,
    uri: str,
    version: str,
    errors: Collection[str] = (),
    rules: Iterable[Described] = tuple(RULES.values()),
) -> str:
    """Write findings of `rules`; `errors` are those whose findings are errors and not warnings. Ends with a newline."""
    warnings = answer.get("warnings") or ()
    results = [
        _result(warning["ruleName"], warning.get("detail", ""), warning.get("location", {}), uri, warning["ruleName"] in errors)
        for warning in warnings
    ]
    if error := answer.get("buildError"):
        results.append(_result(BUILD_ERROR, error["message"], error.get("location") or {}, uri, is_error=True))
    driver = {
        "name": "llbfront",
        "version": version,
        "rules": [
            *map(_rule, rules),
            {"id": BUILD_ERROR, "shortDescription": {"text": "The Dockerfile cannot be built from"}},
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Described) -> dict[str, Any]:
    page = {"helpUri": rule.url} if rule.url else {}
    return {"id": rule.name, "shortDescription": {"text": rule.description}, **page}


def _result(rule: str, message: str, location: Mapping[str, Any], uri: str, is_error: bool) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(uri)}}
    ranges = [part for part in location.get("ranges") or () if part["start"].get("line")]
    if ranges:
        place["region"] = {"startLine": ranges[0]["start"]["line"], "endLine": ranges[-1]["end"]["line"]}
    return {
        "ruleId": rule,
        "level": "error" if is_error else "warning",
        "message": {"text": message},
        "locations": [{"physicalLocation": place}],
    }
