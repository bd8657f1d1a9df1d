"""Messages about names of images, and changes of a reference."""

import pytest

from llbfront.errors import InvalidReference
from llbfront.oci import reference

HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEX, f"invalid repository name ({HEX}), cannot specify 64-byte hexadecimal strings"),
        ("Alpine:1", "invalid reference format: repository name (library/Alpine) must be lowercase"),
        ("a//b", "invalid reference format"),
    ],
)
def test_an_invalid_name(text: str, message: str) -> None:
    with pytest.raises(InvalidReference) as refused:
        reference.parse(text)
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("text", "message", "is_uppercase"),
    [
        ("", "repository name must have at least one component", False),
        ("r.test/Alpine", "repository name must be lowercase", True),
        ("a b", "invalid reference format", False),
    ],
)
def test_an_invalid_plain_name(text: str, message: str, is_uppercase: bool) -> None:
    with pytest.raises(InvalidReference) as refused:
        reference.parse_plain(text)
    assert refused.value.message == message
    assert isinstance(refused.value, reference.UppercaseName) is is_uppercase


def test_a_tag_and_a_digest_are_replaced_on_their_own() -> None:
    pinned = reference.parse(f"alpine:1@sha256:{HEX}")
    assert str(pinned.with_tag("2")) == f"docker.io/library/alpine:2@sha256:{HEX}"
    assert str(pinned.with_digest(f"sha256:{'0' * 64}")) == f"docker.io/library/alpine:1@sha256:{'0' * 64}"
    assert pinned.with_default_tag() is pinned
    assert repr(reference.parse("alpine").with_default_tag()) == "Reference('docker.io/library/alpine:latest')"


@pytest.mark.parametrize("tag", ["", ".a", "a b", "a" * 129])
def test_an_invalid_tag(tag: str) -> None:
    with pytest.raises(InvalidReference, match="^invalid tag "):
        reference.parse("alpine").with_tag(tag)
