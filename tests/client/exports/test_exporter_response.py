"""Exporter responses of any shape."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront.client.exports.exporter_response import decode_value, expect_blob, read_descriptor
from llbfront.client.result import BuildResult
from llbfront.errors import ExportError
from llbfront.foreign_json import JsonObject
from llbfront.progress.trace import Trace
from llbfront.session.oci_layout import Layout

if TYPE_CHECKING:
    from pathlib import Path


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (encoded('{"a": 1}'), {"a": 1}),
        (encoded("[1]"), [1]),
        (encoded("1"), encoded("1")),
        (encoded("{"), encoded("{")),
        (encoded("[" * 100_000), encoded("[" * 100_000)),
        (encoded('["\\ud800"]'), ["\ufffd"]),
        ("sha256:00", "sha256:00"),
        ("ä", "ä"),
        ("", ""),
    ],
)
def test_values(value: str, expected: object) -> None:
    assert decode_value(value) == expected
    result = BuildResult("ref", {"key": value}, Trace())
    json.dumps(result.metadata, ensure_ascii=False).encode()


@pytest.mark.parametrize("is_encoded", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "1", "{", "{}", '{"digest": 1}', '{"digest": "x"}', '{"digest": "sha256:../x"}', "[" * 100_000,
        '{"digest": "sha256:1", "annotations": []}', '{"digest": "sha256:1", "annotations": {"a": 1}}', "\ud7ff",
    ],
)  # fmt: skip
def test_an_invalid_descriptor_is_one_line(text: str, is_encoded: bool) -> None:
    with pytest.raises(ExportError, match="^the engine returned an invalid cache.manifest: ") as caught:
        read_descriptor("cache.manifest", encoded(text) if is_encoded else text)
    assert "\n" not in str(caught.value)


def test_descriptors() -> None:
    text = '{"digest": "sha256:1", "size": 5}'
    assert read_descriptor("d", text).members == read_descriptor("d", encoded(text)).members == {"digest": "sha256:1", "size": 5}


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    decode_value(text)
    with pytest.raises(ExportError):
        read_descriptor("d", text)


def test_a_blob_that_never_came(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="the engine did not write sha256:1 to"):
        expect_blob(Layout(str(tmp_path)), JsonObject({"digest": "sha256:1"}))
