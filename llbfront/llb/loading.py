"""Load a graph: the bytes of a pb.Definition become a Definition, and a State to build upon.

Source: client/llb/definition.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs
from google.protobuf.message import DecodeError, Message

from llbfront import arguments
from llbfront.errors import GraphError
from llbfront.llb.definition import Definition, RawLocations, SourceMap
from llbfront.llb.op import NAME_KEY, NO_META, LinuxResources, OpMeta, Output, ProgressGroup
from llbfront.llb.ops import ImportedOp, SourceOp
from llbfront.llb.state import State
from llbfront.oci import digest as digests
from llbfront.oci.platform import Platform
from llbfront.pb import ops_pb2 as pb
from llbfront.source import LineRange, Source, Span

_GZIP = b"\x1f\x8b"


def decode(data: bytes) -> Definition:
    """Read the bytes of a definition, as `buildctl` and other tools write them. The ops inside are not parsed.

    Args:
        data: an encoded pb.Definition.

    Raises:
        GraphError: the bytes are not a definition.

    Example:
        >>> from llbfront import llb
        >>> data = llb.marshal(llb.image("alpine"), platform="linux/amd64").encode()
        >>> len(llb.decode(data).ops)
        2
    """
    if not isinstance(data, bytes):
        raise arguments.refuse("data", "the bytes of a definition", data)
    try:
        return _definition(pb.Definition.FromString(data))
    except (DecodeError, RecursionError) as error:
        hint = "it is compressed with gzip" if data.startswith(_GZIP) else None
        raise GraphError("not a definition: it is cut off, damaged, or something else", hint=hint) from error


def _definition(message: pb.Definition) -> Definition:
    ops = tuple(getattr(message, "def"))
    sources = tuple(_source(info) for info in message.Source.infos)
    locations = {digest: _spans(digest, places.locations, sources) for digest, places in message.Source.locations.items()}
    metadata = {digest: _meta(meta) for digest, meta in message.metadata.items()}
    raw = {
        digest: RawLocations(places.SerializeToString(), locations[digest], sources)
        for digest, places in message.Source.locations.items()
        if _has_unknown_fields(places)
    }
    return Definition(ops, tuple(digests.of(op) for op in ops), metadata, sources, locations, unknown_fields(message), raw)


def unknown_fields(message: Message, *, apart: str = "") -> bytes:
    """Return the encoded fields of a message that this version does not know, also those inside its single sub messages.

    Behind the encoding of the known fields they restore the message, since parsers merge sub messages that occur twice. The sub message
    `apart` is left out.
    """
    rest = type(message)()
    rest.CopyFrom(message)
    for field, value in message.ListFields():
        rest.ClearField(field.name)
        if field.message_type is not None and not field.is_repeated and field.name != apart and (nested := unknown_fields(value)):
            getattr(rest, field.name).MergeFromString(nested)
    return rest.SerializeToString()


def _has_unknown_fields(message: Message) -> bool:
    repeated = [item for field, value in message.ListFields() if field.message_type and field.is_repeated for item in value]
    return bool(unknown_fields(message)) or any(map(_has_unknown_fields, repeated))


def _source(info: pb.SourceInfo) -> Source:
    unknown = unknown_fields(info, apart="definition")
    definition = _definition(info.definition) if info.HasField("definition") else None
    if definition is None and not unknown:
        return Source(info.filename, info.data, info.language)
    return SourceMap(info.filename, info.data, info.language, definition=definition, unknown=unknown)


def _spans(digest: str, places: Iterable[pb.Location], sources: tuple[Source, ...]) -> tuple[Span, ...]:
    spans = []
    for place in places:
        if not 0 <= place.sourceIndex < len(sources):
            raise GraphError(f"{digest} is said to come from file {place.sourceIndex}, which is not there")
        ranges = [LineRange(part.start.line, part.end.line, part.start.character, part.end.character) for part in place.ranges]
        spans.append(Span(sources[place.sourceIndex], tuple(ranges)))
    return tuple(spans)


def _meta(message: pb.OpMetadata) -> OpMeta:
    description = dict(message.description)
    group, limits = message.progress_group, message.linux_resources
    return OpMeta(
        name=description.pop(NAME_KEY, None),
        description=description,
        ignore_cache=message.ignore_cache,
        export_cache=message.export_cache.Value if message.HasField("export_cache") else None,
        progress_group=ProgressGroup(group.id, group.name, group.weak) if message.HasField("progress_group") else None,
        linux_resources=_resources(limits) if message.HasField("linux_resources") else None,
        caps=frozenset(cap for cap, needed in message.caps.items() if needed),
        unknown=unknown_fields(message),
    )


def _resources(limits: pb.LinuxResources) -> LinuxResources:
    numbers = (limits.memory, limits.memorySwap, limits.cpuShares, limits.cpuPeriod, limits.cpuQuota)
    return LinuxResources(*numbers, limits.cpusetCpus, limits.cpusetMems)


def parse_op(data: bytes) -> pb.Op:
    """Read the bytes of one op.

    Raises: GraphError.
    """
    try:
        return pb.Op.FromString(data)
    except DecodeError as error:
        raise GraphError(f"an op of the definition cannot be read: {error}") from None


def load(definition: Definition) -> State:
    """Return the result of a definition as a State to build upon. Its ops keep their bytes, digests, metadata and places.

    Parity: the State has no platform, even if the op has one; commands on it get the platform that is given to `marshal`.

    Args:
        definition: a Definition, such as `graph.definition`.

    Raises:
        GraphError: the definition is damaged.
    """
    if not _checked(definition).ops:
        return State()
    ops = dict(zip(definition.digests, map(parse_op, definition.ops), strict=True))
    data = dict(zip(definition.digests, definition.ops, strict=True))
    last = ops[definition.digests[-1]].inputs
    if not last:
        raise GraphError("the last op of the definition names no result")
    imported: dict[tuple[str, int], ImportedOp] = {}
    pending = [(last[0].digest, last[0].index)]
    while pending:
        digest, index = pending[-1]
        op = ops.get(digest)
        if op is None or index < 0:
            raise GraphError(f"the definition has no op {digest}, output {index}")
        keys = [(source.digest, source.index) for source in op.inputs]
        waiting = [key for key in keys if key not in imported]
        if waiting:
            pending.extend(reversed(waiting))
            continue
        pending.pop()
        if (digest, index) not in imported:
            inputs = tuple(Output(imported[key], key[1]) for key in keys)
            imported[digest, index] = ImportedOp(data[digest], digest, inputs, platform_of(op), _imported_meta(definition, digest))
    return State(Output(imported[last[0].digest, last[0].index], last[0].index))


def _checked(definition: Definition) -> Definition:
    if isinstance(definition, Definition):
        return definition
    hint = "a Graph has one: graph.definition" if hasattr(definition, "definition") else None
    raise arguments.refuse("definition", "a Definition", definition, hint=hint)


def sources_of(definition: Definition) -> tuple[SourceOp, ...]:
    r"""List the sources that a definition reads.

    Args:
        definition: a Definition, such as `graph.definition`.

    Raises:
        GraphError: an op cannot be parsed.

    Example:
        >>> import llbfront
        >>> from llbfront import llb
        >>> [source.identifier for source in llb.sources_of(llbfront.convert("FROM alpine\n").definition)]
        ['docker-image://docker.io/library/alpine:latest']
    """
    sources = (parse_op(data).source for data in _checked(definition).ops if parse_op(data).HasField("source"))
    return tuple(SourceOp(source.identifier, dict(source.attrs)) for source in sources)


def platform_of(op: pb.Op) -> Platform | None:
    """Return the platform of an op as it is there."""
    if not op.HasField("platform"):
        return None
    platform = op.platform
    return Platform(platform.OS, platform.Architecture, platform.Variant, platform.OSVersion, tuple(platform.OSFeatures))


def _imported_meta(definition: Definition, digest: str) -> OpMeta:
    return attrs.evolve(definition.metadata.get(digest, NO_META), spans=definition.locations.get(digest, ()), worker_filters=())
