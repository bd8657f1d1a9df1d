"""Definitions as bytes and back: nothing is lost, one can build upon them, and damage is one clear error."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront import llb
from llbfront.errors import GraphError
from llbfront.llb.definition import Definition
from llbfront.oci.platform import Platform
from llbfront.pb import ops_pb2 as pb
from llbfront.source import LineRange, Source, Span

AMD64 = Platform("linux", "amd64")
SOURCE = Source("f", b"one\ntwo\n", "text")
META = llb.OpMeta(
    name="",
    description={"k": "v"},
    ignore_cache=True,
    export_cache=False,
    progress_group=llb.ProgressGroup("g", "group", weak=True),
    linux_resources=llb.LinuxResources(1, -1, 2, 3, -4, "0-1", "0"),
    spans=(Span(SOURCE, (LineRange(1, 2, 3, 4), LineRange(5, 5))), Span(SOURCE, ())),
)


def graph() -> llb.State:
    run = llb.image("busybox", platform=Platform("linux", "arm64", "v8"), meta=META).run(("x",), mounts=(llb.Scratch("/o"),))
    return llb.merge(run.root, run.mount("/o"), meta=META)


def test_round_trip_keeps_everything() -> None:
    definition = llb.marshal(graph(), platform=AMD64)
    again = llb.decode(definition.encode())
    assert again.ops == definition.ops
    assert again.digests == definition.digests
    assert again.metadata == definition.metadata
    assert again.locations == definition.locations
    assert again.sources == definition.sources
    assert again.encode() == definition.encode()


def test_bytes_are_what_protobuf_reads() -> None:
    definition = llb.marshal(graph(), platform=AMD64)
    message = pb.Definition.FromString(definition.encode())
    assert list(getattr(message, "def")) == list(definition.ops)
    meta = message.metadata[definition.digests[0]]
    assert dict(meta.description) == {"k": "v", "llb.customname": ""}
    assert (meta.linux_resources.memorySwap, meta.linux_resources.cpusetCpus) == (-1, "0-1")
    assert meta.export_cache.Value is False
    assert meta.HasField("export_cache")


def test_loaded_ops_can_be_built_upon() -> None:
    definition = llb.marshal(graph(), platform=AMD64)
    state = llb.load(definition).run(("y",)).root
    more = llb.marshal(state, platform=Platform("linux", "riscv64"))
    assert more.ops[:3] == definition.ops[:3]
    assert more.metadata[definition.digests[0]] == definition.metadata[definition.digests[0]]
    assert more.locations[definition.digests[0]] == definition.locations[definition.digests[0]]


def test_a_loaded_state_has_no_platform_of_its_own() -> None:
    loaded = llb.load(llb.marshal(graph(), platform=AMD64))
    assert loaded.platform is None
    op = pb.Op.FromString(llb.marshal(loaded.run(("y",)).root, platform=AMD64).ops[3])
    assert op.platform.Architecture == "amd64"


def test_places_of_an_op_with_two_outputs_are_sent_twice() -> None:
    """Parity: an imported op is a vertex for each of its outputs."""
    run = llb.image("x").run(("x",), mounts=(llb.Scratch("/o"),), meta=llb.OpMeta(spans=META.spans))
    definition = llb.marshal(llb.merge(run.root, run.mount("/o")), platform=AMD64)
    again = llb.marshal(llb.load(definition), platform=AMD64)
    digest = definition.digests[1]
    assert again.locations[digest] == definition.locations[digest] * 2


def test_empty_definition_is_an_empty_file_system() -> None:
    assert llb.load(Definition()).output is None
    assert llb.load(llb.decode(b"")).output is None


def broken() -> list[Definition]:
    good = llb.marshal(graph(), platform=AMD64)
    return [
        Definition(good.ops[1:], good.digests[1:]),
        Definition(good.ops[:1], good.digests[:1]),
        Definition((b"\xff", *good.ops), ("x", *good.digests)),
    ]


@pytest.mark.parametrize("number", range(3))
def test_broken_definition(number: int) -> None:
    with pytest.raises(GraphError):
        llb.load(broken()[number])


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_an_error(data: bytes) -> None:
    with contextlib.suppress(GraphError):
        assert isinstance(llb.load(llb.decode(data)), llb.State)


def test_a_place_in_a_file_that_is_not_there() -> None:
    message = pb.Definition(Source=pb.Source(locations={"sha256:x": pb.Locations(locations=[pb.Location(sourceIndex=3)])}))
    with pytest.raises(GraphError, match="file 3"):
        llb.decode(message.SerializeToString())
