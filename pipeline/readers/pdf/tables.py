"""A table as found on a page: its cells with their spans, each at its box."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.model.document import Spans
from pipeline.readers.pdf.page import Box

__all__ = ["FoundTable", "TableCell", "cells_by_row"]


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell at its place: slots from 0, spans, text with line breaks, box on the upright page. `is_full`: its last line
    leaves no room for one more, so that a number cut by the page's end may go on."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    box: Box
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table of one page. Cells in row-major order cover every slot once, but for the end of a row that the rules leave open. `spans`: "drawn" by rules, or "aligned" from where words stand.

    `is_open_above`, `is_open_below`: a table with rules that has none along that side. `shows_blanks`: a slot where nothing stands is a blank cell.
    """

    page_number: int
    box: Box
    cells: tuple[TableCell, ...]
    row_count: int
    col_count: int
    spans: Spans
    header_rows: int = 0
    caption: str | None = None
    column_edges: tuple[float, ...] = ()
    has_rules: bool = True  # at least one across it, between its lines
    is_open_above: bool = False
    is_open_below: bool = False
    shows_blanks: bool = True


def cells_by_row(cells: Iterable[TableCell]) -> list[TableCell]:
    """Cells in row-major order of their first slots."""
    return sorted(cells, key=lambda cell: (cell.row, cell.col))
