"""The time of sources: of commits as git stores them, of archives by their members, of a graph that was given as an input."""

import base64
import gzip
import io
import json
import tarfile

import pytest

from llbfront import llb
from llbfront.errors import ContextError, InvalidValue
from llbfront.frontend.archive_time import latest_time_ns
from llbfront.frontend.build import build
from llbfront.frontend.gitobject import committed
from llbfront.oci import image as images
from llbfront.oci.platform import Platform
from tests.differential.subject import World

AUTHOR = "tree t\nauthor a <a@b> 5 +0000\n"


@pytest.mark.parametrize(
    ("committer", "created"),
    [
        ("c <c@d> 7 +0000", "1970-01-01T00:00:07Z"),
        ("c <x> <c@d> 7 -0330", "1969-12-31T20:30:07-03:30"),
        ("<> -7 +0100", "1970-01-01T00:59:53+01:00"),
        ("c <c@d>  7  +xy30", "1970-01-01T00:30:07+00:30"),
        ("c <c@d> 7 +9900", "timezone hour outside of range [0,23]"),
        ("c <c@d> 7 +000", None),
        ("c <c@d> 7", None),
        ("c <c@d> seven +0000", None),
        ("c 7 +0000", None),
    ],
)
def test_the_time_of_a_commit(committer: str, created: str | None) -> None:
    epoch = committed(f"{AUTHOR}committer {committer}\n\nmessage".encode())
    assert (epoch.created if epoch else None) == created


@pytest.mark.parametrize(
    "commit", ["", "committer c <c@d> 7 +0000", "tree t\n\nauthor a\ncommitter c", "object o\ntype t\ntag v\ntagger t"]
)
def test_an_object_that_is_not_a_commit_is_an_error(commit: str) -> None:
    with pytest.raises(InvalidValue):
        committed(commit.encode())


def archive(*members: tuple[bytes, float]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for number, (kind, mtime) in enumerate(members):
            member = tarfile.TarInfo(str(number))
            member.type, member.mtime, member.linkname = kind, mtime, "0"
            tar.addfile(member)
    return file.getvalue()


def test_the_time_of_an_archive_is_that_of_its_latest_file() -> None:
    assert (
        latest_time_ns(archive((tarfile.REGTYPE, 5), (tarfile.LNKTYPE, 6), (tarfile.SYMTYPE, 7), (tarfile.DIRTYPE, 8))) == 6 * 10**9
    )
    assert latest_time_ns(archive((tarfile.REGTYPE, 99999999999))) == 99999999999 * 10**9
    assert latest_time_ns(archive((tarfile.DIRTYPE, 8))) is None


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("5.25", 5_250_000_000),
        ("-5.25", -5_250_000_000),
        ("7", 7 * 10**9),
        ("7.1234567899", 7_123_456_789),
        ("7.x", None),
        ("odd", None),
    ],
)
def test_an_exact_time_is_read_as_go_reads_it(text: str, time_ns: int | None) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo("f")
        member.pax_headers = {"mtime": text}
        tar.addfile(member)
    assert latest_time_ns(file.getvalue()) == time_ns


def test_a_broken_archive_has_no_time() -> None:
    whole = gzip.compress(archive((tarfile.REGTYPE, 5)))
    assert latest_time_ns(whole) == 5 * 10**9
    assert [latest_time_ns(data) for data in (whole[:40], whole[:3], b"FROM scratch", b"")] == [None] * 4


class Given(World):
    """A world in which a git repository was given as an input."""

    def inputs(self) -> dict[str, llb.Definition]:
        return {"context": llb.marshal(llb.git("https://h/r.git", ref="v1"), platform=Platform("linux", "amd64"))}


def test_an_input_has_the_time_of_its_only_source() -> None:
    options = {"build-arg:SOURCE_DATE_EPOCH": "context"}
    result = build(Given({"dockerfile": "FROM scratch\nCOPY . /\n"}, options, []))
    assert dict(result.metadata)["source.date.epoch"] == b"1700000000"


@pytest.mark.parametrize(
    ("metadata", "fields"),
    [
        ("null", {"os": "linux"}),
        ('{"containerimage.config": "bnVsbA=="}', {"os": "linux"}),
        (f'{{"containerimage.config": "{base64.b64encode(b"{}").decode()}"}}', {"os": ""}),
        ('{"containerimage.config": [123, 125]}', {"os": ""}),
    ],
)
def test_the_metadata_of_an_input_is_read_as_go_reads_it(metadata: str, fields: dict[str, str]) -> None:
    options = {"context:base": "input:context", "input-metadata:context": metadata}
    config = dict(build(Given({"dockerfile": "FROM base\n"}, options, [])).metadata)["containerimage.base.config"]
    assert f'"os":"{fields["os"]}"'.encode() in config


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        (
            '{"containerimage.config": null}',
            "containerimage.config is not an image config: it is empty",
        ),
        ('{"other": 5}', "other is neither base64 nor a list of bytes"),
        ('{"other": "*"}', "other is neither base64 nor a list of bytes"),
        ('{"other": [256]}', "other is neither base64 nor a list of bytes"),
        ('{"other": ["a"]}', "other is neither base64 nor a list of bytes"),
        ("[]", "it is not an object"),
        ("{", "it is not JSON: it ends too early"),
    ],
)
def test_metadata_of_an_input_that_go_refuses(metadata: str, reason: str) -> None:
    options = {"context:base": "input:context", "input-metadata:context": metadata}
    with pytest.raises(ContextError) as refused:
        build(Given({"dockerfile": "FROM base\n"}, options, []))
    assert refused.value.message == f"failed to parse input metadata {metadata}: {reason}"


@pytest.mark.parametrize(
    ("created", "written"),
    [
        ("2020-01-01T0:00:00Z", "2020-01-01T00:00:00Z"),
        ("2020-01-01T00:00:00,50+00:60", "2020-01-01T00:00:00.5+01:00"),
        ("2020-01-01T00:00:00-00:00", "2020-01-01T00:00:00Z"),
        ("2020-01-01T00:00:00-24:00", None),
    ],
)
def test_the_time_of_an_image_has_the_form_of_go(created: str, written: str | None) -> None:
    image = images.read(json.dumps({"created": created}).encode())
    if written is None:
        with pytest.raises(InvalidValue, match="timezone hour outside of range"):
            images.write(image)
    else:
        assert json.loads(images.write(image))["created"] == written


def test_an_empty_checksum_of_an_epoch_stage_still_counts_as_set() -> None:
    stage = "FROM scratch AS s\nADD --checksum=$NONE {} /\nFROM alpine\nWORKDIR /x\n"
    options = {"build-arg:SOURCE_DATE_EPOCH": "s"}
    with pytest.raises(InvalidValue, match="checksum"):
        build(World({"dockerfile": stage.format("https://h/f")}, options, []))
    result = build(World({"dockerfile": stage.format("https://h/r.git")}, options, []))
    assert dict(result.metadata)["source.date.epoch"] == b"1700000000"
