"""Tables over pages: parts that go on put together, repeated headers left out, cut cells continued, running titles looked through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.finding import Finding, make_finding
from pipeline.model.place import PagePlace
from pipeline.readers.pdf.items import begins_item
from pipeline.readers.pdf.page import Page
from pipeline.readers.pdf.phrases import is_figure
from pipeline.readers.pdf.tables import FoundTable
from pipeline.readers.pdf.words import Phrase
from pipeline.values.kinds import looks_like_year

__all__ = ["GrowingTable", "running_lines"]

_EDGE = 3.0  # points by which an edge of a column may move from page to page
_MOST_REPEATED = 12  # rows of a header
_MOST_LABELS = 4  # columns of labels that may be missing from a part
_SHARED = 0.8  # of the inner edges of the part with fewer that the other part must have
_SHIFT = 6.0  # points a running title may move from page to page
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|p\.?|第)\s*)?(?:\d{1,4}|[ivxlc]{1,6})\s*(?:页)?(?:\W*(?:of|/|共|von|sur|de)\W*\d{1,4}\s*(?:页)?)?\W*\Z", re.IGNORECASE
)
_MARGIN = 0.12  # of the page's height: page numbers stand that near its upper or lower end
_LONGEST_UNIT = 3  # characters
_PIECE = re.compile(r"[0-9０-９,，.]")  # how the rest of a number begins
_OPEN_BRACKETS = {"（": "）", "(": ")", "《": "》", "【": "】", "[": "]"}


@dataclass(slots=True)
class _Cell:
    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    place: PagePlace
    is_full: bool


class GrowingTable:
    """A table and what is put to it from the pages that follow."""

    def __init__(self, table: FoundTable, page: Page) -> None:
        self.last_page = page.number
        self._first = table
        self._place = page.turn.place(page.number, table.box)
        self._edges = list(table.column_edges)
        self._cells = _cells_of(table, page)
        self._row_count = table.row_count
        self._header = table.header_rows
        self._has_figures = any(cell.text and is_figure(cell.text) for cell in self._cells)
        self._head = [cell for cell in self._cells if cell.row < _MOST_REPEATED]  # what a part may repeat
        self._last = self._at_end(self._cells)  # cells that a part may go on
        self._is_open = table.is_open_below
        self._shows_blanks = table.shows_blanks
        self.findings: list[Finding] = []

    def take(self, table: FoundTable, page: Page) -> bool:
        """Whether a table goes on this one; if so, it is put to it: the first of the next page, or one right below that begins with figures."""
        is_below = page.number == self.last_page
        if (page.number != self.last_page + 1 and not is_below) or table.spans != self._first.spans:
            return False
        if is_below and (table.spans != "drawn" or not self._has_figures or not _starts_with_figures(table)):
            return False
        edges = _union(self._edges, list(table.column_edges))
        if edges is None:
            return False
        cells = _cells_of(table, page)
        repeated = self._repeated_rows(cells, table)
        is_cut = self._is_open and table.is_open_above and not repeated
        if not repeated and not is_cut and self._has_own_header(cells, table):
            return False
        if edges != self._edges:
            _to_edges(self._cells, self._edges, edges)
            self._edges = edges
        _to_edges(cells, table.column_edges, edges)
        if repeated:
            places = tuple(cell.place for cell in cells if cell.row < repeated)[:3]
            message = f"page {page.number} repeats {repeated} header rows of the table; they were left out"
            self.findings.append(make_finding("repeated-header", message, places=places))
            cells = [cell for cell in cells if cell.row >= repeated]
        for cell in cells:
            cell.row += self._row_count - repeated
        self._grow_missing(cells, table.row_count - repeated)
        cells = self._continue_cells(cells, is_cut)
        self._is_open = table.is_open_below
        self._shows_blanks = self._shows_blanks and table.shows_blanks
        self._cells.extend(cells)
        candidates = [*self._last, *cells]
        self._row_count = max(self._row_count, max((cell.row + cell.row_span for cell in candidates), default=0))
        self._last = self._at_end(candidates)
        self._has_figures = self._has_figures or any(cell.text and is_figure(cell.text) for cell in cells)
        message = f"the table goes on from page {self.last_page} to page {page.number}"
        if is_below:
            message = f"page {page.number}: the table goes on below"
        self.last_page = page.number
        self.findings.append(make_finding("table-continued", message, places=(page.turn.place(page.number, table.box),)))
        return True

    def build(self) -> RawTable:
        """The whole table as every reader gives it."""
        rows: list[list[_Cell]] = [[] for _ in range(self._row_count)]
        for cell in self._cells:
            rows[cell.row].append(cell)
        return RawTable(
            tuple(
                RawRow(tuple(RawCell(c.text, c.place, c.row_span, c.col_span) for c in sorted(row, key=lambda cell: cell.col)))
                for row in rows
            ),
            spans=self._first.spans,
            blanks_known=self._shows_blanks,
            caption=self._first.caption,
            page_number=self._first.page_number,
            place=self._place,
            header_row_count=self._header,
        )

    def _at_end(self, cells: Sequence[_Cell]) -> list[_Cell]:
        return [cell for cell in cells if cell.row + cell.row_span == self._row_count]

    def _repeated_rows(self, cells: Sequence[_Cell], table: FoundTable) -> int:
        """How many rows at the part's top repeat those at the table's top; a row with figures that are no years is none of a header."""
        ours, theirs = _rows(self._head), _rows(cells)
        count = 0
        while count < min(len(theirs) - 1, _MOST_REPEATED) and count < len(ours) and _same_row(ours[count], theirs[count]):
            count += 1
        while count and not any(cell.text and not is_figure(cell.text) for cell in theirs[count - 1]):
            count -= 1  # a row of figures only may be equal by chance
        hanging = any(cell.row < count < cell.row + cell.row_span for cell in cells)
        return 0 if hanging else count

    def _has_own_header(self, cells: Sequence[_Cell], table: FoundTable) -> bool:
        """Whether the part begins with another header than the table's: then it is a table of its own."""
        if not self._has_figures:
            return False  # nothing but a header so far: its body follows
        first = [cell for cell in cells if cell.row == 0 and cell.text]
        ours = [cell for cell in self._head if cell.row == 0 and cell.text]
        if table.spans == "aligned":
            return table.header_rows > 0 and _labels_only(first) and len(first) > 1
        body = [cell for cell in cells if cell.row > 0 and cell.text]
        figures = any(is_figure(cell.text) for cell in body)
        return len(first) > 1 and len(ours) > 1 and figures and _labels_only(first) and _labels_only(ours) and _is_full(cells, table)

    def _grow_missing(self, cells: list[_Cell], row_count: int) -> None:
        """Columns at the left that the part lacks: cells that end with the table so far go on over all the part's rows."""
        first = min((cell.col for cell in cells), default=0)
        for above in self._last:
            if above.col + above.col_span <= first:
                above.row_span += row_count

    def _continue_cells(self, cells: list[_Cell], is_cut: bool) -> list[_Cell]:
        """The part's cells without those that only go on a cell cut by the page's end, which grows instead.

        `is_cut`: neither part has a rule there, so that the part's first row is what was left of the last one.
        """
        start = self._row_count
        last_row = start - 1
        ends = {(cell.col, cell.col_span): cell for cell in self._last if cell.row + cell.row_span == start}
        top = [cell for cell in cells if cell.row == start]
        fits = all((cell.col, cell.col_span) in ends for cell in top if cell.text)
        fills = bool(top) and fits and _fills_gaps(top, ends)
        if top and fits and (is_cut or fills or _is_rest(top, ends)):
            for cell in top:
                if fills:
                    cell.text = _plain(cell.text)  # of one row, so one number in each cell, in however many lines
                above = ends.get((cell.col, cell.col_span))
                if above is None:  # blank, its edges a little off: what is below the cut row stays
                    if cell.row_span > 1:
                        cell.row, cell.row_span = cell.row + 1, cell.row_span - 1
                    continue
                above.text = _joined_number(above, cell) or _joined(above.text, cell.text)
                above.is_full = cell.is_full
                above.row_span += cell.row_span - 1
            for above in self._last:  # those that grew over columns the part lacks
                if above.row + above.row_span > start and (above.col, above.col_span) not in ends:
                    above.row_span -= 1
            for cell in cells:
                cell.row -= 1
            return [cell for cell in cells if cell.row > last_row]
        kept = []
        begins = not self._has_figures and any(is_figure(cell.text) for cell in top if cell.text)  # the body, below nothing but a header
        first = min(top, key=lambda cell: cell.col, default=None)
        in_header = first is not None and not first.text and not self._has_figures and _labels_only([c for c in top if c.text])
        for cell in cells:
            before = ends.get((cell.col, cell.col_span))
            halves = before is not None and in_header and bool(before.text) != bool(cell.text)
            if cell.row == start and before is not None and (halves or (_goes_on(before, cell, top) and not begins)):
                before.row_span += cell.row_span
                before.text = _joined(before.text, cell.text)
            else:
                kept.append(cell)
        return kept


