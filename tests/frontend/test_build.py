"""Whole builds over the in-process bridge: stages, targets, platforms and epochs, and errors with suggestions."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from llbfront.errors import UnsupportedCapability
from llbfront.frontend.build import build
from llbfront.pb import ops_pb2 as ops
from tests.differential.subject import World, answer
from tests.frontend.cases import case, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llbfront.frontend.bridge import Reference
    from llbfront.llb.definition import Definition


NO_YEAR = "failed to marshal image config: year outside of range [0,9999]"


def test_two_platforms_give_two_results() -> None:
    result = answer(case("FROM alpine\nRUN echo $TARGETPLATFORM\n", platform="linux/amd64,linux/arm64"))
    assert sorted(result["platforms"]) == ["linux/amd64", "linux/arm64"]
    assert names(result["platforms"]["linux/arm64"])[1] == "[linux/arm64 2/2] RUN echo $TARGETPLATFORM"


def test_an_unused_stage_is_not_resolved() -> None:
    request = case("FROM missing AS a\nFROM alpine\n")
    request["images"] = {"docker.io/library/missing:latest": {"error": "not found"}}
    assert answer(request)["error"] is None


def test_an_unknown_image_suggests_a_similar_name() -> None:
    request = case("FROM alpne\n")
    request["images"] = {"docker.io/library/alpne:latest": {"error": "not found"}}
    message = "failed to resolve source metadata for docker.io/library/alpne:latest: not found"
    assert answer(request)["error"] == f"Dockerfile:1: alpne: {message} (did you mean alpine?)"


def test_an_empty_command_fails_only_if_its_stage_is_built() -> None:
    empty = "FROM scratch AS a\nRUN []\n"
    assert answer(case(empty))["error"] == "failed to marshal LLB definition: arguments are required ([1/1] RUN [])"
    assert answer(case(empty + "FROM scratch\nCOPY --from=a <<E /x\nE\n"))["error"] is None
    assert answer(case(empty, requestid="frontend.lint"))["error"] is None


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


def test_an_epoch_source_with_invalid_utf8_is_an_error() -> None:
    text = "FROM scratch AS when\nADD https://h/r.git?commit=%aa /\nFROM scratch\n"
    assert "UTF-8" in answer({"dockerfile": text, "opts": {"build-arg:SOURCE_DATE_EPOCH": "when"}})["error"]


@pytest.mark.parametrize(("target", "is_near"), [("buidl", True), ("BUIDL", False)])
def test_a_target_is_suggested_only_in_its_own_case(target: str, is_near: bool) -> None:
    assert ("(did you mean build?)" in answer(case("FROM scratch AS build\n", target=target))["error"]) == is_near


def test_a_misspelt_stage_in_copy_suggests_a_similar_name() -> None:
    request = case("FROM scratch AS build\nFROM scratch\nCOPY --from=biuld /a /b\n")
    request["images"] = {
        "docker.io/library/biuld:latest": {"error": "pull access denied"},
    }
    text = answer(request)["error"]
    assert text is not None
    assert text.endswith("(did you mean build?)")


def test_a_number_too_large_for_a_stage_is_an_image_name() -> None:
    assert "invalid stage index" in answer(case("FROM alpine\nCOPY --from=9 a b\n"))["error"]
    assert answer(case(f"FROM alpine\nCOPY --from={'9' * 20} a b\n"))["error"] is None


def test_the_lower_case_dockerfile_is_searched_on_the_cleaned_path() -> None:
    result = answer({**case("FROM scratch\nCOPY a b\n", filename="a/../Dockerfile"), "def": True})
    definition = ops.Definition.FromString(base64.b64decode(result["def_b64"]))
    source = ops.Op.FromString(getattr(definition.Source.infos[0].definition, "def")[0]).source
    assert json.loads(source.attrs["local.followpaths"]) == ["a/../Dockerfile", "a/../Dockerfile.dockerignore", "dockerfile"]


class LimitedWorld(World):
    """A world whose engine lacks a capability that every graph needs."""

    def solve(self, definitions: Sequence[Definition], **_: Any) -> list[Reference | None]:
        raise UnsupportedCapability(f"cannot take {len(definitions)} graph")


def test_a_missing_capability_for_reading_the_dockerfile_is_an_error() -> None:
    with pytest.raises(UnsupportedCapability, match=r"^failed to resolve dockerfile: cannot take 1 graph$"):
        build(LimitedWorld(case("FROM scratch"), {}, []))


def test_an_empty_sbom_scan_argument_selects_the_only_stage() -> None:
    request = case("ARG BUILDKIT_SBOM_SCAN_CONTEXT=\nFROM alpine AS a\n", **{"attest:sbom": "generator=scanner"})
    scanner = {"os": "linux", "architecture": "amd64", "config": {"Cmd": ["scan"]}, "rootfs": {"diff_ids": ["x"]}}
    request["images"] = {"docker.io/library/scanner:latest": {"config": scanner}}
    assert "[internal] load build context" in names(answer(request)["attestations"]["linux/amd64"][0])
    request["dockerfile"] = request["dockerfile"].replace("CONTEXT=", "CONTEXT=a")
    assert "[internal] load build context" not in names(answer(request)["attestations"]["linux/amd64"][0])
