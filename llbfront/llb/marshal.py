"""Marshalling: a State → its Definition, byte for byte what BuildKit's own client makes of the same graph.

Source: client/llb/marshal.go, state.go and the Marshal methods of client/llb of BuildKit; features.md, appendix B.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llbfront.llb.caps import Caps
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State
    from llbfront.oci.platform import Platform


def marshal(
    state: State, *, platform: Platform | None = None, caps: Caps | None = None, local_unique: str | None = None
) -> Definition:
    """Marshal the graph below `state`.

    `platform` is that of ops which have none (this machine's by default); `caps` those of the engine, which decide about
    a few forms; `local_unique` is the id of local sources without a session, new for each call by default.
    """
    raise NotImplementedError


def load(definition: Definition) -> State:
    """Return the result of a definition as a State to build upon; its ops keep bytes, digests, metadata and places.

    Raises: GraphError.
    """
    raise NotImplementedError
