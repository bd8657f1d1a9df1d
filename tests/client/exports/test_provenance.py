"""The provenance that an engine recorded, of any shape."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront.client.exports.provenance import _predicate
from llbfront.errors import RpcError

SLSA_02, SLSA_1 = "https://slsa.dev/provenance/v0.2", "https://slsa.dev/provenance/v1"
NAMES = [
    "buildDefinition", "runDetails", "externalParameters", "internalParameters", "configSource", "builder", "id", "resolvedDependencies",
    "uri", "digest", "metadata", "buildkit_completeness", "invocationID",
]  # fmt: skip
SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
)


@pytest.mark.parametrize("kind", [SLSA_02, SLSA_1])
@pytest.mark.parametrize(
    "data", [b"", b"[]", b"1", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b'{"a": NaN}', b'{"a": ' + b"1" * 9999]
)
def test_an_invalid_document_is_refused_in_one_line(data: bytes, kind: str) -> None:
    with pytest.raises(RpcError, match="^the provenance that the engine recorded cannot be read: it is ") as caught:
        _predicate(data, kind, "max")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "document",
    [
        {"buildDefinition": 1},
        {"buildDefinition": [1]},
        {"runDetails": "x"},
        {"runDetails": {"builder": [1]}},
        {"runDetails": {"metadata": 1}},
        {"buildDefinition": {"resolvedDependencies": 1}},
        {"buildDefinition": {"resolvedDependencies": [1]}},
        {"buildDefinition": {"internalParameters": [1]}},
        {"buildDefinition": {"externalParameters": {"configSource": "x"}}},
    ],
)
def test_another_form_is_refused_in_one_line(document: dict[str, Any]) -> None:
    with pytest.raises(RpcError, match="is neither SLSA") as caught:
        _predicate(json.dumps(document).encode(), SLSA_1, "max")
    assert "\n" not in str(caught.value)


@given(SHAPES, st.sampled_from([SLSA_02, SLSA_1]), st.sampled_from(["min", "max"]))
def test_any_shape_is_read_or_refused(document: Any, kind: str, mode: str) -> None:
    try:
        predicate = _predicate(json.dumps(document).encode(), kind, mode)
    except RpcError:
        return
    json.dumps(predicate, ensure_ascii=False).encode()