def _starts_with_figures(table: FoundTable) -> bool:
    """Whether a table has no header: its first row has figures behind labels, none of them a year."""
    first = [cell for cell in table.cells if cell.row == 0 and cell.text]
    figures = [cell for cell in first if is_figure(cell.text)]
    labels = [cell for cell in first if not is_figure(cell.text)]
    is_body = bool(figures) and bool(labels) and max(cell.col for cell in labels) < min(cell.col for cell in figures)
    return is_body and not all(looks_like_year(cell.text) for cell in figures)


def _cells_of(table: FoundTable, page: Page) -> list[_Cell]:
    return [
        _Cell(cell.row, cell.col, cell.row_span, cell.col_span, cell.text, page.turn.place(table.page_number, cell.box), cell.is_full)
        for cell in table.cells
    ]


def _rows(cells: Sequence[_Cell]) -> list[list[_Cell]]:
    count = max((cell.row for cell in cells), default=-1) + 1
    rows: list[list[_Cell]] = [[] for _ in range(count)]
    for cell in cells:
        rows[cell.row].append(cell)
    return rows


def _same_row(ours: Sequence[_Cell], theirs: Sequence[_Cell]) -> bool:
    return len(ours) == len(theirs) and all(
        _plain(a.text) == _plain(b.text) and a.row_span == b.row_span
        for a, b in zip(sorted(ours, key=lambda c: c.col), sorted(theirs, key=lambda c: c.col), strict=True)
    )


