"""What the pages of the build checks say of false alarms that users reported: what happens here, and that the reference does the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.lint import rule_pages
from tests.differential import filters
from tests.differential.subject import answer

if TYPE_CHECKING:
    from tests.differential.filters import Case

# thread, Dockerfile, ignore file, the rules that are broken
REPORTED: tuple[tuple[str, str, str, list[str]], ...] = (
    ("moby/buildkit#5423", "FROM alpine\nENTRYPOINT /bin/bash\n", "", ["JSONArgsRecommended"]),
    ("docker/docs#20440", 'FROM alpine\nENV PORT=1\nCMD ["server", "-p", $PORT]\n', "", ["JSONArgsRecommended"]),
    ("docker/buildx#2751", "FROM alpine\nENV PYTHONPATH=/lib:$PYTHONPATH\n", "", ["UndefinedVar"]),
    ("docker/buildx#2751", "FROM alpine\nENV PYTHONPATH=/lib:${PYTHONPATH:-}\n", "", ["UndefinedVar"]),
    ("docker/buildx#2751", "FROM alpine\nARG PYTHONPATH\nENV PYTHONPATH=/lib:$PYTHONPATH\n", "", []),
    ("docker/buildx#3718", "FROM alpine\nCOPY <<EOF /e\nexport LC_ALL=C\nexport LANG=$LC_ALL\nEOF\n", "", ["UndefinedVar"]),
    ("docker/buildx#3718", 'FROM alpine\nCOPY <<"EOF" /e\nexport LC_ALL=C\nexport LANG=$LC_ALL\nEOF\n', "", []),
    ("moby/buildkit#5048", "FROM alpine AS a\nARG foo=x\nCOPY $foo .\nFROM a AS b\nCOPY $foo .\n", "", []),
    ("moby/buildkit#5152", "FROM other\n", "", ["InvalidBaseImagePlatform"]),
    ("moby/buildkit#5152", "FROM --platform=linux/arm64 other AS emulated-arm64\n", "", []),
    ("ddev/ddev#6462", "FROM alpine\nENV SSH_AUTH_SOCK=/s SSH_KEY_DIR=/k\n", "", ["SecretsUsedInArgOrEnv"] * 2),
    ("ddev/ddev#6462", "FROM alpine\nENV MYSQL_PASSWORD=db\n", "", ["SecretsUsedInArgOrEnv"]),
    ("docker/buildx#3059", "FROM alpine\nARG instance_types_file_key\n", "", []),
    ("docker/buildx#3059", "FROM alpine\n# check=skip=SecretsUsedInArgOrEnv\nARG the_key\n", "", []),
    ("moby/buildkit#6501", "FROM alpine\nENV SESSION_SECRET_FILE=/f AUTH_MODULE_VERSION=1\n", "", []),
    ("docker/buildx#2704", "ARG BASE\nFROM $BASE\n", "", ["InvalidDefaultArgInFrom"]),
    ("moby/moby#49928", "ARG BASE\nARG TAG\nFROM ${BASE}-${TAG}:latest\n", "", ["InvalidDefaultArgInFrom"]),
    ("moby/moby#49928", "ARG BASE=t\nARG TAG=t\nFROM ${BASE}-${TAG}:latest\n", "", []),
    ("moby/moby#48268", "ARG TAG\nFROM alpine:$TAG\n", "", ["InvalidDefaultArgInFrom"]),
    ("moby/buildkit#6022", "FROM --platform=linux/amd64 alpine\n", "", ["FromPlatformFlagConstDisallowed"]),
    ("moby/buildkit#5131", "FROM --platform=linux/amd64 alpine AS app\n", "", ["FromPlatformFlagConstDisallowed"]),
    ("moby/buildkit#5131", "FROM --platform=linux/amd64 alpine AS app-amd64\n", "", []),
    ("moby/buildkit#5884", "FROM alpine\nCOPY ./manage.py /app/\n", "**\n!manage.py\n", []),
    ("moby/buildkit#6512", "FROM alpine\nCOPY . /src/\n", "*\n!go.*\n!*.go\n", []),
    ("moby/moby#52125", "FROM alpine\nCOPY a.txt a.txt\nCOPY subdir subdir\n", "*\n!a.txt\n!subdir/file\n", []),
    ("moby/buildkit#6926", "FROM alpine\nCOPY . .\n", ".*\n", []),
    ("moby/buildkit#6926", "FROM alpine\nCOPY . .\n", "*\n", ["CopyIgnoredFile"]),
    ("moby/buildkit#7125", "FROM alpine\nCOPY secret.txt /\n", "secret.txt\n!elsewhere\n", []),
    ("moby/buildkit#2173", "FROM alpine\nEXPOSE 192.168.1.5:8080:80/tcp\n", "", ["ExposeInvalidFormat"]),
)
BROKEN = "FROM alpine\nCMD <<EOF\nenv\nEOF\n"  # moby/buildkit#5240
ARM = {"os": "linux", "architecture": "arm64", "config": {}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "1" * 64]}}
OPTIONS = {"build-arg:BASE": "b", "build-arg:TAG": "1"}


def case(number: int, dockerfile: str, ignore: str = "", **more: object) -> Case:
    return {
        "id": str(number),
        "dockerfile": dockerfile,
        "opts": {**OPTIONS, **more},
        "images": {f"docker.io/library/{name}:latest": {"config": ARM} for name in ("other",)}
        | {"example.org/tool:latest": {"config": ARM}},
        "dockerignore": {"context": ignore},
        "caps": "all",
    }


def test_each_report_that_a_page_names_is_tried() -> None:
    named = {report.thread for page in rule_pages.pages().values() for report in page.reports}
    assert {thread for thread, *_ in REPORTED} | {"moby/buildkit#5240"} == named


def test_reported_false_alarms_are_as_the_pages_say_here_and_in_buildkit() -> None:
    cases = [case(number, dockerfile, ignore) for number, (_, dockerfile, ignore, _) in enumerate(REPORTED)]
    [theirs] = filters.ask(cases, filters.oracle())
    expected = [(thread, rules) for thread, _, _, rules in REPORTED]
    for answers in ([answer(each_case) for each_case in cases], theirs):
        assert [each["error"] for each in answers] == [None] * len(cases)
        reported = [[warning["rule"] for warning in each["warnings"]] for each in answers]
        assert [(thread, rules) for (thread, *_), rules in zip(REPORTED, reported, strict=True)] == expected


def test_lines_of_an_unsupported_heredoc_are_an_error_and_not_a_finding() -> None:
    [[theirs]] = filters.ask([case(0, BROKEN)], filters.oracle())
    for each in (answer(case(0, BROKEN)), theirs):
        assert "ENV requires at least one argument" in each["error"]
        assert not each["warnings"]


def test_the_reference_finds_the_same_in_the_examples() -> None:
    examples = [(page.ignore, text) for page in rule_pages.pages().values() for text in (page.bad, page.good)]
    on = {"build-arg:BUILDKIT_DOCKERFILE_CHECK": "experimental=all"}
    cases = [case(number, text, ignore, **on) for number, (ignore, text) in enumerate(examples)]
    [theirs] = filters.ask(cases, filters.oracle())
    assert cases
    for ours, reference in zip(map(answer, cases), theirs, strict=True):
        assert ours["warnings"] == reference["warnings"], cases[int(ours["id"])]["dockerfile"]
