"""Files and mappings of image configs."""

from __future__ import annotations

import json
from typing import Any

import pytest

import llbfront
from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
from llbfront.errors import LlbfrontError, OptionError
from llbfront.frontend.bridge import ImageRequest
from llbfront.frontend.image_configs import ImageConfigs, encode_image_configs, parse_image_configs
from llbfront.oci.platform import Platform

DIGEST = "sha256:" + "1" * 64
AMD64 = {"architecture": "amd64", "os": "linux", "config": {"Env": ["A=amd64"]}}
ARM64 = {"architecture": "arm64", "os": "linux", "config": {"Env": ["A=arm64"]}}
REF = "docker.io/library/alpine:latest"


def find(configs: ImageConfigs, platform: str = "linux/amd64") -> ResolvedImage | LlbfrontError | None:
    system, _, architecture = platform.partition("/")
    (image,) = configs.find([ImageRequest(REF, Platform(system, architecture), "default", "")])
    return image


ACCEPTED: dict[str, Any] = {
    "digest and config": {"digest": DIGEST, "config": AMD64},
    "config": {"config": AMD64},
    "an empty digest": {"digest": "", "config": AMD64},
    "a bare config": AMD64,
    "a bare config in other letter case": {"Architecture": "amd64", "OS": "linux", "config": {"Env": ["A=amd64"]}},
    "a list": [{"digest": DIGEST, "config": AMD64}, {"digest": DIGEST, "config": ARM64}],
    "the first of two for a platform": [AMD64, {**AMD64, "config": {}}],
    "bytes": json.dumps(AMD64).encode(),
    "a string": json.dumps(AMD64),
}


@pytest.mark.parametrize("form", ACCEPTED)
def test_an_entry_may_have_several_forms(form: str) -> None:
    image = find(ImageConfigs({"alpine": ACCEPTED[form]}))
    assert isinstance(image, ResolvedImage)
    assert json.loads(image.config)["config"] == AMD64["config"]


REFUSED: dict[str, tuple[Any, str]] = {
    "a misspelt config": ({"cofnig": {}}, f"the entry of {REF} has an unknown member cofnig (did you mean config?)"),
    "a misspelt digest": ({"digset": DIGEST, "config": AMD64}, "unknown member digset (did you mean digest?)"),
    "another member": (
        {"config": AMD64, "x": 1},
        "unknown member x (use digest and config, or an image config with architecture and os)",
    ),
    "members of an image config beside a digest": ({"digest": DIGEST, **AMD64}, "unknown member architecture"),
    "no config": ({"digest": DIGEST}, f"the entry of {REF} has no config"),
    "an empty digest alone": ({"digest": ""}, f"the entry of {REF} has no config"),
    "nothing": ({}, f"the entry of {REF} has no config"),
    "null": ({"config": None}, f"the entry of {REF} has no config"),
    "a bad digest": ({"digest": "x", "config": AMD64}, f"the digest of {REF} is invalid"),
    "a number": (1, f"the config of {REF} is not an object"),
    "a lone surrogate": ('{"os": "linux", "x": "\udcff"}', f"the config of {REF} is not valid Unicode"),
    "no JSON": ("{", f"the config of {REF} cannot be read"),
    "one bad entry of a list": ([AMD64, {}], f"the entry of {REF} has no config"),
}


@pytest.mark.parametrize("form", REFUSED)
def test_an_entry_that_would_be_misread_is_refused(form: str) -> None:
    value, message = REFUSED[form]
    with pytest.raises(OptionError) as caught:
        ImageConfigs({"alpine": value})
    assert message in str(caught.value)


def test_a_file_is_named_in_its_errors() -> None:
    with pytest.raises(OptionError, match=r"^images.json: the entry of .* unknown member cofnig \(did you mean config\?\)$"):
        parse_image_configs(b'{"alpine": {"cofnig": {}}}', name="images.json")


def test_one_entry_serves_every_platform_and_several_only_their_own() -> None:
    image = find(ImageConfigs({"alpine": AMD64}), "linux/s390x")
    assert isinstance(image, ResolvedImage)
    assert json.loads(image.config) == AMD64
    error = find(ImageConfigs({"alpine": [AMD64, ARM64]}), "linux/s390x")
    message = f"the image configs have no entry for {REF} on linux/s390x (they have linux/amd64, linux/arm64)"
    assert str(error) == message
    with pytest.raises(LlbfrontError, match="no entry for"):
        llbfront.convert("FROM alpine\nRUN a\n", platform="linux/s390x", images={"alpine": [AMD64, ARM64]})
    assert find(ImageConfigs({"debian": AMD64})) is None


def test_encoded_images_are_read_again() -> None:
    images = {
        (REF, platform): ResolvedImage(REF, DIGEST, json.dumps(config).encode())
        for platform, config in (("linux/amd64", AMD64), ("linux/arm64", ARM64))
    }
    data = encode_image_configs(images)
    assert data.endswith(b"}\n")
    configs = parse_image_configs(data, name="images.json")
    for platform, config in (("linux/amd64", AMD64), ("linux/arm64", ARM64)):
        image = find(configs, platform)
        assert isinstance(image, ResolvedImage)
        assert (image.digest, json.loads(image.config)) == (DIGEST, config)
