"""The base of all ops, and what one op gives to another: an Output is one of the file systems that an op makes.

Source: client/llb/state.go (Output, Vertex) of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from llbfront.llb.meta import OpMeta
    from llbfront.llb.settings import Settings


class Op:
    """A vertex of the graph. Two ops are the same only if they are one object; equal ones meet by digest when marshalled."""

    __slots__ = ()

    meta: OpMeta

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def inputs(self) -> tuple[Output, ...]:
        """The outputs that this op reads, in the order in which they enter a definition; may repeat."""
        raise NotImplementedError


@attrs.frozen(eq=False, repr=False)
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
