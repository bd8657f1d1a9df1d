"""Marshal a State to its Definition, byte for byte as BuildKit's own client does.

The digest of an op is the sha256 of its bytes, so each rule here decides about cache hits.

Source: client/llb/state.go, marshal.go, sourcemap.go and the Marshal methods of the ops of BuildKit; solver/pb/ops.proto for the numbers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.errors import GraphError
from llbfront.llb import state_arguments
from llbfront.llb.definition import Definition, Ops, SourceMap
from llbfront.llb.encode_exec import encode_exec
from llbfront.llb.encode_file import encode_file
from llbfront.llb.marshal_context import NO_INPUT, Inputs, MarshalContext
from llbfront.llb.op import OpMeta
from llbfront.llb.ops import BuildOp, DiffOp, ExecOp, FileOp, ImportedOp, MergeOp, PassthroughOp, SourceOp
from llbfront.llb.protowire import integer, integers, message, message_of, text, text_map, texts
from llbfront.oci import digest as digests
from llbfront.oci import platform as platforms
from llbfront.printable import visible

if TYPE_CHECKING:
    from llbfront.llb.caps import Caps
    from llbfront.llb.definition import Packed
    from llbfront.llb.op import Filesystem, Op
    from llbfront.oci.platform import Platform
    from llbfront.source import Source, Span

    Member = tuple[list[bytes], frozenset[str]]

_MAX_BYTES = 1 << 29  # of a graph; no engine takes as much
_LARGE = 4096  # an op of fewer bytes is kept, a larger one is encoded again when it is asked for


def marshal(
    state: Filesystem, *, platform: Platform | str | None = None, caps: Caps | None = None, local_unique: str | None = None
) -> Definition:
    """Marshal a graph: return its ops as bytes, in an order that an engine takes.

    Args:
        state: the result of the graph.
        platform: the platform of ops that have none, by default that of this machine.
        caps: the capabilities of the engine, which decide on a few forms.
        local_unique: the id of local sources without a session, by default a new one for each call.

    Raises:
        GraphError: a string is not UTF-8, a command is empty, or the graph is too large for any engine.

    Example:
        >>> from llbfront import llb
        >>> state = llb.image("alpine").run("make").root
        >>> llb.marshal(state, platform="linux/amd64")
        <Definition of 2 ops, sha256:...>
    """
    platform = state_arguments.platform(platform)
    state_arguments.filesystem(state, "state")
    if state.output is None:
        return Definition()
    context = MarshalContext(platform or platforms.default().normalized(), caps, local_unique or os.urandom(16).hex())
    ops: dict[str, Packed] = {}
    metadata: dict[str, OpMeta] = {}
    locations: dict[str, tuple[Span, ...]] = {}
    length = 0
    for op in _inputs_first(state.output.op, context):
        data, digest, size_bytes, needed = _encoded(op, context)
        length += size_bytes
        if length > _MAX_BYTES:
            raise GraphError(f"the graph takes more than {_MAX_BYTES >> 20} MiB", hint=op.meta.name)
        context.learn(op, digest)
        ops.setdefault(digest, data)
        metadata[digest] = _merged(metadata.get(digest), op.meta, needed)
        locations[digest] = locations.get(digest, ()) + op.meta.spans
    head = context.digests[state.output.op]
    last = message(1, text(1, head) + integer(2, state.output.index))
    last_digest = digests.of(last)
    metadata[last_digest] = OpMeta(caps=_terminal_caps(metadata))
    return Definition(
        Ops((*ops.values(), last)),
        (*ops, last_digest),
        metadata,
        tuple([_with_definition(source, platform, caps, local_unique) for source in _sources(locations)]),
        locations,
    )


def _inputs_first(root: Op, context: MarshalContext) -> Iterator[Op]:
    """Yield each op once, its inputs before it; those that `world` has learnt count as done."""
    done = context.digests
    pending = [(root, iter(root.inputs))]
    while pending:
        op, inputs = pending[-1]
        waiting = next((output.op for output in inputs if output.op not in done), None)
        if waiting is not None:
            pending.append((waiting, iter(waiting.inputs)))
            continue
        pending.pop()
        if op not in done:
            yield op


def _encoded(op: Op, context: MarshalContext) -> tuple[Packed, str, int, frozenset[str]]:
    if isinstance(op, ImportedOp):
        return op.data, op.digest, len(op.data), frozenset()
    try:
        parts, needed = encode(op, context)
    except UnicodeEncodeError as error:
        place = op.meta.spans[0] if op.meta.spans else None  # Parity: it is not sent to engines
        raise GraphError(f"a string of the graph is not UTF-8: {visible(str(error.object))}", span=place, spans=()) from None
    length = sum(map(len, parts))
    if length < _LARGE:
        data = b"".join(parts)
        return data, digests.of(data), length, needed
    return partial(_parts, op, context), digests.of(*parts), length, needed


def _parts(op: Op, context: MarshalContext) -> list[bytes]:
    return encode(op, context)[0]


def _merged(known: OpMeta | None, meta: OpMeta, needed: frozenset[str]) -> OpMeta:
    """Join what several ops of one digest say; of single values the last one wins."""
    caps = meta.caps | needed
    if known is None:
        return OpMeta(
            meta.name,
            meta.description,
            meta.ignore_cache,
            meta.export_cache,
            meta.progress_group,
            meta.linux_resources,
            (),
            caps,
            unknown=meta.unknown,
        )
    return OpMeta(
        known.name if meta.name is None else meta.name,
        {**known.description, **meta.description},
        known.ignore_cache or meta.ignore_cache,
        known.export_cache if meta.export_cache is None else meta.export_cache,
        meta.progress_group or known.progress_group,
        meta.linux_resources or known.linux_resources,
        (),
        known.caps | caps,
        unknown=meta.unknown or known.unknown,
    )


def _terminal_caps(metadata: dict[str, OpMeta]) -> frozenset[str]:
    caps = {"constraints", "platform"}
    for meta in metadata.values():
        if meta.ignore_cache:
            caps.add("meta.ignorecache")
        if meta.name is not None or meta.description:
            caps.add("meta.description")
        if meta.export_cache is not None:
            caps.add("meta.exportcache")
    return frozenset(caps)


def _sources(locations: dict[str, tuple[Span, ...]]) -> list[Source]:
    """List the files that spans speak of in the order of their first use, equal ones once."""
    sources: dict[tuple[str, str, bytes], Source] = {}
    seen: set[int] = set()
    for spans in locations.values():
        for span in spans:
            source = span.source
            if id(source) not in seen:
                seen.add(id(source))
                sources.setdefault((source.filename, source.language, source.data), source)
    return list(sources.values())


def _with_definition(source: Source, platform: Platform | None, caps: Caps | None, local_unique: str | None) -> Source:
    """Marshal the state that a file came out of, in the same way."""
    if not isinstance(source, SourceMap) or source.definition is not None or source.state is None:
        return source
    definition = marshal(source.state, platform=platform, caps=caps, local_unique=local_unique)
    return attrs.evolve(source, definition=definition)


def encode(op: Op, context: MarshalContext) -> tuple[list[bytes], frozenset[str]]:
    """Return the bytes of an op in parts, and the capabilities that it needs.

    Parity: Go writes the member of the oneof after platform and constraints, which have higher numbers; protobuf's other
    runtimes do not.
    """
    inputs = Inputs(context)
    number, encode_member, platform_of = _MEMBERS[type(op)]
    member, caps = encode_member(op, inputs)
    platform = platform_of(op, context)
    packed = [
        *inputs.packed,
        b"" if platform is None else context.pack_platform(platform),
        message(11, texts(1, op.meta.worker_filters)),
        *message_of(number, member),
    ]
    return packed, caps


def _source(op: SourceOp, inputs: Inputs) -> Member:
    attributes, caps = op.attrs, op.caps
    if op.identifier.startswith("local://") and not {"local.session", "local.unique"} & attributes.keys():
        attributes = {**attributes, "local.unique": inputs.context.local_unique}
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


def _none(_: Op, __: MarshalContext) -> Platform | None:
    return None


def _source_platform(op: SourceOp, context: MarshalContext) -> Platform | None:
    return (op.platform or context.platform) if op.identifier.startswith(("docker-image://", "oci-layout://")) else None


def _exec_platform(op: ExecOp, context: MarshalContext) -> Platform | None:
    return op.platform or op.settings.platform or context.platform


def _build_platform(op: BuildOp, context: MarshalContext) -> Platform | None:
    return op.platform or context.platform


_MEMBERS: dict[type, tuple[int, Callable[[Any, Inputs], Member], Callable[[Any, MarshalContext], Platform | None]]] = {
    ExecOp: (2, encode_exec, _exec_platform),
    SourceOp: (3, _source, _source_platform),
    FileOp: (4, encode_file, _none),
    BuildOp: (5, _build, _build_platform),
    MergeOp: (6, _merge, _none),
    DiffOp: (7, _diff, _none),
    PassthroughOp: (8, _passthrough, _none),
}
