"""ONBUILD triggers of base images."""

from __future__ import annotations

import pytest

from tests.differential.subject import answer
from tests.frontend.cases import case, with_images


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


def test_an_error_in_a_trigger_names_the_trigger() -> None:
    for trigger, message in (("", "file with no instructions"), ("FROM x", "is not a command type")):
        assert message in answer(with_images("FROM a\n", {"a": [trigger]}))["error"]


def test_a_trigger_set_by_a_trigger_does_not_run_in_later_stages() -> None:
    request = case("FROM image AS below\nFROM below\n")
    config = {"OnBuild": ["ONBUILD RUN a", "RUN b"]}
    request["images"] = {"docker.io/library/image:latest": {"config": {"config": config, "rootfs": {"diff_ids": ["x"]}}}}
    assert [entry["created_by"] for entry in answer(request)["image"]["history"]] == ["RUN /bin/sh -c b # buildkit"]
