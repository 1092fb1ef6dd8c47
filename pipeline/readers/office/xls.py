"""Excel 97-2003's .xls -> Document, through xlrd, which tells formats, borders, merged cells and what is hidden. The only module with xlrd.

python-calamine reads such files fifteen times as fast, but gives bare values: no number formats, no borders, nothing hidden.
"""

from __future__ import annotations

import io
import itertools
import re
import struct
from typing import Any

import xlrd
from xlrd.biffh import error_text_from_code
from xlrd.compdoc import CompDocError

from pipeline.errors import DamagedSourceError, EncryptedSourceError
from pipeline.model.document import Document
from pipeline.model.place import SheetPlace
from pipeline.readers.context import ReadContext
from pipeline.readers.office.compound import workbook_stream
from pipeline.readers.office.display import show_text
from pipeline.readers.office.sheets import Sheet, Workbook, cell_name, fold, workbook_document
from pipeline.readers.office.workbook import CellFormat, shown_number
from pipeline.readers.scripts import join_scripts

__all__ = ["read_xls"]

_ACROSS_SELECTION = 6
_BREAK = "\0"
# What xlrd raises over bytes that are not as it expects, its own errors aside.
_DAMAGE = (
    struct.error,
    IndexError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    ZeroDivisionError,
    RecursionError,
    CompDocError,
    NotImplementedError,
)


def read_xls(data: bytes, context: ReadContext) -> Document:
    """Read a workbook. EncryptedSourceError, DamagedSourceError or LimitExceededError where nothing of it can be read."""
    # The records alone: xlrd's own way through the container never ends where a chain of sectors runs in a ring.
    stream = workbook_stream(data)
    book = Workbook(context.limits)
    try:
        source = xlrd.open_workbook(file_contents=stream, formatting_info=True, logfile=io.StringIO(), on_demand=True, ragged_rows=True)
        _read_book(source, book)
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise EncryptedSourceError("the workbook is encrypted: it asks for a password") from error
        raise DamagedSourceError(f"the workbook cannot be read: {error}") from error
    except _DAMAGE as error:
        raise DamagedSourceError(f"the workbook is damaged: {type(error).__name__}: {error}") from error
    return workbook_document(book, context.media_type)


def _read_book(source: Any, book: Workbook) -> None:
    formats = [_format(source, xf) for xf in source.xf_list]
    for number in range(source.nsheets):
        if book.struck:
            return
        from_file = source.sheet_by_index(number)
        if from_file.visibility:
            count = sum(bool(str(value).strip()) for row in range(from_file.nrows) for value in from_file.row_values(row))
            if count:
                book.hidden_sheets.append((from_file.name, count))
        else:
            book.sheets.append(_Reading(source, from_file, book, formats).sheet)
        source.unload_sheet(number)


def _format(source: Any, xf: Any) -> CellFormat:
    known = source.format_map.get(xf.format_key)
    border = xf.border
    styles = (border.left_line_style, border.right_line_style, border.top_line_style, border.bottom_line_style)
    code = "General" if known is None else known.format_str or "General"
    if known is not None and xf.format_key in _LOCAL_DATES:
        code = _LOCAL_DATES[xf.format_key]
    is_struck = xf.font_index < len(source.font_list) and bool(source.font_list[xf.font_index].struck_out)
    return CellFormat(code, any(styles), xf.alignment.hor_align == _ACROSS_SELECTION, is_struck)


# Dates that each country writes in its own way; the file does not say the country.
_LOCAL_DATES = {14: "yyyy-mm-dd", 22: "yyyy-mm-dd h:mm"}


