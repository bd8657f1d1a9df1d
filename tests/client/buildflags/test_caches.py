"""`--cache-from` and `--cache-to`: how they are read, local caches, and values that are refused."""

from __future__ import annotations

import fcntl
import json
from typing import TYPE_CHECKING, Any

import pytest

from llbfront.client.buildflags import caches
from llbfront.client.buildflags.caches import CacheOptionsEntry
from llbfront.errors import ExportError, OptionError
from llbfront.foreign_json import JsonObject
from llbfront.session.oci_layout import Layout
from tests.client.buildflags.flags import assert_refused

if TYPE_CHECKING:
    import pathlib


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["r/a:cache,r/b"], (CacheOptionsEntry("registry", {"ref": "r/a:cache"}), CacheOptionsEntry("registry", {"ref": "r/b"}))),
        (["type=registry,ref=r/a,mode=max"], (CacheOptionsEntry("registry", {"ref": "r/a", "mode": "max"}),)),
        (["type=inline"], (CacheOptionsEntry("inline"),)),
        (["type=local,Dest=/none/c,reset=true"], (CacheOptionsEntry("local", {"dest": "/none/c", "reset": "true"}),)),
        (["type=gha,scope=s"], (CacheOptionsEntry("gha", {"token": "t", "url": "u", "scope": "s"}),)),
    ],
)
def test_caches_are_read(texts: list[str], expected: tuple[CacheOptionsEntry, ...]) -> None:
    environ = {"ACTIONS_RUNTIME_TOKEN": "t", "ACTIONS_RESULTS_URL": "u"}
    assert caches.parse_caches(texts, option="cache-to", environ=environ) == expected


GITHUB = {"ACTIONS_RUNTIME_TOKEN": "t", "ACTIONS_RESULTS_URL": "r", "ACTIONS_CACHE_URL": "c"}
AWS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"}


@pytest.mark.parametrize(
    ("text", "environ", "expected"),
    [
        ("type=gha", GITHUB, {"token": "t", "url": "c"}),
        ("type=gha", {**GITHUB, "ACTIONS_CACHE_SERVICE_V2": "True"}, {"token": "t", "url": "c", "url_v2": "r"}),
        ("type=gha", {**GITHUB, "ACTIONS_CACHE_SERVICE_V2": "0", "ACTIONS_CACHE_URL": ""}, {"token": "t", "url": "r"}),
        ("type=gha,version=2", GITHUB, {"token": "t", "url": "c", "url_v2": "r", "version": "2"}),
        (
            "type=gha,version=1",
            {**GITHUB, "ACTIONS_CACHE_SERVICE_V2": "1"},
            {"token": "t", "url": "c", "version": "1"},
        ),
        ("type=gha,token=mine,url=u", GITHUB, {"token": "mine", "url": "u"}),
        ("type=s3,bucket=x", AWS, {"bucket": "x", "access_key_id": "a", "secret_access_key": "b", "session_token": "c"}),
        ("type=s3,access_key_id=q,secret_access_key=w", AWS, {"access_key_id": "q", "secret_access_key": "w"}),
        ("type=s3,bucket=x", {}, {"bucket": "x"}),
        ("type=inline", {**GITHUB, **AWS}, {}),
    ],
)
def test_missing_attributes_come_from_the_environment(text: str, environ: dict[str, str], expected: dict[str, str]) -> None:
    (cache,) = caches.parse_caches([text], option="cache-to", environ=environ)
    assert cache.attrs == expected


def test_the_repr_of_a_cache_has_no_secrets() -> None:
    assert repr(CacheOptionsEntry("s3", {"secret_access_key": "secret"})) == "CacheOptionsEntry(type='s3')"


def write_blobs(path: pathlib.Path, *contents: bytes) -> list[str]:
    """Write blobs into a layout; return their digests."""
    oci_layout = Layout(str(path))
    digests = []
    for number, content in enumerate(contents):
        ingest = oci_layout.begin(str(number), total=len(content), expected="")
        ingest.write(content)
        digests.append(ingest.digest)
        ingest.commit()
        oci_layout.end(str(number))
    oci_layout.release()
    return digests


def test_a_directory_is_imported_by_the_digest_of_its_tag(tmp_path: pathlib.Path) -> None:
    (digest,) = write_blobs(tmp_path / "cache", b"{}")
    Layout(str(tmp_path / "cache")).put(JsonObject({"digest": digest, "size": 2}), tags=("latest",))
    read = caches.parse_caches([f"type=local,src={tmp_path}/cache"], option="cache-from", environ={})
    prepared = caches.prepare(read, ())
    assert prepared.skipped == ()
    assert list(prepared.stores) == [f"local:{tmp_path}/cache"]
    (entry,) = json.loads(prepared.options["cache-imports"])
    assert entry == {"Type": "local", "Attrs": {"src": f"{tmp_path}/cache", "digest": digest}}
    assert [(each.Type, dict(each.Attrs)) for each in prepared.cache_options.Imports] == [("local", entry["Attrs"])]


