"""The functions that every definition can call. They load when the first is looked up, since many definitions call none."""

from __future__ import annotations

import functools
from collections import UserDict

from llbfront.hcl.functions import Function


class StandardFunctions(UserDict[str, Function]):
    """Functions by name; more can be added."""

    def __init__(self) -> None:
        """Load nothing yet."""

    @functools.cached_property
    def data(self) -> dict[str, Function]:  # type: ignore[override]  # an attribute there, which every method reads
        """All functions."""
        from llbfront.hcl.stdlib.table import FUNCTIONS

        return dict(FUNCTIONS)
