"""`--annotation`: attributes of image exporters, and values that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from llbfront.client.buildflags import image_annotations
from llbfront.client.buildflags.exporters import Export, plan
from tests.client.buildflags.flags import assert_refused


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("a.b=c=d", {"annotation.a.b": "c=d"}),
        ("manifest:k=v", {"annotation-manifest.k": "v"}),
        ("index,manifest[linux/arm64]:k=", {"annotation-index.k": "", "annotation-manifest[linux/arm64].k": ""}),
        ("manifest-descriptor[linux/amd64]:k=v:w", {"annotation-manifest-descriptor[linux/amd64].k": "v:w"}),
        ("index-descriptor[linux/amd64]:k=v", {"annotation-index-descriptor.k": "v"}),
    ],
)
def test_annotations_are_attributes_of_image_exporters(text: str, attributes: dict[str, str]) -> None:
    annotations = image_annotations.annotation_attributes(image_annotations.parse_annotations([text]))
    assert annotations == attributes
    outputs = (Export("local", {}, "out"), Export("oci", {}, "a.tar"))
    directory, archive, image = plan(outputs, tags=["r/a"], push=True, load=False, annotations=annotations)
    assert directory.attrs == {}
    assert archive.attrs == {"name": "r/a", **attributes}
    assert image.attrs == {"push": "true", "unpack": "false", "name": "r/a", **attributes}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["key"], "it is not KEY=VALUE"),
        (["manifest:=v"], "it is not KEY=VALUE"),
        (["manifset:k=v"], "unknown type manifset (did you mean manifest?)"),
        (["manifest[a/b/c/d/e]:k=v"], "a/b/c/d/e"),
    ],
)
def test_invalid_annotations_are_refused(value: Any, message: str) -> None:
    assert_refused("annotation", value, message)
