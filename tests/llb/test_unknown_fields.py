"""Fields of a definition that this version does not know: they survive decoding and encoding, and loading and marshalling."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google.protobuf.message import Message

from llbfront import llb
from llbfront.llb.protowire import message
from llbfront.oci import digest as digests
from llbfront.pb import ops_pb2 as pb

UNKNOWN = message(31, b"later") + b"\xf0\x01\x07"  # fields 31 and 30
OP = pb.Op(source=pb.SourceOp(identifier="docker-image://docker.io/library/alpine:latest")).SerializeToString()
DIGEST = digests.of(OP)


def definition() -> pb.Definition:
    """A definition with every kind of sub message that this version knows."""
    last = pb.Op(inputs=[pb.Input(digest=DIGEST)]).SerializeToString()
    built = pb.Definition(metadata={DIGEST: pb.OpMetadata(description={"a": "b"}, caps={"source.image": True})})
    getattr(built, "def").extend([OP, last])
    meta = built.metadata[DIGEST]
    meta.export_cache.Value = True
    meta.progress_group.id = "group"
    meta.linux_resources.memory = 1
    info = built.Source.infos.add(filename="Dockerfile", data=b"FROM alpine\n", language="Dockerfile")
    getattr(info.definition, "def").append(OP)
    info.definition.Source.SetInParent()
    place = built.Source.locations[DIGEST].locations.add(sourceIndex=0)
    place.ranges.add().start.line = 1
    place.ranges[0].end.line = 2
    return built


LEVELS: dict[str, Callable[[pb.Definition], Message]] = {
    "Definition": lambda built: built,
    "OpMetadata": lambda built: built.metadata[DIGEST],
    "ExportCache": lambda built: built.metadata[DIGEST].export_cache,
    "ProgressGroup": lambda built: built.metadata[DIGEST].progress_group,
    "LinuxResources": lambda built: built.metadata[DIGEST].linux_resources,
    "Source": lambda built: built.Source,
    "SourceInfo": lambda built: built.Source.infos[0],
    "Definition of SourceInfo": lambda built: built.Source.infos[0].definition,
    "Source of the definition of SourceInfo": lambda built: built.Source.infos[0].definition.Source,
    "Locations": lambda built: built.Source.locations[DIGEST],
    "Location": lambda built: built.Source.locations[DIGEST].locations[0],
    "Range": lambda built: built.Source.locations[DIGEST].locations[0].ranges[0],
    "Position": lambda built: built.Source.locations[DIGEST].locations[0].ranges[0].start,
}
CARRIED_BY_STATES = ("OpMetadata", "ExportCache", "ProgressGroup", "LinuxResources", "SourceInfo")


def with_unknown(*levels: str) -> pb.Definition:
    built = definition()
    for level in levels:
        LEVELS[level](built).MergeFromString(UNKNOWN)
    return built


@pytest.mark.parametrize("levels", [*((level,) for level in LEVELS), tuple(LEVELS)], ids=" and ".join)
def test_unknown_fields_survive_decoding_and_encoding(levels: tuple[str, ...]) -> None:
    before = with_unknown(*levels)
    after = llb.decode(before.SerializeToString()).to_message()
    assert list(getattr(after, "def")) == list(getattr(before, "def"))
    for level, sub_message in LEVELS.items():
        assert (UNKNOWN in sub_message(after).SerializeToString()) == (UNKNOWN in sub_message(before).SerializeToString()), level
    assert after == before


@pytest.mark.parametrize("level", CARRIED_BY_STATES)
def test_unknown_fields_of_ops_and_files_survive_loading_and_marshalling(level: str) -> None:
    before = with_unknown(level)
    state = llb.load(llb.decode(before.SerializeToString()))
    after = llb.marshal(state).to_message()
    assert getattr(after, "def")[0] == OP
    assert UNKNOWN in LEVELS[level](after).SerializeToString()


def test_ops_keep_their_bytes_with_unknown_fields() -> None:
    before = definition()
    op = OP + UNKNOWN
    last = pb.Op(inputs=[pb.Input(digest=digests.of(op))]).SerializeToString()
    getattr(before, "def")[:] = [op, last]
    after = llb.marshal(llb.load(llb.decode(before.SerializeToString())))
    assert after.ops[0] == op
