"""Diagrams: draw a Graph as SVG, HTML and PNG, with the layout, the labels and the times of a run.

`model` says what is shown, `layout` and `routing` where, `svg`, `page`, `png` and `timeline` write it. They load at the first drawing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.lazy_names import lazy_names

if TYPE_CHECKING:
    from llbfront.inspection.diagram.page import to_html
    from llbfront.inspection.diagram.png import to_png
    from llbfront.inspection.diagram.svg import inline, to_svg

__all__ = ["inline", "to_html", "to_png", "to_svg"]

_MODULES = {"inline": "svg", "to_html": "page", "to_png": "png", "to_svg": "svg"}

__getattr__, __dir__ = lazy_names(__name__, {name: f"{__name__}.{module}" for name, module in _MODULES.items()})
