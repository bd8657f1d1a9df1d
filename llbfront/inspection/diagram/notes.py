"""Notes of boxes: what the mounts and the long lines that lead to them read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llbfront.inspection.diagram.model import Arrow, Diagram

NOTE_COLUMNS = 38
_MOUNT_COLUMNS = 18


def notes_of(diagram: Diagram, arrows: Iterable[Arrow]) -> dict[int, tuple[tuple[Arrow, str], ...]]:
    """Write the notes about arrows, by the number of the box that reads."""
    notes: dict[int, tuple[tuple[Arrow, str], ...]] = {}
    for arrow in arrows:
        notes[arrow.target] = (*notes.get(arrow.target, ()), (arrow, _note(diagram, arrow)))
    return notes


def _note(diagram: Diagram, arrow: Arrow) -> str:
    """Say what an arrow reads: `← build`, or for a mount `bind /src ← build`."""
    source = diagram.boxes[arrow.source]
    name = source.label.removeprefix("FROM ") if source.kind == "source" else source.group or source.label
    mount = f"bind {shorten(arrow.label, _MOUNT_COLUMNS)} " if arrow.is_mount else ""
    return f"{mount}← {shorten(name, NOTE_COLUMNS - len(mount) - 2)}"


def shorten(text: str, limit: int) -> str:
    """Cut the beginning of a string."""
    return text if len(text) <= limit else f"…{text[1 - limit :]}"
