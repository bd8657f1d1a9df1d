"""The base of all ops, and what one op gives to another: an Output is one of the file systems that an op makes.

Source: client/llb/state.go (Output, Vertex) of BuildKit.
"""

from __future__ import annotations

from llbfront.hints import Protocol
from llbfront.value import Shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbfront.llb.meta import OpMeta
    from llbfront.llb.settings import Settings


class Op(Shown):
    """A vertex of the graph. Two ops are the same only if they are one object; equal ones meet by digest when marshalled."""

    if TYPE_CHECKING:  # fields of some ops, properties of others

        @property
        def meta(self) -> OpMeta: ...

        @property
        def inputs(self) -> tuple[Output, ...]:
            """The outputs that this op reads, in the order in which they enter a definition; may repeat."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Output(Shown):
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
