"""What libraries for data frames write around and into a table: numbers of its rows and columns from 0 on, marks for cells without a value."""

from __future__ import annotations

from dataclasses import replace

from pipeline.model.document import RawCell, RawRow, RawTable

__all__ = ["without_program_marks"]

MIN_COUNT = 3
_MARKS = frozenset({"nan", "NaN", "NaT", "<NA>"})
_MARK_OR_WORD = "None"  # a mark where it stands beside numbers of rows or columns, or several times


def without_program_marks(table: RawTable) -> RawTable | None:
    """The table without them; None when it has none.

    Numbers are left out where all first cells of a table of one width, or all cells of its first row, count from 0; a corner may be blank.
    A row of column numbers may come again where one table follows another. Marks become blank cells.
    """
    uncounted = _without_counts(table)
    marked = _MARKS
    if uncounted is not None or sum(cell.text == _MARK_OR_WORD for cell in table.cells()) > 1:
        marked = _MARKS | {_MARK_OR_WORD}
    if not any(cell.text in marked for cell in table.cells()):
        return uncounted
    kept = uncounted or table
    return replace(kept, rows=tuple(replace(row, cells=tuple(_unmarked(cell, marked) for cell in row.cells)) for row in kept.rows))


def _unmarked(cell: RawCell, marked: frozenset[str]) -> RawCell:
    return cell._replace(text="") if cell.text in marked else cell


def _without_counts(table: RawTable) -> RawTable | None:
    rows = table.rows
    width = len(rows[0].cells) if rows else 0
    if len(rows) < 2 or width < 2 or any(len(row.cells) != width or row.padding for row in rows):
        return None
    top = _texts(rows[0])
    side = [row.cells[0].text for row in rows]
    has_corner = not top[0] or top[0] == side[1]  # "0" is the first of both
    is_side = _counts(side) or (_counts(side[1:]) and not side[0][:1].isdigit())
    is_top = _counts(top[1:]) if is_side and has_corner else _counts(top)
    if not is_side and not is_top:
        return None
    kept = tuple(row for row in rows if not is_top or _texts(row) != top)
    if is_side:
        kept = tuple(replace(row, cells=row.cells[1:]) for row in kept)
    return replace(table, rows=kept) if kept else None


def _texts(row: RawRow) -> list[str]:
    return [cell.text for cell in row.cells]


def _counts(texts: list[str]) -> bool:
    return len(texts) >= MIN_COUNT and all(text == str(number) for number, text in enumerate(texts))
