"""JSON text as Go's encoding/json writes it: compact, keys of maps sorted, `<`, `>`, `&`, U+2028 and U+2029 escaped.

Source: Go's encoding/json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Value = None | bool | int | float | str | Sequence["Value"] | Mapping[str, "Value"]


def dumps(value: Value) -> str:
    """Write a value. Keys of mappings are sorted; wrap them in `Ordered` to keep an order."""
    raise NotImplementedError


class Ordered(dict[str, "Value"]):
    """A mapping whose keys are written in their own order, as the members of a Go struct are."""
