"""The look of diagrams: colours of op kinds for light and dark, as style rules.

Rules name colours directly, without custom properties, which many SVG viewers do not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
# kind: (fill, border) in light and in dark
_KINDS = {
    "source": (("#dcebfb", "#3f7dbd"), ("#173350", "#6aa9e8")),
    "exec": (("#fdecd0", "#b97a1e"), ("#43310f", "#e0a94f")),
    "file": (("#def2e0", "#46935a"), ("#173a22", "#6cc084")),
    "merge": (("#ece3fa", "#7e5bbd"), ("#32254d", "#b094ea")),
    "diff": (("#f9e0ee", "#b54c86"), ("#47203a", "#e88fc0")),
    "passthrough": (("#e5eced", "#61797d"), ("#27363a", "#9ab3b8")),
    "build": (("#e0f4f4", "#2c8a8c"), ("#143b3d", "#62c4c6")),
    "unknown": (("#eceef1", "#7b8494"), ("#2c323b", "#98a2b3")),
    "unused": (("#f6f7f8", "#b4bac4"), ("#1d2127", "#4b535f")),
}
# what: (property, light, dark)
_COLOURS = {
    ".background": ("fill", "#ffffff", "#14171c"),
    ".area": ("fill", "#f5f6f8", "#1b2027"),
    ".area-border": ("stroke", "#c9ced6", "#3b434e"),
    ".area-title": ("fill", "#343b46", "#d5dae2"),
    "text.area-title": ("stroke", "#f5f6f8", "#1b2027"),
    ".label": ("fill", "#1b1f26", "#eceff4"),
    ".head": ("fill", "#3d4551", "#c3cad5"),
    ".badge": ("fill", "#3d4551", "#c3cad5"),
    ".bar": ("fill", "#1b1f26", "#eceff4"),
    ".line": ("stroke", "#6b7482", "#8b95a5"),
    ".tip": ("fill", "#6b7482", "#8b95a5"),
    ".line.mount": ("stroke", "#7e5bbd", "#b094ea"),
    ".tip.mount": ("fill", "#7e5bbd", "#b094ea"),
    ".note.mount": ("fill", "#64439f", "#c4aef2"),
    ".critical .shape": ("stroke", "#c62f2f", "#ff7b72"),
    ".line.critical": ("stroke", "#c62f2f", "#ff7b72"),
    ".tip.critical": ("fill", "#c62f2f", "#ff7b72"),
    ".time.failed": ("fill", "#b32424", "#ff8d85"),
    ".unused .label": ("fill", "#5a6270", "#9aa4b2"),
    ".unused .head": ("fill", "#5a6270", "#9aa4b2"),
    ".axis": ("stroke", "#d5d9df", "#343b45"),
    ".axis-label": ("fill", "#4a5260", "#aab3c0"),
}
# colours of lines that lead far, in turn
_LANES = (
    ("#2f6fb0", "#6aa9e8"), ("#a8650b", "#e0a94f"), ("#2f7d46", "#6cc084"), ("#a03a72", "#e88fc0"),
    ("#147578", "#62c4c6"), ("#6b6a12", "#c2c04f"), ("#8a4b2c", "#d99a78"), ("#4a5560", "#b6c0cc"),
)  # fmt: skip
LANES = len(_LANES)
_FIXED = f"""\
.llbfront text{{font-family:{FONT};font-size:12px;white-space:pre}}
.llbfront .head,.llbfront .badge,.llbfront .note,.llbfront .axis-label{{font-size:10.5px}}
.llbfront .area-title{{font-size:13px;font-weight:600}}
.llbfront .area-title{{paint-order:stroke;stroke-width:4;stroke-linejoin:round}}
.llbfront .area-border{{fill:none}}
.llbfront .line{{fill:none;stroke-width:1.4}}
.llbfront .line.copy{{stroke-dasharray:none}}
.llbfront .line.mount{{stroke-dasharray:5 3}}
.llbfront .shape{{stroke-width:1.2}}
.llbfront .result .shape{{stroke-width:3}}
.llbfront .critical .shape,.llbfront .line.critical{{stroke-width:2.6}}
.llbfront .cached .shape{{stroke-dasharray:4 2}}
.llbfront .unused .shape{{stroke-dasharray:2 3}}
.llbfront .time{{font-weight:600}}
"""


def style(*, themes: Mapping[str, str] | None = None) -> str:
    """Return the rules of a diagram. Without `themes` the viewer's preference decides between light and dark.

    Args:
        themes: selectors that choose a theme in spite of the preference, by `light` and `dark`.
    """
    rules = [_FIXED, _theme(0, ".llbfront"), "@media (prefers-color-scheme:dark){\n", _theme(1, ".llbfront"), "}\n"]
    for number, name in enumerate(("light", "dark")):
        if themes:
            rules.append(_theme(number, f"{themes[name]} .llbfront"))
    return "".join(rules)


def _theme(number: int, scope: str) -> str:
    rules = [f"{scope} {selector}{{{values[0]}:{values[1 + number]}}}\n" for selector, values in _COLOURS.items()]
    kinds = [
        f"{scope} .{kind}>.shape{{fill:{colours[number][0]};stroke:{colours[number][1]}}}\n" for kind, colours in _KINDS.items()
    ]
    return "".join([*kinds, *_lane_rules(number, scope), *rules])


def _lane_rules(number: int, scope: str) -> Iterator[str]:
    for lane, colours in enumerate(_LANES):
        colour = colours[number]
        yield f"{scope} .line.lane-{lane}{{stroke:{colour}}}\n{scope} .tip.lane-{lane},{scope} .note.lane-{lane}{{fill:{colour}}}\n"
