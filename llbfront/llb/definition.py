"""A marshalled graph (`Definition`) and its encoding as pb.Definition. `llb.decode` is the reverse.

Source: client/llb/marshal.go and sourcemap.go of BuildKit.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, overload

import attrs

from llbfront.llb.op import NAME_KEY
from llbfront.llb.protowire import data, integer, message, message_of, text, text_map
from llbfront.pb import ops_pb2 as pb
from llbfront.source import Source

if TYPE_CHECKING:
    from llbfront.llb.op import Filesystem, LinuxResources, OpMeta, ProgressGroup
    from llbfront.source import LineRange, Span

    Packed = bytes | Callable[[], list[bytes]]


_NOT_UTF8 = dict.fromkeys(range(0xDC80, 0xDD00), "\ufffd")


class Ops(Sequence[bytes]):
    """The bytes of ops in order. Of large ones only how to make them is kept: many commands with many variables fill memory."""

    def __init__(self, packed: Iterable[Packed]) -> None:
        self.packed = tuple(packed)

    def __len__(self) -> int:
        return len(self.packed)

    @overload
    def __getitem__(self, index: int) -> bytes: ...

    @overload
    def __getitem__(self, index: slice) -> Ops: ...

    def __getitem__(self, index: int | slice) -> bytes | Ops:
        if isinstance(index, slice):
            return Ops(self.packed[index])
        packed = self.packed[index]
        return packed if isinstance(packed, bytes) else b"".join(packed())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(operator.eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # Python's way to forbid hashing

    def __repr__(self) -> str:
        return f"<{len(self)} ops>"


@attrs.frozen(eq=False, repr=False)
class Definition:
    """A marshalled graph, as an engine takes it. An empty graph has no ops.

    Attributes:
        ops: the bytes of each op, inputs first; the last one only names the result.
        digests: the digests of the ops, in the same order.
        metadata: what is said about an op, by digest.
        sources: the files that locations refer to.
        locations: the places in files that an op comes from, by digest.
        unknown: protobuf fields of a decoded definition that this version does not know.
        raw_locations: the same, for locations.

    Example:
        >>> from llbfront import llb
        >>> llb.marshal(llb.image("alpine"), platform="linux/amd64").digests[-1]
        'sha256:...'
    """

    ops: Sequence[bytes] = ()
    digests: tuple[str, ...] = ()
    metadata: Mapping[str, OpMeta] = attrs.field(factory=dict, repr=False)
    sources: tuple[Source, ...] = attrs.field(default=(), repr=False)
    locations: Mapping[str, tuple[Span, ...]] = attrs.field(factory=dict, repr=False)
    unknown: bytes = attrs.field(default=b"", repr=False)
    raw_locations: Mapping[str, RawLocations] = attrs.field(factory=dict, repr=False)

    def __repr__(self) -> str:
        return f"<Definition of {max(0, len(self.digests) - 1)} ops{f', {self.digests[-1]}' if self.digests else ''}>"

    def encode(self) -> bytes:
        """Return the bytes of a pb.Definition, always the same for the same value."""
        kept = self.ops.packed if isinstance(self.ops, Ops) else self.ops
        packed = [part for op in kept for part in message_of(1, (op,) if isinstance(op, bytes) else op())]
        packed += [_entry(2, digest, pack_meta(meta)) for digest, meta in sorted(self.metadata.items())]
        if self.ops:
            packed.append(message(3, self._pack_source()))
        return b"".join([*packed, self.unknown])

    def to_message(self) -> pb.Definition:
        """Return the graph as the protobuf message that requests carry."""
        return pb.Definition.FromString(self.encode())

    def _pack_source(self) -> bytes:
        index = {(source.filename, source.language, source.data): position for position, source in enumerate(self.sources)}
        known = {
            id(span.source): index[span.source.filename, span.source.language, span.source.data]
            for spans in self.locations.values()
            for span in spans
        }
        packed = [
            _entry(1, digest, self._raw(digest) or b"".join([_location(span, known[id(span.source)]) for span in spans]))
            for digest, spans in sorted(self.locations.items())
        ]
        return b"".join(packed + [message(2, _info(source)) for source in self.sources])

    def _raw(self, digest: str) -> bytes:
        """Return the bytes from which the locations of an op were decoded, if they have unknown fields and nothing has changed."""
        raw = self.raw_locations.get(digest)
        is_unchanged = raw is not None and raw.spans is self.locations[digest] and raw.sources is self.sources
        return raw.data if raw is not None and is_unchanged else b""


@attrs.frozen(eq=False)
class RawLocations:
    """The bytes of a pb.Locations, and what was decoded from them."""

    data: bytes
    spans: tuple[Span, ...]
    sources: tuple[Source, ...]


@attrs.frozen(kw_only=True)
class SourceMap(Source):
    """A Source whose file is part of the build. Use it as any Source in the spans of ops.

    Args:
        filename: its name, for people.
        data: its content.
        language: the language that graph viewers colour it by.
        state: the State that holds the file.
        definition: the same, marshalled.
        unknown: protobuf fields of a decoded definition that this version does not know.
    """

    state: Filesystem | None = attrs.field(default=None, eq=False, repr=False)
    definition: Definition | None = attrs.field(default=None, eq=False, repr=False)
    unknown: bytes = attrs.field(default=b"", eq=False, repr=False)


def _entry(field: int, key: str, value: bytes) -> bytes:
    return message(field, text(1, key) + message(2, value))


def _location(span: Span, index: int) -> bytes:
    return message(1, integer(1, index) + b"".join([message(2, _range(part)) for part in span.ranges]))


def _range(part: LineRange) -> bytes:
    start = integer(1, part.start) + integer(2, part.start_character)
    return message(1, start) + message(2, integer(1, part.end) + integer(2, part.end_character))


def _info(source: Source) -> bytes:
    definition = source.definition if isinstance(source, SourceMap) else None
    packed = text(1, source.filename) + data(2, source.data)
    if definition is not None:
        packed += message(3, definition.encode())
    return packed + text(4, source.language) + (source.unknown if isinstance(source, SourceMap) else b"")


def pack_meta(meta: OpMeta) -> bytes:
    """Pack a pb.OpMetadata. It is only shown, so that bytes in it which are no UTF-8 do no harm: they become U+FFFD."""
    named = meta.description if meta.name is None else {**meta.description, NAME_KEY: meta.name}
    description = {key: _shown(value) for key, value in named.items()}
    export = b"" if meta.export_cache is None else message(4, integer(1, meta.export_cache))
    group = b"" if meta.progress_group is None else message(6, _group(meta.progress_group))
    limits = b"" if meta.linux_resources is None else message(7, _resources(meta.linux_resources))
    return integer(1, meta.ignore_cache) + text_map(2, description) + export + _flags(5, meta.caps) + group + limits + meta.unknown


def _shown(value: str) -> str:
    return value if value.isascii() else value.translate(_NOT_UTF8)


def _flags(field: int, names: Iterable[str]) -> bytes:
    return b"".join([message(field, text(1, name) + integer(2, True)) for name in sorted(names)])


def _group(group: ProgressGroup) -> bytes:
    return text(1, group.id) + text(2, _shown(group.name)) + integer(3, group.weak)


def _resources(limits: LinuxResources) -> bytes:
    numbers = (limits.memory_bytes, limits.memory_swap_bytes, limits.cpu_shares, limits.cpu_period, limits.cpu_quota)
    packed = b"".join([integer(field, number) for field, number in enumerate(numbers, 1)])
    return packed + text(6, limits.cpuset_cpus) + text(7, limits.cpuset_mems)


def joined(definitions: Iterable[Definition]) -> Definition | None:
    """Return one definition with the ops of several and the result of the last; None for none.

    An op that several have keeps the name and the place of the first, as engines report them.
    """
    filled = [definition for definition in definitions if definition.ops]
    if not filled:
        return None
    last = filled[-1]
    ops = {digest: data for definition in filled for digest, data in zip(definition.digests[:-1], definition.ops[:-1], strict=True)}
    return Definition(
        (*ops.values(), last.ops[-1]),
        (*ops, last.digests[-1]),
        {digest: meta for definition in reversed(filled) for digest, meta in definition.metadata.items()},
        tuple(dict.fromkeys(source for definition in filled for source in definition.sources)),
        {digest: spans for definition in reversed(filled) for digest, spans in definition.locations.items()},
    )