def _plain(text: str) -> str:
    return "".join(text.split())


def _labels_only(cells: Sequence[_Cell]) -> bool:
    return bool(cells) and not any(is_figure(cell.text) for cell in cells)


def _is_full(cells: Sequence[_Cell], table: FoundTable) -> bool:
    """Whether the first row has a text over nearly every column."""
    filled = sum(cell.col_span for cell in cells if cell.row == 0 and cell.text)
    return filled >= table.col_count - 1


def _is_rest(top: Sequence[_Cell], ends: dict[tuple[int, int], _Cell]) -> bool:
    """Whether a part's first row holds only what was left of the row before: words under words, nothing under figures, figures only where
    they go on a number that filled its cell."""
    filled = [cell for cell in top if cell.text]
    if not filled or len(filled) == len(top):
        return False
    pairs = [(ends[cell.col, cell.col_span], cell) for cell in top if (cell.col, cell.col_span) in ends]
    numbers = [(above, cell) for above, cell in pairs if cell.text and (is_figure(cell.text) or _joined_number(above, cell))]
    if numbers:
        labels = [(above, cell) for above, cell in pairs if cell.text and (above, cell) not in numbers]
        if len(numbers) + len(labels) < len(filled) or not all(_joined_number(above, cell) for above, cell in numbers):
            return False
        if labels:  # a label and a number that were both cut, other numbers beside them whole
            whole = any(above.text and is_figure(above.text) and not cell.text for above, cell in pairs)
            return whole and all(above.is_full and not begins_item(cell.text) for above, cell in labels)
        under = {id(above) for above, cell in numbers}
        return any(above.text and not is_figure(above.text) for above in ends.values() if id(above) not in under)
    if any(cell.text and not above.text for above, cell in pairs):
        return False
    words = [(above.text, cell.text) for above, cell in pairs if cell.text]
    if any(begins_item(below) for _, below in words):
        return False
    has_figures = any(above.text and is_figure(above.text) for above, _ in pairs)
    return any(_is_cut(above) for above, _ in words) or (has_figures and all(begins_item(above) for above, _ in words))


