"""Excel's .xlsx -> Document, over the XML of its parts: what is shown, number formats applied, merged cells with their spans.

Formulas count by the result that the file keeps. Where it keeps none the formula itself is the text of the cell, which is no number and is
found out as such. Hidden rows and columns are read and named; hidden worksheets are not read, and named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.errors import DamagedSourceError, UnsupportedFormatError
from pipeline.model.document import Document
from pipeline.model.place import SheetPlace
from pipeline.readers.context import ReadContext
from pipeline.readers.office.cell_strings import NO_STRING, CellString, SharedStrings, StringTarget, strikes_out, unescape
from pipeline.readers.office.display import BUILT_IN_FORMATS, show_number, show_text
from pipeline.readers.office.drawings import drawn_words
from pipeline.readers.office.package import Package
from pipeline.readers.office.relations import main_part, read_relations, related_part
from pipeline.readers.office.sheets import Merge, Sheet, Workbook, cell_name, fold, workbook_document
from pipeline.readers.office.xml import Attributes, read_xml

__all__ = ["CellFormat", "read_xlsx", "shown_number"]

_MAX_ROWS = 1_048_576
_MAX_COLS = 16_384
_MAX_MERGES = 200_000
_MAX_FORMATS = 70_000  # Excel has at most 65,490
_MAX_STRINGS = 1 << 62  # more than there can be
_MAX_HIDDEN = 1000  # ranges of hidden columns kept
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class CellFormat:
    """How a cell looks, as far as it matters. `spreads`: its text is centred over the blank cells to its right that are so too."""

    code: str = "General"
    is_bordered: bool = False
    spreads: bool = False
    is_struck: bool = False  # with a line through it


def read_xlsx(data: bytes, context: ReadContext) -> Document:
    """Read a workbook. EncryptedSourceError, DamagedSourceError or LimitExceededError where nothing of it can be read."""
    limits = context.limits
    package = Package(data, limits)
    main = main_part(package, limits, "xl/workbook.xml")
    if main.lower().endswith(".bin"):
        raise UnsupportedFormatError("the source is an Excel workbook in the binary format (.xlsb), which no reader here takes")
    parts = {key: member for _, key, member in read_relations(package, main, limits)}
    kinds = {key: kind for kind, key, _ in read_relations(package, main, limits)}
    index = _Index()
    read_xml(package.stream(main), index, limits, main)
    if not index.is_workbook:
        raise DamagedSourceError(f"{main} is not the list of worksheets that a workbook begins with")
    formats = _Formats()
    part = related_part(package, limits, main, "styles", "xl/styles.xml")
    if part is not None:
        read_xml(package.stream(part), formats, limits, part)
    book = Workbook(limits)
    shown: list[tuple[str, str]] = []  # worksheets, and their parts
    strings = SharedStrings(limits)
    part = related_part(package, limits, main, "sharedStrings", "xl/sharedStrings.xml")
    if part is not None:
        read_xml(package.stream(part), strings, limits, part)
    try:
        for number, (name, key, is_hidden) in enumerate(index.sheets):
            member = package.find(parts.get(key, f"xl/worksheets/sheet{number + 1}.xml"))
            if kinds.get(key, "worksheet") != "worksheet":
                continue  # a chart or a dialogue: it has no cells
            if member is None:
                raise DamagedSourceError(f"the worksheet {name} is missing from the package")
            target = _Cells(book, name, formats.formats, strings, index.from_1904)
            try:
                read_xml(package.stream(member), target, limits, member)
            finally:
                _keep(book, target.sheet, is_hidden)
            if not is_hidden:
                shown.append((name, member))
    except _StopError:
        pass
    # Last: a drawing that is damaged or too large costs no cell.
    book.drawn = [(name, words) for name, member in shown if (words := drawn_words(package, limits, member))]
    return workbook_document(book, context.media_type)


def _keep(book: Workbook, sheet: Sheet, is_hidden: bool) -> None:
    if not is_hidden:
        book.sheets.append(sheet)
    elif sheet.texts:
        book.hidden_sheets.append((sheet.name, len(sheet.texts)))
        for places in (book.not_stored, book.rounded, book.hidden_text, book.struck_out):
            places[:] = [place for place in places if place.sheet != sheet.name]
        book.unknown[:] = [(place, code) for place, code in book.unknown if place.sheet != sheet.name]
        book.note_marks[:] = [(place, mark) for place, mark in book.note_marks if place.sheet != sheet.name]


def shown_number(book: Workbook, place: SheetPlace, value: str | float, code: str, *, from_1904: bool, hides_zeros: bool = False) -> str:
    """The text of a cell with a number; what there is to say of it goes to the workbook."""
    shown = show_number(value, code, from_1904=from_1904)
    if not shown.is_known:
        book.unknown.append((place, code[:60]))
    elif shown.is_rounded:
        book.rounded.append(place)
    text = fold(shown.text)
    is_zero = _is_zero(value)
    if hides_zeros and is_zero:
        return ""
    if not text and not is_zero:
        book.hidden_text.append(place)
    return text


def _is_zero(value: str | float) -> bool:
    try:
        return float(value) == 0
    except ValueError:
        return False


class _StopError(Exception):
    """A limit struck: read no more, keep what was read."""


class _Index:
    """Target of the parser: the worksheets in their order, as (name, relationship, whether hidden)."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, bool]] = []
        self.from_1904 = False
        self.is_workbook = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "x:workbook":
            self.is_workbook = True
        elif name == "x:workbookPr":
            self.from_1904 = _is_on(attributes.get("date1904"))
        elif name == "x:sheet":
            is_hidden = attributes.get("state", "visible") in ("hidden", "veryHidden")
            self.sheets.append((attributes.get("name", ""), attributes.get("r:id", ""), is_hidden))

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


