"""The rarer flags of a build: what their texts mean to the frontend and the engine, and what is refused in one line."""

from __future__ import annotations

import json
import pathlib
import socket
from typing import Any

import pytest

from llbfront.client.buildflags import caches, exporters, image_annotations, limits, ssh
from llbfront.client.buildflags.caches import Cache
from llbfront.client.buildflags.exporters import Export, plan
from llbfront.client.exports.image_delivery import ImageDelivery
from llbfront.client.inputs.contexts import Inputs
from llbfront.client.request.build_request import BuildRequest, entitlements, frontend_options
from llbfront.client.request.settings import request_of_flags
from llbfront.client.solve.session_services import SessionServices
from llbfront.errors import InvalidValue, LlbfrontError, OptionError
from llbfront.foreign_json import JsonObject
from llbfront.rpc.services.ssh import SSHMethods
from llbfront.session.oci_layout import Layout
from llbfront.session.ssh import SshAgent


def request(**arguments: Any) -> BuildRequest:
    return request_of_flags({name.replace("_", "-"): value for name, value in arguments.items()})


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ({"attest": ["type=sbom"]}, {"attest:sbom": ""}),
        ({"attest": ["type=sbom,generator=r/scan,Extra=1"]}, {"attest:sbom": "generator=r/scan,Extra=1"}),
        ({"attest": ['type=sbom,"a=b,c"']}, {"attest:sbom": '"a=b,c"'}),
        ({"sbom": "true", "provenance": "mode=max"}, {"attest:provenance": "mode=max", "attest:sbom": ""}),
        ({"attest": ["type=provenance,mode=min"], "provenance": "false"}, {}),
        ({"attest": ["type=provenance,mode=min", "type=provenance,disabled=false,mode=max"]}, {"attest:provenance": "mode=max"}),
        ({"add_host": ["a=1.2.3.4", "b:1.2.3.5", "c=[::1]", "d:[fe80::1]", "e=10.0.0.1,10.0.0.2", "f:1.1.1.1,g:2.2.2.2,h=::2,[::3]"]},
         {"add-hosts": "a=1.2.3.4,b=1.2.3.5,c=::1,d=fe80::1,e=10.0.0.1,e=10.0.0.2,f=1.1.1.1,g=2.2.2.2,h=::2,h=::3"}),
        ({"ulimit": ["nofile=1024", "nproc=10:20", "nofile=5:-1"]}, {"ulimit": "nofile=5:-1,nproc=10:20"}),
        ({"shm_size": "64m"}, {"shm-size": "67108864"}),
        ({"shm_size": "1.5GiB"}, {"shm-size": "1610612736"}),
        ({"shm_size": "100"}, {"shm-size": "100"}),
        ({"shm_size": "2 kb"}, {"shm-size": "2048"}),
        ({"cgroup_parent": "builds.slice"}, {"cgroup-parent": "builds.slice"}),
    ],
)  # fmt: skip
def test_flags_become_options_of_the_frontend(arguments: dict[str, Any], options: dict[str, str]) -> None:
    assert frontend_options(request(**arguments)) == options


def test_entitlements_are_asked_for_once() -> None:
    allowed = request(network="host", allow=["network.host", "security.insecure", "device=x", "buildx.local.delete"])
    assert entitlements(allowed) == ("network.host", "security.insecure", "device=x")


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("a.b=c=d", {"annotation.a.b": "c=d"}),
        ("manifest:k=v", {"annotation-manifest.k": "v"}),
        ("index,manifest[linux/arm64]:k=", {"annotation-index.k": "", "annotation-manifest[linux/arm64].k": ""}),
        ("manifest-descriptor[linux/amd64]:k=v:w", {"annotation-manifest-descriptor[linux/amd64].k": "v:w"}),
        ("index-descriptor[linux/amd64]:k=v", {"annotation-index-descriptor.k": "v"}),
    ],
)
def test_annotations_become_attributes_of_images(text: str, attributes: dict[str, str]) -> None:
    annotations = image_annotations.annotation_attributes(image_annotations.read_annotations([text]))
    assert annotations == attributes
    outputs = (Export("local", {}, "out"), Export("oci", {}, "a.tar"))
    directory, archive, image = plan(outputs, tags=["r/a"], push=True, load=False, annotations=annotations)
    assert directory.attrs == {}
    assert archive.attrs == {"name": "r/a", **attributes}
    assert image.attrs == {"push": "true", "unpack": "false", "name": "r/a", **attributes}


