"""Encoding of ops: one op whose inputs have digests → its bytes, and the capabilities that it needs.

The bytes are those that BuildKit's own client makes; a digest is their sha256, so every rule here decides about cache hits.

Source: the Marshal methods of client/llb of BuildKit; solver/pb/ops.proto for the numbers.
"""

from __future__ import annotations

from llbfront.llb.encode_exec import encode_exec
from llbfront.llb.encode_file import encode_file
from llbfront.llb.encoding import NO_INPUT, Inputs
from llbfront.llb.ops import BuildOp, DiffOp, ExecOp, FileOp, MergeOp, PassthroughOp, SourceOp
from llbfront.pb.packing import integer, integers, message, message_of, text, text_map, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from llbfront.llb.encoding import World
    from llbfront.llb.output import Op
    from llbfront.oci.platform import Platform

    Member = tuple[list[bytes], frozenset[str]]


def encode(op: Op, world: World) -> tuple[list[bytes], frozenset[str]]:
    """Return the bytes of an op in parts, and the capabilities that it needs.

    Parity: Go writes the member of the oneof behind platform and constraints, which have higher numbers; protobuf's other
    runtimes do not.
    """
    inputs = Inputs(world)
    number, encode_member, platform_of = _MEMBERS[type(op)]
    member, caps = encode_member(op, inputs)
    platform = platform_of(op, world)
    packed = [
        *inputs.packed,
        b"" if platform is None else world.pack_platform(platform),
        message(11, texts(1, op.meta.worker_filters)),
        *message_of(number, member),
    ]
    return packed, caps


def _source(op: SourceOp, inputs: Inputs) -> Member:
    attributes, caps = op.attrs, op.caps
    if op.identifier.startswith("local://") and not {"local.session", "local.unique"} & attributes.keys():
        attributes = {**attributes, "local.unique": inputs.world.local_unique}
        caps |= {"source.local.unique"}
    return [text(1, op.identifier), text_map(2, attributes)], caps


def _merge(op: MergeOp, inputs: Inputs) -> Member:
    return [message(1, integer(1, inputs.add(output))) for output in op.inputs], frozenset(("mergeop",))


def _diff(op: DiffOp, inputs: Inputs) -> Member:
    lower = inputs.add(op.lower)
    upper = NO_INPUT if op.upper is None else inputs.add(op.upper)
    return [message(1, integer(1, lower)), message(2, integer(1, upper))], frozenset(("diffop",))


def _passthrough(op: PassthroughOp, inputs: Inputs) -> Member:
    for output in op.inputs:
        inputs.add(output)
    return [text(1, op.id), integers(2, op.outputs)], frozenset(("passthroughop",))


def _build(op: BuildOp, inputs: Inputs) -> Member:
    definition = message(1, b"buildkit.llb.definition") + message(2, integer(1, inputs.add(op.source)))
    attributes = {"llbbuild.filename": op.filename} if op.filename else {}
    return [integer(1, -1), message(2, definition), text_map(4, attributes)], frozenset(("source.buildop.llbfilename",))


def _none(_: Op, __: World) -> Platform | None:
    return None


def _source_platform(op: SourceOp, world: World) -> Platform | None:
    return (op.platform or world.platform) if op.identifier.startswith(("docker-image://", "oci-layout://")) else None


def _exec_platform(op: ExecOp, world: World) -> Platform | None:
    return op.platform or op.settings.platform or world.platform


def _build_platform(op: BuildOp, world: World) -> Platform | None:
    return op.platform or world.platform


_MEMBERS: dict[type, tuple[int, Callable[[Any, Inputs], Member], Callable[[Any, World], Platform | None]]] = {
    ExecOp: (2, encode_exec, _exec_platform),
    SourceOp: (3, _source, _source_platform),
    FileOp: (4, encode_file, _none),
    BuildOp: (5, _build, _build_platform),
    MergeOp: (6, _merge, _none),
    DiffOp: (7, _diff, _none),
    PassthroughOp: (8, _passthrough, _none),
}
