"""The same report as a workbook, written with openpyxl in the habits of several hands."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.model.form import Form
from tests.quality.press.figures import Number
from tests.quality.press.hands import page_order
from tests.quality.press.layout import PrintedCell, PrintedTable
from tests.quality.press.printing import NumberHand
from tests.quality.press.prose import Prose
from tests.quality.press.slots import cut_in_two, slots_of

__all__ = ["SheetHand", "draw_sheet_hand", "write_xlsx"]


@dataclass(frozen=True, slots=True)
class SheetHand:
    """Habits. `spans`: merged cells, words only in the first of the cells, or words centred over blank ones where that can be done."""

    spans: str = "merged"  # merged, unmerged, centred
    borders: bool = True
    numbers: bool = True  # as numbers with a format; else as the text that is printed
    sheets: bool = False  # a worksheet for each table
    blank_row: bool = False  # one below the header
    cut: str = ""  # "", bare, header: as of WordHand
    prose: bool = True
    offset: tuple[int, int] = (0, 0)
    landscape: bool = False
    hidden_sheet: bool = False  # an old copy of other figures


def draw_sheet_hand(rng: random.Random) -> SheetHand:
    """Habits with the shares they have in the wild, roughly."""
    return SheetHand(
        spans=rng.choices(("merged", "unmerged", "centred"), (75, 15, 10))[0],
        borders=rng.random() < 0.85,
        numbers=rng.random() < 0.7,
        sheets=rng.random() < 0.3,
        blank_row=rng.random() < 0.1,
        cut=rng.choices(("", "bare", "header"), (75, 10, 15))[0],
        prose=rng.random() < 0.7,
        offset=(rng.choice((0, 0, 1, 3)), rng.choice((0, 0, 0, 1))),
        landscape=rng.random() < 0.4,
        hidden_sheet=rng.random() < 0.1,
    )


def write_xlsx(
    prose: Prose,
    tables: list[PrintedTable],
    values: Mapping[str, Number],
    form: Form,
    numbers: NumberHand,
    script: Callable[[str], str],
    hand: SheetHand,
    rng: random.Random,
    path: Path,
) -> None:
    """Write the report to `path`. Numbers that were printed in a way that no format gives (full-width digits, a written minus) stay text."""
    import openpyxl

    book = openpyxl.Workbook()
    writer = _Writer(book, values, form, numbers, script, hand, rng)
    writer.write(prose, tables)
    if hand.hidden_sheet:
        old = book.create_sheet("旧")
        for number in range(1, 20):
            old.cell(number, 1, script("规章"))
            old.cell(number, 2, rng.randint(1, 99))
        old.sheet_state = "hidden"
    book.properties.created = book.properties.modified = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - openpyxl wants no zone
    book.save(str(path))


class _Writer:
    def __init__(
        self,
        book: Any,
        values: Mapping[str, Number],
        form: Form,
        numbers: NumberHand,
        script: Callable[[str], str],
        hand: SheetHand,
        rng: random.Random,
    ) -> None:
        from openpyxl.styles import Alignment, Border, Side

        line = Side(style="thin")
        self._border = Border(left=line, right=line, top=line, bottom=line)
        self._centre = Alignment(horizontal="center", vertical="center", wrap_text=True)
        self._across = Alignment(horizontal="centerContinuous")
        self._book = book
        self._sheet = book.active
        self._values = values
        self._form = form
        self._numbers = numbers
        self._script = script
        self._hand = hand
        self._rng = rng
        self._row = 1 + hand.offset[0]

    def write(self, prose: Prose, tables: list[PrintedTable]) -> None:
        width = max(table.width for table in tables)
        self._set_page()
        self._line(prose.title, width)
        began = False
        for heading, content in page_order(prose, tables):
            if not isinstance(content, PrintedTable):
                if heading:
                    self._line(heading, width)
                for text in content if self._hand.prose else ():
                    self._line("　　" + text, width)
                continue
            if heading:
                self._line(heading, width)
            if self._hand.sheets and began and not heading:
                self._new_sheet()
            began = True
            self._tables(content)

    def _new_sheet(self) -> None:
        self._sheet = self._book.create_sheet()
        self._row = 1 + self._hand.offset[0]
        self._set_page()

    def _set_page(self) -> None:
        if self._hand.landscape:
            self._sheet.page_setup.orientation = "landscape"

    def _line(self, text: str, width: int) -> None:
        left = 1 + self._hand.offset[1]
        self._sheet.cell(self._row, left, self._script(text))
        if self._hand.spans == "merged" and width > 1:
            self._sheet.merge_cells(start_row=self._row, start_column=left, end_row=self._row, end_column=left + width - 1)
        self._row += 1

    def _tables(self, table: PrintedTable) -> None:
        parts = (table,) if not self._hand.cut else cut_in_two(table, self._rng, repeat_header=self._hand.cut == "header")
        for part in parts:
            self._table(part)
            self._row += 2

    def _table(self, table: PrintedTable) -> None:
        top, left = self._row, 1 + self._hand.offset[1]
        blank_after = self._blank_after(table)

        def row_of(row: int) -> int:
            return top + row + (1 if blank_after is not None and row >= blank_after else 0)

        for slot in slots_of(table):
            cell = slot.cell
            row, col = row_of(slot.row), left + slot.col
            end_row, end_col = row_of(slot.row + cell.row_span - 1), col + cell.col_span - 1
            at = self._sheet.cell(row, col)
            self._fill(at, cell)
            if self._hand.borders:
                for line in self._sheet.iter_rows(min_row=row, max_row=end_row, min_col=col, max_col=end_col):
                    for one in line:
                        one.border = self._border
            if (end_row, end_col) != (row, col):
                self._span(row, col, end_row, end_col)
        self._row = row_of(len(table.rows) - 1) + 1

    def _blank_after(self, table: PrintedTable) -> int | None:
        """Above which row of a table a blank one stands."""
        if not self._hand.blank_row:
            return None
        return next((number for number, row in enumerate(table.rows) if any(cell.kind == "value" for cell in row)), None)

    def _span(self, row: int, col: int, end_row: int, end_col: int) -> None:
        if self._hand.spans == "merged":
            self._sheet.merge_cells(start_row=row, start_column=col, end_row=end_row, end_column=end_col)
        elif self._hand.spans == "centred" and row == end_row:
            for number in range(col, end_col + 1):
                self._sheet.cell(row, number).alignment = self._across

    def _fill(self, at: Any, cell: PrintedCell) -> None:
        if not cell.text:
            return
        at.alignment = self._centre
        value = self._values.get(cell.pointer) if cell.pointer is not None else None
        found = None if value is None or not self._hand.numbers else self._as_number(value, cell)
        if found is None:
            at.value = self._script(cell.text)
            at.data_type = "s"
        else:
            at.value, at.number_format = found

    def _as_number(self, value: Number, cell: PrintedCell) -> tuple[int | float, str] | None:
        """The value and the format that show what is printed; None where no format does."""
        if value is None or cell.pointer is None or self._numbers.full_width or self._numbers.thousands == "，":
            return None
        if value < 0 and self._numbers.minus != "-":
            return None
        field = self._form.field_by_pointer[cell.pointer]
        shown = Decimal(value)
        unit = ""
        if field.type == "decimal" and field.unit == "万元":
            if self._numbers.money in ("元", "label-元"):
                shown *= 10_000
            unit = self._numbers.money if self._numbers.money in ("元", "万元") else ""
        elif self._numbers.counter and field.unit:
            unit = field.unit
        digits = max(0, -int(shown.normalize().as_tuple().exponent))
        code = ("#,##0" if self._numbers.thousands else "0") + (f".{'0' * digits}" if digits else "")
        if unit:
            code += f'"{self._script(unit)}"'
        elif not self._numbers.thousands and self._rng.random() < 0.5:
            code = "General"
        return (int(shown) if shown == shown.to_integral_value() else float(shown)), code