def test_agents_are_sockets(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "agent")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        environ = {"SSH_AUTH_SOCK": path}
        assert ssh.read_agents(["default"], environ) == {"default": SshAgent(path)}
        assert ssh.read_agents(["mine"], environ) == {"mine": SshAgent(path)}
        assert ssh.read_agents([f"mine={path},raw=true", "default"], environ) == {
            "mine": SshAgent(path, is_raw=True),
            "default": SshAgent(path),
        }


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["r/a:cache,r/b"], (Cache("registry", {"ref": "r/a:cache"}), Cache("registry", {"ref": "r/b"}))),
        (["type=registry,ref=r/a,mode=max"], (Cache("registry", {"ref": "r/a", "mode": "max"}),)),
        (["type=inline"], (Cache("inline"),)),
        (["type=local,Dest=/none/c,reset=true"], (Cache("local", {"dest": "/none/c", "reset": "true"}),)),
        (["type=gha,scope=s"], (Cache("gha", {"token": "t", "url": "u", "scope": "s"}),)),
    ],
)
def test_caches_are_read(texts: list[str], expected: tuple[Cache, ...]) -> None:
    environ = {"ACTIONS_RUNTIME_TOKEN": "t", "ACTIONS_RESULTS_URL": "u"}
    assert caches.read(texts, option="cache-to", environ=environ) == expected


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
def test_caches_take_what_is_missing_from_the_environment(text: str, environ: dict[str, str], expected: dict[str, str]) -> None:
    (cache,) = caches.read([text], option="cache-to", environ=environ)
    assert cache.attrs == expected


def test_a_cache_hides_its_attributes_which_may_be_secrets() -> None:
    assert repr(Cache("s3", {"secret_access_key": "secret"})) == "Cache(type='s3')"


def layout(path: pathlib.Path, *contents: bytes) -> list[str]:
    """Write blobs; return their digests."""
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


def test_directories_are_imported_by_the_digest_of_their_tag(tmp_path: pathlib.Path) -> None:
    (digest,) = layout(tmp_path / "cache", b"{}")
    Layout(str(tmp_path / "cache")).put(JsonObject({"digest": digest, "size": 2}), tags=("latest",))
    read = caches.read([f"type=local,src={tmp_path}/cache"], option="cache-from", environ={})
    prepared = caches.prepare(read, ())
    assert prepared.skipped == ()
    assert list(prepared.stores) == [f"local:{tmp_path}/cache"]
    (entry,) = json.loads(prepared.options["cache-imports"])
    assert entry == {"Type": "local", "Attrs": {"src": f"{tmp_path}/cache", "digest": digest}}
    assert [(each.Type, dict(each.Attrs)) for each in prepared.message.Imports] == [("local", entry["Attrs"])]


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
    (digest,) = layout(tmp_path / "cache", b"{}")
    Layout(str(tmp_path / "cache")).put(JsonObject({"digest": digest}), tags=("latest",))
    prepared = caches.prepare(caches.read([f"type=local,{attrs}", "r/a"], option="cache-from", environ={}), ())
    assert prepared.imports == (Cache("registry", {"ref": "r/a"}),)
    assert reason in prepared.skipped[0]


def test_what_was_exported_gets_its_tag_and_a_reset_drops_the_rest(tmp_path: pathlib.Path) -> None:
    old, part = layout(tmp_path / "c", b"old", b"part")
    manifest = json.dumps({"layers": [{"digest": part, "mediaType": "x"}]}).encode()
    (top,) = layout(tmp_path / "c", manifest)
    descriptor = {"digest": top, "mediaType": "application/vnd.oci.image.manifest.v1+json", "size": len(manifest)}
    for reset, left in (("false", {old, part, top}), ("true", {part, top})):
        text = f"type=local,dest={tmp_path}/c,tag=mine,reset={reset}"
        prepared = caches.prepare((), caches.read([text], option="cache-to", environ={}))
        prepared.commit({"cache.manifest": json.dumps(descriptor)})
        exported = Layout(str(tmp_path / "c"))
        assert exported.find_manifest("mine") is not None
        assert {blob.digest for blob in exported.blobs()} == left
    prepared.commit({})


