"""The colours of the progress display, which users change with `NO_COLOR` and `BUILDKIT_COLORS`.

Source: progressui/colors.go and init.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
COLORS = MappingProxyType(
    {
        "default": "39",
        **{name: str(30 + number) for number, name in enumerate(_NAMES)},
        **{f"light-{name}": str(90 + number) for number, name in enumerate(_NAMES)},
    }
)
DEFAULTS = MappingProxyType({"run": "34", "cancel": "33", "warning": "33", "error": "31", "log": "2"})
CHANGEABLE = ("run", "cancel", "warning", "error")


@attrs.frozen
class Palette:
    """SGR parameters by role; an empty palette paints nothing."""

    codes: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def has_colors(self) -> bool:
        return bool(self.codes)

    def paint(self, role: str, text: str) -> str:
        """Return the text in the colour of its role."""
        code = self.codes.get(role)
        return f"\x1b[{code}m{text}\x1b[0m" if code else text


PLAIN = Palette()


def read_palette(environ: Mapping[str, str]) -> Palette:
    """Read the palette of a terminal. Unknown roles and colours in `BUILDKIT_COLORS` are passed over.

    `BUILDKIT_COLORS=run=green:error=255,90,0` sets a role by a name or by red, green and blue of 0 to 255.
    """
    if environ.get("NO_COLOR"):
        return PLAIN
    chosen = {}
    for entry in environ.get("BUILDKIT_COLORS", "").split(":"):
        role, _, color = entry.strip().lower().partition("=")
        code = COLORS.get(color) or _rgb(color.strip('"'))
        if role in CHANGEABLE and code:
            chosen[role] = code
    return Palette({**DEFAULTS, **chosen})


def _rgb(color: str) -> str | None:
    parts = color.split(",")
    is_rgb = len(parts) == 3 and all(part.isascii() and part.isdigit() and len(part) < 4 and int(part) <= 255 for part in parts)
    return f"38;2;{';'.join(str(int(part)) for part in parts)}" if is_rgb else None
