"""OpenDocument's .ods -> Document. The file keeps what each cell shows as text, so that no number format has to be followed."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.errors import DamagedSourceError, EncryptedSourceError
from pipeline.model.document import Document
from pipeline.model.place import SheetPlace
from pipeline.readers.context import ReadContext
from pipeline.readers.office.display import show_number
from pipeline.readers.office.package import Package
from pipeline.readers.office.sheets import Sheet, Workbook, cell_name, fold, workbook_document
from pipeline.readers.office.xml import Attributes, read_xml
from pipeline.readers.scripts import join_scripts

__all__ = ["check_open_document", "read_ods"]

_MANIFEST = "META-INF/manifest.xml"
_MAX_SPACES = 1000  # written as one element
_MAX_BLANKS = 1000  # bordered blank cells in one go that are kept as such
_MAX_HIDDEN = 1000  # ranges of hidden columns kept
_BREAK = "\0"
_SKIPPED = frozenset(("office:annotation", "table:tracked-changes", "table:shapes", "office:forms", "text:note", "text:ruby-text"))
_MOST_DRAWN = 1000  # characters of text boxes that are kept
_ROW_PARTS = frozenset(("table:table-cell", "table:covered-table-cell"))


class _Manifest:
    """Target of the parser: whether any part is encrypted."""

    def __init__(self) -> None:
        self.is_encrypted = False

    def start(self, name: str, attributes: Attributes) -> None:
        self.is_encrypted = self.is_encrypted or name == "manifest:encryption-data"

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


def check_open_document(package: Package, context: ReadContext) -> None:
    """EncryptedSourceError for an OpenDocument file that asks for a password, DamagedSourceError for one without content."""
    manifest = package.find(_MANIFEST)
    if manifest is not None:
        target = _Manifest()
        read_xml(package.stream(manifest), target, context.limits, manifest)
        if target.is_encrypted:
            raise EncryptedSourceError("the document is encrypted: it asks for a password")
    if package.find("content.xml") is None:
        raise DamagedSourceError("the OpenDocument file has no content.xml")


def read_ods(data: bytes, context: ReadContext) -> Document:
    """Read a spreadsheet. EncryptedSourceError, DamagedSourceError or LimitExceededError where nothing of it can be read."""
    package = Package(data, context.limits)
    check_open_document(package, context)
    book = Workbook(context.limits)
    target = _Content(book)
    try:
        read_xml(package.stream("content.xml"), target, context.limits, "content.xml")
    except _StopError:
        target.end_sheet()
    return workbook_document(book, context.media_type)


class _StopError(Exception):
    """A limit struck: read no more, keep what was read."""


@dataclass(slots=True)
class _Cell:
    attributes: Attributes
    covered: bool
    paragraphs: int = 0
    has_struck: bool = False
    runs: list[tuple[str, str]] = field(default_factory=list)


class _Content:
    """Target of the parser: styles first, then the sheets, row by row."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._skip = 0
        self._is_drawn = False  # what is skipped
        self._drawn: list[str] = []  # words of the text boxes of the sheet
        self._drawn_count = 0
        self._style = ""
        self._bordered: set[str] = set()
        self._hidden_tables: set[str] = set()
        self._scripts: dict[str, str] = {}
        self._struck: dict[str, bool] = {}
        self._sheet: Sheet | None = None
        self._is_hidden = False
        self._row = self._col = 0
        self._row_repeats = 1
        self._row_cells: list[tuple[int, int, _Cell]] = []  # column, how often, cell
        self._columns = 0
        self._cell: _Cell | None = None
        self._in_paragraph = False
        self._spans: list[tuple[str, bool]] = [("", False)]  # script, and whether it is struck out

    def start(self, name: str, attributes: Attributes) -> None:
        is_drawn = name.startswith("draw:") or name == "table:shapes"  # also in cells, where they are anchored
        if self._skip or is_drawn or name in _SKIPPED:
            if not self._skip:
                self._is_drawn = is_drawn
            self._skip += 1
            return
        match name:
            case "style:style":
                self._style = attributes.get("style:name", "")
            case "style:table-cell-properties":
                if any(_is_line(attributes.get(f"fo:border{side}")) for side in ("", "-left", "-right", "-top", "-bottom")):
                    self._bordered.add(self._style)
            case "style:table-properties":
                if attributes.get("table:display") == "false":
                    self._hidden_tables.add(self._style)
            case "style:text-properties":
                line = attributes.get("style:text-line-through-style") or attributes.get("style:text-line-through-type")
                if line is not None:
                    self._struck[self._style] = line != "none"
                position = attributes.get("style:text-position", "")
                if position.startswith(("super", "sub")):
                    self._scripts[self._style] = "sup" if position.startswith("super") else "sub"
                elif position[:1].isdigit() or position.startswith("-"):
                    self._scripts[self._style] = "sub" if position.startswith("-") else "" if position.startswith("0") else "sup"
            case "table:table":
                self._start_sheet(attributes)
            case "table:table-column":
                self._start_column(attributes)
            case "table:table-row":
                self._start_row(attributes)
            case "table:table-cell" | "table:covered-table-cell":
                self._cell = _Cell(attributes, name == "table:covered-table-cell")
                self._spans = [("", self._struck.get(attributes.get("table:style-name", ""), False))]
            case _:
                if self._cell is not None:
                    self._start_text(name, attributes)

    def _start_text(self, name: str, attributes: Attributes) -> None:
        cell = self._cell
        if cell is None:
            return
        match name:
            case "text:p" | "text:h":
                if cell.paragraphs:
                    cell.runs.append(("", _BREAK))
                cell.paragraphs += 1
                self._in_paragraph = True
            case "text:span":
                style, (script, is_struck) = attributes.get("text:style-name", ""), self._spans[-1]
                self._spans.append((self._scripts.get(style, script), self._struck.get(style, is_struck)))
            case "text:line-break":
                cell.runs.append(("", _BREAK))
            case "text:s":
                cell.runs.append(("", " " * min(_count(attributes.get("text:c")), _MAX_SPACES)))
            case "text:tab":
                cell.runs.append(("", "\t"))

    def end(self, name: str) -> None:
        if self._skip:
            self._skip -= 1
            if self._is_drawn and name == "text:p":
                self._drawn.append(" ")
            return
        if name == "text:span" and len(self._spans) > 1:
            self._spans.pop()
        elif name in ("text:p", "text:h"):
            self._in_paragraph = False
        elif name in _ROW_PARTS and self._cell is not None:
            self._end_cell(self._cell)
        elif name == "table:table-row":
            self._end_row()
        elif name == "table:table":
            self.end_sheet()

    def data(self, text: str) -> None:
        if self._skip and self._is_drawn and self._drawn_count < _MOST_DRAWN:
            self._drawn.append(text)
            self._drawn_count += len(text)
        if self._in_paragraph and not self._skip and self._cell is not None:
            script, is_struck = self._spans[-1]
            if is_struck:
                self._cell.has_struck = self._cell.has_struck or not text.isspace()
            else:
                self._cell.runs.append((script, text))

    # ---- sheets, rows and cells ---------------------------------------------------------------------------------------------

    def _start_sheet(self, attributes: Attributes) -> None:
        self.end_sheet()
        self._sheet = Sheet(attributes.get("table:name", ""))
        self._is_hidden = attributes.get("table:style-name", "") in self._hidden_tables
        self._row = self._columns = 0

    def end_sheet(self) -> None:
        sheet, self._sheet = self._sheet, None
        if sheet is None:
            return
        words, self._drawn, self._drawn_count = " ".join("".join(self._drawn).split()), [], 0
        if not self._is_hidden:
            self._book.sheets.append(sheet)
            if words:
                self._book.drawn.append((sheet.name, words))
        elif sheet.texts:
            self._book.hidden_sheets.append((sheet.name, len(sheet.texts)))

    def _start_column(self, attributes: Attributes) -> None:
        first = self._columns
        self._columns += _count(attributes.get("table:number-columns-repeated"))
        if self._sheet is None:
            return
        if attributes.get("table:visibility", "visible") != "visible" and len(self._sheet.hidden_cols) < _MAX_HIDDEN:
            self._sheet.hidden_cols.append((first, self._columns))

    def _start_row(self, attributes: Attributes) -> None:
        self._row_repeats = _count(attributes.get("table:number-rows-repeated"))
        self._row_cells = []
        self._col = 0
        if self._sheet is not None and attributes.get("table:visibility", "visible") != "visible":
            self._sheet.hidden_rows.extend(range(self._row, self._row + min(self._row_repeats, _MAX_HIDDEN)))

    def _end_cell(self, cell: _Cell) -> None:
        self._cell = None
        repeats = _count(cell.attributes.get("table:number-columns-repeated"))
        self._row_cells.append((self._col, repeats, cell))
        self._col += repeats

    def _end_row(self) -> None:
        sheet = self._sheet
        first, self._row = self._row, self._row + self._row_repeats
        if sheet is None:
            return
        for col, repeats, cell in self._row_cells:
            text, marks = self._text_of(cell, SheetPlace(sheet.name, cell_name(first, col)))
            if cell.has_struck and not cell.covered and not self._is_hidden:
                self._book.struck_out.append(SheetPlace(sheet.name, cell_name(first, col)))
            bordered = cell.attributes.get("table:style-name", "") in self._bordered
            if cell.covered:
                if text:
                    self._book.hidden_text.append(SheetPlace(sheet.name, cell_name(first, col)))
                continue
            rows = _count(cell.attributes.get("table:number-rows-spanned"))
            cols = _count(cell.attributes.get("table:number-columns-spanned"))
            if not text and (not bordered or repeats > _MAX_BLANKS or self._row_repeats > _MAX_BLANKS):
                if rows * cols > 1:
                    sheet.merges.append((first, col, first + rows, col + cols))
                continue
            for row in range(first, first + self._row_repeats):
                for number in range(col, col + repeats):
                    if not self._book.count_cell():
                        raise _StopError
                    if bordered:
                        sheet.bordered.add((row, number))
                    if text:
                        sheet.texts[row, number] = text
                        self._book.note_marks.extend((SheetPlace(sheet.name, cell_name(row, number)), mark) for mark in marks)
            if rows * cols > 1:
                sheet.merges.append((first, col, first + rows, col + cols))

    def _text_of(self, cell: _Cell, place: SheetPlace) -> tuple[str, list[str]]:
        joined, marks = join_scripts(cell.runs, in_cell=True, line_break=_BREAK)
        text = fold(joined.replace(_BREAK, "\n"))
        if text or cell.paragraphs:
            return text, marks
        kind = cell.attributes.get("office:value-type", "")
        value = cell.attributes.get("office:value", "")
        if kind == "percentage":
            return show_number(value, "0.############%").text.replace(".%", "%"), []
        if kind in ("float", "currency"):
            return show_number(value, "General").text, []
        if kind in ("date", "time", "boolean", "string"):
            return fold(cell.attributes.get(f"office:{kind}-value", "")), []
        if "table:formula" in cell.attributes:
            self._book.not_stored.append(place)
            return fold(cell.attributes["table:formula"]), []
        return "", []


def _is_line(border: str | None) -> bool:
    return border is not None and border.strip() not in ("", "none", "hidden")


def _count(value: str | None) -> int:
    """How often or how far something is repeated: from 1 on."""
    return int(value) if value is not None and 0 < len(value) < 8 and value.isascii() and value.isdigit() and int(value) else 1
