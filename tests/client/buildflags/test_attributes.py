"""Attributes of outputs, caches and attestations: misspelt names and bad booleans are refused, unknown ones go to the engine."""

from __future__ import annotations

from typing import Any

import pytest

from llbfront.client.buildflags.attributes import ATTESTATIONS, CACHES, OUTPUTS, check, is_true
from llbfront.client.buildflags.exporters import TYPES, Export
from llbfront.client.request.build_request import BuildRequest
from llbfront.errors import OptionError

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "push=yes": ({"outputs": "type=image,name=a,push=yes"}, "push must be true or false, not 'yes'"),
    "tar=no": ({"outputs": "type=oci,dest=a,tar=no"}, "tar must be true or false, not 'no'"),
    "platform-split=maybe": ({"outputs": "type=local,dest=a,platform-split=maybe"}, "platform-split must be true or false"),
    "unpack=on": ({"outputs": {"type": "image", "unpack": "on"}}, "unpack must be true or false"),
    "tRuE": ({"outputs": "type=image,store=tRuE"}, "store must be true or false"),
    "nmae": ({"outputs": "type=image,nmae=a"}, "unknown attribute nmae (did you mean name?)"),
    "dset": ({"outputs": "type=tar,dset=a"}, "unknown attribute dset (did you mean dest?)"),
    "pusj": ({"outputs": "type=image,name=a,pusj=true"}, "unknown attribute pusj (did you mean push?)"),
    "compresion": ({"outputs": "type=image,compresion=zstd"}, "did you mean compression?"),
    "oci-mediatype": ({"outputs": "type=oci,dest=a,oci-mediatype=true"}, "did you mean oci-mediatypes?"),
    "rewrite-timestamps": ({"outputs": "type=docker,dest=a,rewrite-timestamps=true"}, "did you mean rewrite-timestamp?"),
    "mode of local": ({"outputs": "type=local,dest=a,mdoe=delete"}, "did you mean mode?"),
    "an Export": ({"outputs": Export("tar", {"scr": "/a"}, "a")}, "did you mean src?"),
    "push of an archive": ({"outputs": "type=oci,dest=a,push=true"}, "output type=oci cannot be pushed"),
    "push of files": ({"outputs": "type=local,dest=a,push=1"}, "output type=local cannot be pushed"),
    "cache-to mdoe": ({"cache_to": "type=registry,ref=a,mdoe=max"}, "did you mean mode?"),
    "cache-to reff": ({"cache_to": "type=registry,ref=a,reff=b"}, "did you mean ref?"),
    "cache-to dst": ({"cache_to": "type=local,dst=a"}, "unknown attribute dst (did you mean dest?)"),
    "cache-to ignore-error": ({"cache_to": "type=inline,ignore-error=sure"}, "ignore-error must be true or false"),
    "cache-to compression": ({"cache_to": "type=local,dest=a,compresssion=zstd"}, "did you mean compression?"),
    "cache-from scr": ({"cache_from": "type=local,scr=a"}, "did you mean src?"),
    "cache-from gha": ({"cache_from": "type=gha,scop=a"}, "did you mean scope?"),
    "cache-from s3": ({"cache_from": "type=s3,bucket=a,regoin=b"}, "did you mean region?"),
    "cache-from azblob": ({"cache_from": "type=azblob,name=a,account_ur=b"}, "did you mean account_url?"),
    "two caches in one place": ({"cache_to": ["type=local,dest=a", "type=local,dest=./a,mode=max"]}, "cannot both be written to"),
    "attest generator": ({"attestations": ["type=sbom,genrator=a"]}, "did you mean generator?"),
    "attest mode": ({"attestations": ["type=provenance,mod=max"]}, "did you mean mode?"),
    "attest boolean": ({"attestations": ["type=provenance,inline-only=si"]}, "inline-only must be true or false"),
}  # fmt: skip
ACCEPTED: dict[str, dict[str, Any]] = {
    "no value is true": {"outputs": "type=image,name=a,push="},
    "Go's booleans": {"outputs": "type=image,store=T,unpack=0,oci-mediatypes=TRUE"},
    "annotations": {"outputs": "type=oci,dest=a,annotation-index.k=v,annotation.k=w"},
    "unlike any attribute": {"outputs": "type=image,vendor.setting=1", "cache_to": "type=registry,ref=a,vendor.setting=1"},
    "push=false of an archive": {"outputs": "type=oci,dest=a,push=false"},
    "scanner parameters": {"attestations": ["type=sbom,generator=a,licenses=on"]},
    "one cache twice": {"cache_to": ["type=local,dest=a", "type=local,dest=./a"]},
    "every compression": {"cache_to": "type=local,dest=a,compression=zstd,compression-level=3,force-compression=true"},
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    fields, message = REFUSED[case]
    with pytest.raises(OptionError) as caught:
        BuildRequest(**fields)
    assert message in str(caught.value)


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case: str) -> None:
    BuildRequest(**ACCEPTED[case])


def test_every_known_attribute_is_accepted() -> None:
    assert set(OUTPUTS) == set(TYPES)
    for known in (*OUTPUTS.values(), *CACHES.values(), *ATTESTATIONS.values()):
        check(dict.fromkeys(known, "true"), known, shown="x")
        check({}, known, shown="x")


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), ("", True), ("1", True), ("T", True), ("false", False), ("0", False), ("yes", False)]
)
def test_what_is_true(value: str, expected: bool) -> None:
    assert is_true({"push": value}, "push") is expected
    assert not is_true({}, "push")
