"""Placing the numbers of a row by the sums that the form promises of it, where their count alone does not tell which cells are blank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.model.form import Field, Identity

__all__ = ["RowSum", "Ways", "find_row_sums", "place_at_edges", "place_by_sums"]

MAX_SLOTS = 40
MAX_STEPS = 20_000  # slots looked at in one search; a row with more ways than that is decided by nothing

Number = int | Decimal
Way = tuple[int | None, ...]  # for each slot the index of the number in it; None for a blank


@dataclass(frozen=True, slots=True)
class RowSum:
    """A sum within one row, by slots from 0: the number in `whole` is the total of those in `parts`; blank counts as 0."""

    whole: int
    parts: tuple[int, ...]

    @property
    def last(self) -> int:
        return max(self.whole, *self.parts)

    def holds(self, numbers: Sequence[Number | None]) -> bool:
        return (numbers[self.whole] or 0) == sum(numbers[part] or 0 for part in self.parts)


@dataclass(frozen=True, slots=True)
class Ways:
    """What all ways of placing a row have in common: the index of the number in each slot, None for a blank; `open`: slots that differ."""

    slots: Way
    open: frozenset[int]


def find_row_sums(fields: Sequence[Field | None], identities: Sequence[Identity]) -> tuple[RowSum, ...]:
    """The sums whose numbers all stand in one row. `fields`: what stands in each slot of it."""
    slots = {item.pointer: slot for slot, item in enumerate(fields) if item is not None}
    return tuple(
        RowSum(slots[item.whole], tuple(slots[part] for part in item.parts))
        for item in identities
        if item.kind == "sum" and item.whole in slots and all(part in slots for part in item.parts)
    )


def place_by_sums(numbers: Sequence[Number], count: int, sums: Sequence[RowSum]) -> Ways | None:
    """Spread the numbers of a row, in order, over its slots, the others being blank, so that every sum holds; None where no way does."""
    if not sums or not 0 < len(numbers) < count <= MAX_SLOTS:
        return None
    return _common(_search(numbers, count, sums), numbers)


def place_at_edges(items: Sequence[Number | None], count: int, sums: Sequence[RowSum]) -> Ways | None:
    """The same for cells of which blank ones inside the row are known (None): only blanks before the first and behind the last are missing."""
    lacking = count - len(items)
    if not sums or lacking <= 0:
        return None
    indexes = [None if item is None else index for index, item in enumerate(items)]
    ways = []
    for front in range(lacking + 1):
        row = [*[None] * front, *items, *[None] * (lacking - front)]
        if all(item.holds(row) for item in sums):
            ways.append((*[None] * front, *indexes, *[None] * (lacking - front)))
    return _common(iter(ways), items)


def _search(numbers: Sequence[Number], count: int, sums: Sequence[RowSum]) -> Iterator[Way | None]:
    """Every way that keeps all sums; None when there are too many to look at."""
    by_last: dict[int, list[RowSum]] = {}
    for item in sums:
        by_last.setdefault(item.last, []).append(item)
    row: list[Number | None] = [None] * count
    way: list[int | None] = [None] * count
    steps = 0
    # (slot, next number, whether it was tried in this slot, whether a blank was)
    stack: list[tuple[int, int, int]] = [(0, 0, 0)]
    while stack:
        slot, used, tried = stack.pop()
        if slot == count:
            yield tuple(way)
            continue
        if tried == 2:
            continue
        steps += 1
        if steps > MAX_STEPS:
            yield None
            return
        stack.append((slot, used, tried + 1))
        takes = tried == 0
        if takes and used == len(numbers):
            continue
        if not takes and len(numbers) - used > count - slot - 1:
            continue  # what is left would not fit
        row[slot] = numbers[used] if takes else None
        way[slot] = used if takes else None
        if all(item.holds(row) for item in by_last.get(slot, ())):
            stack.append((slot + 1, used + takes, 0))


def _common(ways: Iterator[Way | None], numbers: Sequence[Number | None]) -> Ways | None:
    first: Way | None = None
    differing: set[int] = set()
    for way in ways:
        if way is None:
            return None
        if first is None:
            first = way
            continue
        differing.update(
            slot for slot, (one, other) in enumerate(zip(first, way, strict=True)) if _value(numbers, one) != _value(numbers, other)
        )
        if len(differing) == len(first):
            return None
    return None if first is None else Ways(first, frozenset(differing))


def _value(numbers: Sequence[Number | None], index: int | None) -> Number | None:
    return None if index is None else numbers[index]
