"""Row and column numbers that libraries for data frames write around a table: 0, 1, 2 ... before its rows and above its columns."""

from __future__ import annotations

from dataclasses import replace

from pipeline.model.document import RawTable

__all__ = ["without_counts"]

MIN_COUNT = 3


def without_counts(table: RawTable) -> RawTable | None:
    """The table without the numbers around it; None when it has none.

    Only in tables of one width, where all first cells, or all cells of the first row, count from 0; a corner may be blank.
    """
    rows = table.rows
    width = len(rows[0].cells) if rows else 0
    if len(rows) < 2 or width < 2 or any(len(row.cells) != width or row.padding for row in rows):
        return None
    top = [cell.text for cell in rows[0].cells]
    side = [row.cells[0].text for row in rows]
    has_corner = not top[0] or top[0] == side[1]  # "0" is the first of both
    is_side = (_counts(side[1:]) and (not side[0] or not side[0][0].isdigit())) or _counts(side)
    is_top = _counts(top[1:]) if is_side and has_corner else _counts(top)
    if not is_side and not is_top:
        return None
    kept = rows[1:] if is_top else rows
    if is_side:
        kept = tuple(replace(row, cells=row.cells[1:]) for row in kept)
    return replace(table, rows=kept)


def _counts(texts: list[str]) -> bool:
    return len(texts) >= MIN_COUNT and all(text == str(number) for number, text in enumerate(texts))
