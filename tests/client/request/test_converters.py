"""Arguments of a build in every form that cannot be misunderstood, and the request that they make."""

from __future__ import annotations

import io
import ipaddress
import pathlib
from typing import Any

import pytest

import llbfront
from llbfront import Export, SecretSource, llb
from llbfront.client.request.settings import build_request
from llbfront.errors import ContextError, LlbfrontError
from llbfront.oci.platform import Platform

OUT = Export("local", {}, "out")
TOKEN = SecretSource("token", env="TOKEN")
GRAPH = llbfront.convert("FROM scratch\nWORKDIR /a\n")
FORMS: list[tuple[str, Any, str, Any]] = [
    ("context", pathlib.Path("dir"), "context", "dir"),
    ("context", b"tar", "context", b"tar"),
    ("file", pathlib.Path("dir/Dockerfile"), "file", "dir/Dockerfile"),
    ("file", "FROM scratch\n", "file", b"FROM scratch\n"),
    ("file", io.BytesIO(b"FROM a\n"), "file", b"FROM a\n"),
    ("file", io.StringIO("FROM a\n"), "file", b"FROM a\n"),
    ("file", b"FROM a", "file", b"FROM a"),
    ("tags", "app", "tags", ("app",)),
    ("tags", "app", "tags", ("app",)),
    ("tags", {"b", "a"}, "tags", ("a", "b")),
    ("platforms", "linux/amd64,linux/arm64", "platforms", ("linux/amd64", "linux/arm64")),
    ("platforms", Platform("linux", "arm64"), "platforms", ("linux/arm64",)),
    ("platforms", [Platform("linux", "arm64"), "linux/amd64"], "platforms", ("linux/arm64", "linux/amd64")),
    ("output", "out", "outputs", (OUT,)),
    ("output", pathlib.Path("out"), "outputs", (OUT,)),
    ("output", {"type": "local", "dest": "out"}, "outputs", (OUT,)),
    ("output", {"type": "local", "dest": pathlib.Path("out")}, "outputs", (OUT,)),
    ("output", [{"type": "local", "dest": "out"}, "type=image,name=a", {"type": "tar", "dest": "b"}], "outputs", (OUT, Export("image", {"name": "a"}), Export("tar", {}, "b"))),
    ("output", {"type": "image", "push": False, "compression-level": 3}, "outputs", (
        Export("image", {"push": "false", "compression-level": "3"}),
    )),
    ("output", Export("local", dest=pathlib.Path("out")), "outputs", (OUT,)),
    ("build_args", {"A": 1, "B": pathlib.Path("x")}, "build_args", {"A": "1", "B": "x"}),
    ("build_args", ["A=1", "LLBFRONT_TEST", "LLBFRONT_UNSET"], "build_args", {"A": "1", "LLBFRONT_TEST": "set"}),
    ("build_args", "A=1=2", "build_args", {"A": "1=2"}),
    ("labels", {"build": 7}, "labels", {"build": "7"}),
    ("labels", ["a=b", "c="], "labels", {"a": "b", "c": ""}),
    ("secrets", "id=token,env=TOKEN", "secrets", (TOKEN,)),
    ("secrets", ["id=token,env=TOKEN"], "secrets", (TOKEN,)),
    ("secrets", {"id": "token", "env": "TOKEN"}, "secrets", (TOKEN,)),
    ("secrets", TOKEN, "secrets", (TOKEN,)),
    ("secrets", [{"id": "token", "value": "v"}], "secrets", (SecretSource("token", value=b"v"),)),
    ("secrets", {"id": "token", "src": pathlib.Path("secret")}, "secrets", (SecretSource("token", "secret"),)),
    ("cache_from", "name", "cache_from", "registry"),
    ("cache_from", {"type": "registry", "ref": "name"}, "cache_from", "registry"),
    ("cache_to", [{"type": "inline"}], "cache_to", "inline"),
    ("attest", {"type": "provenance", "mode": "max"}, "attestations", {"provenance": "mode=max"}),
    ("sbom", True, "attestations", {"sbom": ""}),
    ("provenance", "mode=min", "attestations", {"provenance": "mode=min"}),
    ("annotations", {"a": 1}, "annotations", {"a": "1"}),
    ("annotations", "index:a=b", "annotations", {"index:a": "b"}),
    ("add_hosts", {"h": "10.0.0.1"}, "hosts", (("h", "10.0.0.1"),)),
    ("add_hosts", {"h": ipaddress.ip_address("10.0.0.1")}, "hosts", (("h", "10.0.0.1"),)),
    ("add_hosts", {"h": ["10.0.0.1", "::1"]}, "hosts", (("h", "10.0.0.1"), ("h", "::1"))),
    ("add_hosts", "h:10.0.0.1", "hosts", (("h", "10.0.0.1"),)),
    ("ulimits", {"nofile": 1024}, "ulimits", ("nofile=1024:1024",)),
    ("ulimits", {"nofile": (1, 2), "nproc": "3:4"}, "ulimits", ("nofile=1:2", "nproc=3:4")),
    ("ulimits", "nofile=1:2", "ulimits", ("nofile=1:2",)),
    ("shm_size", "64m", "shm_size_bytes", 64 << 20),
    ("shm_size", 5, "shm_size_bytes", 5),
    ("allow", "network.host", "allow", ("network.host",)),
    ("no_cache_filter", "a,b", "no_cache_filter", ("a", "b")),
    ("resources", {"memory": "2g"}, "resources", {"memory": str(2 << 30)}),
    ("build_contexts", {"a": pathlib.Path("dir"), "b": "docker-image://b"}, "build_contexts", {"a": "dir", "b": "docker-image://b"}),
    ("build_contexts", "a=dir", "build_contexts", {"a": "dir"}),
    ("build_contexts", {"a": GRAPH}, "build_contexts", {"a": GRAPH}),
    ("build_contexts", {"a": GRAPH.definition}, "build_contexts", {"a": GRAPH.definition}),
]  # fmt: skip


