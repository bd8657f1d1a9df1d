"""Each rule of the build checks: a Dockerfile that it speaks about, what it says and of which lines; and one it is silent about."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from llbfront.lint import check
from llbfront.lint.rules import RULES
from llbfront.source import LineRange
from tests.differential.subject import answer

ARM = {"docker.io/library/other:latest": {"config": {"os": "linux", "architecture": "arm64", "config": {}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "1" * 64]}}}}  # fmt: skip
EXPERIMENTAL = {"build-arg:BUILDKIT_DOCKERFILE_CHECK": "experimental=all"}

# rule, Dockerfile, lines, message
SPOKEN = (
    ("StageNameCasing", "FROM alpine AS Base\n", [[1, 1]], "Stage name 'Base' should be lowercase"),
    ("FromAsCasing", "FROM alpine as base\n", [[1, 1]], "'as' and 'FROM' keywords' casing do not match"),
    ("NoEmptyContinuation", "FROM alpine\nRUN a \\\n\n b\n", [[4, 4]], "Empty continuation line"),
    ("ConsistentInstructionCasing", "FROM alpine\nrun a\nUSER b\n", [[2, 2]],
     "Command 'run' should match the case of the command majority (uppercase)"),
    ("DuplicateStageName", "FROM alpine AS a\nFROM alpine AS a\n", [[2, 2]], 'Duplicate stage name "a", stage names should be unique'),
    ("ReservedStageName", "FROM alpine AS context\n", [[1, 1]], 'Stage name should not use the same name as reserved stage "context"'),
    ("JSONArgsRecommended", "FROM alpine\nCMD a\n", [[2, 2]],
     "JSON arguments recommended for CMD to prevent unintended behavior related to OS signals"),
    ("MaintainerDeprecated", "FROM alpine\nMAINTAINER me\n", [[2, 2]],
     "Maintainer instruction is deprecated in favor of using label"),
    ("UndefinedArgInFrom", "ARG VERSION=1\nFROM alpine:${VERSIO:-2}\n", [[2, 2]], "FROM argument 'VERSIO' is not declared (did you mean VERSION?)"),
    ("UndefinedVar", "FROM alpine\nENV A=$PAT\n", [[2, 2]], "Usage of undefined variable '$PAT' (did you mean $PATH?)"),
    ("WorkdirRelativePath", "FROM alpine\nWORKDIR a\nWORKDIR b\n", [[2, 2]],
     'Relative workdir "a" can have unexpected results if the base image changes'),
    ("MultipleInstructionsDisallowed", 'FROM alpine\nCMD ["a"]\nCMD ["b"]\n', [[2, 2]],
     "Multiple CMD instructions should not be used in the same stage because only the last one will be used"),
    ("LegacyKeyValueFormat", "FROM alpine\nENV a b\n", [[2, 2]],
     '"ENV key=value" should be used instead of legacy "ENV key value" format'),
    ("InvalidBaseImagePlatform", "FROM other\n", [[1, 1]],
     'Base image other was pulled with platform "linux/arm64", expected "linux/amd64" for current build'),
    ("RedundantTargetPlatform", "FROM --platform=$TARGETPLATFORM alpine\n", [[1, 1]],
     "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior"),
    ("SecretsUsedInArgOrEnv", "FROM alpine\nARG API_TOKEN\n", [[2, 2]],
     'Do not use ARG or ENV instructions for sensitive data (ARG "API_TOKEN")'),
    ("InvalidDefaultArgInFrom", "ARG TAG\nFROM alpine:$TAG\n", [[2, 2]],
     "Default value for ARG alpine:$TAG results in empty or invalid base image name"),
    ("FromPlatformFlagConstDisallowed", "FROM --platform=linux/amd64 alpine\n", [[1, 1]],
     'FROM --platform flag should not use constant value "linux/amd64"'),
    ("CopyIgnoredFile", "FROM alpine\nCOPY secret.txt /\n", [[2, 2]],
     'Attempting to Copy file "secret.txt" that is excluded by .dockerignore'),
    ("ExposeProtoCasing", "FROM alpine\nEXPOSE 80/TCP\n", [[2, 2]],
     "Defined protocol '80/TCP' in EXPOSE instruction should be lowercase"),
    ("ExposeInvalidFormat", "FROM alpine\nEXPOSE 127.0.0.1:80:8080\n", [[2, 2]],
     "EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:80:8080'"),
    ("InvalidDefinitionDescription", "# the base\nFROM alpine AS base\n", [[2, 2]],
     "Comment for FROM should follow the format: `# base <description>`"),
)  # fmt: skip

# rule, Dockerfile it says nothing about
SILENT = (
    ("StageNameCasing", "FROM alpine AS base\n"),
    ("FromAsCasing", "from alpine as base\n"),
    ("NoEmptyContinuation", "FROM alpine\nRUN a \\\n# note\n b\n"),
    ("ConsistentInstructionCasing", "from alpine\nrun a\n"),
    ("DuplicateStageName", "FROM alpine AS a\nFROM a AS b\n"),
    ("ReservedStageName", "FROM alpine AS contexts\n"),
    ("JSONArgsRecommended", 'FROM alpine\nSHELL ["sh"]\nCMD a\n'),
    ("MaintainerDeprecated", "FROM alpine\nLABEL maintainer=me\n"),
    ("UndefinedArgInFrom", "ARG V=1\nFROM alpine:$V\n"),
    ("UndefinedVar", "FROM alpine\nARG A\nENV B=$A\n"),
    ("WorkdirRelativePath", "FROM alpine\nWORKDIR /a\nWORKDIR b\n"),
    ("MultipleInstructionsDisallowed", 'FROM alpine AS a\nCMD ["a"]\nFROM a\nCMD ["b"]\n'),
    ("LegacyKeyValueFormat", "FROM alpine\nENV a=b\n"),
    ("InvalidBaseImagePlatform", "FROM --platform=linux/arm64 other\n"),
    ("RedundantTargetPlatform", "FROM --platform=$BUILDPLATFORM alpine\n"),
    ("SecretsUsedInArgOrEnv", "FROM alpine\nARG TOKEN_FILE\nENV PUBLIC_KEY=x\n"),
    ("InvalidDefaultArgInFrom", "ARG TAG=1\nFROM alpine:$TAG\n"),
    ("FromPlatformFlagConstDisallowed", "FROM --platform=linux/amd64 alpine AS build-amd64\n"),
    ("CopyIgnoredFile", "FROM alpine\nCOPY other.txt /\n"),
    ("ExposeProtoCasing", "FROM alpine\nEXPOSE 80/tcp\n"),
    ("ExposeInvalidFormat", "FROM alpine\nEXPOSE 8000-8001\n"),
    ("InvalidDefinitionDescription", "# base is the base\nFROM alpine AS base\n"),
)  # fmt: skip


def warnings(dockerfile: str, opts: dict[str, str] | None = None) -> list[dict[str, Any]]:
    options = {"build-arg:TAG": "1", **EXPERIMENTAL, **(opts or {})}
    case = {
        "id": "",
        "dockerfile": dockerfile,
        "opts": options,
        "images": ARM,
        "dockerignore": {"context": "secret.txt\n"},
        "caps": "all",
    }
    result = answer(case)
    assert result["error"] is None
    warnings: list[dict[str, Any]] = result["warnings"]
    return warnings


def rules(dockerfile: str, **opts: str) -> list[str]:
    return [warning["rule"] for warning in warnings(dockerfile, {key.replace("_", ":", 1): value for key, value in opts.items()})]


def test_every_rule_has_an_example_of_each_kind() -> None:
    assert {rule for rule, *_ in SPOKEN} == {rule for rule, *_ in SILENT} == set(RULES)


@pytest.mark.parametrize(("rule", "dockerfile", "lines", "message"), SPOKEN)
def test_a_rule_speaks(rule: str, dockerfile: str, lines: list[list[int]], message: str) -> None:
    [warning] = [warning for warning in warnings(dockerfile) if warning["rule"] == rule]
    assert warning["lines"] == lines
    assert warning["detail"] == message
    assert warning["description"] == RULES[rule].description
    assert warning["url"] == RULES[rule].url


@pytest.mark.parametrize(("rule", "dockerfile"), SILENT)
def test_a_rule_is_silent(rule: str, dockerfile: str) -> None:
    assert rule not in rules(dockerfile)


CHECK = "build-arg_BUILDKIT_DOCKERFILE_CHECK"
BAD = "FROM alpine as a\nENV x y\n"


def test_a_place_that_is_not_in_the_file_is_line_0() -> None:
    warning = check.Warning("Rule", "words", "", "", (LineRange(0, 0),))
    assert (warning.text(None), warning.text(3)) == ("Rule: words (line 0)", "Rule: words (line 3)")
    assert attrs.evolve(warning, lines=()).text(None) == "Rule: words"


def test_controls_of_a_whole_file() -> None:
    both = ["FromAsCasing", "LegacyKeyValueFormat"]
    assert rules(BAD) == both
    assert rules(BAD, **{CHECK: "skip=all"}) == []
    assert rules(BAD, **{CHECK: "skip=FromAsCasing"}) == both[1:]
    assert rules("# check=skip=FromAsCasing,LegacyKeyValueFormat\n" + BAD, **{CHECK: ""}) == both, (
        "the option replaces the directive"
    )


def test_controls_of_one_instruction() -> None:
    assert rules("FROM alpine\n# check=skip=LegacyKeyValueFormat\nENV x y\nENV z 1\n") == ["LegacyKeyValueFormat"]
    assert rules("FROM alpine\n  # check=skip=all\nENV x y\n") == ["LegacyKeyValueFormat"], "an indented comment does not count"


def test_comments_of_what_cannot_be_read_are_not_looked_at() -> None:
    case = {"id": "", "dockerfile": "# the base\nFROM alpine as 1\n", "opts": EXPERIMENTAL, "caps": "all"}
    assert [warning["rule"] for warning in answer(case)["warnings"]] == ["FromAsCasing"]


def test_findings_can_fail_the_build() -> None:
    case = {"id": "", "dockerfile": "# check=error=true\nFROM alpine as a\n", "opts": {}, "caps": "all"}
    assert "lint violation found for rules: FromAsCasing" in answer(case)["error"]
    case["dockerfile"] = "# check=error=true;skip=all\nFROM alpine as a\n"
    assert answer(case)["error"] is None
