"""Answers to subrequests: lint, outline and targets."""

from __future__ import annotations

import json

from tests.differential.subject import answer
from tests.frontend.cases import case, with_images


def test_invalid_utf8_is_kept_in_source_lines_only() -> None:
    result = answer(case("FROM scratch\nWORKDIR \udce2\udc82\n", requestid="frontend.lint"))["meta"]
    assert json.loads(result["result.json"])["warnings"][0]["detail"].startswith('Relative workdir "\ufffd\ufffd" can')
    assert "   2 | >>> WORKDIR \udce2\udc82\n" in result["result.txt"]
    result = answer(case("FROM bus\udce2\udc82ybox\n", requestid="frontend.targets"))["meta"]
    assert r'"base": "bus\ufffd\ufffdybox"' in result["result.json"]


def test_lint_checks_the_triggers_of_images_that_are_copied_from() -> None:
    triggers = {"tools": ["LABEL x=$MISSING", "WORKDIR here"]}
    result = answer(with_images("FROM alpine\nCOPY --from=tools /a /b\n", triggers, requestid="frontend.lint"))
    warnings = json.loads(result["meta"]["result.json"])["warnings"]
    assert [(warning["ruleName"], warning["location"]["ranges"][0]["start"]["line"]) for warning in warnings] == [
        ("UndefinedVar", 2),
        ("WorkdirRelativePath", 2),
    ]
    assert answer(with_images("FROM alpine\nCOPY --from=tools /a /b\n", triggers))["warnings"] == []


def test_an_image_that_is_named_again_by_number_is_looked_up_once_and_checked_twice() -> None:
    request = with_images(
        "FROM alpine\nCOPY --from=tools /a /b\nCOPY --from=1 /a /b\n",
        {"tools": ["CMD x", "LABEL a=$MISSING"]},
        requestid="frontend.lint",
    )
    tools = request["images"]["docker.io/library/tools:latest"]["config"]
    tools.update(os="linux", architecture="arm64", rootfs={"type": "layers", "diff_ids": ["sha256:" + "1" * 64]})
    warnings = json.loads(answer(request)["meta"]["result.json"])["warnings"]
    assert [warning["ruleName"] for warning in warnings] == [
        "InvalidBaseImagePlatform",
        "JSONArgsRecommended",
        "UndefinedVar",
        "MultipleInstructionsDisallowed",
        "JSONArgsRecommended",
    ]


def test_the_outline_of_a_replaced_stage_has_the_arguments_of_its_base() -> None:
    text = "ARG A=alpine\nARG B=x\nFROM $A AS one\nFROM one AS two\n"
    result = answer(case(text, requestid="frontend.outline", **{"context:two": "docker-image://busybox"}))
    assert [arg["name"] for arg in json.loads(result["meta"]["result.json"])["args"]] == ["A"]


def test_a_secret_without_id_is_named_after_its_windows_path() -> None:
    text = "# escape=`\nFROM --platform=windows/amd64 x\nRUN --mount=type=secret,target=C:\\a\\key x\n"
    result = answer(case(text, requestid="frontend.outline"))
    assert [secret["name"] for secret in json.loads(result["meta"]["result.json"])["secrets"]] == ["key"]


def test_lint_reports_the_error_of_the_last_base() -> None:
    result = json.loads(answer(case("FROM One\nFROM Two\n", requestid="frontend.lint"))["meta"]["result.json"])
    assert result["buildError"]["location"]["ranges"][0]["start"]["line"] == 2


def test_lint_reports_the_first_error_if_the_last_base_is_valid() -> None:
    result = json.loads(answer(case("FROM One\nFROM Two\nFROM alpine\n", requestid="frontend.lint"))["meta"]["result.json"])
    assert result["buildError"]["location"]["ranges"][0]["start"]["line"] == 1
