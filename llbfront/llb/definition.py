"""Definition: a marshalled graph as a value ↔ the bytes of pb.Definition, or JSON.

Source: client/llb/marshal.go and frontend/dockerfile/dockerfile2llb/convertllb.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llbfront.llb.meta import OpMeta
    from llbfront.text import Source, Span


@attrs.frozen(eq=False)
class Definition:
    """A graph as the engine takes it.

    `ops` in order, inputs first, the last one only names the result; `digests` beside them. `metadata` and `locations` are keyed
    by digest; `sources` are all files that locations speak of. An empty graph has no ops.
    """

    ops: tuple[bytes, ...] = ()
    digests: tuple[str, ...] = ()
    metadata: Mapping[str, OpMeta] = attrs.field(factory=dict, repr=False)
    sources: tuple[Source, ...] = attrs.field(default=(), repr=False)
    locations: Mapping[str, tuple[Span, ...]] = attrs.field(factory=dict, repr=False)

    @property
    def head(self) -> str | None:
        """The digest of the op that gives the result."""
        raise NotImplementedError

    def encode(self) -> bytes:
        """Return the bytes of a pb.Definition, always the same for the same value."""
        raise NotImplementedError

    @classmethod
    def decode(cls, data: bytes) -> Definition:
        """Read the bytes of a pb.Definition.

        Raises: GraphError.
        """
        raise NotImplementedError
