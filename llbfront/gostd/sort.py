"""Sort as Go's `sort.Slice` and `slices.SortFunc` do.

Parity: these sorts are not stable beyond twelve elements, but always give the same order for the same input. The digest of a command with many
mounts and the lint results depend on it. This is pattern-defeating quicksort with Go's choice of pivots, its threshold of twelve for insertion
sort, and its random generator.

Source: packages sort and slices of Go; pattern-defeating quicksort by Orson Peters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_MAX_INSERTION = 12  # sorted by insertion, which keeps the order of equal elements
_MIN_NINTHER = 50
_MAX_SWAPS = 4 * 3
_MAX_STEPS = 5  # that a nearly sorted part may need
_MIN_SHIFTING = 50
_WORD = (1 << 64) - 1


def sort_slice(items: Iterable[T], key: Callable[[T], Any]) -> list[T]:
    """Return the items sorted like `sort.Slice`."""
    sorting = _Sorting([(key(item), item) for item in items])
    sorting.sort(0, len(sorting.rows), len(sorting.rows).bit_length())
    return [item for _, item in sorting.rows]


class _Sorting(Generic[T]):
    """Rows of (key, item) that are sorted in place."""

    def __init__(self, rows: list[tuple[Any, T]]) -> None:
        self.rows = rows

    def less(self, i: int, j: int) -> bool:
        return bool(self.rows[i][0] < self.rows[j][0])

    def swap(self, i: int, j: int) -> None:
        self.rows[i], self.rows[j] = self.rows[j], self.rows[i]

    def sort(self, a: int, b: int, limit: int) -> None:
        is_balanced = is_partitioned = True
        while b - a > _MAX_INSERTION:
            if not limit:
                self.heap_sort(a, b)
                return
            if not is_balanced:
                self.break_patterns(a, b)
                limit -= 1
            pivot, direction = self.choose_pivot(a, b)
            if direction < 0:
                self.rows[a:b] = self.rows[a:b][::-1]
                pivot = (b - 1) - (pivot - a)
                direction = 1
            if is_balanced and is_partitioned and direction > 0 and self.finish_nearly_sorted(a, b):
                return
            if a > 0 and not self.less(a - 1, pivot):
                a = self.partition_equal(a, b, pivot)
                continue
            length = b - a
            middle, is_partitioned = self.partition(a, b, pivot)
            left, right = middle - a, b - middle
            is_balanced = min(left, right) >= length // 8
            if left < right:
                self.sort(a, middle, limit)
                a = middle + 1
            else:
                self.sort(middle + 1, b, limit)
                b = middle
        self.rows[a:b] = sorted(self.rows[a:b], key=lambda row: row[0])  # insertion is stable, too

    def choose_pivot(self, a: int, b: int) -> tuple[int, int]:
        """Return an index near the median, and +1 or -1 if the inspected elements are in rising or falling order."""
        length, swaps = b - a, 0
        i, j, k = a + length // 4, a + length // 4 * 2, a + length // 4 * 3

        def ordered(x: int, y: int) -> tuple[int, int]:
            nonlocal swaps
            if not self.less(y, x):
                return x, y
            swaps += 1
            return y, x

        def median(x: int, y: int, z: int) -> int:
            x, y = ordered(x, y)
            y, z = ordered(y, z)
            x, y = ordered(x, y)
            return y

        if length >= _MIN_NINTHER:
            i, j, k = (median(place - 1, place, place + 1) for place in (i, j, k))
        j = median(i, j, k)
        return j, {0: 1, _MAX_SWAPS: -1}.get(swaps, 0)

    def finish_nearly_sorted(self, a: int, b: int) -> bool:
        """Move the few rows that are out of order; return whether everything is sorted."""
        i = a + 1
        for _ in range(_MAX_STEPS):
            while i < b and not self.less(i, i - 1):
                i += 1
            if i == b:
                return True
            if b - a < _MIN_SHIFTING:
                return False
            self.swap(i, i - 1)
            if i - a >= 2:
                for j in range(i - 1, 0, -1):
                    if not self.less(j, j - 1):
                        break
                    self.swap(j, j - 1)
            if b - i >= 2:
                for j in range(i + 1, b):
                    if not self.less(j, j - 1):
                        break
                    self.swap(j, j - 1)
        return False

    def partition_equal(self, a: int, b: int, pivot: int) -> int:
        """Move values equal to the pivot to the left of greater ones; return where the greater ones begin."""
        self.swap(a, pivot)
        i, j = a + 1, b - 1
        while True:
            while i <= j and not self.less(a, i):
                i += 1
            while i <= j and self.less(a, j):
                j -= 1
            if i > j:
                return i
            self.swap(i, j)
            i, j = i + 1, j - 1

    def partition(self, a: int, b: int, pivot: int) -> tuple[int, bool]:
        """Move smaller values to the left; return where the pivot ends, and whether nothing had to move."""
        self.swap(a, pivot)
        i, j = a + 1, b - 1
        is_first = True
        while True:
            while i <= j and self.less(i, a):
                i += 1
            while i <= j and not self.less(j, a):
                j -= 1
            if i > j:
                self.swap(j, a)
                return j, is_first
            is_first = False
            self.swap(i, j)
            i, j = i + 1, j - 1

    def break_patterns(self, a: int, b: int) -> None:
        """Scatter three places around the middle, by a generator that begins with the length."""
        length = b - a
        if length < 8:
            return
        state, modulus = length, 1 << length.bit_length()
        middle = a + length // 4 * 2
        for i in range(3):
            state ^= state << 13 & _WORD
            state ^= state >> 7
            state ^= state << 17 & _WORD
            other = state & (modulus - 1)
            self.swap(middle - 1 + i, a + (other if other < length else other - length))

    def heap_sort(self, first: int, end: int) -> None:
        count = end - first
        for i in range((count - 1) // 2, -1, -1):
            self.sift_down(i, count, first)
        for i in range(count - 1, -1, -1):
            self.swap(first, first + i)
            self.sift_down(0, i, first)

    def sift_down(self, root: int, count: int, first: int) -> None:
        while (child := 2 * root + 1) < count:
            if child + 1 < count and self.less(first + child, first + child + 1):
                child += 1
            if not self.less(first + root, first + child):
                return
            self.swap(first + root, first + child)
            root = child
