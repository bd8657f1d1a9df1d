"""Compute the coordinates of a diagram from its Grid: boxes, areas and the lines of arrows, in whole pixels.

Arrows run between rows and between columns only, so that they never cross a box. All arrows that leave one output share their line until
they part. Parallel lines have separate tracks. Long lines and lines of mounts have a label at their end, above the box that reads: the
target of the mount, or what is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from llbfront.inspection.diagram.layout import Area, Cell, Grid
    from llbfront.inspection.diagram.model import Arrow, Box, Diagram

BOX_WIDTH = 260
LINE_HEIGHT = 15
HEADER_HEIGHT = 22
FOOTER_HEIGHT = 17
PADDING = 8
MARGIN = 24
TRACK = 7
ROW_GAP = 26
COLUMN_GAP = 34
AREA_PADDING = 13
TITLE_HEIGHT = 26
LABEL_HEIGHT = 13
_LONG = 4
_END_COLUMNS, _MOUNT_COLUMNS = 26, 18
_INTERNAL = "[internal] load "

Point = tuple[int, int]
"""A point of a picture: x and y in pixels."""


@attrs.frozen
class Rectangle:
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int


@attrs.frozen
class Scene:
    """Where everything is: rectangles of boxes by number and of groups by key, the corners of each arrow's line, the size of all.

    `labels` are texts at the ends of lines, with the point of the line at their lower end; `lanes` number the outputs that have long lines.
    """

    boxes: Mapping[int, Rectangle]
    areas: Mapping[str, Rectangle]
    lines: tuple[tuple[Arrow, tuple[Point, ...]], ...]
    labels: tuple[tuple[Arrow, str, Point], ...]
    lanes: Mapping[int, int]
    width: int
    height: int


@attrs.frozen
class _Rows:
    """The upper end and the height of each row, the height of the labels above it, the lowest track above these, and the end of all."""

    tops: list[int]
    heights: list[int]
    labels: list[int]
    gaps: list[int]
    end: int


@attrs.frozen
class _Route:
    """An arrow on the grid. `channel` is the gap left of that column in which its line goes down, None for a straight line."""

    arrow: Arrow
    source: Cell
    target: Cell
    channel: int | None

    @property
    def is_adjacent(self) -> bool:
        return self.target.row == self.source.row + 1

    @property
    def is_long(self) -> bool:
        """Whether the line is hard to follow by eye: it turns, and leads far away."""
        rows, columns = self.target.row - self.source.row, abs(self.target.column - self.source.column)
        return self.channel is not None and rows + 2 * columns > _LONG


class _Tracks:
    """Lines in one gap: each key gets the first track on which nothing else lies between its ends."""

    def __init__(self) -> None:
        self.extents: dict[int, tuple[int, int]] = {}
        self.numbers: dict[int, int] = {}

    def add(self, key: int, start: int, end: int) -> None:
        low, high = self.extents.get(key, (start, end))
        self.extents[key] = min(low, start, end), max(high, start, end)

    def assign(self) -> int:
        """Number all tracks; return how many there are."""
        ends: list[int] = []
        for key, (low, high) in sorted(self.extents.items(), key=lambda item: (item[1], item[0])):
            track = next((number for number, end in enumerate(ends) if end < low), len(ends))
            ends[track : track + 1] = [high]
            self.numbers[key] = track
        return len(ends)


def scene(diagram: Diagram, grid: Grid) -> Scene:
    """Compute coordinates of everything on a grid."""
    routes = [_route(arrow, grid) for arrow in diagram.arrows]
    vertical, horizontal = _vertical(routes), _horizontal(routes)
    x_of, width = _column_positions(grid, vertical)
    texts = [_end_label(diagram, route) for route in routes]
    rows = _row_positions(diagram, grid, horizontal, _label_heights(routes, texts))
    boxes = {
        number: Rectangle(x_of[cell.column], rows.tops[cell.row], BOX_WIDTH, box_height(diagram.boxes[number]))
        for number, cell in grid.cells.items()
    }
    areas = {key: _area(area, x_of, rows) for key, area in grid.areas.items()}
    ports = _ports(routes, boxes)
    lines = [
        (route.arrow, _line(route, boxes, ports[index], vertical, horizontal, x_of, rows)) for index, route in enumerate(routes)
    ]
    lanes = {source: lane for lane, source in enumerate(dict.fromkeys(route.arrow.source for route in routes if route.is_long))}
    return Scene(boxes, areas, tuple(lines), tuple(_labels(lines, texts)), lanes, width, rows.end)


def _end_label(diagram: Diagram, route: _Route) -> str:
    """Return the text at the end of a line: the target of a mount, and of a long line what is read; else nothing."""
    source = diagram.boxes[route.arrow.source]
    place = source.place.partition(",")[0].partition("-")[0]
    name = f"{source.group}:{place}" if source.group and place else source.group or " ".join(source.lines).removeprefix(_INTERNAL)
    mount = shorten(route.arrow.label, _MOUNT_COLUMNS if route.is_long else _END_COLUMNS)
    return " ".join(filter(None, (mount, f"← {shorten(name, _END_COLUMNS)}" if route.is_long else "")))


def shorten(text: str, limit: int) -> str:
    """Cut the beginning of a text."""
    return text if len(text) <= limit else f"…{text[1 - limit :]}"


def _label_heights(routes: Sequence[_Route], texts: Sequence[str]) -> dict[int, int]:
    """Return how high the labels above each row are: one above the other at each box."""
    counts: dict[tuple[int, int], int] = {}
    for route, text in zip(routes, texts, strict=True):
        if text:
            key = route.target.row, route.target.column
            counts[key] = counts.get(key, 0) + 1
    heights: dict[int, int] = {}
    for (row, _), count in counts.items():
        heights[row] = max(heights.get(row, 0), count * LABEL_HEIGHT)
    return heights


def _labels(lines: Sequence[tuple[Arrow, tuple[Point, ...]]], texts: Sequence[str]) -> Iterator[tuple[Arrow, str, Point]]:
    counts: dict[int, int] = {}
    for (arrow, points), text in zip(lines, texts, strict=True):
        if text:
            number = counts[arrow.target] = counts.get(arrow.target, -1) + 1
            x, y = points[-1]
            yield arrow, text, (x, y - 6 - number * LABEL_HEIGHT)


def box_height(box: Box) -> int:
    """Return the height of a box with its header, label and badges."""
    return HEADER_HEIGHT + len(box.lines) * LINE_HEIGHT + len(box.badges) * FOOTER_HEIGHT + PADDING


def _route(arrow: Arrow, grid: Grid) -> _Route:
    source, target = grid.cells[arrow.source], grid.cells[arrow.target]
    is_straight = source.column == target.column and not _between(grid, source, target)
    if is_straight and arrow.is_main:
        return _Route(arrow, source, target, None)
    channel = target.column if source.column <= target.column else target.column + 1
    return _Route(arrow, source, target, channel)


def _between(grid: Grid, source: Cell, target: Cell) -> bool:
    if target.row == source.row + 1:
        return False
    rows = range(source.row + 1, target.row)
    return any(cell.column == source.column and cell.row in rows for cell in grid.cells.values())


def _vertical(routes: Iterable[_Route]) -> dict[int, _Tracks]:
    """Lines in the gaps between columns, by the column right of the gap."""
    gaps: dict[int, _Tracks] = {}
    for route in routes:
        if route.channel is not None and not route.is_adjacent:
            gaps.setdefault(route.channel, _Tracks()).add(route.arrow.source, route.source.row, route.target.row)
    for tracks in gaps.values():
        tracks.assign()
    return gaps


def _horizontal(routes: Iterable[_Route]) -> dict[int, _Tracks]:
    """Lines in the gaps between rows, by the row below the gap."""
    gaps: dict[int, _Tracks] = {}
    for route in routes:
        if route.channel is not None:
            key = route.arrow.source
            channel = 2 * route.source.column if route.is_adjacent else 2 * route.channel - 1
            gaps.setdefault(route.source.row + 1, _Tracks()).add(key, 2 * route.source.column, channel)
            gaps.setdefault(route.target.row, _Tracks()).add(key, channel, 2 * route.target.column)
    for tracks in gaps.values():
        tracks.assign()
    return gaps


def _count(gaps: Mapping[int, _Tracks], position: int) -> int:
    return max(gaps[position].numbers.values()) + 1 if position in gaps else 0


def _column_positions(grid: Grid, vertical: Mapping[int, _Tracks]) -> tuple[list[int], int]:
    """The left end of each column, and the width of everything."""
    positions, x = [], MARGIN
    for column in range(grid.columns):
        x += AREA_PADDING + _count(vertical, column) * TRACK + (COLUMN_GAP if column else AREA_PADDING)
        positions.append(x)
        x += BOX_WIDTH
    return positions, x + AREA_PADDING * 2 + _count(vertical, grid.columns) * TRACK + MARGIN


def _row_positions(diagram: Diagram, grid: Grid, horizontal: Mapping[int, _Tracks], labels: Mapping[int, int]) -> _Rows:
    heights = [0] * grid.rows
    for number, cell in grid.cells.items():
        heights[cell.row] = max(heights[cell.row], box_height(diagram.boxes[number]))
    starts = {area.top for area in grid.areas.values()}
    ends = {area.bottom + 1 for area in grid.areas.values()}
    rows, y = _Rows([], heights, [], [], 0), MARGIN
    for row, height in enumerate(heights):
        y += _count(horizontal, row) * TRACK + (ROW_GAP if row else 0)
        y += AREA_PADDING if row in ends else 0
        rows.gaps.append(y - ROW_GAP // 2)
        y += labels.get(row, 0) + (TITLE_HEIGHT if row in starts else 0)
        rows.labels.append(labels.get(row, 0))
        rows.tops.append(y)
        y += height
    return attrs.evolve(rows, end=y + AREA_PADDING + MARGIN)


def _area(area: Area, x_of: list[int], rows: _Rows) -> Rectangle:
    left, top = x_of[area.left] - AREA_PADDING, rows.tops[area.top] - rows.labels[area.top] - TITLE_HEIGHT
    right, bottom = x_of[area.right] + BOX_WIDTH + AREA_PADDING, rows.tops[area.bottom] + rows.heights[area.bottom] + AREA_PADDING
    return Rectangle(left, top, right - left, bottom - top)


def _ports(routes: list[_Route], boxes: Mapping[int, Rectangle]) -> list[int]:
    """Where each arrow enters its target: the main one in the middle, others left or right of it, as their lines come."""
    left: dict[int, list[int]] = {}
    right: dict[int, list[int]] = {}
    ports = [0] * len(routes)
    for index, route in enumerate(routes):
        middle = boxes[route.arrow.target].x + BOX_WIDTH // 2
        if route.channel is None:
            ports[index] = middle
        else:
            side = left if route.channel <= route.target.column else right
            side.setdefault(route.arrow.target, []).append(index)
    for side, sign in ((left, -1), (right, 1)):
        for target, indexes in side.items():
            step = (BOX_WIDTH // 2 - 2 * PADDING) // (len(indexes) + 1)
            for place, index in enumerate(indexes, 1):
                ports[index] = boxes[target].x + BOX_WIDTH // 2 + sign * place * step
    return ports


def _line(
    route: _Route,
    boxes: Mapping[int, Rectangle],
    port: int,
    vertical: Mapping[int, _Tracks],
    horizontal: Mapping[int, _Tracks],
    x_of: list[int],
    rows: _Rows,
) -> tuple[Point, ...]:
    """The corners of an arrow's line, from the lower end of the box that is read to the upper end of the one that reads."""
    source, target = boxes[route.arrow.source], boxes[route.arrow.target]
    start = source.x + BOX_WIDTH // 2, source.y + source.height
    end = port, target.y
    if route.channel is None:
        return start, end
    key = route.arrow.source
    out, into = (rows.gaps[row] - horizontal[row].numbers[key] * TRACK for row in (route.source.row + 1, route.target.row))
    if route.is_adjacent:
        return _without_repeats((start, (start[0], out), (port, into), end))
    x = _gap_x(route.channel, x_of) - AREA_PADDING - 6 - vertical[route.channel].numbers[key] * TRACK
    return _without_repeats((start, (start[0], out), (x, out), (x, into), (port, into), end))


def _gap_x(channel: int, x_of: list[int]) -> int:
    return x_of[channel] if channel < len(x_of) else x_of[-1] + BOX_WIDTH + 3 * AREA_PADDING


def _without_repeats(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Drop corners that are none: equal neighbours, and points on a line between theirs."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept[-1] = point
        else:
            kept.append(point)
    return tuple(kept)
