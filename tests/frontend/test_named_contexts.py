"""Named contexts: OCI layouts, and the config of the base image."""

from __future__ import annotations

import json

import pytest

from tests.differential.subject import answer
from tests.frontend.cases import case


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


def test_the_base_config_of_an_oci_layout_keeps_its_creation_time_and_that_of_an_image_context_does_not() -> None:
    digest = f"sha256:{'a' * 64}"
    config = {"os": "linux", "architecture": "amd64", "created": "2020-01-01T00:00:00Z", "rootfs": {}, "config": {}}
    request = case("FROM base\n", **{"context:base": f"oci-layout://store@{digest}"})
    request["images"] = {ref: {"config": config} for ref in (f"docker.io/library/base@{digest}", "docker.io/library/other:latest")}
    assert json.loads(answer(request)["meta"]["containerimage.base.config"])["created"] == config["created"]
    request["opts"]["context:base"] = "docker-image://other"
    assert "created" not in json.loads(answer(request)["meta"]["containerimage.base.config"])
