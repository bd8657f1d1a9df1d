"""The Dockerfile's conversion: instructions grouped in stages enter, a graph with its image config and facts leaves. Pure.

A build plans its stages (`plan`), says which images and contexts it must know (`bases.wanted`), and once it knows them
expands variables (`expand`), which yields facts, and emits vertices (`emit_*`), which yields the graph.

Source: frontend/dockerfile/dockerfile2llb of BuildKit.
"""

from __future__ import annotations

import sys
import types
from typing import Any


class _Room(types.ModuleType):
    """The room, which can be called: importing a module of it binds `llbfront.convert` to the room, and that is a function there."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        import importlib

        return importlib.import_module("llbfront.scripting").convert(*arguments, **options)


sys.modules[__name__].__class__ = _Room
