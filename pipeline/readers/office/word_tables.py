"""Tables of a Word document: while they are open, what their elements say; when they are closed, the raw table with its spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.limits import Limits
from pipeline.model.place import WordPlace
from pipeline.readers.office.word_facts import WordFacts
from pipeline.readers.office.word_story import Cell, Line, Row, StopError, Table, fold, integer
from pipeline.readers.office.word_styles import flag
from pipeline.readers.office.xml import Attributes

__all__ = ["OpenTables", "build_raw_table"]

_MAX_COL_SPAN = 1000
_SLIVER = 100  # twentieths of a point; a column that narrow holds no character
_MAX_WIDTH = 1_000_000  # twentieths of a point


class OpenTables:
    """The tables that are open, outermost first. The handlers take the name of the element around theirs and the attributes of theirs."""

    def __init__(self, limits: Limits, facts: WordFacts) -> None:
        self._limits = limits
        self._facts = facts
        self._tables: list[Table] = []
        self._table_count = self._cell_count = 0

    @property
    def row(self) -> Row | None:
        """The last row of the innermost table."""
        return self._tables[-1].rows[-1] if self._tables and self._tables[-1].rows else None

    @property
    def place(self) -> WordPlace | None:
        """The place of the last cell of the innermost table."""
        row = self.row
        if row is None or not row.cells:
            return None
        table = self._tables[-1]
        return WordPlace(table.number, len(table.rows) - 1, row.gap + sum(cell.col_span for cell in row.cells[:-1]))

    def start_table(self, parent: str, attributes: Attributes) -> None:
        self._table_count += 1
        if self._table_count > self._limits.max_tables:
            raise StopError(f"more than max_tables = {self._limits.max_tables} tables; those after were not read")
        self._tables.append(Table(self._table_count))

    def end_table(self) -> Table:
        return self._tables.pop()

    def column(self, parent: str, attributes: Attributes) -> None:
        if self._tables and len(self._tables[-1].widths) < _MAX_COL_SPAN:
            self._tables[-1].widths.append(integer(attributes.get("w:w"), 0, _MAX_WIDTH))

    def caption(self, parent: str, attributes: Attributes) -> None:
        if self._tables and parent == "w:tblPr":
            self._tables[-1].caption = attributes.get("w:val", "")

    def start_row(self, parent: str, attributes: Attributes) -> None:
        if not self._tables:
            return
        table = self._tables[-1]
        if len(table.rows) >= self._limits.max_rows:
            raise StopError(f"a table has more than max_rows = {self._limits.max_rows} rows; those after were not read")
        table.rows.append(Row())

    def count_cell(self) -> None:
        """One more cell of the document. StopError for the one too many."""
        self._cell_count += 1
        if self._cell_count > self._limits.max_cells:
            raise StopError(f"more than max_cells = {self._limits.max_cells} cells; those after were not read")

    def gap_before(self, parent: str, attributes: Attributes) -> None:
        row = self._row_of(parent)
        if row is not None:
            row.gap = self._span(attributes, least=0)

    def header_row(self, parent: str, attributes: Attributes) -> None:
        row = self._row_of(parent)
        if row is not None:
            row.header = flag(attributes)

    def col_span(self, parent: str, attributes: Attributes) -> None:
        cell = self._cell_of(parent)
        if cell is not None:
            cell.col_span = self._span(attributes, least=1)

    def vertical_merge(self, parent: str, attributes: Attributes) -> None:
        cell = self._cell_of(parent)
        if cell is not None:
            cell.merge = "restart" if attributes.get("w:val") == "restart" else "continue"

    def horizontal_merge(self, parent: str, attributes: Attributes) -> None:
        cell = self._cell_of(parent)
        if cell is not None:
            cell.across = "restart" if attributes.get("w:val") == "restart" else "continue"

    def cell_deleted(self, parent: str, attributes: Attributes) -> None:
        cell = self._cell_of(parent)
        if cell is not None:
            cell.deleted = True
            self._facts.deletions += 1

    def cell_merge(self, parent: str, attributes: Attributes) -> None:
        """A vertical merge that was made while changes were tracked."""
        cell = self._cell_of(parent)
        if cell is not None and "w:vMerge" in attributes:
            cell.merge = "continue" if attributes["w:vMerge"] == "cont" else "restart"
            self._facts.insertions += 1

    def _row_of(self, parent: str) -> Row | None:
        return self.row if parent == "w:trPr" else None

    def _cell_of(self, parent: str) -> Cell | None:
        row = self.row if parent == "w:tcPr" else None
        return row.cells[-1] if row is not None and row.cells else None

    def _span(self, attributes: Attributes, *, least: int) -> int:
        value = integer(attributes.get("w:val"), least, 1 << 31)
        self._facts.clamped_spans += value > _MAX_COL_SPAN
        return max(least, min(value, _MAX_COL_SPAN))


@dataclass(slots=True)
class _Span:
    """A cell and the columns that it covers, counted in the grid of the file."""

    cell: Cell
    start: int
    end: int


@dataclass(slots=True)
class _Anchor:
    """A cell that cells below go on with: where it is among the raw rows, the column it ends at, how many rows it has so far."""

    row: int
    position: int
    end: int
    height: int = 1


def build_raw_table(table: Table, covered: list[WordPlace]) -> RawTable:
    """Spans counted over the edges in use; places keep the row of the file and the column of its own grid.

    The places of texts under a merged cell, which are no text of the table, are put to `covered`.
    """
    kept = [(number, row, _join_across(table, number, row, covered)) for number, row in enumerate(table.rows) if not row.deleted]
    column_of = _columns([spans for _, _, spans in kept], table.widths)
    raw_rows: list[list[RawCell]] = []
    anchors: dict[int, _Anchor] = {}
    for number, _row, spans in kept:
        cells: list[RawCell] = []
        hanging: dict[int, _Anchor] = {}
        gap = column_of[spans[0].start] if spans else 0
        if gap:
            cells.append(RawCell("", WordPlace(table.number, number, 0), 1, gap))
        for span in spans:
            start, end = column_of[span.start], column_of[span.end]
            place = WordPlace(table.number, number, span.start)
            text = _cell_text(span.cell)
            anchor = anchors.get(start)
            if span.cell.merge == "continue" and anchor is not None and anchor.end == end:
                anchor.height += 1
                above = raw_rows[anchor.row][anchor.position]
                raw_rows[anchor.row][anchor.position] = RawCell(above.text, above.place, anchor.height, above.col_span)
                hanging[start] = anchor
                if text:
                    covered.append(place)
                continue
            if span.cell.merge:
                hanging[start] = _Anchor(len(raw_rows), len(cells), end)
            cells.append(RawCell(text, place, 1, max(1, end - start)))
        raw_rows.append(cells)
        anchors = hanging
    header_rows = 0
    while header_rows < len(kept) and kept[header_rows][1].header:
        header_rows += 1
    return RawTable(
        tuple(RawRow(tuple(cells)) for cells in raw_rows),
        "declared",
        caption=fold(table.caption) or None,
        place=WordPlace(table.number, 0, 0),
        header_row_count=header_rows if header_rows < len(kept) else 0,
    )


def _join_across(table: Table, number: int, row: Row, covered: list[WordPlace]) -> list[_Span]:
    """The cells of a row with the columns they cover in the file's grid; a cell that goes on to the left is part of the one there."""
    spans: list[_Span] = []
    col = row.gap
    for cell in row.cells:
        if cell.deleted:
            continue
        end = col + cell.col_span
        if cell.across == "continue" and spans:
            spans[-1].end = end
            if _cell_text(cell):
                covered.append(WordPlace(table.number, number, col))
        else:
            spans.append(_Span(cell, col, end))
        col = end
    return spans


def _columns(rows: Sequence[Sequence[_Span]], widths: Sequence[int]) -> dict[int, int]:
    """For each edge of a cell the column that begins there, counted over the edges in use.

    Edges nearer to each other than a character is wide are one, unless that would leave some cell without a column.
    """
    used = sorted({edge for spans in rows for span in spans for edge in (span.start, span.end)} | {0})
    at = [0]
    for width in widths:
        at.append(at[-1] + width)
    narrow = any(span.end < len(at) and at[span.end] - at[span.start] < _SLIVER for spans in rows for span in spans)
    column_of: dict[int, int] = {}
    column = -1
    first = 0
    for number, edge in enumerate(used):
        if narrow or number == 0 or edge >= len(at) or at[edge] - at[first] >= _SLIVER:
            column += 1
            first = edge
        column_of[edge] = column
    return column_of


def _cell_text(cell: Cell) -> str:
    return "\n".join(item.text for item in cell.story.items if isinstance(item, Line))
