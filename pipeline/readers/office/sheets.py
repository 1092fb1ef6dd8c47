"""The cells of a worksheet -> tables and lines, whatever the format of the workbook was.

A worksheet is a page, not a table: titles, prose, several tables and notes stand in its cells. What is a table:
- Where borders are drawn they decide: rows with a bordered cell belong to a table, rows without do not. A header row that has no borders
  of its own but words over nearly all columns below belongs to the table below it.
- Where none are drawn, rows that follow each other without a blank row between are a table, if some row has two cells or more; rows of one
  cell before the first such row are lines, and so are long ones after the last.
- A single blank row does not end a table when the row below it has numbers, which no header has, in columns of the table; it is left out.
- Tables side by side are parted by a column without text and border, where borders are drawn.
Columns without any text at the edge of a table are left out, and so are rows below it that have no borders; inside it they stay.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from heapq import heappop, heappush

from pipeline.errors import LimitExceededError
from pipeline.model.document import Block, Document, RawCell, RawRow, RawTable, TextBlock
from pipeline.model.finding import Finding, make_finding
from pipeline.model.limits import Limits
from pipeline.model.place import Place, SheetPlace

__all__ = ["Merge", "Sheet", "Workbook", "cell_name", "fold", "workbook_document"]

Slot = tuple[int, int]
Merge = tuple[int, int, int, int]  # first row, first column, end row, end column (exclusive)

_MAX_PLACES = 10  # shown in one finding
_MAX_BLANK_ROWS = 50  # at the end of a table; more are a stretch that somebody formatted in passing
_MAX_BLANK_COLS = 50  # that merged cells reach over beyond the last column with text
_MAX_WORDS = 100  # characters of text boxes that are shown
_NOTE_LENGTH = 40  # characters; a longer line below a table without borders is a note, not a row
_NUMBER = re.compile(r"[-+(\uff08\u2212\uff0d]?[0-9\uff10-\uff19][0-9\uff10-\uff19,.\uff0c\uff0e]{0,30}[%\uff05]?\S{0,2}[)\uff09]?")
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"


@dataclass(slots=True)
class Sheet:
    """What a worksheet shows. Rows and columns from 0. `texts` has no blank ones; `bordered` are cells with a line at any side."""

    name: str
    texts: dict[Slot, str] = field(default_factory=dict)
    bordered: set[Slot] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_cols: list[tuple[int, int]] = field(default_factory=list)  # first, end


@dataclass(slots=True)
class Workbook:
    """The worksheets that are shown, and what there is to say of cells. `cell_count`: stored cells so far, of all sheets."""

    limits: Limits
    sheets: list[Sheet] = field(default_factory=list)
    hidden_sheets: list[tuple[str, int]] = field(default_factory=list)  # name, cells with text
    not_stored: list[SheetPlace] = field(default_factory=list)
    unknown: list[tuple[SheetPlace, str]] = field(default_factory=list)  # place, format
    rounded: list[SheetPlace] = field(default_factory=list)
    hidden_text: list[SheetPlace] = field(default_factory=list)
    note_marks: list[tuple[SheetPlace, str]] = field(default_factory=list)
    struck_out: list[SheetPlace] = field(default_factory=list)  # cells with text that has a line through it
    drawn: list[tuple[str, str]] = field(default_factory=list)  # worksheet, the words of its text boxes
    struck: str = ""
    cell_count: int = 0

    def count_cell(self) -> bool:
        """One more stored cell; False where it is one too many, which is noted."""
        self.cell_count += 1
        if self.cell_count > self.limits.max_cells:
            self.struck = f"more than max_cells = {self.limits.max_cells} cells; those after were not read"
            return False
        return True


def cell_name(row: int, col: int) -> str:
    """The spreadsheet's own name of a cell ("B7")."""
    return f"{_column_name(col)}{row + 1}"


@cache
def _column_name(col: int) -> str:
    """Called for columns that a sheet can have only, 16,384 of them."""
    letters = ""
    col += 1
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def fold(text: str) -> str:
    """White space runs become one space, line breaks stay, lines without text go; zero-width characters alone are no text."""
    if text.isdigit():
        return text
    if "\n" in text or "\r" in text:
        folded = "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))
    else:
        folded = " ".join(text.split())
    return folded if folded.strip(_ZERO_WIDTH) else ""


