"""Rows of which only one is left, the cells of all below each other in its cells: what is left of a table without rules between its rows.

name     | count        each line of a cell belongs to the line of the same number in the cells beside it
a<br>b   | 12<br>7
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.pipes import Line
from pipeline.values.kinds import classify_cell

__all__ = ["unstack_rows"]

MIN_LINES = 3  # in each cell of such a row; two may be a number and its note, or a label and its translation
MAX_AHEAD = 4  # lines from one line of a cell to the next: rulers and blank lines may stand between
MAX_ASIDE = 12  # columns by which a line of a cell may begin left of its first one
MIN_VALUES = 0.8  # of the lines below each other, how many are numbers or blank marks, for a cell to be one of values


def unstack_rows(table: RawTable, lines: Sequence[Line] = ()) -> RawTable:
    """The table with such rows parted; the same table where there is none, or where a cell reaches over one. Linear in the text.

    `lines`: those of the text that the table is printed in; each new cell then has the place of its own line, else that of the whole.
    """
    rows: list[RawRow] = []
    covered = 0  # rows that a cell above still reaches over
    found = False
    for row in table.rows:
        parted = () if covered or row.padding or row.is_short else _parted(row, lines)
        found = found or bool(parted)
        rows.extend(parted or (row,))
        covered = max([covered - 1, *(cell.row_span - 1 for cell in row.cells)], default=0)
    return replace(table, rows=tuple(rows)) if found else table


def _parted(row: RawRow, printed: Sequence[Line]) -> tuple[RawRow, ...]:
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
    columns = [_parts(cell, of_cell, printed) for cell, of_cell in zip(row.cells, lines, strict=True)]
    return tuple(RawRow(cells) for cells in zip(*columns, strict=True))


def _parts(cell: RawCell, texts: Sequence[str], printed: Sequence[Line]) -> list[RawCell]:
    """A cell's lines as cells, each where it is found in the text: behind the one before it on its line, or on one of the next lines."""
    place = cell.place
    parts = [cell._replace(text=text.strip()) for text in texts]
    if not isinstance(place, TextPlace) or not printed:
        return parts
    index = bisect_left(printed, place.line_number, key=attrgetter("number"))
    column = place.column
    for number, part in enumerate(parts):
        for ahead in range(index, min(index + MAX_AHEAD, len(printed))):
            start = printed[ahead].text.find(part.text, column if ahead == index else max(0, place.column - MAX_ASIDE))
            if start >= 0:
                index, column = ahead, start + len(part.text)
                parts[number] = part._replace(place=TextPlace(printed[ahead].number, start, column))
                break
    return parts
