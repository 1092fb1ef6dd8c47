"""Word's .docx -> Document, over the XML of its parts.

Decisions:
- Tracked changes are accepted: what was inserted or moved here is text, what was deleted or moved away is not; a deleted row is no row. A
  finding says how many.
- A vertical merge joins a cell to the one above that begins at the same edge and is as wide; a cell that says it goes on and finds none
  stands for itself. Edges that lie closer together than a character is wide are one edge: rows that a converter or a hand left a hair's
  breadth apart have the same columns.
- Rows may begin after a gap; a blank cell stands for it.
- Every run of white space is one space; line breaks, tabs aside, and paragraphs make lines; lines without text are dropped.
- The text of text boxes follows the paragraph they hang on; in a cell it is text of the cell.
- Numbers that Word gives to paragraphs itself (automatic lists) are printed, so they are text: see `numbering`.
- The result of a field is text, its instruction is not. Text that Word hides is left out, with a finding.
- Marks of footnotes are left out of their cells, the notes follow at the end of the document. Headers, footers and comments are not read.
- A table that holds tables and has no text of its own is layout. The text of one that has a single cell with text, or that holds tables and
  has text in few cells, is given a second time as paragraphs after it, so that titles and prose in it can be found as such.
- Of what a document offers in two ways (mc:AlternateContent) the first that this reader knows is read, never both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from pipeline.errors import DamagedSourceError, LimitExceededError
from pipeline.model.document import Block, Document, EmbeddedPicture, RawCell, RawRow, RawTable, TextBlock
from pipeline.model.finding import Finding, make_finding
from pipeline.model.limits import Limits
from pipeline.model.place import ElementPlace, WordPlace
from pipeline.readers.context import ReadContext
from pipeline.readers.office.numbering import Numbering, read_numbering
from pipeline.readers.office.package import Package
from pipeline.readers.office.relations import main_part, read_relations, related_part
from pipeline.readers.office.word_styles import WordStyle, flag, read_styles
from pipeline.readers.office.xml import Attributes, read_xml
from pipeline.readers.scripts import join_scripts

__all__ = ["read_docx"]

_MAX_COL_SPAN = 1000
_MAX_PLACES = 10  # shown in one finding
_FLOW_CELLS = 40  # a table that holds tables and has text in more cells than this is no layout
_SLIVER = 100  # twentieths of a point; a column that narrow holds no character
_MAX_WIDTH = 1_000_000  # twentieths of a point
_MAX_STEPS = 64  # of a path; an element that lies deeper has the place of the one above it
_BREAK = "\0"  # a line break inside a paragraph; XML has no such character
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
_KNOWN_CHOICES = {"wps", "wpg", "wpc", "wpi", "w14", "w15", "w16se", "cx", "a14", "v2"}

# What is skipped whole: earlier properties of tracked changes, phonetic guides, what forms offer to choose from.
_SKIPPED = frozenset(
    (
        "w:rPrChange",
        "w:pPrChange",
        "w:tcPrChange",
        "w:trPrChange",
        "w:tblPrChange",
        "w:tblPrExChange",
        "w:tblGridChange",
        "w:sectPrChange",
        "w:numberingChange",
        "w:rt",
        "w:sdtPr",
        "w:sdtEndPr",
        "w:fldData",
        "w:delInstrText",
        "w:instrText",
        "w:ffData",
        "w:rubyPr",
    )
)
_WRAPPERS = frozenset(("w:sdtContent", "w:customXml", "w:ins", "w:moveTo", "w:smartTag"))
_DELETED = frozenset(("w:del", "w:moveFrom"))
_ARRIVED = frozenset(("w:ins", "w:moveTo"))


def read_docx(data: bytes, context: ReadContext) -> Document:
    """Read a Word document. EncryptedSourceError, DamagedSourceError or LimitExceededError where nothing of it can be read."""
    return read_word_package(Package(data, context.limits), context)


def read_word_package(package: Package, context: ReadContext) -> Document:
    """Read a Word document from its opened package."""
    limits = context.limits
    main = main_part(package, limits, "word/document.xml")
    styles = read_styles(package, related_part(package, limits, main, "styles", "word/styles.xml"), limits)
    numbering = read_numbering(package, related_part(package, limits, main, "numbering", "word/numbering.xml"), limits)
    flow = _Flow(limits, styles, numbering)
    try:
        read_xml(package.stream(main), flow, limits, main)
        if not flow.has_body:
            raise DamagedSourceError(f"{main} has no body: it is not the text of a Word document")
        for kind in ("footnotes", "endnotes"):
            part = related_part(package, limits, main, kind, f"word/{kind}.xml")
            if part is not None and flow.has_notes:
                read_xml(package.stream(part), flow, limits, part)
    except _StopError as stop:
        flow.close(str(stop))
    blocks = tuple(flow.blocks())
    pictures = _pictures(package, flow.pictures, read_relations(package, main, limits)) if flow.pictures else ()
    if flow.struck and not blocks:
        raise LimitExceededError(f"nothing of the document could be read: {flow.struck}")
    return Document(blocks, context.media_type, findings=tuple(flow.findings()), pictures=pictures)


def _pictures(package: Package, shown: Sequence[_Shown], relations: Sequence[tuple[str, str, str]]) -> tuple[EmbeddedPicture, ...]:
    """The pictures whose bytes are in the package; those are read when they are asked for."""
    members = {key: package.find(member) for _, key, member in relations}
    return tuple(
        EmbeddedPicture(partial(_bytes_of, package, member), ElementPlace(item.path), item.after)
        for item in shown
        if (member := members.get(item.relation)) is not None
    )


def _bytes_of(package: Package, member: str) -> bytes:
    return b"".join(package.stream(member))


class _StopError(Exception):
    """A limit struck: read no more, keep what was read."""


@dataclass(slots=True)
class _Paragraph:
    """A paragraph while it is open. `runs` are (sup, sub or "", text); text boxes that hang on it wait in `boxes`."""

    path: str
    style: WordStyle | None = None
    outline: int | None = None
    numbered: tuple[str, int] | None = None
    runs: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[_Story] = field(default_factory=list)
    pictures: list[_Shown] = field(default_factory=list)
    mark_deleted: bool = False


@dataclass(slots=True)
class _Line:
    """A paragraph with text: its lines parted by LF."""

    text: str
    path: str
    heading: int | None


@dataclass(slots=True)
class _Shown:
    """A picture: its relationship, its path, and the number of blocks before it, which is known at the end."""

    relation: str
    path: str
    after: int = 0


@dataclass(slots=True)
class _Story:
    """A flow of paragraphs, pictures and tables: the body, a cell, a text box, a note."""

    items: list[_Line | _Shown | _Table] = field(default_factory=list)
    glued: _Paragraph | None = None  # a paragraph whose mark was deleted: the next one goes on with it


@dataclass(slots=True)
class _Cell:
    story: _Story = field(default_factory=_Story)
    col_span: int = 1
    merge: str = ""  # "restart" or "continue": vertically
    across: str = ""  # the same, horizontally
    deleted: bool = False


@dataclass(slots=True)
class _Row:
    cells: list[_Cell] = field(default_factory=list)
    gap: int = 0  # columns left out before the first cell
    deleted: bool = False
    header: bool = False


@dataclass(slots=True)
class _Table:
    number: int
    rows: list[_Row] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)  # of the columns, in twentieths of a point; may be empty or wrong
    caption: str = ""


@dataclass(slots=True)
class _Run:
    script: str = ""
    hidden: bool = False
    struck: bool = False
    mark_only: bool = False  # its text is the author's own mark of a note


class _Flow:
    """Target of the parser. Open elements are on `_open`; what they are made into is on stacks of their own."""

    def __init__(self, limits: Limits, styles: dict[str, WordStyle], numbering: Numbering) -> None:
        self.struck = ""
        self.has_body = False
        self.has_notes = False
        self._limits = limits
        self._styles = styles
        self._numbering = numbering
        self._default_style = next((style for style in styles.values() if style.is_default), None)
        self._open: list[str] = []
        self._counts: list[dict[str, int]] = [{}]  # by open element: how many children of each name
        self._numbers: list[int] = []  # by open element: the how manieth of its name among its siblings
        self._skip = 0  # open elements from a skipped one on
        self._skips_text = False  # whether the skipped ones are a deletion, whose texts are counted
        self._stories: list[_Story] = [_Story()]
        self._paragraphs: list[_Paragraph | None] = [None]
        self._runs: list[_Run | None] = [None]
        self._tables: list[_Table] = []
        self._cells: list[_Cell | None] = []  # open ones; None for one that stands in no row
        self._choices: list[bool] = []  # by open AlternateContent: whether a choice was taken
        self._fields: list[bool] = []  # by open field: whether its result has begun
        self._unshown = 0  # texts since the outermost open field began that stand in its instruction
        self._outer_fields: list[tuple[list[bool], int]] = []  # of the cells and boxes around
        self._text: list[str] | None = None  # of the open w:t
        self._table_count = self._row_count = self._cell_count = self._text_count = self._picture_count = 0
        self.insertions = self.deletions = self.hidden = self.struck_out = self.embedded = 0
        self.pictures: list[_Shown] = []  # complete only after `blocks`
        self._note_marks: list[tuple[WordPlace | None, str]] = []
        self._clamped = 0
        self._covered: list[WordPlace] = []
        self._body = self._stories[0]

    # ---- what the parser calls ----------------------------------------------------------------------------------------------

    def start(self, name: str, attributes: Attributes) -> None:
        if self._skip:
            self._skip += 1
            if self._skips_text and name in ("w:t", "w:delText"):
                self.deletions += 1
            return
        counts = self._counts[-1]
        counts[name] = number = counts.get(name, 0) + 1
        if name in _SKIPPED:
            self._skip_from(name)
            return
        parent = self._open[-1] if self._open else ""
        if name in _DELETED and not self._is_property(parent):
            self._skip_from(name)
            return
        self._open.append(name)
        self._counts.append({})
        self._numbers.append(number)
        handler = _STARTS.get(name)
        if handler is not None:
            try:
                handler(self, parent, attributes)
            except _StopError:  # before anything was made of the element
                self._forget()
                raise

    def end(self, name: str) -> None:
        if self._skip:
            self._skip -= 1
            return
        self._forget()
        handler = _ENDS.get(name)
        if handler is not None:
            handler(self)

    def data(self, text: str) -> None:
        if self._text is not None and not self._skip:
            self._text.append(text)

    def close(self, message: str) -> None:
        """End all that is open, since no more is read."""
        self.struck = message
        self._skip = 0
        self._text = None
        while self._open:
            self.end(self._open[-1])

    def _skip_from(self, name: str) -> None:
        self._skip = 1
        self._skips_text = name in _DELETED

    @staticmethod
    def _is_property(parent: str) -> bool:
        """Whether the element says something of a row, a cell or a paragraph mark, and holds nothing."""
        return parent in ("w:trPr", "w:rPr", "w:tcPr", "w:numPr")

    # ---- paragraphs and runs ------------------------------------------------------------------------------------------------

    def start_paragraph(self, parent: str, attributes: Attributes) -> None:
        self._paragraphs.append(_Paragraph(self._path(), self._default_style))
        self._runs.append(None)

    def _path(self) -> str:
        """The path of the innermost open element, or of the one above it at which paths end."""
        steps = zip(self._open[:_MAX_STEPS], self._numbers[:_MAX_STEPS], strict=True)
        return "".join(f"/{name}" if name in ("w:body", self._open[0]) else f"/{name}[{number}]" for name, number in steps)

    def end_paragraph(self) -> None:
        self._runs.pop()
        paragraph = self._paragraphs.pop()
        story = self._stories[-1]
        if paragraph is None:
            return
        if story.glued is not None:
            first, story.glued = story.glued, None
            paragraph.runs[:0] = first.runs
            paragraph.boxes[:0] = first.boxes
            paragraph.pictures[:0] = first.pictures
            paragraph.path = first.path
            paragraph.numbered = first.numbered
        if paragraph.mark_deleted:
            story.glued = paragraph
            return
        self._write(paragraph, story)

    def _write(self, paragraph: _Paragraph, story: _Story) -> None:
        """Put a closed paragraph into its story, text boxes after it."""
        in_cell = self._in_cell()
        text, marks = join_scripts(paragraph.runs, in_cell=in_cell, line_break=_BREAK)
        for mark in marks:
            self._note_marks.append((self._cell_place(), mark))
        folded = _fold(text)
        label = self._label(paragraph)
        if label:
            folded = f"{label} {folded}" if folded and label[-1:].isdigit() and folded[0].isdigit() else label + folded
        if folded:
            self._text_count += 1
            if self._text_count > self._limits.max_blocks:
                raise _StopError(f"more than max_blocks = {self._limits.max_blocks} paragraphs; those after were not read")
            story.items.append(_Line(folded, paragraph.path, self._heading(paragraph)))
        story.items.extend(paragraph.pictures)
        for box in paragraph.boxes:
            story.items.extend(box.items)

    def _label(self, paragraph: _Paragraph) -> str:
        """The number that Word prints before the paragraph, with what parts it from the text."""
        numbered = paragraph.numbered
        if numbered is None and paragraph.style is not None:
            numbered = paragraph.style.numbered
        return "" if numbered is None else self._numbering.next_label(*numbered)

    @staticmethod
    def _heading(paragraph: _Paragraph) -> int | None:
        style = paragraph.style
        outline = paragraph.outline
        if outline is None and style is not None:
            if style.is_title:
                return 0
            outline = style.outline
        return None if outline is None or outline > 8 else min(6, outline + 1)

    def _in_cell(self) -> bool:
        return bool(self._tables) and bool(self._tables[-1].rows) and len(self._stories) > 1

    def _cell_place(self) -> WordPlace | None:
        table = self._tables[-1] if self._tables else None
        if table is None or not table.rows or not table.rows[-1].cells:
            return None
        row = table.rows[-1]
        return WordPlace(table.number, len(table.rows) - 1, row.gap + sum(cell.col_span for cell in row.cells[:-1]))

    def paragraph_style(self, parent: str, attributes: Attributes) -> None:
        paragraph = self._paragraphs[-1]
        if paragraph is not None and parent == "w:pPr":
            paragraph.style = self._styles.get(attributes.get("w:val", ""), paragraph.style)

    def outline_level(self, parent: str, attributes: Attributes) -> None:
        paragraph = self._paragraphs[-1]
        if paragraph is not None and parent == "w:pPr":
            paragraph.outline = _integer(attributes.get("w:val"), 9, 9)

    def list_level(self, parent: str, attributes: Attributes) -> None:
        paragraph = self._paragraphs[-1]
        if paragraph is not None and parent == "w:numPr":
            number = paragraph.numbered[0] if paragraph.numbered else (self._style_list(paragraph))
            paragraph.numbered = (number, _integer(attributes.get("w:val"), 0, 8))

    def list_id(self, parent: str, attributes: Attributes) -> None:
        paragraph = self._paragraphs[-1]
        if paragraph is not None and parent == "w:numPr":
            level = paragraph.numbered[1] if paragraph.numbered else 0
            paragraph.numbered = (attributes.get("w:val", "0"), level)

    @staticmethod
    def _style_list(paragraph: _Paragraph) -> str:
        style = paragraph.style
        return style.numbered[0] if style is not None and style.numbered is not None else "0"

    def start_run(self, parent: str, attributes: Attributes) -> None:
        paragraph = self._paragraphs[-1]
        style = paragraph.style if paragraph is not None else None
        self._runs.append(_Run(hidden=style is not None and style.hidden))

    def end_run(self) -> None:
        self._runs.pop()

    def run_style(self, parent: str, attributes: Attributes) -> None:
        run = self._run_of(parent)
        style = self._styles.get(attributes.get("w:val", ""))
        if run is not None and style is not None:
            run.hidden = run.hidden or style.hidden
            run.script = run.script or style.script

    def vanish(self, parent: str, attributes: Attributes) -> None:
        run = self._run_of(parent)
        if run is not None:
            run.hidden = flag(attributes)

    def strike(self, parent: str, attributes: Attributes) -> None:
        run = self._run_of(parent)
        if run is not None:
            run.struck = flag(attributes)

    def vertical_align(self, parent: str, attributes: Attributes) -> None:
        run = self._run_of(parent)
        if run is not None:
            run.script = {"superscript": "sup", "subscript": "sub"}.get(attributes.get("w:val", ""), "")

    def _run_of(self, parent: str) -> _Run | None:
        """The open run, when the element is one of its properties."""
        return self._runs[-1] if parent == "w:rPr" and len(self._open) > 2 and self._open[-3] == "w:r" else None

    def start_text(self, parent: str, attributes: Attributes) -> None:
        self._text = []

    def end_text(self) -> None:
        pieces, self._text = self._text, None
        if pieces:
            self._put("".join(pieces))

    def _put(self, text: str) -> None:
        """Text of the open run goes to its paragraph, unless it is hidden or stands in the instruction of a field."""
        paragraph = self._paragraphs[-1]
        run = self._runs[-1]
        if paragraph is None or not text:
            return
        if not all(self._fields):
            self._unshown += 1
            return
        if run is not None and run.hidden:
            self.hidden += bool(text.strip(_BREAK + " "))
            return
        if run is not None and run.struck:
            self.struck_out += bool(text.strip(_BREAK + " "))
            return
        if run is not None and run.mark_only:
            self._note_marks.append((self._cell_place(), text.strip()))
            return
        paragraph.runs.append(("" if run is None or text == _BREAK else run.script, text))

    def line_break(self, parent: str, attributes: Attributes) -> None:
        self._put(_BREAK)

    def tab(self, parent: str, attributes: Attributes) -> None:
        if parent == "w:r":
            self._put("\t")

    def hyphen(self, parent: str, attributes: Attributes) -> None:
        self._put("-")

    def symbol(self, parent: str, attributes: Attributes) -> None:
        """A character of a symbol font: its code is the font's own, which no text has a character for."""
        code = attributes.get("w:char", "")
        try:
            self._put(chr(int(code, 16)))
        except (ValueError, OverflowError):
            self._put("\ufffd")

    def field_mark(self, parent: str, attributes: Attributes) -> None:
        kind = attributes.get("w:fldCharType")
        if kind == "begin":
            if len(self._fields) < self._limits.max_depth:
                self._fields.append(False)
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()
            if not self._fields:
                self._unshown = 0

    def _open_fields(self) -> None:
        """A field does not reach over the border of a cell or a box."""
        self._outer_fields.append((self._fields, self._unshown))
        self._fields, self._unshown = [], 0

    def _close_fields(self) -> None:
        """Text behind a field that begins and does not end is lost to it, which is said as of any hidden text."""
        self.hidden += self._unshown
        self._fields, self._unshown = self._outer_fields.pop() if self._outer_fields else ([], 0)

    def note_reference(self, parent: str, attributes: Attributes) -> None:
        self.has_notes = True
        run = self._runs[-1]
        if run is not None and attributes.get("w:customMarkFollows") in ("1", "true", "on"):
            run.mark_only = True
        elif self._in_cell():
            self._note_marks.append((self._cell_place(), attributes.get("w:id", "")))

    def inserted(self, parent: str, attributes: Attributes) -> None:
        self.insertions += 1

    def deleted(self, parent: str, attributes: Attributes) -> None:
        """A deletion that is said of a row, a cell or a paragraph mark; what holds text is skipped before it comes here."""
        if parent == "w:trPr" and self._tables and self._tables[-1].rows:
            self._tables[-1].rows[-1].deleted = True
            self.deletions += 1
        elif parent == "w:rPr" and len(self._open) > 2 and self._open[-3] == "w:pPr":
            paragraph = self._paragraphs[-1]
            if paragraph is not None:
                paragraph.mark_deleted = True
                self.deletions += 1

    # ---- what is offered in two ways, text boxes, notes, objects --------------------------------------------------------------

    def start_alternatives(self, parent: str, attributes: Attributes) -> None:
        self._choices.append(False)

    def end_alternatives(self) -> None:
        self._choices.pop()

    def start_choice(self, parent: str, attributes: Attributes) -> None:
        known = set(attributes.get("Requires", "").split()) <= _KNOWN_CHOICES
        if self._choices and (self._choices[-1] or not known):
            self._leave()
        elif self._choices:
            self._choices[-1] = True

    def start_fallback(self, parent: str, attributes: Attributes) -> None:
        if self._choices and self._choices[-1]:
            self._leave()

    def _leave(self) -> None:
        """Skip the element that has just been opened."""
        self._forget()
        self._skip = 1
        self._skips_text = False

    def _forget(self) -> None:
        """Take the innermost element off the stack."""
        self._open.pop()
        self._counts.pop()
        self._numbers.pop()

    def start_box(self, parent: str, attributes: Attributes) -> None:
        self._open_fields()
        self._stories.append(_Story())
        self._paragraphs.append(None)
        self._runs.append(None)

    def end_box(self) -> None:
        self._close_fields()
        self._runs.pop()
        self._paragraphs.pop()
        story = self._stories.pop()
        self._end_story(story)
        paragraph = self._paragraphs[-1]
        if paragraph is not None:
            paragraph.boxes.append(story)
        else:
            self._stories[-1].items.extend(story.items)

    def start_note(self, parent: str, attributes: Attributes) -> None:
        if attributes.get("w:type", "normal") != "normal":
            self._leave()  # the line that parts notes from text

    def text_path(self, parent: str, attributes: Attributes) -> None:
        """Words drawn as a picture."""
        self._put(attributes.get("string", ""))

    def picture(self, parent: str, attributes: Attributes) -> None:
        paragraph = self._paragraphs[-1]
        relation = attributes.get("r:embed" if self._open[-1] == "a:blip" else "r:id")
        if relation and paragraph is not None and self._picture_count < self._limits.max_pages and self._open[0] == "w:document":
            self._picture_count += 1
            paragraph.pictures.append(_Shown(relation, paragraph.path))

    def body(self, parent: str, attributes: Attributes) -> None:
        self.has_body = True

    def embedded_part(self, parent: str, attributes: Attributes) -> None:
        self.embedded += 1

    def _end_story(self, story: _Story) -> None:
        if story.glued is not None:
            paragraph, story.glued = story.glued, None
            self._stories.append(story)
            self._write(paragraph, story)
            self._stories.pop()

    # ---- tables -------------------------------------------------------------------------------------------------------------

    def start_table(self, parent: str, attributes: Attributes) -> None:
        self._table_count += 1
        if self._table_count > self._limits.max_tables:
            raise _StopError(f"more than max_tables = {self._limits.max_tables} tables; those after were not read")
        self._tables.append(_Table(self._table_count))

    def end_table(self) -> None:
        table = self._tables.pop()
        paragraph = self._paragraphs[-1]
        if paragraph is not None:  # a table in a paragraph: not by the standard
            story = _Story([table])
            paragraph.boxes.append(story)
        else:
            self._stories[-1].items.append(table)

    def grid_column(self, parent: str, attributes: Attributes) -> None:
        if self._tables and len(self._tables[-1].widths) < _MAX_COL_SPAN:
            self._tables[-1].widths.append(_integer(attributes.get("w:w"), 0, _MAX_WIDTH))

    def table_caption(self, parent: str, attributes: Attributes) -> None:
        if self._tables and parent == "w:tblPr":
            self._tables[-1].caption = attributes.get("w:val", "")

    def start_row(self, parent: str, attributes: Attributes) -> None:
        if not self._tables:
            return
        table = self._tables[-1]
        if len(table.rows) >= self._limits.max_rows:
            raise _StopError(f"a table has more than max_rows = {self._limits.max_rows} rows; those after were not read")
        table.rows.append(_Row())

    def start_cell(self, parent: str, attributes: Attributes) -> None:
        self._cell_count += 1
        if self._cell_count > self._limits.max_cells:
            raise _StopError(f"more than max_cells = {self._limits.max_cells} cells; those after were not read")
        self._open_fields()
        cell = _Cell()
        is_placed = (parent == "w:tr" or parent in _WRAPPERS) and bool(self._tables) and bool(self._tables[-1].rows)
        self._cells.append(cell if is_placed else None)
        if is_placed:
            self._tables[-1].rows[-1].cells.append(cell)
        self._stories.append(cell.story)
        self._paragraphs.append(None)
        self._runs.append(None)

    def end_cell(self) -> None:
        self._close_fields()
        self._runs.pop()
        self._paragraphs.pop()
        story = self._stories.pop()
        self._end_story(story)
        if self._cells.pop() is None:
            self._stories[-1].items.extend(story.items)

    def grid_before(self, parent: str, attributes: Attributes) -> None:
        row = self._row_of(parent)
        if row is not None:
            row.gap = self._span(attributes, least=0)

    def row_header(self, parent: str, attributes: Attributes) -> None:
        row = self._row_of(parent)
        if row is not None:
            row.header = flag(attributes)

    def grid_span(self, parent: str, attributes: Attributes) -> None:
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
            self.deletions += 1

    def cell_merge(self, parent: str, attributes: Attributes) -> None:
        """A vertical merge that was made while changes were tracked."""
        cell = self._cell_of(parent)
        if cell is not None and "w:vMerge" in attributes:
            cell.merge = "continue" if attributes["w:vMerge"] == "cont" else "restart"
            self.insertions += 1

    def _row_of(self, parent: str) -> _Row | None:
        return self._tables[-1].rows[-1] if parent == "w:trPr" and self._tables and self._tables[-1].rows else None

    def _cell_of(self, parent: str) -> _Cell | None:
        if parent != "w:tcPr" or not self._tables or not self._tables[-1].rows or not self._tables[-1].rows[-1].cells:
            return None
        return self._tables[-1].rows[-1].cells[-1]

    def _span(self, attributes: Attributes, *, least: int) -> int:
        value = _integer(attributes.get("w:val"), least, 1 << 31)
        self._clamped += value > _MAX_COL_SPAN
        return max(least, min(value, _MAX_COL_SPAN))

    # ---- what came of it ----------------------------------------------------------------------------------------------------

    def blocks(self) -> Iterator[Block]:
        """All blocks in document order. No recursion: tables are nested as deep as the file likes."""
        self._end_story(self._body)
        stack: list[Iterator[_Line | _Shown | _Table]] = [iter(self._body.items)]
        count = 0
        while stack:
            item = next(stack[-1], None)
            if item is None:
                stack.pop()
            elif isinstance(item, _Shown):
                item.after = count
                self.pictures.append(item)
            elif isinstance(item, _Line):
                count += 1
                yield TextBlock(item.text, ElementPlace(item.path), item.heading)
            else:
                inner = list(self._inner(item))
                raw = self._raw_table(item)
                has_text = sum(bool(cell.text) for cell in raw.cells())
                holds_tables = any(isinstance(inside, _Table) for inside in inner)
                if has_text:
                    count += 1
                    yield raw
                flows = has_text <= (_FLOW_CELLS if holds_tables else 1)
                stack.append(iter([inside for inside in inner if flows or not isinstance(inside, _Line)]))

    @staticmethod
    def _inner(table: _Table) -> Iterator[_Line | _Shown | _Table]:
        for row in table.rows:
            if not row.deleted:
                for cell in row.cells:
                    yield from cell.story.items

    def _raw_table(self, table: _Table) -> RawTable:
        """Spans counted over the edges in use; places keep the row of the file and the column of its own grid."""
        kept = [(number, row, self._join_across(table, number, row)) for number, row in enumerate(table.rows) if not row.deleted]
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
                        self._covered.append(place)
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
            caption=_fold(table.caption) or None,
            place=WordPlace(table.number, 0, 0),
            header_row_count=header_rows if header_rows < len(kept) else 0,
        )

    def _join_across(self, table: _Table, number: int, row: _Row) -> list[_Span]:
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
                    self._covered.append(WordPlace(table.number, number, col))
            else:
                spans.append(_Span(cell, col, end))
            col = end
        return spans

    def findings(self) -> Iterator[Finding]:
        """What there is to say of the document. Complete only after `blocks`."""
        if self.struck:
            yield make_finding("limit-exceeded", self.struck)
        if self.insertions or self.deletions:
            yield make_finding(
                "tracked-changes",
                f"tracked changes were accepted: {self.insertions} insertions are read, {self.deletions} deleted pieces are left out",
            )
        if self.hidden or self._covered:
            yield make_finding(
                "hidden-text",
                f"{self.hidden + len(self._covered)} pieces of text that Word does not show were left out",
                places=tuple(self._covered[:_MAX_PLACES]),
            )
        if self.struck_out:
            yield make_finding("struck-text", f"{self.struck_out} pieces of text that are struck out were left out")
        if self._note_marks:
            marks = ", ".join(mark for _, mark in self._note_marks[:_MAX_PLACES]) + (" ..." if len(self._note_marks) > _MAX_PLACES else "")
            yield make_finding(
                "note-mark",
                f"{len(self._note_marks)} note marks in cells are left out of their text: {marks}",
                places=tuple(place for place, _ in self._note_marks[:_MAX_PLACES] if place is not None),
            )
        if self._clamped:
            yield make_finding("span-clamped", f"{self._clamped} spans are larger than a Word table can have and were cut")
        if self.embedded:
            yield make_finding(
                "embedded-document",
                f"{self.embedded} documents are embedded in this one (a worksheet, say) and show as pictures; they were not read",
            )