def test_a_layout_that_somebody_writes_to_is_not_pruned(tmp_path: pathlib.Path) -> None:
    (digest,) = layout(tmp_path / "c", b"x")
    writing = Layout(str(tmp_path / "c"), locked=True)
    writing.begin("other", total=1, expected="")
    assert Layout(str(tmp_path / "c")).prune() is False
    writing.release()
    Layout(str(tmp_path / "c")).put(JsonObject({"digest": digest}))
    assert Layout(str(tmp_path / "c")).prune() is True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ssh": ["a=/none"]}, "the SSH agent /none cannot be used"),
        ({"ssh": ["a=/none/x,/none/y"]}, "the SSH agent /none/x cannot be used"),
        ({"cache_from": ["type=lokal,src=x"]}, "unknown type lokal (did you mean local?)"),
        ({"cache_from": ["ref=x"]}, "type is required"),
        ({"cache_from": ["type=local"]}, "it names no directory (src=DIR)"),
        ({"cache_to": ["type=local"]}, "it names no directory (dest=DIR)"),
        ({"cache_to": ["type=local,dest=/none/x,reset=maybe"]}, "reset is true or false"),
        ({"cache_to": ["type=registry"]}, "it names no image"),
        ({"cache_to": ["type=inline,mode=most"]}, "unknown mode most"),
        ({"cache_to": ["type=inline,x"]}, "'x' is not key=value"),
        ({"attest": ["mode=max"]}, "type is required"),
        ({"attest": ["type=spom"]}, "unknown type spom (did you mean sbom?)"),
        ({"attest": ["type=sbom,disabled=perhaps"]}, "disabled is true or false"),
        ({"provenance": "mode=all"}, "unknown mode all"),
        ({"sbom": "yes"}, "'yes' is not key=value"),
        ({"annotation": ["key"]}, "it is not KEY=VALUE"),
        ({"annotation": ["manifest:=v"]}, "it is not KEY=VALUE"),
        ({"annotation": ["manifset:k=v"]}, "unknown type manifset (did you mean manifest?)"),
        ({"annotation": ["manifest[a/b/c/d/e]:k=v"]}, "a/b/c/d/e"),
        ({"add_host": ["a"]}, "it is not HOST=ADDRESS"),
        ({"add_host": ["a=b"]}, "'b' is not an IP address"),
        ({"add_host": ["=1.2.3.4"]}, "it is not HOST=ADDRESS"),
        ({"ulimit": ["nofiles=1"]}, "invalid ulimit type: nofiles"),
        ({"ulimit": ["nofile=2:1"]}, "soft limit must be less than or equal to hard limit"),
        ({"ulimit": ["nofile"]}, "invalid ulimit argument: nofile"),
        ({"shm_size": "much"}, "invalid shm-size 'much'"),
        ({"shm_size": "-1"}, "invalid shm-size '-1'"),
        ({"allow": ["network.hots"]}, "unknown entitlement network.hots (did you mean network.host?)"),
        ({"allow": ["network.host=x"]}, "unknown entitlement network.host=x"),
    ],
)  # fmt: skip
def test_bad_values_are_refused_in_one_line(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(LlbfrontError) as caught:
        request(**arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_only_docker_knows_the_gateway_and_archives_hold_no_attestations() -> None:
    delivery = ImageDelivery(None, "unix:///x")  # type: ignore[arg-type]  # nothing is asked of it
    with pytest.raises(OptionError, match="only docker engines know what host-gateway is"):
        delivery.with_hosts(request(add_host=["a=host-gateway"]))
    assert delivery.with_hosts(request(add_host=["a=::1"])).hosts == (("a", "::1"),)
    with pytest.raises(OptionError, match="a docker archive cannot hold attestations"):
        exporters.refuse_archives((Export("docker", {}, "a.tar"),), is_attested=True, has_platforms=False)
    with pytest.raises(OptionError, match="a docker archive cannot hold the images of several platforms"):
        exporters.refuse_archives((Export("docker", {}, "a.tar"),), is_attested=False, has_platforms=True)


def test_a_context_over_ssh_brings_the_usual_agent(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forward, remote = SSHMethods.ForwardAgent.path, BuildRequest("git@example.org:a/b.git")
    path = str(tmp_path / "agent")
    monkeypatch.setenv("SSH_AUTH_SOCK", path)
    with pytest.raises(InvalidValue, match="the SSH agent"):
        SessionServices(remote, Inputs({}, {}), ())
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        assert forward in SessionServices(remote, Inputs({}, {}), ()).services
        assert forward not in SessionServices(BuildRequest("."), Inputs({}, {}), ()).services


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
def test_secrets_of_caches_are_not_shown(text: str, option: str) -> None:
    with pytest.raises(OptionError) as caught:
        caches.read([text], option=option, environ={})
    assert "SEKRIT" not in str(caught.value)
    assert "***" in str(caught.value)


def test_a_size_without_end_is_refused() -> None:
    with pytest.raises(OptionError, match="it is too large"):
        limits.read_size("9" * 300)
