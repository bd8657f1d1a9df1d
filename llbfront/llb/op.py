"""The base class of all ops, and their metadata: name, cache hints, progress group, places in source files and needed capabilities.

Source: client/llb/state.go (Output, Vertex, OpMetadata, Constraints) of BuildKit.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import attrs

from llbfront import arguments
from llbfront.short_repr import ShortRepr
from llbfront.source import Span

if TYPE_CHECKING:
    from llbfront.llb.exec_settings import Settings

NAME_KEY = "llb.customname"


@attrs.frozen(repr=False, field_transformer=arguments.checked)
class ProgressGroup(ShortRepr):
    """Steps that displays show as one.

    Args:
        id: equal for all steps of the group.
        name: what displays show.
        weak: a group of a single step is shown as that step.
    """

    id: str
    name: str
    weak: bool = False


@attrs.frozen(repr=False, field_transformer=arguments.checked)
class LinuxResources(ShortRepr):
    """Limits of the cgroup of a step. They are not part of its cache key. 0 and an empty text mean no limit.

    Args:
        memory_bytes: memory.
        memory_swap_bytes: memory and swap together.
        cpu_shares: relative weight of the step.
        cpu_period: length of a scheduling period, in microseconds.
        cpu_quota: processor time in each period, in microseconds.
        cpuset_cpus: processors that may be used, such as `0-3`.
        cpuset_mems: memory nodes that may be used, such as `0,1`.
    """

    memory_bytes: int = 0
    memory_swap_bytes: int = 0
    cpu_shares: int = 0
    cpu_period: int = 0
    cpu_quota: int = 0
    cpuset_cpus: str = ""
    cpuset_mems: str = ""


@attrs.frozen(repr=False)
class OpMeta(ShortRepr):
    """Metadata of an op. Only `worker_filters` are part of the digest.

    Args:
        name: what displays show.
        description: other keys and values.
        ignore_cache: run the op even if its result is in the cache.
        export_cache: whether the op is exported to caches; None leaves it to the build.
        progress_group: the group that displays show it in.
        linux_resources: limits of the step.
        spans: the places in source files that it comes from.
        caps: capabilities that the engine needs, beyond those that follow from the op.
        worker_filters: which workers of the engine may run it.
        unknown: encoded fields of a decoded definition that this version does not know.

    Example:
        >>> from llbfront import llb
        >>> step = llb.image("alpine").run("make", meta=llb.OpMeta(name="build the tools"))
        >>> step.op.meta.name
        'build the tools'
    """

    name: str | None = None
    description: Mapping[str, str] = attrs.field(factory=dict)
    ignore_cache: bool = False
    export_cache: bool | None = None
    progress_group: ProgressGroup | None = None
    linux_resources: LinuxResources | None = None
    spans: tuple[Span, ...] = ()
    caps: frozenset[str] = frozenset()
    worker_filters: tuple[str, ...] = ()
    unknown: bytes = attrs.field(default=b"", repr=False)

    def __attrs_post_init__(self) -> None:
        # Each op has one of these, so that there is one check for all fields instead of a converter for each.
        if tuple(map(type, _meta_values(self))) not in _KNOWN_TYPES or not all(type(span) is Span for span in self.spans):
            _check_meta(self)


_NONE = type(None)
_META_TYPES: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("name", (str, _NONE)),
    ("description", (dict,)),
    ("ignore_cache", (bool,)),
    ("export_cache", (bool, _NONE)),
    ("progress_group", (ProgressGroup, _NONE)),
    ("linux_resources", (LinuxResources, _NONE)),
    ("spans", (tuple,)),
    ("caps", (frozenset,)),
    ("worker_filters", (tuple,)),
    ("unknown", (bytes,)),
)
_meta_values = operator.attrgetter(*(name for name, _ in _META_TYPES))
_KNOWN_TYPES = frozenset(itertools.product(*(types for _, types in _META_TYPES)))
_META_TAKES = {
    "description": "a mapping of strings",
    "spans": "a tuple of Spans such as source.at(3)",
    "progress_group": "a ProgressGroup",
}


def _check_meta(meta: OpMeta) -> None:
    """Raise ArgumentError for the first field of a wrong type."""
    for name, types in _META_TYPES:
        value = getattr(meta, name)
        is_mapping = name == "description" and isinstance(value, Mapping)
        has_foreign_items = name == "spans" and isinstance(value, tuple) and not all(isinstance(span, Span) for span in value)
        if not (isinstance(value, types) or is_mapping) or has_foreign_items:
            raise arguments.refuse(name, _META_TAKES.get(name, f"a value of the type {types[0].__name__}"), value)


NO_META = OpMeta()


@attrs.frozen(eq=False, repr=False)
class Op(ShortRepr):
    """A vertex of a graph. Its subclasses are made by the functions of `llbfront.llb` and by the methods of State.

    Two ops are equal only if they are the same object. Ops with equal content get the same digest when they are marshalled.

    Attributes:
        meta: metadata of the op, such as its name.
        inputs: the outputs that the op reads, in the order of the definition; may repeat.
    """

    if TYPE_CHECKING:  # fields of some ops, properties of others

        @property
        def meta(self) -> OpMeta: ...

        @property
        def inputs(self) -> tuple[Output, ...]:
            """The outputs that this op reads, in the order in which they enter a definition; may repeat."""

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.meta, OpMeta):
            raise arguments.refuse("meta", "an OpMeta", self.meta, hint='such as OpMeta(name="build the tools")')


@attrs.frozen(eq=False, repr=False)
class Output:
    """One result of an op.

    Args:
        op: the op.
        index: the number of the result, from 0.
    """

    op: Op
    index: int = 0

    def __repr__(self) -> str:
        return f"Output({type(self.op).__name__}, {self.index})"


class Filesystem(Protocol):
    """Anything with files: a State. `output` None is an empty file system."""

    @property
    def output(self) -> Output | None: ...

    @property
    def settings(self) -> Settings: ...
