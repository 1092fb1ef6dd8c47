"""A table as found on a page: its cells with their spans, each at its box; and the RawTable made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.model.document import RawCell, RawRow, RawTable, Spans
from pipeline.readers.pdf.page import Box, Turn

__all__ = ["FoundTable", "TableCell", "to_raw_table"]


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell at its place: slots from 0, spans, text with line breaks, box on the upright page."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table of one page. Cells in row-major order cover every slot once. `spans`: "drawn" by rules, or "aligned" from where words stand."""

    page_number: int
    box: Box
    cells: tuple[TableCell, ...]
    row_count: int
    col_count: int
    spans: Spans
    header_rows: int = 0
    caption: str | None = None
    column_edges: tuple[float, ...] = ()


def to_raw_table(table: FoundTable, turn: Turn) -> RawTable:
    """The table as every reader gives it, with places on the page as displayed."""
    rows: list[list[RawCell]] = [[] for _ in range(table.row_count)]
    for cell in table.cells:
        rows[cell.row].append(RawCell(cell.text, turn.place(table.page_number, cell.box), cell.row_span, cell.col_span))
    return RawTable(
        tuple(RawRow(tuple(row)) for row in rows),
        spans=table.spans,
        caption=table.caption,
        page_number=table.page_number,
        place=turn.place(table.page_number, table.box),
        header_row_count=table.header_rows,
    )


def cells_by_row(cells: Iterable[TableCell]) -> list[TableCell]:
    """Cells in row-major order of their first slots."""
    return sorted(cells, key=lambda cell: (cell.row, cell.col))
