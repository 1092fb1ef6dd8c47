"""Tables whose rows were pushed to the left: cells covered from above or from the left are gone, and blank ones at the end fill each row up.

group | row a | 7 | 2        a program that knows no spans made every row as long as the longest one
row b | 5     | 1 |          here 5 and 7 are of one column
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.values.kinds import classify_cell

__all__ = ["as_packed"]

MIN_ROWS = 2  # that begin their numbers in the same column, in each of two columns
MIN_SHARE = 0.6  # of the rows with numbers, how many have nothing but words before them


def as_packed(table: RawTable) -> RawTable:
    """The table with its spans "lost" and what fills its rows up as padding, where numbers begin right behind words in several columns.

    In a table that prints every slot, blank cells stand for covered ones before the numbers of some rows, and keep all numbers in their columns.
    """
    rows = table.rows
    width = len(rows[0].cells) if rows else 0
    if len(rows) < 2 * MIN_ROWS or table.spans not in ("drawn", "lost") or not table.rows_known:
        return table
    if any(len(row.cells) != width or row.padding or any(cell.row_span * cell.col_span > 1 for cell in row.cells) for row in rows):
        return table
    starts: Counter[int] = Counter()
    valued = 0
    for row in rows:
        kinds = [classify_cell(cell.text) for cell in row.cells]
        first = kinds.index("number") if "number" in kinds else 0
        valued += first > 0
        if first and set(kinds[:first]) == {"label"}:
            starts[first] += 1
    if sum(starts.values()) < MIN_SHARE * valued or sum(count >= MIN_ROWS for count in starts.values()) < 2:
        return table
    return replace(table, rows=tuple(_unpadded(row.cells) for row in rows), spans="lost")


def _unpadded(cells: tuple[RawCell, ...]) -> RawRow:
    end = len(cells)
    while end > 1 and not cells[end - 1].text:
        end -= 1
    return RawRow(cells[:end], padding=len(cells) - end)