def workbook_document(book: Workbook, media_type: str) -> Document:
    """The document of a workbook: sheet by sheet, from top to bottom. LimitExceededError where a limit left nothing to give."""
    writer = _Writer(book)
    blocks: list[Block] = []
    try:
        for sheet in book.sheets:
            blocks.extend(writer.blocks(sheet))
    except LimitExceededError as error:
        book.struck = book.struck or str(error)
        blocks.extend(writer.finished)
    if book.struck and not blocks:
        raise LimitExceededError(f"nothing of the workbook could be read: {book.struck}")
    return Document(tuple(blocks), media_type, findings=tuple(_findings(book)))


class _Writer:
    """Makes blocks of sheets, counting tables, blocks and cells over all of them."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._limits = book.limits
        self._cells = 0
        self._tables = 0
        self._texts = 0
        self.finished: list[Block] = []  # of the sheet at work, should a limit strike in it

    def blocks(self, sheet: Sheet) -> list[Block]:
        self.finished = []
        plan = _Plan(sheet, self._limits)
        self._book.hidden_text.extend(SheetPlace(sheet.name, cell_name(*slot)) for slot in plan.covered_texts)
        for first, end, is_table in plan.parts():
            if is_table:
                for left, right in plan.side_by_side(first, end):
                    self._write_table(plan, first, end, left, right)
            else:
                self._write_lines(plan, first, end)
        return self.finished

    def _write_lines(self, plan: _Plan, first: int, end: int) -> None:
        for row in plan.rows_between(first, end):
            for col in plan.cols_of[row]:
                self._texts += 1
                if self._texts > self._limits.max_blocks:
                    raise LimitExceededError(f"more than max_blocks = {self._limits.max_blocks} lines; those after were not read")
                self.finished.append(TextBlock(plan.texts[row, col], SheetPlace(plan.sheet.name, cell_name(row, col))))

    def _write_table(self, plan: _Plan, first: int, end: int, left: int, right: int) -> None:
        self._tables += 1
        if self._tables > self._limits.max_tables:
            raise LimitExceededError(f"more than max_tables = {self._limits.max_tables} tables; those after were not read")
        if end - first > self._limits.max_rows:
            self._book.struck = f"a table has more than max_rows = {self._limits.max_rows} rows; those after were not read"
            end = first + self._limits.max_rows
        hanging: dict[int, int] = {}  # by column: the row from which on no merged cell covers it
        rows = []
        for row in range(first, end):
            if row not in plan.cols_of and not plan.is_held(row, row + 1):
                continue  # a blank row that parts two stretches of one table
            cells = []
            begun = {start: (min(bottom, end), min(stop, right)) for start, bottom, stop in plan.merges_in(row)}
            col = left
            while col < right:
                if hanging.get(col, 0) > row:
                    col += 1
                    continue
                bottom, stop = begun.get(col, (row + 1, col + 1))
                if bottom - row > 1:
                    hanging.update((covered, bottom) for covered in range(col, stop))
                self._cells += 1
                if self._cells > self._limits.max_slots:
                    raise LimitExceededError(
                        f"the tables have more than max_slots = {self._limits.max_slots} cells; those after were not read"
                    )
                place = SheetPlace(plan.sheet.name, cell_name(row, col))
                cells.append(RawCell(plan.texts.get((row, col), ""), place, bottom - row, stop - col))
                col = stop
            rows.append(RawRow(tuple(cells)))
        if any(cell.text for row in rows for cell in row.cells):
            self.finished.append(RawTable(tuple(rows), "declared", place=SheetPlace(plan.sheet.name, cell_name(first, left))))


class _Plan:
    """How the rows of a sheet fall into tables and lines."""

    def __init__(self, sheet: Sheet, limits: Limits) -> None:
        self.sheet = sheet
        last_row = max((row for row, _ in sheet.texts), default=-1) + 2 + _MAX_BLANK_ROWS
        last_col = max((col for _, col in sheet.texts), default=-1) + 1
        reach = max((right for top, left, _, right in sheet.merges if (top, left) in sheet.texts), default=0)
        last_col = min(max(last_col, reach), last_col + _MAX_BLANK_COLS)
        self.merges = _apart(
            (top, left, min(bottom, last_row), min(right, last_col))
            for top, left, bottom, right in sheet.merges
            if top < last_row and left < last_col
        )
        self._merges_by_row: dict[int, list[tuple[int, int, int]]] = {}
        for top, left, bottom, right in self.merges:
            self._merges_by_row.setdefault(top, []).append((left, bottom, right))
        self.covered_texts: list[Slot] = []
        covered = self._find_covered(limits)
        self.texts = {slot: text for slot, text in sheet.texts.items() if slot not in covered}
        self.cols_of: dict[int, list[int]] = {}
        for row, col in sorted(self.texts):
            self.cols_of.setdefault(row, []).append(col)
        self.rows = sorted(self.cols_of)
        self._borders: dict[int, list[int]] = {}
        for row, col in sorted(sheet.bordered):
            if row < last_row and col < last_col:
                self._borders.setdefault(row, []).append(col)
        self._held = self._rows_held_together()

    def _find_covered(self, limits: Limits) -> set[Slot]:
        """Slots with a text that a merged cell covers: the text does not show."""
        by_row: dict[int, list[int]] = {}
        for row, col in sorted(self.sheet.texts):
            by_row.setdefault(row, []).append(col)
        rows = sorted(by_row)
        covered: set[Slot] = set()
        steps = 0
        for top, left, bottom, right in self.merges:
            for row in rows[bisect_left(rows, top) : bisect_left(rows, bottom)]:
                steps += 1
                if steps > limits.max_slots:
                    raise LimitExceededError(f"merged cells cover more rows than max_slots = {limits.max_slots}")
                cols = by_row[row]
                for col in cols[bisect_left(cols, left) : bisect_left(cols, right)]:
                    if (row, col) != (top, left):
                        covered.add((row, col))
        self.covered_texts = sorted(covered)
        return covered

    def _rows_held_together(self) -> list[tuple[int, int]]:
        """Stretches of rows (first, end) without a text that are not blank: bordered, or covered by a merged cell with text from above."""
        stretches = [(top, bottom) for top, left, bottom, _ in self.merges if (top, left) in self.texts and bottom - top > 1]
        stretches += [(row, row + 1) for row in self._borders]
        stretches.sort()
        joined: list[tuple[int, int]] = []
        for first, end in stretches:
            if joined and first <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], end))
            else:
                joined.append((first, end))
        return joined

    def is_held(self, first: int, end: int) -> bool:
        """Whether the rows between two rows with text hold them together."""
        if first >= end:
            return True
        place = bisect_right(self._held, (first, 1 << 40)) - 1
        return place >= 0 and self._held[place][0] <= first and self._held[place][1] >= end

    def merges_in(self, row: int) -> Sequence[tuple[int, int, int]]:
        """(first column, end row, end column) of the merged cells that begin in a row."""
        return self._merges_by_row.get(row, ())

    def rows_between(self, first: int, end: int) -> Sequence[int]:
        return self.rows[bisect_left(self.rows, first) : bisect_left(self.rows, end)]

    def parts(self) -> Iterator[tuple[int, int, bool]]:
        """(first row, end row, whether it is a table), from top to bottom; only rows with text begin and end one."""
        waiting: tuple[int, int, bool] | None = None
        for part in self._parts():
            if waiting is not None and waiting[2] and self._goes_on(waiting, part):
                waiting = (waiting[0], part[1], True)
                continue
            if waiting is not None:
                yield waiting
            waiting = part
        if waiting is not None:
            yield waiting

    def _parts(self) -> Iterator[tuple[int, int, bool]]:
        for segment in self._segments():
            if any(row in self._borders for row in segment):
                yield from self._by_borders(segment)
            else:
                yield from self._by_shape(segment)

    def _goes_on(self, above: tuple[int, int, bool], below: tuple[int, int, bool]) -> bool:
        """Whether a single blank row parts a table from more of its rows: numbers stand in the first of them, so that it is no header, and
        all of them stand in columns of the table."""
        row = below[0]
        if row != above[1] + 1 or not any(_NUMBER.fullmatch(self.texts[row, col]) for col in self.cols_of[row]):
            return False
        left, right = self._extent(*above[:2])
        its_left, its_right = self._extent(*below[:2])
        return left <= its_left and its_right <= right and (row in self._borders) == (above[0] in self._borders)

    def _extent(self, first: int, end: int) -> tuple[int, int]:
        """The columns (first, end) in which rows have texts, merged cells as wide as they are."""
        cols = [col for row in self.rows_between(first, end) for col in self.cols_of[row]]
        reach = [right for row in self.rows_between(first, end) for left, _, right in self.merges_in(row) if (row, left) in self.texts]
        return min(cols), max([max(cols) + 1, *reach])

    def _segments(self) -> Iterator[list[int]]:
        """Rows with text that no blank row parts."""
        segment: list[int] = []
        for row in self.rows:
            if segment and not self.is_held(segment[-1] + 1, row):
                yield segment
                segment = []
            segment.append(row)
        if segment:
            yield segment

    def _by_borders(self, segment: list[int]) -> Iterator[tuple[int, int, bool]]:
        inside = [row in self._borders or self._hangs_over(row) for row in segment]
        for index in range(len(segment) - 2, -1, -1):
            if not inside[index] and inside[index + 1]:
                below = self._width(segment[index + 1])
                texts = len(self.cols_of[segment[index]])
                inside[index] = texts >= 3 and texts * 4 >= below * 3
        start = 0
        for index in range(1, len(segment) + 1):
            if index == len(segment) or inside[index] != inside[start]:
                following = segment[index] if index < len(segment) else None
                yield segment[start], self._with_blank_rows(segment[index - 1], following), inside[start]
                start = index

    def _with_blank_rows(self, last: int, following: int | None) -> int:
        """The end of a table whose last row with text is known: rows without text that are bordered, or that a cell hangs over, are its own."""
        place = bisect_right(self._held, (last + 1, 1 << 40)) - 1
        end = self._held[place][1] if place >= 0 else 0
        end = end if following is None else min(end, following)
        return end if last + 1 < end <= last + 1 + _MAX_BLANK_ROWS else last + 1

    def _width(self, row: int) -> int:
        """How many columns the borders and texts of a row reach over."""
        cols: list[int] = [*self._borders.get(row, ()), *self.cols_of[row]]
        first, last = min(cols), max(cols)
        return last - first + 1

    def _hangs_over(self, row: int) -> bool:
        place = bisect_right(self._held, (row, 1 << 40)) - 1
        return place >= 0 and self._held[place][0] < row < self._held[place][1] and self._held[place][0] in self._borders

    def _by_shape(self, segment: list[int]) -> Iterator[tuple[int, int, bool]]:
        full = [index for index, row in enumerate(segment) if len(self.cols_of[row]) > 1]
        if not full:
            yield segment[0], segment[-1] + 1, False
            return
        first, last = full[0], full[-1]
        left = min(col for row in segment[first : last + 1] for col in self.cols_of[row])
        while last + 1 < len(segment):
            row = segment[last + 1]
            (col,) = self.cols_of[row]
            if col != left or len(self.texts[row, col]) > _NOTE_LENGTH or self._is_wide(row, col):
                break
            last += 1
        if first:
            yield segment[0], segment[first], False
        following = segment[last + 1] if last + 1 < len(segment) else None
        yield segment[first], self._with_blank_rows(segment[last], following), True
        if last + 1 < len(segment):
            yield segment[last + 1], segment[-1] + 1, False

    def _is_wide(self, row: int, col: int) -> bool:
        return any(left == col and right - left > 1 for left, _, right in self.merges_in(row))

    def side_by_side(self, first: int, end: int) -> list[tuple[int, int]]:
        """The column ranges of the tables in these rows: one, or several where columns without text and border part bordered ones."""
        cols = sorted({col for row in self.rows_between(first, end) for col in self.cols_of[row]})
        reach = {col: col + 1 for col in cols}  # by column: where the widest cell with text that begins in it ends
        for row in self.rows_between(first, end):
            for left, _, right in self.merges_in(row):
                if (row, left) in self.texts:
                    reach[left] = max(reach[left], right)
        bordered = sorted({col for row in range(first, end) for col in self._borders.get(row, ())})
        joined: list[tuple[int, int, bool, bool]] = []  # start, end, whether there is text, and a border
        for start, stop, has_text in sorted([*((col, reach[col], True) for col in cols), *((col, col + 1, False) for col in bordered)]):
            if joined and start <= joined[-1][1]:
                before = joined[-1]
                joined[-1] = (before[0], max(before[1], stop), before[2] or has_text, before[3] or not has_text)
            else:
                joined.append((start, stop, has_text, not has_text))
        parts = [part for part in joined if part[2]]
        if len(parts) < 2 or not all(has_border and stop - start > 1 for start, stop, _, has_border in parts):
            parts = [(parts[0][0], parts[-1][1], True, True)]
        return [self._trimmed(cols, reach, start, stop) for start, stop, _, _ in parts]

    @staticmethod
    def _trimmed(cols: Sequence[int], reach: Mapping[int, int], start: int, stop: int) -> tuple[int, int]:
        """Without the columns at both sides in which nothing stands."""
        inside = cols[bisect_left(cols, start) : bisect_left(cols, stop)]
        return inside[0], min(stop, max(reach[col] for col in inside))


def _apart(merges: Iterable[Merge]) -> list[Merge]:
    """The merges that cover more than a slot, in reading order. Of two that overlap the later one is left out: no program writes such."""
    kept: list[Merge] = []
    across: list[tuple[int, int]] = []  # columns (left, right) that a merge from above or from the same row still covers, in order
    ends: list[tuple[int, int, int]] = []  # heap of (bottom, left, right)
    for merge in sorted({merge for merge in merges if (merge[2] - merge[0]) * (merge[3] - merge[1]) > 1}):
        top, left, bottom, right = merge
        while ends and ends[0][0] <= top:
            _, old_left, old_right = heappop(ends)
            del across[bisect_left(across, (old_left, old_right))]
        place = bisect_left(across, (left, right))
        if (place < len(across) and across[place][0] < right) or (place and across[place - 1][1] > left):
            continue
        across.insert(place, (left, right))
        heappush(ends, (bottom, left, right))
        kept.append(merge)
    return kept


def _findings(book: Workbook) -> Iterator[Finding]:
    if book.struck:
        yield make_finding("limit-exceeded", book.struck)
    for name, count in book.hidden_sheets:
        yield make_finding("hidden-sheet", f"the worksheet {name} is hidden; its {count} cells with text were not read")
    for sheet in book.sheets:
        yield from _hidden_cells(sheet)
    for name, words in book.drawn:
        shown = words if len(words) <= _MAX_WORDS else f"{words[:_MAX_WORDS]}…"
        yield make_finding("drawn-text", f"the worksheet {name} has text boxes whose words were not read: {shown}")
    if book.not_stored:
        message = f"{len(book.not_stored)} formulas have no result in the file; each stands in its cell as text"
        yield make_finding("value-not-stored", message, places=_shown(book.not_stored))
    if book.unknown:
        codes = ", ".join(sorted({code for _, code in book.unknown})[:5])
        message = f"{len(book.unknown)} numbers have a format that cannot be followed ({codes}); their bare values stand in the cells"
        yield make_finding("display-unknown", message, places=_shown([place for place, _ in book.unknown]))
    if book.rounded:
        message = f"{len(book.rounded)} cells show fewer digits than they hold; what they show is read"
        yield make_finding("display-rounded", message, places=_shown(book.rounded))
    if book.hidden_text:
        message = f"{len(book.hidden_text)} cells hold what they do not show (under a merged cell, or by their format); it was left out"
        yield make_finding("hidden-text", message, places=_shown(book.hidden_text))
    if book.struck_out:
        message = f"{len(book.struck_out)} cells have text that is struck out; it was left out"
        yield make_finding("struck-text", message, places=_shown(book.struck_out))
    if book.note_marks:
        marks = ", ".join(mark for _, mark in book.note_marks[:_MAX_PLACES])
        message = f"{len(book.note_marks)} note marks beside numbers are left out of their cells: {marks}"
        yield make_finding("note-mark", message, places=_shown([place for place, _ in book.note_marks]))


def _hidden_cells(sheet: Sheet) -> Iterator[Finding]:
    """Hidden rows and columns in which something stands."""
    with_text = {row for row, _ in sheet.texts}
    rows = sorted(with_text.intersection(sheet.hidden_rows))
    cols = sorted({col for _, col in sheet.texts if any(first <= col < end for first, end in sheet.hidden_cols)})
    if not rows and not cols:
        return
    named = [f"rows {', '.join(str(row + 1) for row in rows[:_MAX_PLACES])}" if rows else ""]
    named += [f"columns {', '.join(_column_name(col) for col in cols[:_MAX_PLACES])}" if cols else ""]
    places = [SheetPlace(sheet.name, cell_name(row, 0)) for row in rows] + [SheetPlace(sheet.name, cell_name(0, col)) for col in cols]
    message = f"hidden in the worksheet {sheet.name}, read all the same: {' and '.join(filter(None, named))}"
    yield make_finding("hidden-cells", message, places=_shown(places))


def _shown(places: Sequence[SheetPlace]) -> tuple[Place, ...]:
    return tuple(places[:_MAX_PLACES])
