"""Digests, platforms, references and image configs against the answers of the Go packages that BuildKit uses."""

import pathlib

import pytest

from llbfront.errors import InvalidDigest, InvalidPlatform, InvalidReference, InvalidValue
from llbfront.oci import digest, image, platform, reference
from llbfront.oci.platform import Platform

DATA = pathlib.Path(__file__).parent.parent / "data" / "oci"


def table(name: str) -> list[list[str]]:
    lines = (DATA / name).read_text().split("\n")
    return [line.split(" | ") for line in lines if line and not line.startswith("#")]


def fields(value: Platform) -> str:
    parts = (value.os, value.architecture, value.variant, value.os_version, ",".join(value.os_features))
    return " ".join(part or "-" for part in parts)


@pytest.mark.parametrize("row", table("platforms.txt"), ids=lambda row: row[0])
def test_platform(row: list[str]) -> None:
    text, parsed, *others = row
    if parsed == "error":
        with pytest.raises(InvalidPlatform):
            platform.parse(text)
        return
    value = platform.parse(text)
    assert [fields(value), fields(value.normalized()), str(value)] == [parsed, *others]
    assert value.normalized().normalized() == value.normalized()


@pytest.mark.parametrize("row", table("matches.txt"), ids=lambda row: " runs ".join(row[:2]))
def test_what_a_machine_runs(row: list[str]) -> None:
    machine, other = platform.parse(row[0]), platform.parse(row[1])
    answers = ["yes" if matcher(machine).matches(other) else "no" for matcher in (platform.only, platform.only_strict)]
    assert answers == row[2:]


def test_a_better_variant_is_preferred() -> None:
    matcher = platform.only(Platform("linux", "arm64"))
    arm64, arm7, arm6 = Platform("linux", "arm64"), Platform("linux", "arm", "v7"), Platform("linux", "arm", "v6")
    assert matcher.prefers(arm64, arm7)
    assert matcher.prefers(arm7, arm6)
    assert not matcher.prefers(arm6, arm7)


def test_a_word_is_an_operating_system_or_an_architecture_of_this_machine() -> None:
    here = platform.default()
    assert platform.parse("windows").os == "windows"
    assert platform.parse("windows").architecture == here.architecture
    assert platform.parse("riscv64") == Platform(here.os, "riscv64")


@pytest.mark.parametrize("row", table("references.txt"), ids=lambda row: row[0][:40])
def test_reference(row: list[str]) -> None:
    text, full, *others = row
    if full == "error":
        with pytest.raises(InvalidReference):
            reference.parse(text)
        return
    value = reference.parse(text)
    assert [str(value), value.familiar, str(value.with_default_tag())] == [full, *others]
    assert reference.parse(value.familiar) == value


def test_a_part_that_cannot_be_a_domain_belongs_to_the_path() -> None:
    assert str(reference.parse("a__b.io/c/d")) == "a__b.io/c/d"
    assert reference.parse("a__b.io/c/d").with_default_tag().familiar == "a__b.io/c/d:latest"


def test_a_plain_reference_has_nothing_added() -> None:
    assert reference.parse_plain(f"h.io:5/a:t@sha256:{'0' * 64}") == ("h.io:5/a", f"sha256:{'0' * 64}")
    assert reference.parse_plain("a/b") == ("a/b", "")


def test_reference_with_digest_keeps_the_tag() -> None:
    pinned = reference.parse("alpine:3").with_digest("sha256:" + "a" * 64)
    assert str(pinned) == "docker.io/library/alpine:3@sha256:" + "a" * 64
    with pytest.raises(InvalidReference):
        pinned.with_digest("sha256:short")
    with pytest.raises(InvalidReference):
        pinned.with_tag("-x")


def test_a_repository_path_has_at_most_255_characters() -> None:
    assert reference.parse(f"h.io/{'a' * 255}").path == "a" * 255
    with pytest.raises(InvalidReference, match="repository name must not be more than 255 characters"):
        reference.parse(f"h.io/{'a' * 256}")


@pytest.mark.parametrize("text", ["sha256:" + "0" * 64, "sha512:" + "f" * 128, "sha384:" + "a" * 96])
def test_digest(text: str) -> None:
    assert digest.parse(text) == text


@pytest.mark.parametrize(
    "text", ["", "sha256", "sha256:", ":abc", "sha256:" + "0" * 63, "sha256:" + "A" * 64, "md5:" + "0" * 32, "x y:z"]
)
def test_an_invalid_digest_is_refused(text: str) -> None:
    with pytest.raises(InvalidDigest):
        digest.parse(text)


def test_digest_of_bytes() -> None:
    assert digest.of(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("row", table("images.txt"), ids=lambda row: row[0][:40])
def test_image_config(row: list[str]) -> None:
    config, written = row
    if written == "error":
        with pytest.raises(InvalidValue):
            image.read(config.encode())
        return
    value = image.read(config.encode())
    assert image.write(value).decode() == written
    assert image.write(image.read(written.encode())).decode() == written


def test_deeply_nested_config_is_an_error_not_a_crash() -> None:
    with pytest.raises(InvalidValue):
        image.read(b'{"a":' + b"[" * 100_000)
