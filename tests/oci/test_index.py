"""Choosing a manifest of an index by platform or name, and adding named manifests."""

from typing import Any

import pytest

from llbfront.errors import InvalidJson
from llbfront.foreign_json import JsonObject
from llbfront.oci import platform as platforms
from llbfront.oci.index import (
    IMAGE_NAME,
    REF_NAME,
    descriptors_of,
    digest_of,
    find_by_name,
    find_for_platform,
    insert,
    name_annotations,
    tags_of,
)


def descriptor(digest: str, **members: Any) -> JsonObject:
    return JsonObject({"digest": f"sha256:{digest}", **members})


def descriptor_for(digest: str, os: str, architecture: str, variant: str = "") -> JsonObject:
    return descriptor(digest, platform={"os": os, "architecture": architecture, "variant": variant})


@pytest.mark.parametrize(
    ("platform", "available", "expected"),
    [
        ("linux/amd64", ["linux/arm64", "linux/amd64"], "1"),
        ("linux/amd64", ["linux/386"], "0"),
        ("linux/amd64", ["linux/386", "linux/amd64"], "1"),
        ("linux/amd64", ["linux/arm64"], None),
        ("linux/amd64/v3", ["linux/amd64", "linux/amd64/v2", "linux/amd64/v4"], "1"),
        ("linux/amd64", ["linux/amd64/v2"], None),
        ("linux/arm64", ["linux/arm/v7"], "0"),
        ("linux/arm64", ["linux/arm64/v8"], "0"),
        ("linux/arm/v7", ["linux/arm/v5", "linux/arm/v6"], "1"),
        ("linux/arm/v6", ["linux/arm/v7"], None),
        ("linux/amd64", ["windows/amd64"], None),
        ("linux/amd64", ["linux/amd64", "linux/amd64"], "0"),
        ("linux/amd64", [], None),
    ],
)
def test_find_for_platform(platform: str, available: list[str], expected: str | None) -> None:
    descriptors = [descriptor_for(str(number), *text.split("/")) for number, text in enumerate(available)]
    descriptor = find_for_platform(descriptors, platforms.parse(platform))
    assert (descriptor and digest_of(descriptor)) == (expected and f"sha256:{expected}")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("v1", "1"), ("docker.io/library/a:v1", "2"), ("twice", "3"), ("both", "6"), ("docker.io/library/a", None), ("", None)],
)
def test_find_by_name(name: str, expected: str | None) -> None:
    descriptors = [
        descriptor("0"),
        descriptor("1", annotations={REF_NAME: "v1"}),
        descriptor("2", annotations={IMAGE_NAME: "docker.io/library/a:v1", REF_NAME: "v1"}),
        descriptor("3", annotations={REF_NAME: "twice"}),
        descriptor("4", annotations={REF_NAME: "twice"}),
        descriptor("5", annotations={REF_NAME: "both"}),
        descriptor("6", annotations={IMAGE_NAME: "both"}),
    ]
    match = find_by_name(descriptors, name)
    assert (match and digest_of(match)) == (expected and f"sha256:{expected}")
    assert tags_of(descriptors) == ["both", "twice", "v1"]


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("docker.io/library/a:v1", "v1"),
        ("h:5000/a", ""),
        ("h:5000/a:v1", "v1"),
        ("h/a@sha256:1", "@sha256:1"),
        ("h/a:v1@sha256:1", "v1@sha256:1"),
        ("plain", "plain"),
    ],
)
def test_name_annotations(name: str, tag: str) -> None:
    assert name_annotations(name) == {IMAGE_NAME: name, REF_NAME: tag}


def test_insert_replaces_an_entry_of_the_same_name() -> None:
    manifests: list[dict[str, Any]] = []
    for digest, tag in (("1", "a"), ("2", "b"), ("3", "a")):
        insert(manifests, descriptor(digest), {REF_NAME: tag})
    insert(manifests, descriptor("4"), {})
    assert [entry["digest"] for entry in manifests] == ["sha256:2", "sha256:3", "sha256:4"]


@pytest.mark.parametrize(
    "index",
    [{}, {"manifests": [{}]}, {"manifests": [{"digest": "x"}]}, {"manifests": [{"digest": "a:b", "annotations": {"k": 1}}]}],
)
def test_a_malformed_index_is_refused(index: dict[str, Any]) -> None:
    with pytest.raises(InvalidJson):
        descriptors_of(JsonObject(index))