def _fills_gaps(top: Sequence[_Cell], ends: dict[tuple[int, int], _Cell]) -> bool:
    """Whether a part's first row has no label, and numbers only where the row before, which has one, is blank; in all such places, if it has no number."""
    filled = [cell for cell in top if cell.text]
    first = min((cell for cell in top), key=lambda cell: cell.col)
    above = ends.get((first.col, first.col_span))
    if first.text or above is None or not above.text or is_figure(above.text) or above.row_span > 1:
        return False
    others = [cell for cell in ends.values() if cell.text and is_figure(cell.text)]
    gaps = [ends.get((cell.col, cell.col_span)) for cell in filled]
    is_all = len(filled) == sum(not cell.text for cell in ends.values())  # of a row without another number
    return (
        (bool(others) or is_all)
        and all(is_figure(_plain(cell.text)) for cell in filled)
        and all(gap is not None and not gap.text for gap in gaps)
    )


def _goes_on(above: _Cell, cell: _Cell, top: Sequence[_Cell]) -> bool:
    """Whether a cell at a part's top goes on the one that ends the part before."""
    if _is_cut(above.text) and cell.text:
        return True
    if cell.text or not above.text or is_figure(above.text):
        return False
    if above.row_span > 1 or cell.row_span > 1:
        return True
    return any(other.col > cell.col and other.text and not is_figure(other.text) for other in top)


def _is_cut(text: str) -> bool:
    """Whether a text ends within brackets."""
    return any(text.count(start) > text.count(end) for start, end in _OPEN_BRACKETS.items())


def _joined_number(above: _Cell, cell: _Cell) -> str:
    """The number that two pieces make when the first filled its cell to the last digit; "" when they make none."""
    if not above.is_full or not above.text or not is_figure(above.text):
        return ""
    if _PIECE.match(cell.text) is None and len(cell.text) > _LONGEST_UNIT:
        return ""
    number = _plain(above.text + cell.text)
    return number if is_figure(number) else ""


def _joined(first: str, second: str) -> str:
    return f"{first}\n{second}" if first and second else first or second


def _union(ours: list[float], theirs: list[float]) -> list[float] | None:
    """The edges of both parts, ours where they agree; None when they are not the columns of one table."""
    if len(ours) < 2 or len(theirs) < 2 or abs(ours[-1] - theirs[-1]) > 2 * _EDGE:
        return None
    if abs(ours[0] - theirs[0]) > 2 * _EDGE:  # a label cut by the page's end may leave its column without borders
        start = next((i for i, edge in enumerate(ours[:_MOST_LABELS]) if abs(edge - theirs[0]) <= _EDGE), 0)
        rest = ours[start + 1 : -1]
        if start == 0 or len(rest) < 2 or len(rest) != len(theirs) - 2:
            return None
        return ours if all(abs(a - b) <= _EDGE for a, b in zip(rest, theirs[1:-1], strict=True)) else None
    inner, others = ours[1:-1], theirs[1:-1]
    fewer, more = sorted((inner, others), key=len)
    shared = sum(1 for edge in fewer if any(abs(edge - other) <= _EDGE for other in more))
    if not fewer or shared < _SHARED * len(fewer):
        return None
    added = [edge for edge in others if not any(abs(edge - other) <= _EDGE for other in inner)]
    return sorted([*ours, *added])


def _to_edges(cells: Sequence[_Cell], old: Sequence[float], new: Sequence[float]) -> None:
    """Cells moved from columns between old edges to those between new ones, which have all the old ones among them."""
    at = [min(range(len(new)), key=lambda i: abs(new[i] - edge)) for edge in old]
    for cell in cells:
        end = at[cell.col + cell.col_span]
        cell.col, cell.col_span = at[cell.col], max(1, end - at[cell.col])


# ---- what stands between the parts -----------------------------------------------------------------------------------


def running_lines(lines: Sequence[Phrase], page: Page, others: Sequence[Phrase]) -> set[Phrase]:
    """Of a page's lines those that run through the document: page numbers, and lines that stand at the same height on the page beside it."""
    found = set()
    known = {(_masked(line.text), round(line.top / _SHIFT) + step) for line in others for step in (-1, 0, 1)}
    for line in lines:
        margin = _MARGIN * page.height
        at_end = line.bottom <= margin or line.top >= page.height - margin
        if (at_end and _PAGE_NUMBER.match(line.text)) or (_masked(line.text), round(line.top / _SHIFT)) in known:
            found.add(line)
    return found


def _masked(text: str) -> str:
    return re.sub(r"\d+", "0", _plain(text))
