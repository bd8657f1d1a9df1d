"""Files in place of a Dockerfile or an ignore file that are not text in UTF-8."""

import gzip
import io
import lzma
import pathlib
import tarfile
import zipfile

import pytest

import llbfront
from llbfront.dockerfile.other_formats import other_format
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import parse_stages
from llbfront.errors import ContextError, DockerfileError
from llbfront.frontend.ignorefile import IgnoreFile
from llbfront.inspection.formats import is_graph
from llbfront.source import Source

TEXT = "FROM busybox\nRUN true\n"


def tar(format_: int, *names: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=format_) as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name))
    return data.getvalue()


def zipped() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("Dockerfile", TEXT)
    return data.getvalue()


CASES = {
    "UTF-16 with a mark": (TEXT.encode("utf-16"), "UTF-16"),
    "UTF-16, big end first": (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "UTF-16"),
    "UTF-16, big end first, without a mark": (TEXT.encode("utf-16-be"), "UTF-16"),
    "UTF-32": (TEXT.encode("utf-32"), "UTF-32"),
    "UTF-32, big end first": (b"\0\0\xfe\xff" + TEXT.encode("utf-32-be"), "UTF-32"),
    "zip": (zipped(), "a zip archive"),
    "gzip": (gzip.compress(TEXT.encode()), "compressed by gzip"),
    "xz": (lzma.compress(TEXT.encode()), "compressed by xz"),
    "ustar": (tar(tarfile.USTAR_FORMAT, "Dockerfile"), "a tar archive"),
    "a tar of GNU": (tar(tarfile.GNU_FORMAT, "Dockerfile"), "a tar archive"),
    "a tar with a PAX header": (tar(tarfile.PAX_FORMAT, "ä" * 200), "a tar archive"),
    "an empty tar": (tar(tarfile.USTAR_FORMAT), "an empty tar archive"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_format_is_named(name: str, tmp_path: pathlib.Path) -> None:
    data, expected = CASES[name]
    with pytest.raises(DockerfileError, match=f"unknown instruction: the Dockerfile is .*{expected}") as caught:
        parse_stages(parse(Source("Dockerfile", data)))
    assert caught.value.span is not None
    (tmp_path / ".dockerignore").write_bytes(data)
    with pytest.raises(ContextError, match=rf"cannot read .dockerignore: it is .*{expected}"):
        llbfront.ignore_rules(tmp_path)
    IgnoreFile.parse(data)  # a frontend reads it as BuildKit does
    assert not is_graph(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"F", TEXT.encode(), b"\xef\xbb\xbf" + TEXT.encode(), TEXT.replace("\n", "\r\n").encode(), b"a\0", b"\xff\n", b"BZh\n"],
)
def test_text_is_no_other_format(data: bytes) -> None:
    assert other_format(data) is None
    IgnoreFile.parse(data)
