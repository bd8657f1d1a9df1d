"""What all ops are: a vertex, which gives Outputs to others, and what is said about it beside its bytes (name, cache hints, grouping,
places in source files, needed capabilities).

Source: client/llb/state.go (Output, Vertex, OpMetadata, Constraints) of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import attrs

from llbfront import arguments

if TYPE_CHECKING:
    from llbfront.llb.settings import Settings
    from llbfront.text import Span

NAME_KEY = "llb.customname"


@attrs.frozen(field_transformer=arguments.checked)
class ProgressGroup:
    """Steps that displays show as one. A weak group of one step is shown as that step."""

    id: str
    name: str
    weak: bool = False


@attrs.frozen(field_transformer=arguments.checked)
class LinuxResources:
    """Limits of a step's cgroup. They are no part of its cache key; 0 and empty mean unlimited."""

    memory_bytes: int = 0
    memory_swap_bytes: int = 0
    cpu_shares: int = 0
    cpu_period: int = 0
    cpu_quota: int = 0
    cpuset_cpus: str = ""
    cpuset_mems: str = ""


@attrs.frozen
class OpMeta:
    """What is said about an op. Only `worker_filters` are part of its bytes and so of its digest.

    `name` is what displays show, `description` holds other keys, `export_cache` None leaves it to the build,
    `caps` are needed beyond those that the op's own shape needs.
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

    def __attrs_post_init__(self) -> None:
        # Each op has one of these, so that there is one check for all fields instead of a converter for each.
        types = (type(self.name), type(self.ignore_cache), type(self.spans), type(self.caps), type(self.worker_filters))
        if types[1:] != _META_TYPES or types[0] not in _NAME_TYPES:
            _check_meta(self)


_META_TYPES = (bool, tuple, frozenset, tuple)
_NAME_TYPES = (str, type(None))


def _check_meta(meta: OpMeta) -> None:
    arguments.optional_text(meta.name, "name")
    arguments.flag(meta.ignore_cache, "ignore_cache")
    for name, kind, takes in (
        ("spans", tuple, "a tuple of Spans"),
        ("caps", frozenset, "a frozenset"),
        ("worker_filters", tuple, "a tuple"),
    ):
        if not isinstance(getattr(meta, name), kind):
            raise arguments.refuse(name, takes, getattr(meta, name))


NO_META = OpMeta()


@attrs.frozen(eq=False)
class Op:
    """A vertex of the graph. Two ops are the same only if they are one object; equal ones meet by digest when marshalled."""

    if TYPE_CHECKING:  # fields of some ops, properties of others

        @property
        def meta(self) -> OpMeta: ...

        @property
        def inputs(self) -> tuple[Output, ...]:
            """The outputs that this op reads, in the order in which they enter a definition; may repeat."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


@attrs.frozen(eq=False)
class Output:
    """One result of an op."""

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
