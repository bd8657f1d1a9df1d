"""Place the boxes of a diagram on a grid: a layered layout with one column per chain and one rectangle per stage.

Rows are layers: a box stands below all that it reads, so what is in one row can run at the same time. A stage has no gaps: a box that its
stage reads stands directly above its first reader. Stages begin as high as possible, so that parallel ones are side by side; in a graph
that would be wide, they stand directly above their first reader instead, one below the other. Columns are chains: a box stands
below the op that it continues where that is possible, so a stage reads from top to bottom. Each stage takes whole columns for the rows
that it spans; nothing else stands in that rectangle. Stages that are not built stand one below the other, right of the others.

This is the layered method of Sugiyama, Tagawa and Toda with the order in a row decided by chains instead of by sweeps over barycentres.
It is written here because no library does this: grandalf has no clusters and is no longer maintained, fast-sugiyama is a compiled
extension without clusters, and Graphviz is a program that users would have to install, whose output changes between versions. All
numbers are integers and every choice is made in a fixed order, so that the same graph gives the same picture everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from llbfront.inspection.diagram.model import Arrow, Diagram


_MAX_PARALLEL_COLUMNS = 8  # as many boxes beside each other are legible on a screen


@attrs.frozen
class Cell:
    """A place on the grid, counted from 0."""

    row: int
    column: int


@attrs.frozen
class Area:
    """The rectangle of a group, both ends included."""

    top: int
    bottom: int
    left: int
    right: int


@attrs.frozen
class Grid:
    """The cell of each box by its number, and the area of each group by its key."""

    cells: Mapping[int, Cell]
    areas: Mapping[str, Area]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return max((cell.row + 1 for cell in self.cells.values()), default=0)

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return max((cell.column + 1 for cell in self.cells.values()), default=0)


@attrs.define
class _Unit:
    """Boxes that are placed together: a stage, or a chain of boxes outside of stages. `columns` are relative to its left end."""

    key: str
    numbers: list[int]
    columns: dict[int, int]
    top: int
    bottom: int

    @property
    def width(self) -> int:
        return max(self.columns.values()) + 1


class _Columns:
    """Which rows of each column are taken."""

    def __init__(self) -> None:
        self.taken: list[list[tuple[int, int]]] = []

    def is_free(self, left: int, width: int, top: int, bottom: int) -> bool:
        columns = self.taken[left : left + width]
        return all(end < top or start > bottom for column in columns for start, end in column)

    def take(self, left: int, width: int, top: int, bottom: int) -> None:
        while len(self.taken) < left + width:
            self.taken.append([])
        for column in self.taken[left : left + width]:
            column.append((top, bottom))


def place(diagram: Diagram) -> Grid:
    """Place all boxes; boxes of one group share an area that no other box is in."""
    grid = _grid(diagram, is_late=False)
    if grid.columns <= _MAX_PARALLEL_COLUMNS:
        return grid
    return min(grid, _grid(diagram, is_late=True), key=lambda arrangement: arrangement.columns)


def _grid(diagram: Diagram, *, is_late: bool) -> Grid:
    inputs, readers = _by_target(diagram.arrows), _by_source(diagram.arrows)
    rows = _rows(diagram, inputs, readers, is_late=is_late)
    units = _units(diagram, inputs, rows)
    cells: dict[int, Cell] = {}
    areas: dict[str, Area] = {}
    columns = _Columns()
    needed = [unit for unit in units if not diagram.boxes[unit.numbers[0]].is_unused]
    row_count = max((unit.bottom + 1 for unit in units), default=0)
    for number, unit in enumerate([*needed, *(unit for unit in units if unit not in needed)]):
        if number < len(needed):
            left = _left(unit, columns, cells, inputs, readers)
            first_unused = len(columns.taken)
        else:
            left, shift = _stacked(unit, columns, first_unused if needed else 0, row_count)
            unit.top, unit.bottom = unit.top + shift, unit.bottom + shift
            rows |= {number: rows[number] + shift for number in unit.numbers}
        columns.take(left, unit.width, unit.top, unit.bottom)
        cells |= {number: Cell(rows[number], left + unit.columns[number]) for number in unit.numbers}
        if unit.key:
            areas[unit.key] = Area(unit.top, unit.bottom, left, left + unit.width - 1)
    return Grid(cells, areas)


def _by_target(arrows: Iterable[Arrow]) -> dict[int, list[Arrow]]:
    by_target: dict[int, list[Arrow]] = {}
    for arrow in arrows:
        by_target.setdefault(arrow.target, []).append(arrow)
    return by_target


def _by_source(arrows: Iterable[Arrow]) -> dict[int, list[Arrow]]:
    by_source: dict[int, list[Arrow]] = {}
    for arrow in arrows:
        by_source.setdefault(arrow.source, []).append(arrow)
    return by_source


def _rows(
    diagram: Diagram, inputs: Mapping[int, Sequence[Arrow]], readers: Mapping[int, Sequence[Arrow]], *, is_late: bool
) -> dict[int, int]:
    """Place each box one row below the lowest that it reads, then sources and boxes that their stage reads directly above the first reader.

    With `is_late`, all boxes stand directly above their first reader. Boxes come inputs first.
    """
    rows: dict[int, int] = {}
    for number in diagram.boxes:
        rows[number] = max((rows[arrow.source] + 1 for arrow in inputs.get(number, ())), default=0)
    for number, box in reversed(list(diagram.boxes.items())):
        targets = [arrow.target for arrow in readers.get(number, ())]
        is_inside = any(box.group and diagram.boxes[target].group == box.group for target in targets)
        if targets and (is_late or is_inside or number not in inputs):
            rows[number] = min(rows[target] for target in targets) - 1
    return rows


def _units(diagram: Diagram, inputs: Mapping[int, Sequence[Arrow]], rows: Mapping[int, int]) -> list[_Unit]:
    """Make a unit of each group and of each chain of other boxes, in the order of the groups, then of the chains."""
    units: list[_Unit] = []
    grouped: dict[str, list[int]] = {key: [] for key in diagram.groups}
    for box in diagram.boxes.values():
        grouped.setdefault(box.group, []).append(box.number)
    for key, numbers in grouped.items():
        chains = _chains(numbers, inputs)
        if key:
            columns = _packed(chains, rows)
            places = [rows[number] for number in numbers]
            units.append(_Unit(key, numbers, columns, min(places), max(places)))
        else:
            units += [_Unit("", chain, dict.fromkeys(chain, 0), rows[chain[0]], rows[chain[-1]]) for chain in chains]
    return sorted(units, key=lambda unit: all(number not in inputs for number in unit.numbers))  # sources go next to their readers


def _chains(numbers: Sequence[int], inputs: Mapping[int, Sequence[Arrow]]) -> list[list[int]]:
    """Divide boxes into chains in which each continues the one before it."""
    chains: list[list[int]] = []
    ending: dict[int, list[int]] = {}
    inside = set(numbers)
    for number in numbers:
        main = next((arrow.source for arrow in inputs.get(number, ()) if arrow.is_main and arrow.source in inside), None)
        chain = ending.pop(main, None) if main is not None else None
        if chain is None:
            chain = []
            chains.append(chain)
        chain.append(number)
        ending[number] = chain
    return chains


def _packed(chains: Sequence[Sequence[int]], rows: Mapping[int, int]) -> dict[int, int]:
    """Assign each chain the first column in which its rows are free, the longest chain first."""
    columns = _Columns()
    column_of: dict[int, int] = {}
    for chain in sorted(chains, key=lambda chain: -len(chain)):
        top, bottom = rows[chain[0]], rows[chain[-1]]
        column = next(column for column in range(len(columns.taken) + 1) if columns.is_free(column, 1, top, bottom))
        columns.take(column, 1, top, bottom)
        column_of |= dict.fromkeys(chain, column)
    return column_of


def _stacked(unit: _Unit, columns: _Columns, first: int, row_count: int) -> tuple[int, int]:
    """Place a stage that is not built next to the others: return the first free column from `first` on, and how far down."""
    for left in range(first, len(columns.taken) + 1):
        for shift in range(row_count - unit.bottom):
            if columns.is_free(left, unit.width, unit.top + shift, unit.bottom + shift):
                return left, shift
    raise AssertionError("the last column is always free")


def _left(
    unit: _Unit,
    columns: _Columns,
    cells: Mapping[int, Cell],
    inputs: Mapping[int, Sequence[Arrow]],
    readers: Mapping[int, Sequence[Arrow]],
) -> int:
    """Choose the free columns that are nearest to what the unit is connected with; what it continues counts most."""
    near = [(number, arrow.source, arrow.is_main) for number in unit.numbers for arrow in inputs.get(number, ())]
    near += [(number, arrow.target, arrow.is_main) for number in unit.numbers for arrow in readers.get(number, ())]
    pulls = [(cells[other].column - unit.columns[number], 4 if is_main else 1) for number, other, is_main in near if other in cells]
    free = [left for left in range(len(columns.taken) + 1) if columns.is_free(left, unit.width, unit.top, unit.bottom)]
    return min(free, key=lambda left: (sum(weight * abs(left - column) for column, weight in pulls), left))
