"""Capabilities: what an engine told that it can do, and what a graph needs of it.

Source: util/apicaps/caps.go, solver/pb/caps.go, frontend/gateway/pb/caps.go, frontend/gateway/grpcclient/client.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llbfront.llb.definition import Definition


@attrs.frozen
class Caps:
    """Capabilities of a peer: those enabled, and those disabled with the reason (or an empty text)."""

    enabled: frozenset[str]
    disabled: tuple[tuple[str, str], ...] = ()
    product: str = "buildkit"

    def supports(self, cap: str) -> bool:
        """Say whether the peer has `cap` and we know it."""
        raise NotImplementedError

    def require(self, cap: str) -> None:
        """Raise UnsupportedCapability unless the peer has `cap`: unknown to us, missing there, and disabled there differ."""
        raise NotImplementedError

    def check(self, definition: Definition) -> None:
        """Raise UnsupportedCapability if the definition needs a capability that the peer lacks."""
        raise NotImplementedError


LLB_DEFAULT = Caps(frozenset())
"""What an engine has that lists no LLB capabilities."""
FRONTEND_DEFAULT = Caps(frozenset())
"""What an engine has that lists no frontend capabilities."""


def all_known() -> Iterable[str]:
    """Return all capability ids of LLB that llbfront knows, sorted."""
    raise NotImplementedError
