"""Warnings of the build checks in a build."""

from __future__ import annotations

from tests.differential.subject import answer
from tests.frontend.cases import case


def test_a_warning_has_rule_line_and_url() -> None:
    (warning,) = answer(case("FROM alpine\nRUN echo\nENV a b\n"))["warnings"]
    assert warning == {
        "rule": "LegacyKeyValueFormat",
        "description": "Legacy key/value format with whitespace separator should not be used",
        "detail": '"ENV key=value" should be used instead of legacy "ENV key value" format',
        "url": "https://docs.docker.com/go/dockerfile/rule/legacy-key-value-format/",
        "lines": [[3, 3]],
    }


def test_check_error_makes_warnings_errors() -> None:
    result = answer(case("# check=error=true\nFROM alpine\nENV a b\n"))
    assert result["error"] == "lint violation found for rules: LegacyKeyValueFormat"


def test_a_finding_of_several_platforms_is_reported_once() -> None:
    request = case("FROM arm AS a\n", platform="linux/amd64,linux/arm64", **{"context:a::linux/arm64": "docker-image://triggered"})
    request["images"] = {
        "docker.io/library/arm:latest": {"config": {"os": "linux", "architecture": "arm", "rootfs": {"diff_ids": ["x"]}}},
        "docker.io/library/triggered:latest": {"config": {"config": {"OnBuild": ["COPY --from=other a b"]}}},
    }
    assert [warning["rule"] for warning in answer(request)["warnings"]] == ["InvalidBaseImagePlatform"]
