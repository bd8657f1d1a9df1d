"""Compute the coordinates of a diagram from its Grid: boxes, areas and the lines of arrows, in whole pixels.

Arrows run between rows and between columns only, so that they never cross a box. All arrows that leave one output share their line until
they part. Parallel lines have separate tracks. A box has a note for each long line and each mount that it reads:
the target of the mount, and what is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.inspection.diagram.layout import Cell
from llbfront.inspection.diagram.notes import notes_of

if TYPE_CHECKING:
    from llbfront.inspection.diagram.layout import Area, Grid
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
_LONG = 4

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

    `notes` are what boxes say about the lines that lead to them, by number; `lanes` number the outputs that have long lines.
    """

    boxes: Mapping[int, Rectangle]
    areas: Mapping[str, Rectangle]
    lines: tuple[tuple[Arrow, tuple[Point, ...]], ...]
    notes: Mapping[int, tuple[tuple[Arrow, str], ...]]
    lanes: Mapping[int, int]
    width: int
    height: int


@attrs.frozen
class _Rows:
    """The upper end of each row, the lowest track above it, and the end of all."""

    tops: list[int]
    gaps: list[int]
    end: int


@attrs.frozen
class _Route:
    """An arrow on the grid. `channel` is the gap left of that column in which its line goes down, None for a straight line.

    At most one arrow of each box `is_central`: it ends in the middle of the box.
    """

    arrow: Arrow
    source: Cell
    target: Cell
    channel: int | None
    is_central: bool

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
    routes = _routes(diagram.arrows, grid)
    vertical, horizontal = _vertical(routes), _horizontal(routes)
    x_of, width = _column_positions(grid, vertical)
    lanes = {source: lane for lane, source in enumerate(dict.fromkeys(route.arrow.source for route in routes if route.is_long))}
    notes = notes_of(diagram, (route.arrow for route in routes if route.arrow.is_mount or _is_marked(route, lanes)))
    heights = {number: box_height(box, len(notes.get(number, ()))) for number, box in diagram.boxes.items()}
    rows = _row_positions(heights, grid, horizontal)
    boxes = {
        number: Rectangle(x_of[cell.column], rows.tops[cell.row], BOX_WIDTH, heights[number]) for number, cell in grid.cells.items()
    }
    areas = {key: _area(area, x_of, rows, _bottom(diagram, boxes, key)) for key, area in grid.areas.items()}
    ports = _ports(routes, boxes)
    lines = [
        (route.arrow, _line(route, boxes, ports[index], vertical, horizontal, x_of, rows)) for index, route in enumerate(routes)
    ]
    return Scene(boxes, areas, tuple(lines), notes, lanes, width, rows.end)


def _is_marked(route: _Route, lanes: Mapping[int, int]) -> bool:
    """Whether the line has the colour of its source: all lines that turn, of each output that has a long one."""
    return route.channel is not None and route.arrow.source in lanes


def box_height(box: Box, note_count: int) -> int:
    """Return the height of a box with its header, label, badges and notes."""
    return HEADER_HEIGHT + len(box.lines) * LINE_HEIGHT + (len(box.badges) + note_count) * FOOTER_HEIGHT + PADDING


def _routes(arrows: Sequence[Arrow], grid: Grid) -> list[_Route]:
    taken = frozenset(grid.cells.values())
    central: dict[int, tuple[int, Arrow]] = {}
    for arrow in arrows:
        rank = _rank(arrow, grid, taken)
        if rank > central.get(arrow.target, (0, arrow))[0]:
            central[arrow.target] = rank, arrow
    return [_route(arrow, grid, taken, is_central=central.get(arrow.target, (0, None))[1] is arrow) for arrow in arrows]


def _rank(arrow: Arrow, grid: Grid, taken: frozenset[Cell]) -> int:
    """Rank arrows for the middle of their target: straight ones first; others if no box is above, whose line would seem to lead there."""
    target = grid.cells[arrow.target]
    if _is_straight(grid.cells[arrow.source], target, taken):
        return 4 if arrow.is_main else 3
    if Cell(target.row - 1, target.column) in taken:
        return 0
    return 2 if arrow.is_main else 1


def _is_straight(source: Cell, target: Cell, taken: frozenset[Cell]) -> bool:
    between = range(source.row + 1, target.row)
    return source.column == target.column and not any(Cell(row, source.column) in taken for row in between)


def _route(arrow: Arrow, grid: Grid, taken: frozenset[Cell], *, is_central: bool) -> _Route:
    source, target = grid.cells[arrow.source], grid.cells[arrow.target]
    if is_central and _is_straight(source, target, taken):
        return _Route(arrow, source, target, None, is_central)
    channel = target.column if source.column <= target.column else target.column + 1
    return _Route(arrow, source, target, channel, is_central)


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
    """Return the left end of each column, and the total width."""
    positions, x = [], MARGIN
    for column in range(grid.columns):
        x += AREA_PADDING + _count(vertical, column) * TRACK + (COLUMN_GAP if column else AREA_PADDING)
        positions.append(x)
        x += BOX_WIDTH
    return positions, x + AREA_PADDING * 2 + _count(vertical, grid.columns) * TRACK + MARGIN


def _row_positions(heights: Mapping[int, int], grid: Grid, horizontal: Mapping[int, _Tracks]) -> _Rows:
    row_heights = [0] * grid.rows
    for number, cell in grid.cells.items():
        row_heights[cell.row] = max(row_heights[cell.row], heights[number])
    starts = {area.top for area in grid.areas.values()}
    ends = {area.bottom + 1 for area in grid.areas.values()}
    rows, y = _Rows([], [], 0), MARGIN
    for row, height in enumerate(row_heights):
        y += _count(horizontal, row) * TRACK + (ROW_GAP if row else 0)
        y += AREA_PADDING if row in ends else 0
        rows.gaps.append(y - ROW_GAP // 2)
        y += TITLE_HEIGHT if row in starts else 0
        rows.tops.append(y)
        y += height
    return attrs.evolve(rows, end=y + AREA_PADDING + MARGIN)


def _bottom(diagram: Diagram, boxes: Mapping[int, Rectangle], key: str) -> int:
    return max(at.y + at.height for number, at in boxes.items() if diagram.boxes[number].group == key)


def _area(area: Area, x_of: list[int], rows: _Rows, bottom: int) -> Rectangle:
    left, top = x_of[area.left] - AREA_PADDING, rows.tops[area.top] - TITLE_HEIGHT
    return Rectangle(left, top, x_of[area.right] + BOX_WIDTH + AREA_PADDING - left, bottom + AREA_PADDING - top)


def _ports(routes: list[_Route], boxes: Mapping[int, Rectangle]) -> list[int]:
    """Return where each arrow enters its target: the central one in the middle, others on the side that their lines come from."""
    left: dict[int, list[int]] = {}
    right: dict[int, list[int]] = {}
    ports = [boxes[route.arrow.target].x + BOX_WIDTH // 2 for route in routes]
    for index, route in enumerate(routes):
        if not route.is_central and route.channel is not None:
            side = left if route.channel <= route.target.column else right
            side.setdefault(route.arrow.target, []).append(index)
    for side, sign in ((left, -1), (right, 1)):
        for indexes in side.values():
            step = (BOX_WIDTH // 2 - 2 * PADDING) // (len(indexes) + 1)
            for place, index in enumerate(indexes, 1):
                ports[index] += sign * place * step
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
    """Return the corners of an arrow's line, from the lower end of the box that is read to the upper end of the one that reads."""
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
