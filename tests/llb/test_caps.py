"""Capabilities: what is known, and how a lack of one is told."""

import pytest

from llbfront import llb
from llbfront.errors import UnsupportedCapability
from llbfront.llb.caps import FRONTEND_DEFAULT, FRONTEND_KNOWN, LLB_DEFAULT, LLB_KNOWN


def test_capabilities_are_those_of_buildkit() -> None:
    assert len(LLB_KNOWN) == 88
    assert "soruce.http.uidgid" in LLB_KNOWN
    assert not {"file.copy.modestring", "exec.meta.removemountstubs.recursive"} & LLB_KNOWN
    assert LLB_DEFAULT.enabled <= LLB_KNOWN
    assert FRONTEND_DEFAULT.enabled <= FRONTEND_KNOWN


@pytest.mark.parametrize(
    ("cap", "message"),
    [
        ("no.such", "unknown API capability no.such"),
        ("mergeop", "requested experimental feature mergeop  is not supported by build server, please update buildkit"),
        (
            "file.base",
            "requested prerelease feature file.base  is not supported by build server (added in BuildKit v0.5.0), please update buildkit",
        ),
        ("diffop", "requested experimental feature diffop  has been disabled on the build server: too slow"),
    ],
)
def test_three_ways_to_lack_one(cap: str, message: str) -> None:
    with pytest.raises(UnsupportedCapability) as caught:
        llb.Caps(frozenset(), (("diffop", "too slow"),)).require(cap)
    assert str(caught.value) == message


def test_a_definition_is_checked() -> None:
    definition = llb.marshal(llb.merge(llb.image("a"), llb.image("b")))
    llb.Caps(LLB_KNOWN).check(definition)
    with pytest.raises(UnsupportedCapability, match="mergeop"):
        LLB_DEFAULT.check(definition)