# ---- tables -----------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Span:
    """A cell and the columns that it covers, counted in the grid of the file."""

    cell: _Cell
    start: int
    end: int


@dataclass(slots=True)
class _Anchor:
    """A cell that cells below go on with: where it is among the raw rows, the column it ends at, how many rows it has so far."""

    row: int
    position: int
    end: int
    height: int = 1


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


def _cell_text(cell: _Cell) -> str:
    return "\n".join(item.text for item in cell.story.items if isinstance(item, _Line))


# ---- small things -----------------------------------------------------------------------------------------------------------


def _integer(value: str | None, default: int, most: int) -> int:
    """A whole number from 0 on, at most `most`; `default` for anything else."""
    if value is None or not value.isascii() or not value.isdigit():
        return default
    return most if len(value) > 10 else min(int(value), most)


def _fold(text: str) -> str:
    """White space runs become one space, line breaks stay, lines without text go; zero-width characters alone are no text."""
    folded = "\n".join(filter(None, (" ".join(line.split()) for line in text.split(_BREAK))))
    return folded if folded.strip(_ZERO_WIDTH) else ""


_STARTS = {
    "w:p": _Flow.start_paragraph,
    "w:pStyle": _Flow.paragraph_style,
    "w:outlineLvl": _Flow.outline_level,
    "w:ilvl": _Flow.list_level,
    "w:numId": _Flow.list_id,
    "w:r": _Flow.start_run,
    "m:r": _Flow.start_run,
    "w:rStyle": _Flow.run_style,
    "w:vanish": _Flow.vanish,
    "w:strike": _Flow.strike,
    "w:dstrike": _Flow.strike,
    "w:vertAlign": _Flow.vertical_align,
    "w:t": _Flow.start_text,
    "m:t": _Flow.start_text,
    "w:br": _Flow.line_break,
    "w:cr": _Flow.line_break,
    "w:tab": _Flow.tab,
    "w:ptab": _Flow.tab,
    "w:noBreakHyphen": _Flow.hyphen,
    "w:sym": _Flow.symbol,
    "w:fldChar": _Flow.field_mark,
    "w:footnoteReference": _Flow.note_reference,
    "w:endnoteReference": _Flow.note_reference,
    "w:ins": _Flow.inserted,
    "w:moveTo": _Flow.inserted,
    "w:del": _Flow.deleted,
    "w:moveFrom": _Flow.deleted,
    "mc:AlternateContent": _Flow.start_alternatives,
    "mc:Choice": _Flow.start_choice,
    "mc:Fallback": _Flow.start_fallback,
    "w:txbxContent": _Flow.start_box,
    "w:footnote": _Flow.start_note,
    "w:endnote": _Flow.start_note,
    "v:textpath": _Flow.text_path,
    "w:body": _Flow.body,
    "a:blip": _Flow.picture,
    "v:imagedata": _Flow.picture,
    "o:OLEObject": _Flow.embedded_part,
    "w:altChunk": _Flow.embedded_part,
    "w:tbl": _Flow.start_table,
    "w:gridCol": _Flow.grid_column,
    "w:tblCaption": _Flow.table_caption,
    "w:tr": _Flow.start_row,
    "w:tc": _Flow.start_cell,
    "w:gridBefore": _Flow.grid_before,
    "w:tblHeader": _Flow.row_header,
    "w:gridSpan": _Flow.grid_span,
    "w:vMerge": _Flow.vertical_merge,
    "w:hMerge": _Flow.horizontal_merge,
    "w:cellDel": _Flow.cell_deleted,
    "w:cellMerge": _Flow.cell_merge,
}
_ENDS = {
    "w:p": _Flow.end_paragraph,
    "w:r": _Flow.end_run,
    "m:r": _Flow.end_run,
    "w:t": _Flow.end_text,
    "m:t": _Flow.end_text,
    "mc:AlternateContent": _Flow.end_alternatives,
    "w:txbxContent": _Flow.end_box,
    "w:tbl": _Flow.end_table,
    "w:tc": _Flow.end_cell,
}
