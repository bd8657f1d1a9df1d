"""Whole builds over the in-process bridge: digests, image configs and errors as BuildKit's own frontend gives them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from llbfront.errors import UnsupportedCapability
from llbfront.frontend.build import build
from llbfront.pb import ops_pb2 as ops
from tests.differential.subject import World, answer
from tests.support.whole_dockerfile import WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llbfront.frontend.bridge import Reference
    from llbfront.llb.definition import Definition


NO_YEAR = "failed to marshal image config: year outside of range [0,9999]"


def case(dockerfile: str, **opts: str) -> dict[str, Any]:
    return {"id": "", "dockerfile": dockerfile, "opts": {key.replace("_", "-"): value for key, value in opts.items()}}


def names(result: dict[str, Any]) -> list[str]:
    descriptions = (result["metadata"].get(digest, {}).get("description", {}) for digest in result["ops"])
    return [description["llb.customname"] for description in descriptions if "llb.customname" in description]


def test_steps_are_numbered_and_named() -> None:
    result = answer(case(WHOLE, platform="linux/amd64"))
    assert [name for name in names(result) if name.startswith("[a ")] == [
        "[a 1/6] WORKDIR /app",
        "[a 2/6] COPY --chown=1:2 --chmod=640 a b/ dst/",
        "[a 3/6] COPY --link --chown=1000: <<E1 <<E2 /h/",
        "[a 3/6] LINK COPY --link --chown=1000: <<E1 <<E2 /h/",
        '[a 4/6] RUN --mount=type=cache,target=/root/.c,uid=5 --mount=type=secret,id=k,env=K --mount=target=/src,rw echo "1 \\$Y"',
        "[a 5/6] ADD https://h/x.tgz /d/",
        "[a 5/6] ADD https://h/x.tgz /d/",
        "[a 6/6] ADD --unpack=false x.tar /e/",
    ]


def test_history_has_the_words_of_buildkit() -> None:
    result = answer(case(WHOLE, platform="linux/amd64"))
    assert [entry["created_by"] for entry in result["image"]["history"]] == [
        "ARG X=1",
        "ENV Y=a b Z=1",
        "WORKDIR /app",
        "COPY --chown=1:2 --chmod=640 a b/ dst/ # buildkit",
        "COPY --chown=1000: <<E1 <<E2 /h/ # buildkit",
        'RUN |1 X=1 /bin/sh -c echo "$X \\$Y" # buildkit',
        "ADD https://h/x.tgz /d/ # buildkit",
        "ADD x.tar /e/ # buildkit",
        "HEALTHCHECK {Test:[CMD-SHELL echo hi] Interval:5s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}",
        "EXPOSE [7000/udp 7001/udp 80/tcp]",
        'CMD ["/bin/sh" "-c" "echo $Y"]',
        "LABEL a=b c d=e",
        "VOLUME [/v]",
    ]


def test_an_unused_stage_is_not_resolved() -> None:
    request = case("FROM missing AS a\nFROM alpine\n")
    request["images"] = {"docker.io/library/missing:latest": {"error": "not found"}}
    assert answer(request)["error"] is None


def test_an_unknown_image_suggests_a_similar_name() -> None:
    request = case("FROM alpne\n")
    request["images"] = {"docker.io/library/alpne:latest": {"error": "not found"}}
    message = "failed to resolve source metadata for docker.io/library/alpne:latest: not found"
    assert answer(request)["error"] == f"Dockerfile:1: alpne: {message} (did you mean alpine?)"


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


def test_two_platforms_give_two_results() -> None:
    result = answer(case("FROM alpine\nRUN echo $TARGETPLATFORM\n", platform="linux/amd64,linux/arm64"))
    assert sorted(result["platforms"]) == ["linux/amd64", "linux/arm64"]
    assert names(result["platforms"]["linux/arm64"])[1] == "[linux/arm64 2/2] RUN echo $TARGETPLATFORM"


def with_images(dockerfile: str, triggers: dict[str, list[str]], **opts: str) -> dict[str, Any]:
    """Return a case whose images have ONBUILD triggers."""
    images = {
        f"docker.io/library/{name}:latest": {"config": {"config": {"OnBuild": on_build}}} for name, on_build in triggers.items()
    }
    return {**case(dockerfile, **opts), "images": images}


def test_an_empty_command_fails_only_if_its_stage_is_built() -> None:
    empty = "FROM scratch AS a\nRUN []\n"
    assert answer(case(empty))["error"] == "failed to marshal LLB definition: arguments are required ([1/1] RUN [])"
    assert answer(case(empty + "FROM scratch\nCOPY --from=a <<E /x\nE\n"))["error"] is None
    assert answer(case(empty, requestid="frontend.lint"))["error"] is None


def test_invalid_utf8_is_replaced_in_the_name_of_a_step() -> None:
    result = answer(case("FROM scratch\nCOPY --exclude=\udce2 a b\nRUN --mount=target=/\udce2,rw x\n"))
    assert names(result)[-1] == "[stage-0 2/2] RUN --mount=target=/\ufffd,rw x"


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


@pytest.mark.parametrize(
    "triggers",
    [
        {"a": ["COPY --from=a /x /y"]},
        {"a": ["COPY --from=b /x /y"], "b": ["RUN --mount=from=a,target=/a true"]},
        {"a": ["COPY --from=b /x /y"], "b": ["COPY --from=b /x /y"]},
    ],
)
def test_recursive_triggers_are_an_error(triggers: dict[str, list[str]]) -> None:
    result = answer(with_images("FROM scratch\nFROM a\n", triggers))
    assert "without end" in result["error"]
    assert "ONBUILD triggers of" in result["error"]


def test_triggers_may_copy_from_images_with_triggers() -> None:
    triggers = {"a": ["COPY --from=b /x /y", "COPY --from=b /z /w"], "b": ["COPY --from=c /x /y"], "c": ["RUN true"]}
    assert answer(with_images("FROM a\n", triggers))["error"] is None


def test_a_context_that_replaces_a_stage_has_no_triggers() -> None:
    request = with_images("FROM scratch AS base\n", {"a": ["RUN x"]}, **{"context:base": "docker-image://a"})
    assert "OnBuild" not in answer(request)["image"]["config"]


def test_the_outline_of_a_replaced_stage_has_the_arguments_of_its_base() -> None:
    text = "ARG A=alpine\nARG B=x\nFROM $A AS one\nFROM one AS two\n"
    result = answer(case(text, requestid="frontend.outline", **{"context:two": "docker-image://busybox"}))
    assert [arg["name"] for arg in json.loads(result["meta"]["result.json"])["args"]] == ["A"]


@pytest.mark.parametrize(
    ("seconds", "error"),
    [
        ("253402300799", None),
        ("253402300800", NO_YEAR),
        ("-62167219200", None),
        ("-62167219201", NO_YEAR),
        (str(2**63 - 1), NO_YEAR),
    ],
)
def test_an_epoch_out_of_range_is_an_error_if_a_config_is_written(seconds: str, error: str | None) -> None:
    key = "build-arg:SOURCE_DATE_EPOCH"
    result = answer({"dockerfile": "FROM scratch\nWORKDIR /x\n", "opts": {key: seconds}})
    assert result["error"] == error
    assert (
        answer({"dockerfile": "FROM scratch\nWORKDIR /x\n", "opts": {key: seconds, "requestid": "frontend.lint"}})["error"] is None
    )


@pytest.mark.parametrize(
    ("context", "message"),
    [
        (f"oci-layout://S@sha256:{'0' * 64}", "repository name must be lowercase"),
        ("oci-layout://s@x", "invalid reference format"),
        ("oci-layout://s:t", 'oci-layout reference "s:t" has no digest'),
        ("oci-layout://", "at least one component"),
    ],
)
def test_an_invalid_oci_layout_reference_is_an_error(context: str, message: str) -> None:
    assert message in answer(case("FROM lib\n", **{"context:lib": context}))["error"]


def test_an_error_in_a_trigger_names_the_trigger() -> None:
    for trigger, message in (("", "file with no instructions"), ("FROM x", "is not a command type")):
        assert message in answer(with_images("FROM a\n", {"a": [trigger]}))["error"]


@pytest.mark.parametrize(("target", "is_near"), [("buidl", True), ("BUIDL", False)])
def test_a_target_is_suggested_only_in_its_own_case(target: str, is_near: bool) -> None:
    assert ("(did you mean build?)" in answer(case("FROM scratch AS build\n", target=target))["error"]) == is_near


def test_a_byte_order_mark_before_a_value_is_dropped() -> None:
    result = answer(case("FROM scratch\nENV A=\ufeffx B=\ufeff C=y\ufeff\n"))
    assert result["image"]["config"]["Env"][1:] == ["A=x", "B=", "C=y\ufeff"]


@pytest.mark.parametrize("digits", ["9" * 20, "9" * 5000], ids=["20 digits", "5000 digits"])
def test_numbers_that_are_too_large_are_an_error(digits: str) -> None:
    signal = answer(case(f"FROM scratch\nSTOPSIGNAL {digits}\n"))["error"]
    port = answer(case(f"FROM scratch\nEXPOSE {digits}\n"))["error"]
    assert signal.startswith(f"Dockerfile:2: invalid signal: {digits[:20]}")
    assert port.startswith(f"Dockerfile:2: invalid containerPort: {digits[:20]}")


def test_a_number_may_have_any_number_of_zeros() -> None:
    digits = "0" * 5000 + "1"
    assert answer(case(f"FROM scratch\nSTOPSIGNAL {digits}\n"))["error"] is None
    assert answer(case(f"FROM scratch\nEXPOSE {digits}\n"))["error"] is None


@pytest.mark.parametrize("digits", ["9" * 20, "9" * 5000, "0" * 5000 + "1"], ids=["20 digits", "5000 digits", "5000 zeros"])
def test_an_owner_of_any_length_is_a_name(digits: str) -> None:
    assert answer(case(f"FROM alpine\nCOPY --chown={digits} a b\n"))["error"] is None


def test_a_number_too_large_for_a_stage_is_an_image_name() -> None:
    assert "invalid stage index" in answer(case("FROM alpine\nCOPY --from=9 a b\n"))["error"]
    assert answer(case(f"FROM alpine\nCOPY --from={'9' * 20} a b\n"))["error"] is None


def test_an_undefined_variable_in_a_heredoc_is_reported_before_the_error() -> None:
    result = answer(case("FROM alpine\nCOPY <<E /\n${A?}\nE\n"))
    assert result["error"] == 'Dockerfile:2: failed to process "${A?}\\n": A: is not allowed to be unset'
    assert [warning["detail"] for warning in result["warnings"]] == ["Usage of undefined variable '$A'"]


def test_many_mounts_on_one_target_are_in_the_order_of_buildkit() -> None:
    mounts = " ".join(f"--mount=type=cache,id={number},target=/{'ab'[number % 2]}" for number in range(14))
    result = answer({**case(f"FROM alpine\nRUN {mounts} x\n"), "def": True})
    definition = ops.Definition.FromString(base64.b64decode(result["def_b64"]))
    mounted = ops.Op.FromString(getattr(definition, "def")[1])
    order = " ".join(mount.cacheOpt.ID.removeprefix("/") for mount in mounted.exec.mounts[1:])
    assert order == "8 10 2 12 4 0 6 7 5 9 1 11 3 13"


@pytest.mark.parametrize(("name", "command"), [("a/../b", "/dev/pipes/b"), ("..", "/dev"), ("/x", "/dev/pipes/x")])
def test_the_path_of_a_heredoc_script_is_cleaned(name: str, command: str) -> None:
    result = answer(case(f"FROM alpine\nRUN <<'{name}'\n#!/bin/x\n{name}\n"))
    assert result["image"]["history"][-1]["created_by"] == f"RUN /bin/sh -c {command} # buildkit"


def test_an_epoch_source_with_invalid_utf8_is_an_error() -> None:
    text = "FROM scratch AS when\nADD https://h/r.git?commit=%aa /\nFROM scratch\n"
    assert "UTF-8" in answer({"dockerfile": text, "opts": {"build-arg:SOURCE_DATE_EPOCH": "when"}})["error"]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("[::1]", None),
        ("[]", None),
        ("[::1", "invalid IP address [::1: address [::1:: missing ']' in address"),
        ("[::1]x", "invalid IP address [::1]x: address [::1]x:: missing port in address"),
        ("[::1]:x", "invalid IP address [::1]:x: address [::1]:x:: too many colons in address"),
        ("[[::1]", "invalid IP address [[::1]: address [[::1]:: unexpected '[' in address"),
        ("[x]", "invalid IP address: x"),
    ],
)
def test_an_ipv6_address_in_brackets_is_parsed(address: str, message: str | None) -> None:
    error = answer(case(f"FROM scratch\nEXPOSE {address}:80:90\n"))["error"]
    assert error is None if message is None else error.endswith(message)


def test_the_base_config_of_an_oci_layout_keeps_its_creation_time_and_that_of_an_image_context_does_not() -> None:
    digest = f"sha256:{'a' * 64}"
    config = {"os": "linux", "architecture": "amd64", "created": "2020-01-01T00:00:00Z", "rootfs": {}, "config": {}}
    request = case("FROM base\n", **{"context:base": f"oci-layout://store@{digest}"})
    request["images"] = {ref: {"config": config} for ref in (f"docker.io/library/base@{digest}", "docker.io/library/other:latest")}
    assert json.loads(answer(request)["meta"]["containerimage.base.config"])["created"] == config["created"]
    request["opts"]["context:base"] = "docker-image://other"
    assert "created" not in json.loads(answer(request)["meta"]["containerimage.base.config"])


def test_a_secret_without_id_is_named_after_its_windows_path() -> None:
    text = "# escape=`\nFROM --platform=windows/amd64 x\nRUN --mount=type=secret,target=C:\\a\\key x\n"
    result = answer(case(text, requestid="frontend.outline"))
    assert [secret["name"] for secret in json.loads(result["meta"]["result.json"])["secrets"]] == ["key"]


def test_the_lower_case_dockerfile_is_searched_on_the_cleaned_path() -> None:
    result = answer({**case("FROM scratch\nCOPY a b\n", filename="a/../Dockerfile"), "def": True})
    definition = ops.Definition.FromString(base64.b64decode(result["def_b64"]))
    source = ops.Op.FromString(getattr(definition.Source.infos[0].definition, "def")[0]).source
    assert json.loads(source.attrs["local.followpaths"]) == ["a/../Dockerfile", "a/../Dockerfile.dockerignore", "dockerfile"]


def test_an_image_with_two_stage_numbers_is_one_source() -> None:
    text = "FROM x\nCOPY --from=image a b\nCOPY --from=1 c d\nCOPY --from=2 c d\n"
    result = answer({**case(text), "def": True})
    locations = ops.Definition.FromString(base64.b64decode(result["def_b64"])).Source.locations
    assert [len(locations[digest].locations) for digest in result["ops"][:2]] == [1, 1]


def test_a_finding_of_several_platforms_is_reported_once() -> None:
    request = case("FROM arm AS a\n", platform="linux/amd64,linux/arm64", **{"context:a::linux/arm64": "docker-image://triggered"})
    request["images"] = {
        "docker.io/library/arm:latest": {"config": {"os": "linux", "architecture": "arm", "rootfs": {"diff_ids": ["x"]}}},
        "docker.io/library/triggered:latest": {"config": {"config": {"OnBuild": ["COPY --from=other a b"]}}},
    }
    assert [warning["rule"] for warning in answer(request)["warnings"]] == ["InvalidBaseImagePlatform"]


def test_a_trigger_set_by_a_trigger_does_not_run_in_later_stages() -> None:
    request = case("FROM image AS below\nFROM below\n")
    config = {"OnBuild": ["ONBUILD RUN a", "RUN b"]}
    request["images"] = {"docker.io/library/image:latest": {"config": {"config": config, "rootfs": {"diff_ids": ["x"]}}}}
    assert [entry["created_by"] for entry in answer(request)["image"]["history"]] == ["RUN /bin/sh -c b # buildkit"]


def test_an_empty_sbom_scan_argument_selects_the_only_stage() -> None:
    request = case("ARG BUILDKIT_SBOM_SCAN_CONTEXT=\nFROM alpine AS a\n", **{"attest:sbom": "generator=scanner"})
    scanner = {"os": "linux", "architecture": "amd64", "config": {"Cmd": ["scan"]}, "rootfs": {"diff_ids": ["x"]}}
    request["images"] = {"docker.io/library/scanner:latest": {"config": scanner}}
    assert "[internal] load build context" in names(answer(request)["attestations"]["linux/amd64"][0])
    request["dockerfile"] = request["dockerfile"].replace("CONTEXT=", "CONTEXT=a")
    assert "[internal] load build context" not in names(answer(request)["attestations"]["linux/amd64"][0])


def test_lint_reports_the_error_of_the_last_base() -> None:
    result = json.loads(answer(case("FROM One\nFROM Two\n", requestid="frontend.lint"))["meta"]["result.json"])
    assert result["buildError"]["location"]["ranges"][0]["start"]["line"] == 2


def test_a_stage_two_levels_above_a_context_without_config_knows_its_platform() -> None:
    text = "FROM x AS replaced\nFROM replaced AS first\nWORKDIR a\nFROM first AS second\nWORKDIR b\n"
    result = answer(case(text, **{"context:replaced": "local:foo", "platform": "linux/arm64", "multi-platform": "1"}))
    (platform,) = result["platforms"].values()
    assert names(platform)[-2:] == ["[unknown first 1/1] WORKDIR a", "[linux/arm64 second 1/1] WORKDIR b"]


def test_equal_context_sources_take_the_name_of_the_last() -> None:
    contexts = {"context:one": "https://h/x", "context:two": "https://h/x"}
    assert names(answer(case("FROM one\nCOPY --from=two a b\n", **contexts)))[0] == "[context two] https://h/x"
    text = "FROM one\nCOPY --from=two a b\nCOPY --from=one a b\n"
    assert names(answer(case(text, **contexts)))[0] == "[context one] https://h/x"


def test_lint_reports_the_first_error_if_the_last_base_is_valid() -> None:
    result = json.loads(answer(case("FROM One\nFROM Two\nFROM alpine\n", requestid="frontend.lint"))["meta"]["result.json"])
    assert result["buildError"]["location"]["ranges"][0]["start"]["line"] == 1


class LimitedWorld(World):
    """A world whose engine lacks a capability that every graph needs."""

    def solve(self, definitions: Sequence[Definition], **_: Any) -> list[Reference | None]:
        raise UnsupportedCapability(f"cannot take {len(definitions)} graph")


def test_a_missing_capability_for_reading_the_dockerfile_is_an_error() -> None:
    with pytest.raises(UnsupportedCapability, match=r"^failed to resolve dockerfile: cannot take 1 graph$"):
        build(LimitedWorld(case("FROM scratch"), {}, []))


def test_a_misspelt_stage_in_copy_suggests_a_similar_name() -> None:
    request = case("FROM scratch AS build\nFROM scratch\nCOPY --from=biuld /a /b\n")
    request["images"] = {
        "docker.io/library/biuld:latest": {"error": "pull access denied"},
    }
    text = answer(request)["error"]
    assert text is not None
    assert text.endswith("(did you mean build?)")