class _Reading:
    """One worksheet while it is read."""

    def __init__(self, source: Any, from_file: Any, book: Workbook, formats: list[CellFormat]) -> None:
        self.sheet = Sheet(from_file.name)
        self._source = source
        self._from_file = from_file
        self._book = book
        self._formats = formats
        self._hides_zeros = not from_file.show_zero_values
        for row in range(from_file.nrows):
            if not self._read_row(row):
                break
        self.sheet.merges += [(top, left, bottom, right) for top, bottom, left, right in from_file.merged_cells]
        self.sheet.hidden_rows = sorted(row for row, info in from_file.rowinfo_map.items() if info.hidden)
        self.sheet.hidden_cols = sorted((col, col + 1) for col, info in from_file.colinfo_map.items() if info.hidden)

    def _read_row(self, row: int) -> bool:
        spread: tuple[int, int] | None = None  # first and end column of a text centred over blank cells
        for col, cell in enumerate(self._from_file.row(row)):
            if cell.ctype == xlrd.XL_CELL_EMPTY:
                continue
            if not self._book.count_cell():
                return False
            form = self._formats[cell.xf_index] if cell.xf_index is not None and cell.xf_index < len(self._formats) else CellFormat()
            if form.is_bordered:
                self.sheet.bordered.add((row, col))
            text = self._text_of(row, col, cell, form)
            if text:
                self.sheet.texts[row, col] = text
            if spread is not None and not text and form.spreads and col == spread[1]:
                spread = (spread[0], col + 1)
                continue
            self._end_spread(row, spread)
            spread = (col, col + 1) if text and form.spreads else None
        self._end_spread(row, spread)
        return True

    def _end_spread(self, row: int, spread: tuple[int, int] | None) -> None:
        if spread is not None and spread[1] - spread[0] > 1:
            self.sheet.merges.append((row, spread[0], row + 1, spread[1]))

    def _text_of(self, row: int, col: int, cell: Any, form: CellFormat) -> str:
        place = SheetPlace(self.sheet.name, cell_name(row, col))
        if form.is_struck and cell.ctype not in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_BLANK):
            self._book.struck_out.append(place)
            return ""
        match cell.ctype:
            case xlrd.XL_CELL_TEXT:
                text, marks, has_struck = self._joined(row, col, cell.value, is_struck=form.is_struck)
                if has_struck:
                    self._book.struck_out.append(place)
                self._book.note_marks.extend((place, mark) for mark in marks)
                return fold(show_text(text, form.code)) if text else ""
            case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
                return shown_number(
                    self._book, place, float(cell.value), form.code, from_1904=bool(self._source.datemode), hides_zeros=self._hides_zeros
                )
            case xlrd.XL_CELL_BOOLEAN:
                return "TRUE" if cell.value else "FALSE"
            case xlrd.XL_CELL_ERROR:
                return str(error_text_from_code.get(cell.value, "#ERROR!"))
            case _:
                return ""

    def _joined(self, row: int, col: int, text: str, *, is_struck: bool) -> tuple[str, list[str], bool]:
        """The text with its lines, raised and lowered parts told apart; the note marks left out of it; whether struck text was left out."""
        changes = self._from_file.rich_text_runlist_map.get((row, col)) or ()
        fonts = [(offset, self._script(font), self._is_struck(font)) for offset, font in changes]
        if not is_struck and not any(script or struck for _, script, struck in fonts):
            return fold(text), [], False
        bounds = [(0, "", is_struck), *fonts, (len(text), "", False)]
        runs: list[tuple[str, str]] = []
        has_struck = False
        for (start, script, struck), (end, _, _) in itertools.pairwise(bounds):
            if struck:
                has_struck = has_struck or bool(text[start:end].strip())
                continue
            for number, line in enumerate(re.split(r"\r\n|\r|\n", text[start:end])):
                if number:
                    runs.append(("", _BREAK))
                if line:
                    runs.append((script, line))
        joined, marks = join_scripts(runs, in_cell=True, line_break=_BREAK)
        return fold(joined.replace(_BREAK, "\n")), marks, has_struck

    def _script(self, font: int) -> str:
        fonts = self._source.font_list
        return {1: "sup", 2: "sub"}.get(fonts[font].escapement, "") if font < len(fonts) else ""

    def _is_struck(self, font: int) -> bool:
        fonts = self._source.font_list
        return font < len(fonts) and bool(fonts[font].struck_out)