@pytest.fixture(autouse=True)
def surroundings(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOKEN", "t")
    monkeypatch.setenv("LLBFRONT_TEST", "set")
    (tmp_path / "secret").write_text("s")


@pytest.mark.parametrize(("argument", "value", "field", "expected"), FORMS)
def test_unambiguous_forms_are_accepted(argument: str, value: object, field: str, expected: object) -> None:
    converted = getattr(build_request({argument: value}), field)
    assert ([cache.type for cache in converted] if field.startswith("cache") else converted) == (
        [expected] if field.startswith("cache") else expected
    )


REFUSED: list[tuple[str, Any, str]] = [
    ("output", {"dest": "out"}, "invalid output in output: type is required (for example type=local,dest=out)"),
    ("output", {"type": "lcoal", "dest": "out"}, "invalid output in output: unknown type lcoal (did you mean local?)"),
    ("output", Export("lcoal", {}, "out"), "invalid output lcoal: unknown type lcoal (did you mean local?)"),
    ("output", Export("local"), "output type=local needs a directory (add dest=DIR)"),
    (
        "output",
        [3],
        "output[0] takes a directory, a string type=…,dest=…, a mapping of the same keys, or an Export, not a value of the type int",
    ),
    ("secrets", {"token": "hunter2"}, 'secrets has a mapping without an id (such as {"id": "token", "env": "TOKEN"})'),
    ("secrets", {"id": "token", "vlaue": "hunter2"}, "invalid secret token: unknown key vlaue (did you mean value?)"),
    ("secrets", {"id": "token", "value": "hunter2", "evn": "T"}, "invalid secret token: unknown key evn (did you mean env?)"),
    ("secrets", {"id": "token", "value": "hunter2", "env": "T"}, "the secret token has a value and env (use one source)"),
    ("secrets", {"id": "token", "value": "hunter2", "env": "TOKEN"}, "the secret token has a value and env (use one source)"),
    ("secrets", [b"hunter2"], "secrets[0] takes strings, mappings and SecretSource values, not a value of the type bytes"),
    ("secrets", {"id": "a", "value": b"x" * (500 * 1024 + 1)}, "the secret a has 512001 bytes; engines take at most 512000"),
    ("secrets", SecretSource("a", "none"), "cannot read the secret a from none: no such file or directory"),
    ("secrets", SecretSource("a", env="NONE"), "cannot read the secret a: the variable NONE is not set"),
    ("context", io.StringIO("x"), "context is a file in text mode (open it in binary mode)"),
    ("context", llb.scratch(), "context takes a path, a URL, or a tar as bytes or a binary file, not a value of the type State"),
    (
        "build_args",
        {"A": 1.10},
        "build_args['A'] takes a string or an int, not a value of the type float (write a string, such as \"1.10\")",
    ),
    (
        "build_args",
        {"A": True},
        'build_args[\'A\'] takes a string or an int, not a value of the type bool (write "true" or "false")',
    ),
    ("build_args", {"A": None}, "build_args['A'] takes a string or an int, not None"),
    ("labels", "a", "invalid labels 'a': it is not NAME=VALUE"),
    ("push", "false", "push takes True or False, not a value of the type str"),
    ("ulimits", {"nofile": [1, "x"]}, "failed to parse ulimit"),
    ("add_hosts", {"h": 1}, "add_hosts['h'] takes an address or a list of addresses, not a value of the type int"),
    (
        "build_contexts",
        {"a": 1},
        "build_contexts['a'] takes a path, a URL, an image such as docker-image://alpine, a Graph or a State",
    ),
    ("tags", "App", "invalid"),
]


@pytest.mark.parametrize(("argument", "value", "message"), REFUSED)
def test_what_can_be_misunderstood_is_refused(argument: str, value: object, message: str) -> None:
    with pytest.raises(LlbfrontError) as caught:
        build_request({argument: value})
    assert str(caught.value).startswith(message)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "arguments", [{}, {"path": "a", "env": "B"}, {"path": "a", "value": b"c"}, {"env": "B", "value": b""}], ids=str
)
def test_a_secret_has_one_source(arguments: dict[str, Any]) -> None:
    with pytest.raises(LlbfrontError, match="the secret token has"):
        SecretSource("token", **arguments)


def test_the_value_of_a_secret_is_in_no_repr() -> None:
    secret = SecretSource("token", value="hunter2")
    request = llbfront.BuildRequest(secrets=secret, build_args={"PASSWORD": "hunter2"}, file=b"FROM hunter2\n", context=b"hunter2")
    assert repr(secret) == str(secret) == "SecretSource(id='token', path=None, env=None)"
    assert repr(request).startswith("BuildRequest(")
    assert "hunter2" not in repr(request) + repr([secret])


def test_off_wins_over_a_requested_attestation() -> None:
    request = build_request({"attest": ["type=sbom", "type=provenance,mode=max"], "sbom": False})
    assert request.attestations == {"provenance": "mode=max"}


def test_an_unreadable_secret_is_refused_whatever_its_form(tmp_path: pathlib.Path) -> None:
    for form in (f"id=a,src={tmp_path}/none", {"id": "a", "src": tmp_path / "none"}, SecretSource("a", tmp_path / "none")):
        with pytest.raises(ContextError, match="cannot read the secret a"):
            build_request({"secrets": form})