class _Formats:
    """Target of the parser: the formats of cells by their number."""

    def __init__(self) -> None:
        self.formats: list[CellFormat] = []
        self._codes: dict[int, str] = {}
        self._borders: list[bool] = []
        self._struck_fonts: list[bool] = []
        self._within = ""
        self._raw: tuple[int, int, int, bool] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        if name in ("x:numFmts", "x:fonts", "x:borders", "x:cellXfs", "x:cellStyleXfs", "x:dxfs"):
            self._within = name
        elif name == "x:numFmt" and self._within == "x:numFmts":
            self._codes[_whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "General")
        elif self._within == "x:borders":
            if name == "x:border":
                self._borders.append(False)
            elif name in ("x:left", "x:right", "x:top", "x:bottom", "x:start", "x:end") and self._borders:
                self._borders[-1] = self._borders[-1] or attributes.get("style", "none") != "none"
        elif self._within == "x:fonts":
            if name == "x:font":
                self._struck_fonts.append(False)
            elif name == "x:strike" and self._struck_fonts:
                self._struck_fonts[-1] = strikes_out(attributes)
        elif self._within == "x:cellXfs":
            if name == "x:xf":
                self._raw = (
                    _whole(attributes.get("numFmtId")),
                    _whole(attributes.get("borderId")),
                    _whole(attributes.get("fontId")),
                    False,
                )
            elif name == "x:alignment" and self._raw is not None:
                self._raw = (*self._raw[:3], attributes.get("horizontal") == "centerContinuous")

    def end(self, name: str) -> None:
        if name == "x:xf" and self._raw is not None:
            number, border, font, spreads = self._raw
            self._raw = None
            code = self._codes.get(number) or BUILT_IN_FORMATS.get(number, "General")
            is_bordered = border < len(self._borders) and self._borders[border]
            is_struck = font < len(self._struck_fonts) and self._struck_fonts[font]
            if len(self.formats) < _MAX_FORMATS:
                self.formats.append(CellFormat(code, is_bordered, spreads, is_struck))
        elif name == self._within:
            self._within = ""

    def data(self, text: str) -> None:
        pass


@dataclass(slots=True)
class _OpenCell:
    row: int
    col: int
    format: CellFormat
    kind: str
    value: list[str] = field(default_factory=list)
    formula: list[str] | None = None
    text: StringTarget | None = None  # what stands in it as a string of its own