@pytest.mark.parametrize(
    ("attrs", "reason"),
    [
        ("src=none", "there is no directory"),
        ("src=empty", "index.json cannot be read"),
        ("src=cache,tag=other", "is tagged other"),
        (f"src=cache,digest=sha256:{'1' * 64}", "there is no sha256:"),
        ("src=cache,digest=x", "'x' is not a digest"),
    ],
)
def test_caches_that_cannot_be_read_are_skipped(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, attrs: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (digest,) = write_blobs(tmp_path / "cache", b"{}")
    Layout(str(tmp_path / "cache")).put(JsonObject({"digest": digest}), tags=("latest",))
    prepared = caches.prepare(caches.parse_caches([f"type=local,{attrs}", "r/a"], option="cache-from", environ={}), ())
    assert prepared.imports == (CacheOptionsEntry("registry", {"ref": "r/a"}),)
    assert reason in prepared.skipped[0]


def test_an_exported_cache_gets_its_tag_and_a_reset_removes_other_blobs(tmp_path: pathlib.Path) -> None:
    old, part = write_blobs(tmp_path / "c", b"old", b"part")
    manifest = json.dumps({"layers": [{"digest": part, "mediaType": "x"}]}).encode()
    (top,) = write_blobs(tmp_path / "c", manifest)
    descriptor = {"digest": top, "mediaType": "application/vnd.oci.image.manifest.v1+json", "size": len(manifest)}
    for reset, left in (("false", {old, part, top}), ("true", {part, top})):
        text = f"type=local,dest={tmp_path}/c,tag=mine,reset={reset}"
        prepared = caches.prepare((), caches.parse_caches([text], option="cache-to", environ={}))
        prepared.commit({"cache.manifest": json.dumps(descriptor)})
        exported = Layout(str(tmp_path / "c"))
        assert exported.find_manifest("mine") is not None
        assert {blob.digest for blob in exported.blobs()} == left


def test_nothing_is_tagged_without_a_manifest_from_the_engine(tmp_path: pathlib.Path) -> None:
    prepared = caches.prepare((), caches.parse_caches([f"type=local,dest={tmp_path}/c,tag=mine"], option="cache-to", environ={}))
    prepared.commit({})
    assert not (tmp_path / "c/index.json").exists()


def test_the_lock_is_released_when_a_named_blob_is_missing(tmp_path: pathlib.Path) -> None:
    directory = tmp_path / "cache"
    prepared = caches.prepare((), caches.parse_caches([f"type=local,dest={directory}"], option="cache-to", environ={}))
    (store,) = prepared.stores.values()
    store.begin("blob", total=2, expected="").commit()
    descriptor = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": f"sha256:{'1' * 64}", "size": 3}
    with open(directory / "cache.lock") as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(ExportError, match="1111"):
            prepared.commit({"cache.manifest": json.dumps(descriptor)})
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [
        ("cache_from", ["type=lokal,src=x"], "unknown type lokal (did you mean local?)"),
        ("cache_from", ["ref=x"], "type is required"),
        ("cache_from", ["type=local"], "it names no directory (add src=DIR)"),
        ("cache_to", ["type=local"], "it names no directory (add dest=DIR)"),
        ("cache_to", ["type=local,dest=/none/x,reset=maybe"], "reset must be true or false"),
        ("cache_to", ["type=registry"], "it names no image"),
        ("cache_to", ["type=inline,mode=most"], "unknown mode most"),
        ("cache_to", ["type=inline,x"], "'x' is not key=value"),
    ],
)
def test_invalid_caches_are_refused(flag: str, value: Any, message: str) -> None:
    assert_refused(flag, value, message)


@pytest.mark.parametrize(
    "text",
    [
        "type=s3,secret_access_key=SEKRIT,mode=foo",
        "type=s3,Secret_Access_Key=SEKRIT,mode",
        "type=gha,token=SEKRIT,type",
        "type=s3,session_token=SEKRIT,access_key_id=SEKRIT,mode=foo",
        'type=s3,"secret_access_key=SEKRIT',
        "secret_access_key=SEKRIT",
        "type=s4,secret_access_key=SEKRIT",
    ],
)
@pytest.mark.parametrize("option", ["cache-from", "cache-to"])
def test_errors_do_not_show_secrets_of_caches(text: str, option: str) -> None:
    with pytest.raises(OptionError) as caught:
        caches.parse_caches([text], option=option, environ={})
    assert "SEKRIT" not in str(caught.value)
    assert "***" in str(caught.value)


NO_IMAGE = ("an inline cache is stored in the image, and the outputs make none",)


@pytest.mark.parametrize(
    ("types", "reasons"),
    [
        ((), NO_IMAGE),
        (("local",), NO_IMAGE),
        (("tar",), NO_IMAGE),
        (("cacheonly",), NO_IMAGE),
        (("local", "tar"), NO_IMAGE),
        (("image",), ()),
        (("oci",), ()),
        (("docker",), ()),
        (("moby",), ()),
        (("local", "image"), ()),
    ],
)
def test_an_inline_cache_needs_an_image(types: tuple[str, ...], reasons: tuple[str, ...]) -> None:
    prepared = caches.prepare((), (CacheOptionsEntry("inline"),))
    assert prepared.unwritten({}, types) == reasons
