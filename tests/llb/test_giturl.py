"""Addresses of git repositories as BuildKit reads them."""

import pytest

from llbfront import llb
from llbfront.errors import InvalidValue
from llbfront.llb import giturl
from llbfront.llb.giturl import GitURL
from llbfront.pb import ops_pb2 as pb


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://h/o/r.git", GitURL("https", "h", "/o/r.git", "https://h/o/r.git")),
        ("HTTPS://h:80/r?tag=x#v1:sub", GitURL("https", "h:80", "/r", "https://h:80/r", "tag=x", "v1:sub")),
        ("ssh://u:p%40@h/a b", GitURL("ssh", "h", "/a b", "ssh://u:p%40@h/a%20b")),
        ("git@h.com:o/r.git?x=1#main", GitURL("ssh", "h.com", "o/r.git", "git@h.com:o/r.git", "x=1", "main", is_scp=True)),
        ("https://h/%2f%C3%A9", GitURL("https", "h", "//é", "https://h/%2f%C3%A9")),
        ("https://h/é#%C3%A9", GitURL("https", "h", "/é", "https://h/%C3%A9", None, "é")),
        ("https://h/r?", GitURL("https", "h", "/r", "https://h/r?")),
        ("git://[::1]:80/x", GitURL("git", "[::1]:80", "/x", "git://[::1]:80/x")),
        ("ssh://[fe80::1%25en0]/x", GitURL("ssh", "[fe80::1%en0]", "/x", "ssh://[fe80::1%25en0]/x")),
    ],
)
def test_address(text: str, url: GitURL) -> None:
    assert giturl.parse(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "ftp://h/x",
        "https://h:x/",
        "https://h/%zz",
        "https://u ser@h/",
        "https://h\x01/",
        "https://[::1/",
        "https://[1.2.3.4]/",
        "h/x",
    ],
)
def test_no_address(text: str) -> None:
    with pytest.raises(InvalidValue):
        giturl.parse(text)


@pytest.mark.parametrize(
    ("url", "identifier", "remote"),
    [
        ("https://h/o/r.git", "git://h/o/r.git#v1:d", "https://h/o/r.git"),
        ("git@h:o/r.git", "git://h/o/r.git#v1:d", "git@h:o/r.git"),
        ("h.com/o//r.git/", "git://h.com/o/r.git#v1:d", "https://h.com/o//r.git/"),
        ("https://h/%zz", "git://https://h/%zz", "https://h/%zz"),
    ],
)
def test_one_identifier_for_all_ways_to_a_repository(url: str, identifier: str, remote: str) -> None:
    op = pb.Op.FromString(llb.marshal(llb.git(url, ref="v1", subdir="d")).ops[0])
    assert op.source.identifier == identifier
    assert op.source.attrs["git.fullurl"] == remote
