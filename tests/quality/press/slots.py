"""A printed table as slots, for writers that need every one of them: which cell covers a slot, and tables cut in two where a page ends."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.quality.press.layout import PrintedCell, PrintedTable

__all__ = ["Slot", "cut_in_two", "slots_of"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell at its place. `row` and `col` are of its first slot."""

    row: int
    col: int
    cell: PrintedCell


def slots_of(table: PrintedTable) -> list[Slot]:
    """Every cell with its place, in reading order. Rows with fewer cells than the table has columns end early."""
    taken: set[tuple[int, int]] = set()
    found = []
    for number, row in enumerate(table.rows):
        col = 0
        for cell in row:
            while (number, col) in taken:
                col += 1
            taken.update((number + down, col + right) for down in range(cell.row_span) for right in range(cell.col_span))
            found.append(Slot(number, col, cell))
            col += cell.col_span
    return found


def cut_in_two(table: PrintedTable, rng: random.Random, *, repeat_header: bool) -> tuple[PrintedTable, ...]:
    """The table as two, as a page break or a hand leaves it; (table,) where it has too few rows.

    A cell that hangs over the cut goes on in the second part as a blank cell. With `repeat_header` the second part begins with the rows
    above the first number.
    """
    first = next((number for number, row in enumerate(table.rows) if any(cell.kind == "value" for cell in row)), 0)
    if len(table.rows) - first < 4:
        return (table,)
    cut = rng.randrange(first + 2, len(table.rows) - 1)
    top: list[tuple[PrintedCell, ...]] = []
    for number, row in enumerate(table.rows[:cut]):
        top.append(tuple(replace(cell, row_span=min(cell.row_span, cut - number)) for cell in row))
    rest = list(_go_on(table, cut))
    header = table.rows[:first] if repeat_header else ()
    return replace(table, rows=tuple(top)), replace(table, caption="", rows=(*header, *rest))


def _go_on(table: PrintedTable, cut: int) -> Iterator[tuple[PrintedCell, ...]]:
    """The rows from `cut` on, the first with blank cells for those that hang over it."""
    hanging = [
        (slot.col, replace(slot.cell, text="", pointer=None, kind="stub", row_span=slot.row + slot.cell.row_span - cut))
        for slot in slots_of(table)
        if slot.row < cut < slot.row + slot.cell.row_span
    ]
    own = [(slot.col, slot.cell) for slot in slots_of(table) if slot.row == cut]
    yield tuple(cell for _, cell in sorted([*hanging, *own], key=lambda item: item[0]))
    yield from table.rows[cut + 1 :]