class _Cells:
    """Target of the parser: the cells of one worksheet."""

    def __init__(self, book: Workbook, name: str, formats: list[CellFormat], strings: SharedStrings, from_1904: bool) -> None:
        self.sheet = Sheet(name)
        self._book = book
        self._formats = formats
        self._strings = strings
        self._from_1904 = from_1904
        self._hides_zeros = False
        self._row = -1
        self._col = -1
        self._cell: _OpenCell | None = None
        self._sink: list[str] | None = None
        self._spread: tuple[int, int, int] | None = None  # row, first and end column of a text centred over blank cells

    def start(self, name: str, attributes: Attributes) -> None:
        cell = self._cell
        if cell is not None:
            if name == "x:v":
                self._sink = cell.value
            elif name == "x:f":
                cell.formula = []
                self._sink = cell.formula
            else:
                if cell.text is None:
                    cell.text = StringTarget()
                cell.text.start(name, attributes)
        elif name == "x:c":
            self._open_cell(attributes)
        elif name == "x:row":
            self._row = _whole(attributes.get("r"), self._row + 2) - 1
            self._col = -1
            if _is_on(attributes.get("hidden")) and len(self.sheet.hidden_rows) < self._book.limits.max_rows:
                self.sheet.hidden_rows.append(self._row)
        elif name == "x:col" and _is_on(attributes.get("hidden")) and len(self.sheet.hidden_cols) < _MAX_HIDDEN:
            self.sheet.hidden_cols.append((_whole(attributes.get("min"), 1) - 1, _whole(attributes.get("max"), _MAX_COLS)))
        elif name == "x:mergeCell":
            merge = _range(attributes.get("ref", ""))
            if merge is not None and len(self.sheet.merges) < _MAX_MERGES:
                self.sheet.merges.append(merge)
        elif name == "x:sheetView":
            self._hides_zeros = not _is_on(attributes.get("showZeros", "1"))

    def _open_cell(self, attributes: Attributes) -> None:
        found = _REFERENCE.fullmatch(attributes.get("r", ""))
        if found is None:
            self._col += 1
        else:
            self._col = _column(found.group(1))
            self._row = int(found.group(2)) - 1
        if not self._book.count_cell():
            raise _StopError
        number = _whole(attributes.get("s"))
        form = self._formats[number] if number < len(self._formats) else CellFormat()
        self._cell = _OpenCell(self._row, self._col, form, attributes.get("t", "n"))

    def end(self, name: str) -> None:
        cell = self._cell
        if cell is None:
            return
        if name == "x:c":
            self._cell = None
            if 0 <= cell.row < _MAX_ROWS and 0 <= cell.col < _MAX_COLS:
                self._close_cell(cell)
        elif name in ("x:v", "x:f"):
            self._sink = None
        elif cell.text is not None:
            cell.text.end(name)

    def data(self, text: str) -> None:
        if self._sink is not None:
            self._sink.append(text)
        elif self._cell is not None and self._cell.text is not None:
            self._cell.text.data(text)

    def _close_cell(self, cell: _OpenCell) -> None:
        slot = (cell.row, cell.col)
        if cell.format.is_bordered:
            self.sheet.bordered.add(slot)
        text = self._text_of(cell)
        if text:
            self.sheet.texts[slot] = text
        self._go_on_spreading(cell, text)

    def _go_on_spreading(self, cell: _OpenCell, text: str) -> None:
        """A text that is centred over the blank cells to its right stands in all of them, as in a merged cell."""
        spread = self._spread
        if spread is not None and not text and cell.format.spreads and (cell.row, cell.col) == (spread[0], spread[2]):
            self._spread = (spread[0], spread[1], cell.col + 1)
            return
        self._end_spread()
        if text and cell.format.spreads:
            self._spread = (cell.row, cell.col, cell.col + 1)

    def _end_spread(self) -> None:
        spread, self._spread = self._spread, None
        if spread is not None and spread[2] - spread[1] > 1 and len(self.sheet.merges) < _MAX_MERGES:
            self.sheet.merges.append((spread[0], spread[1], spread[0] + 1, spread[2]))

    def _text_of(self, cell: _OpenCell) -> str:
        value = "".join(cell.value)
        is_struck = cell.format.is_struck
        if cell.kind == "n" and value.isdigit() and cell.format.code == "General" and len(value) < 15 and value[0] != "0" and not is_struck:
            return value  # most cells of most sheets
        place = SheetPlace(self.sheet.name, cell_name(cell.row, cell.col))
        joined = self._string_of(cell, value)
        if joined.has_struck or (is_struck and joined is NO_STRING and (value.strip() or cell.formula is not None)):
            self._book.struck_out.append(place)
        if is_struck and not joined.text:
            return ""
        if cell.formula is not None and not value and cell.kind not in ("inlineStr", "str"):
            self._book.not_stored.append(place)
            return fold("=" + "".join(cell.formula))
        match cell.kind:
            case "s" | "inlineStr" | "str" | "e":
                self._book.note_marks.extend((place, mark) for mark in joined.marks)
                return fold(show_text(joined.text, cell.format.code)) if joined.text else ""
            case "b":
                return {"1": "TRUE", "0": "FALSE"}.get(value.strip(), value.strip())
            case "d":
                return fold(value.removesuffix("T00:00:00").replace("T", " "))
            case _:
                if not value.strip():
                    return ""
                return shown_number(
                    self._book, place, value.strip(), cell.format.code, from_1904=self._from_1904, hides_zeros=self._hides_zeros
                )

    def _string_of(self, cell: _OpenCell, value: str) -> CellString:
        """The string of a cell that holds one, without what is struck out."""
        is_struck = cell.format.is_struck
        match cell.kind:
            case "s":
                return self._strings.joined(_whole(value.strip(), _MAX_STRINGS), is_struck=is_struck)
            case "inlineStr" if cell.text is not None:
                return cell.text.joined(is_struck=is_struck)
            case "str" | "e":
                text = fold(unescape(value))
                return CellString("", (), bool(text)) if is_struck else CellString(text)
            case _:
                return NO_STRING


# ---- small things -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 15)
def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _range(reference: str) -> Merge | None:
    """The slots of a range ("B2:C5"); None for what is none."""
    first, _, last = reference.partition(":")
    start, end = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last or first)
    if start is None or end is None:
        return None
    rows = sorted((int(start.group(2)) - 1, int(end.group(2)) - 1))
    cols = sorted((_column(start.group(1)), _column(end.group(1))))
    if not (rows[0] >= 0 and rows[1] < _MAX_ROWS and cols[1] < _MAX_COLS):
        return None
    return rows[0], cols[0], rows[1] + 1, cols[1] + 1


def _is_on(value: str | None) -> bool:
    return value in ("1", "true", "on")


def _whole(value: str | None, default: int = 0) -> int:
    """A whole number from 0 on; `default` for anything else."""
    return int(value) if value is not None and 0 < len(value) < 10 and value.isascii() and value.isdigit() else default
