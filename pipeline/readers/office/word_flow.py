"""Target of the parser for the parts of a Word document: which element says what, what is skipped, what stands in which cell."""

from __future__ import annotations

from pipeline.model.limits import Limits
from pipeline.readers.office.numbering import Numbering
from pipeline.readers.office.word_facts import WordFacts
from pipeline.readers.office.word_story import Cell, StopError, Story
from pipeline.readers.office.word_styles import WordStyle
from pipeline.readers.office.word_tables import OpenTables
from pipeline.readers.office.word_text import OpenText
from pipeline.readers.office.xml import Attributes

__all__ = ["WordFlow"]

_MAX_STEPS = 64  # of a path; an element that lies deeper has the place of the one above it
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
_PROPERTIES = frozenset(("w:trPr", "w:rPr", "w:tcPr", "w:numPr"))


class WordFlow:
    """Open elements are on `_open`; what they are made into is in the open text and the open tables."""

    def __init__(self, limits: Limits, styles: dict[str, WordStyle], numbering: Numbering) -> None:
        self.has_body = False
        self.has_notes = False
        self.facts = WordFacts()
        self._open: list[str] = []
        self._counts: list[dict[str, int]] = [{}]  # by open element: how many children of each name
        self._numbers: list[int] = []  # by open element: the how manieth of its name among its siblings
        self._skip = 0  # open elements from a skipped one on
        self._skips_text = False  # whether the skipped ones are a deletion, whose texts are counted
        self._cells: list[bool] = []  # by open cell: whether it stands in a row
        self._choices: list[bool] = []  # by open AlternateContent: whether a choice was taken
        self._tables = tables = OpenTables(limits, self.facts)
        self._text = text = OpenText(limits, self.facts, tables, styles, numbering)
        self._starts = {
            "w:p": self._start_paragraph,
            "w:pStyle": text.paragraph_style,
            "w:outlineLvl": text.outline_level,
            "w:ilvl": text.list_level,
            "w:numId": text.list_id,
            "w:r": text.start_run,
            "m:r": text.start_run,
            "w:rPr": text.run_properties,
            "w:rStyle": text.run_style,
            "w:vanish": text.vanish,
            "w:strike": text.strike,
            "w:dstrike": text.strike,
            "w:vertAlign": text.vertical_align,
            "w:t": text.start_text,
            "m:t": text.start_text,
            "w:br": text.line_break,
            "w:cr": text.line_break,
            "w:tab": text.tab,
            "w:ptab": text.tab,
            "w:noBreakHyphen": text.hyphen,
            "w:sym": text.symbol,
            "v:textpath": text.drawn_text,
            "w:fldChar": text.field_mark,
            "w:footnoteReference": self._note_reference,
            "w:endnoteReference": self._note_reference,
            "w:footnote": self._start_note,
            "w:endnote": self._start_note,
            "w:ins": self._inserted,
            "w:moveTo": self._inserted,
            "w:del": self._deleted,
            "w:moveFrom": self._deleted,
            "mc:AlternateContent": self._start_alternatives,
            "mc:Choice": self._start_choice,
            "mc:Fallback": self._start_fallback,
            "w:txbxContent": self._start_box,
            "w:body": self._body,
            "a:blip": self._blip,
            "v:imagedata": self._image_data,
            "o:OLEObject": self._embedded_part,
            "w:altChunk": self._embedded_part,
            "w:tbl": tables.start_table,
            "w:gridCol": tables.column,
            "w:tblCaption": tables.caption,
            "w:tr": tables.start_row,
            "w:tc": self._start_cell,
            "w:gridBefore": tables.gap_before,
            "w:tblHeader": tables.header_row,
            "w:gridSpan": tables.col_span,
            "w:vMerge": tables.vertical_merge,
            "w:hMerge": tables.horizontal_merge,
            "w:cellDel": tables.cell_deleted,
            "w:cellMerge": tables.cell_merge,
        }
        self._ends = {
            "w:p": text.end_paragraph,
            "w:r": text.end_run,
            "m:r": text.end_run,
            "w:t": text.end_text,
            "m:t": text.end_text,
            "mc:AlternateContent": self._end_alternatives,
            "w:txbxContent": self._end_box,
            "w:tbl": self._end_table,
            "w:tc": self._end_cell,
        }

    # ---- what the parser calls ----------------------------------------------------------------------------------------------

    def start(self, name: str, attributes: Attributes) -> None:
        if self._skip:
            self._skip += 1
            if self._skips_text and name in ("w:t", "w:delText"):
                self.facts.deletions += 1
            return
        counts = self._counts[-1]
        counts[name] = number = counts.get(name, 0) + 1
        if name in _SKIPPED:
            self._skip_from(name)
            return
        parent = self._open[-1] if self._open else ""
        if name in _DELETED and parent not in _PROPERTIES:  # there it says something of a row or a paragraph mark, and holds nothing
            self._skip_from(name)
            return
        self._open.append(name)
        self._counts.append({})
        self._numbers.append(number)
        handler = self._starts.get(name)
        if handler is not None:
            try:
                handler(parent, attributes)
            except StopError:  # before anything was made of the element
                self._forget()
                raise

    def end(self, name: str) -> None:
        if self._skip:
            self._skip -= 1
            return
        self._forget()
        handler = self._ends.get(name)
        if handler is not None:
            handler()

    def data(self, text: str) -> None:
        if not self._skip:
            self._text.add_text(text)

    def close(self, message: str) -> None:
        """End all that is open, since no more is read."""
        self.facts.struck = message
        self._skip = 0
        self._text.drop_text()
        while self._open:
            self.end(self._open[-1])

    def close_body(self) -> Story:
        """All that was read."""
        return self._text.close_body()

    def _skip_from(self, name: str) -> None:
        self._skip = 1
        self._skips_text = name in _DELETED

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

    # ---- paragraphs, notes, tracked changes -----------------------------------------------------------------------------------

    def _start_paragraph(self, parent: str, attributes: Attributes) -> None:
        self._text.start_paragraph(self._path())

    def _path(self) -> str:
        """The path of the innermost open element, or of the one above it at which paths end."""
        steps = zip(self._open[:_MAX_STEPS], self._numbers[:_MAX_STEPS], strict=True)
        return "".join(f"/{name}" if name in ("w:body", self._open[0]) else f"/{name}[{number}]" for name, number in steps)

    def _body(self, parent: str, attributes: Attributes) -> None:
        self.has_body = True

    def _note_reference(self, parent: str, attributes: Attributes) -> None:
        self.has_notes = True
        self._text.note_reference(parent, attributes)

    def _start_note(self, parent: str, attributes: Attributes) -> None:
        if attributes.get("w:type", "normal") != "normal":
            self._leave()  # the line that parts notes from text

    def _inserted(self, parent: str, attributes: Attributes) -> None:
        self.facts.insertions += 1

    def _deleted(self, parent: str, attributes: Attributes) -> None:
        """A deletion that is said of a row, a cell or a paragraph mark; what holds text is skipped before it comes here."""
        row = self._tables.row
        if parent == "w:trPr" and row is not None:
            row.deleted = True
            self.facts.deletions += 1
        elif parent == "w:rPr" and self._text.properties_of == "w:pPr":
            self._text.mark_deleted()

    # ---- what is offered in two ways, objects ---------------------------------------------------------------------------------

    def _start_alternatives(self, parent: str, attributes: Attributes) -> None:
        self._choices.append(False)

    def _end_alternatives(self) -> None:
        self._choices.pop()

    def _start_choice(self, parent: str, attributes: Attributes) -> None:
        known = set(attributes.get("Requires", "").split()) <= _KNOWN_CHOICES
        if self._choices and (self._choices[-1] or not known):
            self._leave()
        elif self._choices:
            self._choices[-1] = True

    def _start_fallback(self, parent: str, attributes: Attributes) -> None:
        if self._choices and self._choices[-1]:
            self._leave()

    def _blip(self, parent: str, attributes: Attributes) -> None:
        self._picture(attributes.get("r:embed"))

    def _image_data(self, parent: str, attributes: Attributes) -> None:
        self._picture(attributes.get("r:id"))

    def _picture(self, relation: str | None) -> None:
        if self._open[0] == "w:document":  # the relationships of notes are their own
            self._text.add_picture(relation)

    def _embedded_part(self, parent: str, attributes: Attributes) -> None:
        self.facts.embedded += 1

    # ---- boxes and cells ------------------------------------------------------------------------------------------------------

    def _start_box(self, parent: str, attributes: Attributes) -> None:
        self._text.open_story()

    def _end_box(self) -> None:
        self._text.hang(self._text.close_story())

    def _start_cell(self, parent: str, attributes: Attributes) -> None:
        self._tables.count_cell()
        row = self._tables.row if parent == "w:tr" or parent in _WRAPPERS else None
        cell = Cell()
        if row is not None:
            row.cells.append(cell)
        self._cells.append(row is not None)
        self._text.open_story(cell.story)

    def _end_cell(self) -> None:
        story = self._text.close_story()
        if not self._cells.pop():
            self._text.stand(story)

    def _end_table(self) -> None:
        self._text.hang(Story([self._tables.end_table()]))
