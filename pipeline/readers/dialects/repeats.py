"""Tables that print a spanning cell in each slot it covers, as libraries for data frames do: the repeated cells become one again.

name   name   counts  counts  counts        words that repeat in the header say which columns are one;
name   name   first   second  second        below them equal values are one cell too, blank ones as well;
group  a      12      7       7             words before the values that repeat below each other are one tall cell
group  b      12      0       0
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.values.kinds import classify_cell

__all__ = ["merge_repeats"]

MIN_REPEATS = 2  # slots of a header row, or of rows like it together, that repeat the word before them
MIN_SECTION = 3  # slots of a row that all say the same


@dataclass(slots=True)
class _Run:
    """Slots next to each other that are one cell: `height` rows of them from here."""

    start: int
    end: int
    cell: RawCell
    is_tall: bool  # may go on in the row below
    height: int = 1


def merge_repeats(table: RawTable) -> RawTable:
    """The table with its spans ("aligned") where its header rows show that spanning cells are repeated; else the same table.

    Only tables that print every slot of every row, none with a span of its own.
    """
    rows = [row.cells for row in table.rows]
    if len(rows) < 2 or not table.rows_known or not _is_even(table) or not _shows_repeats(rows):
        return table
    merged: list[list[_Run]] = []
    joins = [False] * (len(rows[0]) - 1)  # whether a column and the next are one, by the last header row
    for cells in rows:
        kinds = [classify_cell(cell.text) for cell in cells]
        is_head = "number" not in kinds
        if is_head and len({cell.text for cell in cells}) > 1:
            joins = [one.text == other.text and one.text != "" for one, other in itertools.pairwise(cells)]
        lead = len(cells) if is_head else next((at for at, kind in enumerate(kinds) if kind != "label"), len(cells))
        merged.append(list(_runs(cells, lead, joins, is_head=is_head)))
    return replace(table, rows=tuple(_stack(merged)), spans="aligned")


def _is_even(table: RawTable) -> bool:
    """Whether each row has a cell of its own in every column."""
    width = len(table.rows[0].cells)
    return width > 1 and all(
        not row.padding and len(row.cells) == width and all(cell.row_span == cell.col_span == 1 for cell in row.cells) for row in table.rows
    )


def _shows_repeats(rows: Sequence[Sequence[RawCell]]) -> bool:
    """Whether words repeat in header rows: in one row all along, or here and there above the first number."""
    repeats = 0
    is_above = True
    for cells in rows:
        texts = [cell.text for cell in cells]
        if len(texts) >= MIN_SECTION and len(set(texts)) == 1 and _is_word(texts[0]):
            return True
        is_above = is_above and not any(classify_cell(text) == "number" for text in texts)
        if is_above:
            repeats += sum(one == other and _is_word(one) for one, other in itertools.pairwise(texts))
            if repeats >= MIN_REPEATS:
                return True
    return False


def _is_word(text: str) -> bool:
    return sum(map(str.isalpha, text)) > 1


def _runs(cells: Sequence[RawCell], lead: int, joins: Sequence[bool], *, is_head: bool) -> Iterator[_Run]:
    """The cells of a row: words before `lead` that are equal, then values that are equal where the header has one column."""
    start = 0
    for at in range(1, len(cells) + 1):
        if at < len(cells) and cells[at].text == cells[start].text:
            if at < lead and cells[start].text:
                continue
            if start >= lead and joins[at - 1]:
                continue
        innermost = not is_head and at == lead  # the label of this very row
        yield _Run(start, at, cells[start], is_tall=start < lead and bool(cells[start].text) and not innermost)
        start = at


def _stack(merged: Sequence[list[_Run]]) -> Iterator[RawRow]:
    """Rows in which a cell that stands alike in the row above is left out, and the one above is as much taller."""
    above: dict[tuple[int, int, str], _Run] = {}
    kept: list[list[_Run]] = []
    for runs in merged:
        here: dict[tuple[int, int, str], _Run] = {}
        row = []
        for run in runs:
            key = (run.start, run.end, run.cell.text)
            over = above.get(key) if run.is_tall else None
            if over is not None:
                over.height += 1
                run = over
            else:
                row.append(run)
            if run.is_tall:
                here[key] = run
        kept.append(row)
        above = here
    for row in kept:
        yield RawRow(tuple(run.cell._replace(row_span=run.height, col_span=run.end - run.start) for run in row))
