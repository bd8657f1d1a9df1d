"""The structure of an HCL file: bodies with attributes and blocks.

Source: structure.go of hashicorp/hcl.
"""

from __future__ import annotations

import attrs

from llbfront.hcl.expressions import Expression
from llbfront.hcl.ranges import Range


@attrs.frozen(eq=False)
class Attribute:
    """`name = expression`."""

    name: str
    expression: Expression
    source_range: Range
    name_range: Range


@attrs.frozen(eq=False)
class Block:
    """`type "label" { … }`."""

    type: str
    labels: list[str]
    body: Body
    source_range: Range
    label_ranges: list[Range]

    @property
    def label_range(self) -> Range:
        """The place of the first label, that of the block if it has none."""
        return self.label_ranges[0] if self.label_ranges else self.source_range


@attrs.frozen(eq=False)
class Body:
    """Attributes by name, and blocks in their order."""

    attributes: dict[str, Attribute]
    blocks: list[Block]
    source_range: Range
