"""Flags of a build as values, and the frontend options they mean."""

import pathlib
from typing import Any

import pytest

from llbfront.client.buildflags.caches import CacheOptionsEntry
from llbfront.client.buildflags.exporters import Export
from llbfront.client.buildflags.secrets import SecretSource, parse_secret
from llbfront.client.request.build_request import BuildRequest, check_texts, frontend_options
from llbfront.client.request.converters import parse_assignments
from llbfront.errors import ContextError, InvalidReference, OptionError


def test_a_plain_request_has_no_options() -> None:
    assert frontend_options(BuildRequest()) == {}


def test_options_are_those_of_the_frontend() -> None:
    request = BuildRequest(
        target="test",
        build_args={"A": "1"},
        labels={"l": "v"},
        no_cache=True,
        pull=True,
        network="none",
        platforms=("linux/arm64",),
    )
    assert frontend_options(request) == {
        "build-arg:A": "1",
        "label:l": "v",
        "target": "test",
        "platform": "linux/arm64",
        "no-cache": "",
        "image-resolve-mode": "pull",
        "force-network-mode": "none",
    }


def test_assignments_take_bare_names_from_the_environment() -> None:
    read = parse_assignments(["A=1", "B", "C", "A=2", "D=x=y"], option="build argument", environ={"B": "b"})
    assert read == {"A": "2", "B": "b", "D": "x=y"}


@pytest.mark.parametrize("text", ["=x", "bare"])
def test_bad_assignments_are_refused(text: str) -> None:
    with pytest.raises(OptionError, match="invalid label"):
        parse_assignments([text], option="label")


def test_secrets_name_a_file_or_a_variable(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "token"
    file.write_text("x")
    assert parse_secret(f"id=a,src={file}", environ={}) == SecretSource("a", str(file))
    assert parse_secret(f"src={file}", environ={}) == SecretSource("token", str(file))
    assert parse_secret("id=a,env=T", environ={"T": "x"}) == SecretSource("a", env="T")
    assert parse_secret("type=env,id=a,src=T", environ={"T": "x"}) == SecretSource("a", env="T")
    assert parse_secret("id=T", environ={"T": "x"}) == SecretSource("T", env="T")


def test_bad_secrets_are_refused_before_the_build(tmp_path: pathlib.Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(b"x" * (500 * 1024 + 1))
    cases = (
        ("id=a,src=/none", ContextError, "no such file"),
        ("id=a,env=NONE", ContextError, "NONE is not set"),
        ("id=NONE", ContextError, "from NONE: no such file or directory .the variable NONE is not set either"),
        (f"id=a,src={big}", ContextError, "engines take at most"),
        ("type=env", OptionError, "has no id"),
        ("id=a,src=x,env=y", OptionError, "both a file and a variable"),
        ("id=a,mode=1", OptionError, "unknown key mode"),
        ("id=a,type=vault", OptionError, "unknown type vault"),
    )
    for text, kind, message in cases:
        with pytest.raises(kind, match=message):
            parse_secret(text, environ={})


@pytest.mark.parametrize(
    ("options", "attributes", "named"),
    [
        ({"build-arg:A": "\udcff"}, {}, r"build-arg:A=\xff"),
        ({"label:\udcff": "x"}, {}, r"label:\xff=x"),
        ({"target": "größer\ud800"}, {}, r"target=größer\ud800"),
        ({}, {"name": "\udcfe"}, r"name=\xfe"),
    ],
)
def test_texts_that_are_not_utf8_are_refused(options: dict[str, str], attributes: dict[str, str], named: str) -> None:
    check_texts({"build-arg:OK": "größer 世界"}, [Export("image", attrs={"name": "a"})])
    with pytest.raises(OptionError) as caught:
        check_texts(options, [Export("image", attrs=attributes)])
    assert str(caught.value) == f"{named} is not UTF-8 (engines accept only UTF-8)"


def test_a_cache_and_an_output_need_different_directories() -> None:
    cache = CacheOptionsEntry("local", {"dest": "/tmp/place"})
    with pytest.raises(OptionError, match="the local output and the cache cannot both be written to"):
        BuildRequest(outputs=(Export("local", {}, "/tmp/place/"),), cache_to=(cache,))
    BuildRequest(outputs=(Export("local", {}, "/tmp/other"),), cache_to=(cache, cache))


NUL = "a\0b"
PATHS_WITH_NUL: dict[str, Any] = {
    "context": NUL,
    "file": pathlib.Path(NUL),
    "outputs as text": f"type=tar,dest={NUL}",
    "outputs as directory": NUL,
    "outputs as mapping": {"type": "local", "dest": NUL},
    "outputs as path": pathlib.Path(NUL),
    "secrets": f"id=a,src={NUL}",
    "secrets as mapping": {"id": "a", "src": pathlib.Path(NUL)},
    "cache_from": f"type=local,src={NUL}",
    "cache_from as mapping": {"type": "local", "src": NUL},
    "cache_to": f"type=local,dest={NUL}",
    "cache_to as mapping": {"type": "local", "dest": pathlib.Path(NUL)},
    "build_contexts": {"a": NUL},
    "build_contexts as text": f"a={NUL}",
    "ssh": f"default={NUL}",
    "ssh as mapping": {"default": pathlib.Path(NUL)},
    "source_policy": NUL,
}


@pytest.mark.parametrize("case", PATHS_WITH_NUL)
def test_a_path_with_nul_is_refused_wherever_it_is_read(case: str) -> None:
    with pytest.raises(OptionError, match="it holds a NUL character"):
        BuildRequest(**{case.partition(" ")[0]: PATHS_WITH_NUL[case]})


@pytest.mark.parametrize("tags", ["", [""], "a:1,b:2", ["a", "b,c"], "a b", ",", "a,"])
def test_every_tag_is_one_name(tags: Any) -> None:
    with pytest.raises(InvalidReference, match="^invalid image name "):
        BuildRequest(tags=tags)
