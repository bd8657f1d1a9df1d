"""Source files of a graph: a Source of which it is known how the engine can get it.

Source: client/llb/sourcemap.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront.text import Source

if TYPE_CHECKING:
    from llbfront.llb.state import State


@attrs.frozen(kw_only=True)
class SourceMap(Source):
    """A Source whose file came out of `state`. Use it as any Source, in the spans of ops."""

    state: State | None = attrs.field(default=None, eq=False, repr=False)
