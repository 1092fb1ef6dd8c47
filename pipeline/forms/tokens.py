"""A document as one stream of tokens in reading order: the cells of its grids and the lines outside them, as an aligner sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.model.document import Document, RawTable, TextBlock
from pipeline.model.grid import Grid
from pipeline.model.place import Place

__all__ = ["Token", "Tokens", "make_tokens"]


@dataclass(frozen=True, slots=True)
class Token:
    """A printed cell, or a line of loose text.

    `table` is the index of its RawTable in the document, -1 for loose text; `cell` its number there. `row` numbers certain rows through the
    whole document: tokens of one row were printed in one row, or, where rows are not known, in one run of rows. `col` and `col_span` are given
    where the source tells them (declared or drawn spans; a full grid of pipes).
    """

    index: int
    text: str
    place: Place
    table: int
    cell: int
    row: int
    col: int | None
    col_span: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """All tokens; for each row whether it is one printed row, and how many slots of padding follow its cells."""

    items: tuple[Token, ...]
    row_known: tuple[bool, ...]
    row_padding: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.items)


def make_tokens(document: Document, grids: Mapping[int, Grid]) -> Tokens:
    """Lay the document out as tokens. `grids` holds, by table index, the grid of every table whose spans are declared or drawn."""
    items: list[Token] = []
    known: list[bool] = []
    padding: list[int] = []
    table_index = -1
    for block in document.blocks:
        if isinstance(block, TextBlock):
            for line in block.text.split("\n"):
                text = line.strip()
                if text:
                    items.append(Token(len(items), text, block.place, -1, -1, len(known), None, 1))
                    known.append(False)
                    padding.append(0)
            continue
        table_index += 1
        grid = grids.get(table_index)
        if grid is not None:
            _add_grid(items, known, padding, table_index, grid)
        else:
            _add_rows(items, known, padding, table_index, block)
    return Tokens(tuple(items), tuple(known), tuple(padding))


def _add_grid(items: list[Token], known: list[bool], padding: list[int], table: int, grid: Grid) -> None:
    last_row = -1
    for cell in grid.cells:
        if cell.number is None or cell.place is None:
            continue
        if cell.row != last_row:
            last_row = cell.row
            known.append(True)
            padding.append(0)
        items.append(Token(len(items), cell.text, cell.place, table, cell.number, len(known) - 1, cell.col, cell.col_span))


def _add_rows(items: list[Token], known: list[bool], padding: list[int], table: int, raw: RawTable) -> None:
    width = _full_width(raw)
    number = 0
    for row in raw.rows:
        known.append(raw.rows_known)
        padding.append(row.padding)
        for position, cell in enumerate(row.cells):
            col = position if width else None
            items.append(Token(len(items), cell.text, cell.place, table, number, len(known) - 1, col, 1))
            number += 1


def _full_width(raw: RawTable) -> int:
    """The width of a table that prints every slot, covered ones as blank cells; 0 for any other.

    A row of it that hangs below another starts with a blank cell: without one, equal lengths may come from padding at the right.
    """
    if not raw.rows_known or len(raw.rows) < 2:
        return 0
    widths = {len(row.cells) + row.padding for row in raw.rows}
    if len(widths) != 1:
        return 0
    hangs = any(row.cells and not row.cells[0].text for row in raw.rows)
    return widths.pop() if hangs or _is_plain(raw.rows) else 0


def _is_plain(rows: Sequence[object]) -> bool:
    return all(getattr(row, "padding", 0) == 0 and all(cell.text for cell in getattr(row, "cells", ())) for row in rows)
