"""Rows of graphs that no Dockerfile makes, which a frontend is given as inputs: blobs as sources, and ops that the engine refuses.

A frontend loads such a graph and builds upon it; what is wrong with it is told once, by whoever sees it first. Inputs without a result's
op, and without ops, are not here: the reference ends the engine over the one, and has no word for the other (tests/llb/test_loading.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llbfront import llb
from llbfront.oci import digest
from llbfront.pb import ops_pb2 as pb
from tests.live.conformance.layout import LAYER, layout
from tests.live.conformance.row import Fails, GraphCheck, HasFile, Row, row

if TYPE_CHECKING:
    from collections.abc import Sequence

GIVEN = {"context:base": "input:base"}
ROOT = pb.Mount(input=0, dest="/", output=0)
MADE = pb.FileAction(input=-1, secondaryInput=-1, output=0, mkdir=pb.FileActionMkDir(path="/a", mode=0o755))
NONE = "sha256:" + "0" * 64


def graph(*ops: pb.Op | bytes, has_result: bool = True, source: pb.Source | None = None) -> bytes:
    """A definition whose result is that of the last op; the reference takes none without metadata."""
    encoded = [op if isinstance(op, bytes) else op.SerializeToString() for op in ops]
    if has_result:
        encoded.append(pb.Op(inputs=on(digest.of(encoded[-1]))).SerializeToString())
    metadata = {digest.of(op): pb.OpMetadata() for op in encoded}
    definition: Any = {"def": encoded, "metadata": metadata, "Source": source}
    return pb.Definition(**definition).SerializeToString()


def on(*digests: str, index: int = 0) -> Sequence[pb.Input]:
    return [pb.Input(digest=digest, index=index) for digest in digests]


IMAGE = pb.Op(source=pb.SourceOp(identifier="docker-image://docker.io/library/busybox:latest"), platform=pb.Platform(OS="linux", Architecture="amd64"))  # fmt: skip
BELOW = on(digest.of(IMAGE.SerializeToString()))


def refused(title: str, phrase: str, *ops: pb.Op) -> Row:
    """What an engine refuses to run."""
    return row("L7b", title, "FROM base\nCOPY a.txt /\n", Fails(phrase), options=GIVEN, inputs={"base": graph(*ops)})


def unreadable(title: str, data: bytes) -> Row:
    """What a frontend refuses to load, each in its own words."""
    phrase = Fails("failed to get frontend inputs: ")
    return row(
        "L7b L8 G6", title, "FROM base\nCOPY a.txt /\n", phrase, options=GIVEN, inputs={"base": data}, differs_in_wording=True
    )


def executed(**fields: Any) -> tuple[pb.Op, pb.Op]:
    return IMAGE, pb.Op(inputs=BELOW, exec=pb.ExecOp(**fields))


ROWS = (
    refused("a source op has no inputs", "invalid source op with 1 inputs", IMAGE, pb.Op(inputs=BELOW, source=pb.SourceOp(identifier="local://x"))),
    refused("an exec has meta", "invalid exec op with no meta", *executed(mounts=[ROOT])),
    refused("an exec has arguments", "invalid exec op with no args", *executed(meta=pb.Meta(cwd="/"), mounts=[ROOT])),
    refused("an exec has mounts", "invalid exec op with no mounts", *executed(meta=pb.Meta(args=["x"], cwd="/"))),
    refused("an exec has a root", "invalid exec op with no rootfs", *executed(meta=pb.Meta(args=["x"], cwd="/"), mounts=[pb.Mount(dest="/x")])),
    refused("a file op has an action", "invalid file op with no actions", pb.Op(file=pb.FileOp())),
    refused("a merge has as many inputs as its op", "invalid merge op with 2 inner inputs and 1 outer inputs", IMAGE, pb.Op(inputs=BELOW, merge=pb.MergeOp(inputs=[pb.MergeInput(), pb.MergeInput()]))),
    refused("a diff has two sides", "invalid diff op with nil lower or upper input", IMAGE, pb.Op(inputs=BELOW, diff=pb.DiffOp(lower=pb.LowerDiffInput(input=0)))),
    refused("a diff has as many inputs as its op", "invalid diff op with 0 inner inputs and 1 outer inputs", IMAGE, pb.Op(inputs=BELOW, diff=pb.DiffOp(lower=pb.LowerDiffInput(input=-1), upper=pb.UpperDiffInput(input=-1)))),
    refused("a passthrough has an id", "invalid passthrough op with no id", IMAGE, pb.Op(inputs=BELOW, passthrough=pb.PassthroughOp(outputs=[0]))),
    refused("a passthrough has outputs", "invalid passthrough op with no outputs", IMAGE, pb.Op(inputs=BELOW, passthrough=pb.PassthroughOp(id="x"))),
    refused("the outputs of a passthrough are inputs", "invalid passthrough output input index 7", IMAGE, pb.Op(inputs=BELOW, passthrough=pb.PassthroughOp(id="x", outputs=[7]))),
    refused("an op must have a kind", "no support for <nil>", pb.Op()),
    refused("the input of a named owner must exist", "invalid input index 9 in file op with 0 inputs", pb.Op(file=pb.FileOp(actions=[pb.FileAction(input=-1, secondaryInput=-1, output=0, mkdir=pb.FileActionMkDir(path="/a", mode=0o755, owner=pb.ChownOpt(user=pb.UserOpt(byName=pb.NamedUserOpt(name="x", input=9)))))]))),
    unreadable("a source location must name an existing file", graph(IMAGE, source=pb.Source(locations={BELOW[0].digest: pb.Locations(locations=[pb.Location(sourceIndex=3)])}))),
    unreadable("a source location must not have a negative file index", graph(IMAGE, source=pb.Source(locations={BELOW[0].digest: pb.Locations(locations=[pb.Location(sourceIndex=-1)])}))),
    unreadable("an op must be decodable", graph(b"\xff\xff")),
    unreadable("a graph has a result", graph(IMAGE, has_result=False)),
    row("L21", "a blob of a registry is a file", "FROM base\nCOPY a.txt /\n", HasFile("got"), GraphCheck("the source", lambda nodes: nodes[0].identifier.startswith("docker-image+blob://")), options=GIVEN, inputs={"base": lambda filled: llb.blob(filled("<blob>"), filename="got", perm=0o640)}),
    row("L21", "a blob of a layout is a file", "FROM base\nCOPY index.json /\n", HasFile("got"), GraphCheck("the source", lambda nodes: nodes[0].identifier.startswith("oci-layout+blob://")), files=layout(), contexts={"laid": "oci-layout://<context>"}, options=GIVEN, inputs={"base": llb.blob(f"any/name@{LAYER}", oci_layout=True, store="laid", filename="got", perm=0o640)}),
)  # fmt: skip
