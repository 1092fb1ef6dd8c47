"""Rows of which only one is left, the cells of all below each other in its cells: what is left of a table without rules between its rows.

name     | count        each line of a cell belongs to the line of the same number in the cells beside it
a<br>b   | 12<br>7
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.values.kinds import classify_cell

__all__ = ["unstack_rows"]

MIN_LINES = 3  # in each cell of such a row; two may be a number and its note, or a label and its translation
MIN_VALUES = 0.8  # of the lines below each other, how many are numbers or blank marks, for a cell to be one of values


def unstack_rows(table: RawTable) -> RawTable:
    """The table with such rows parted; the same table where there is none, or where a cell reaches over one. Linear in the text."""
    rows: list[RawRow] = []
    covered = 0  # rows that a cell above still reaches over
    found = False
    for row in table.rows:
        parted = () if covered or row.padding or row.is_short else _parted(row)
        found = found or bool(parted)
        rows.extend(parted or (row,))
        covered = max([covered - 1, *(cell.row_span - 1 for cell in row.cells)], default=0)
    return replace(table, rows=tuple(rows)) if found else table


def _parted(row: RawRow) -> tuple[RawRow, ...]:
    """The rows that one is made of; none where its cells have not as many lines each, or too few of them are values."""
    if len(row.cells) < 2 or any(cell.row_span > 1 for cell in row.cells):
        return ()
    lines = [cell.text.split("\n") for cell in row.cells]
    count = len(lines[0])
    if count < MIN_LINES or any(len(of_cell) != count for of_cell in lines):
        return ()
    kinds = [[classify_cell(line) for line in of_cell] for of_cell in lines]
    valued = [sum(kind != "label" for kind in of_cell) >= MIN_VALUES * count for of_cell in kinds]
    if valued[0] or not any(valued) or not any("number" in of_cell for of_cell in kinds):
        return ()
    return tuple(
        RawRow(tuple(_line_of(cell, of_cell[number]) for cell, of_cell in zip(row.cells, lines, strict=True))) for number in range(count)
    )


def _line_of(cell: RawCell, line: str) -> RawCell:
    return cell._replace(text=line.strip())
