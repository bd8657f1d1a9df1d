"""Build arguments that no ARG takes, and whose name is like that of one."""

from __future__ import annotations

import pytest

from llbfront.dockerfile2llb.unused_arguments import misspelt_arguments
from llbfront.source import Source

TEXT = b"ARG VERSION=1\nFROM alpine\nARG user\nARG A\nRUN x\nFROM alpine AS last\nARG GO_VERSION=1 JOBS=2\n"
ROWS = {
    "VERSOIN": ("VERSION", 1),
    "version": ("VERSION", 1),
    "USER": ("user", 3),
    "GO_VERSON": ("GO_VERSION", 7),
    "JOB": ("JOBS", 7),
    "VERSION": None,
    "GO_VERSION": None,
    "B": None,
    "OTHER": None,
    "JOBS": None,
    "HTTP_PROXY": None,
    "https_proxy": None,
    "TARGETARCH": None,
    "BUILDKIT_INLINE_CACHE": None,
    "SOURCE_DATE_EPOCH": None,
}


@pytest.mark.parametrize("name", ROWS)
def test_the_argument_that_is_probably_meant(name: str) -> None:
    found = list(misspelt_arguments(Source("Dockerfile", TEXT), [name]))
    assert [(each.near, each.span.line) for each in found] == [ROWS[name]] * (ROWS[name] is not None)
    assert [each.text for each in found] == [
        f"No ARG takes the build argument {name} (did you mean {each.near}?)" for each in found
    ]


def test_a_dockerfile_without_arguments() -> None:
    assert list(misspelt_arguments(Source("Dockerfile", b"FROM alpine\n"), ["VERSION"])) == []
