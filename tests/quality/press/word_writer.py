"""The same report as a Word document, written with python-docx in the habits of several hands."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.quality.press.hands import page_order
from tests.quality.press.layout import PrintedTable
from tests.quality.press.prose import Prose
from tests.quality.press.slots import cut_in_two, slots_of

__all__ = ["WordHand", "draw_word_hand", "write_docx"]


@dataclass(frozen=True, slots=True)
class WordHand:
    """Habits. `cut`: a table goes on in a second one, with or without its header; `jitter`: rows whose edges do not quite meet."""

    heading: str = "style"  # style, bold, plain
    title: str = "title"  # title, plain, box
    cut: str = ""  # "", bare, header
    break_by: str = "line"  # line, paragraph: of a word on two lines
    landscape: bool = False
    short_pages: bool = False
    framed: bool = False  # the whole report stands in a table of one cell
    tracked: bool = False  # some numbers were changed with changes tracked
    jitter: bool = False
    splits_runs: bool = False
    nested_blank: bool = False  # blank cells hold two empty paragraphs
    splits_rows: bool = False  # a page may end inside a row
    size: float = 9  # of the words in tables, in points
    narrow: bool = False  # long numbers go on in a second line of their cells


def draw_word_hand(rng: random.Random) -> WordHand:
    """Habits with the shares they have in the wild, roughly."""
    return WordHand(
        heading=rng.choice(("style", "bold", "plain")),
        title=rng.choice(("title", "plain", "plain", "box")),
        cut=rng.choices(("", "bare", "header"), (60, 20, 20))[0],
        break_by=rng.choice(("line", "paragraph")),
        landscape=rng.random() < 0.3,
        short_pages=rng.random() < 0.4,
        framed=rng.random() < 0.08,
        tracked=rng.random() < 0.15,
        jitter=rng.random() < 0.3,
        splits_runs=rng.random() < 0.6,
        nested_blank=rng.random() < 0.2,
        splits_rows=rng.random() < 0.15,
        size=rng.choice((7.5, 8, 9, 9)),
        narrow=rng.random() < 0.06,
    )


def write_docx(
    prose: Prose, tables: list[PrintedTable], script: Callable[[str], str], hand: WordHand, rng: random.Random, path: Path
) -> None:
    """Write the report to `path`. `script` turns every printed text into the page's script."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    document = docx.Document()
    section = document.sections[0]
    width, height = Cm(21), Cm(12 if hand.short_pages else 29.7)
    if hand.landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
        width, height = Cm(29.7), Cm(12 if hand.short_pages else 21)
    section.page_width, section.page_height = width, height
    section.top_margin = section.bottom_margin = Cm(1.5)
    section.left_margin = section.right_margin = Cm(2)
    _Writer(document, script, hand, rng).write(prose, tables)
    document.core_properties.created = document.core_properties.modified = _day_one()
    document.save(str(path))


def _day_one() -> Any:
    import datetime as dt

    return dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def _element(name: str) -> Any:
    from docx.oxml import OxmlElement

    return OxmlElement(name)


class _Writer:
    def __init__(self, document: Any, script: Callable[[str], str], hand: WordHand, rng: random.Random) -> None:
        self._document = document
        self._body = document
        self._script = script
        self._hand = hand
        self._rng = rng
        self._size = hand.size

    def write(self, prose: Prose, tables: list[PrintedTable]) -> None:
        self._title(prose.title)
        if self._hand.framed:
            frame = self._document.add_table(1, 1)
            self._body = frame.cell(0, 0)
        for heading, content in page_order(prose, tables):
            if heading:
                self._heading(heading)
            if isinstance(content, PrintedTable):
                self._tables(content)
            else:
                for line in content:
                    self._body.add_paragraph("　　" + self._script(line))

    def _title(self, title: str) -> None:
        text = self._script(title)
        if self._hand.title == "title":
            self._document.add_heading(text, 0)
        elif self._hand.title == "box":
            self._box(text)
        else:
            self._document.add_paragraph(text)

    def _box(self, text: str) -> None:
        """The title in a text box, in the two ways that Word writes it."""
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls

        content = f"<w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>"
        names = (
            'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" '
            'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
        )
        inline = (
            '<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="5000000" cy="500000"/><wp:docPr id="1" name="box"/>'
            '<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
            '<wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="5000000" cy="500000"/></a:xfrm>'
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></wps:spPr><wps:txbx>{content}</wps:txbx><wps:bodyPr/></wps:wsp>'
            "</a:graphicData></a:graphic></wp:inline>"
        )
        old = f'<w:pict><v:shape style="width:400pt;height:40pt"><v:textbox>{content}</v:textbox></v:shape></w:pict>'
        run = parse_xml(
            f'<w:r {nsdecls("w", "wp", "a")} {names}><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{inline}</w:drawing></mc:Choice>'
            f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r>"
        )
        self._document.add_paragraph()._p.append(run)

    def _heading(self, heading: str) -> None:
        text = self._script(heading)
        if self._hand.heading == "style" and not self._hand.framed:
            self._document.add_heading(text, 1)
        else:
            run = self._body.add_paragraph().add_run(text)
            run.bold = self._hand.heading == "bold"

    def _tables(self, table: PrintedTable) -> None:
        parts = (table,) if not self._hand.cut else cut_in_two(table, self._rng, repeat_header=self._hand.cut == "header")
        for number, part in enumerate(parts):
            if number:
                self._body.add_paragraph()
            self._table(part)
        self._body.add_paragraph()

    def _table(self, table: PrintedTable) -> None:
        from docx.shared import Cm

        if self._body is self._document:
            made = self._document.add_table(len(table.rows), table.width)
            made.style = "Table Grid"
        else:
            made = self._body.add_table(len(table.rows), table.width)
        widths = self._widths(table)
        cells = [list(row.cells) for row in made.rows]
        covered: set[tuple[int, int]] = set()
        for slot in slots_of(table):
            cell, at = slot.cell, cells[slot.row][slot.col]
            end_row, end_col = slot.row + cell.row_span - 1, slot.col + cell.col_span - 1
            if cell.row_span * cell.col_span > 1:
                at = at.merge(cells[end_row][end_col])
            covered.update((row, col) for row in range(slot.row, end_row + 1) for col in range(slot.col, end_col + 1))
            self._fill(at, self._script(cell.text), is_value=cell.pointer is not None)
        for row, line in enumerate(cells):  # where a cell was cut out the row is shorter
            for col, missing in reversed(list(enumerate(line))):
                if (row, col) not in covered and missing._tc.getparent() is not None:
                    missing._tc.getparent().remove(missing._tc)
        made.autofit = False
        for row in made.rows:
            for cell, width in zip(row.cells, widths, strict=False):
                if cell._tc.grid_span == 1:
                    cell.width = Cm(width)
            if not self._hand.splits_rows:
                row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
        for column, width in zip(made.columns, widths, strict=False):
            column.width = Cm(width)
        if self._hand.jitter:
            self._shake(made)

    def _widths(self, table: PrintedTable) -> list[float]:
        """In centimetres: columns of numbers are as wide as their longest number, those of labels share the rest. Where the page is too narrow
        for that the words of the table are set smaller (`_size`)."""
        longest = [0] * table.width
        for slot in slots_of(table):
            if slot.cell.kind == "value" and slot.cell.col_span == 1 and slot.col < table.width:
                digits = sum(2 if ord(letter) > 0x2E80 else 1 for letter in self._script(slot.cell.text))
                longest[slot.col] = max(longest[slot.col], digits, 4)
        whole = 25.0 if self._hand.landscape else 17.0
        share = 0.5 if self._hand.narrow else 0.68  # of a letter's size that a digit is wide
        digit = share * 2.54 / 72
        stubs = longest.count(0)
        margins = 0.45 * (table.width - stubs)
        room = whole - 2.0 * stubs - margins
        self._size = min(self._hand.size, max(4.0, room / (digit * max(1, sum(longest)))))
        widths = [letters * self._size * digit + 0.45 if letters else 0.0 for letters in longest]
        rest = max(whole - sum(widths), 2.0 * stubs)
        return [width or rest / stubs for width in widths]

    def _shake(self, made: Any) -> None:
        """Move one edge of the grid apart: a column of a hair's breadth, which the rows share out differently."""
        from copy import deepcopy

        from docx.oxml.ns import qn

        columns = made._tbl.tblGrid.findall(qn("w:gridCol"))
        at = self._rng.randrange(1, len(columns)) if len(columns) > 1 else 0
        if not at:
            return
        sliver = deepcopy(columns[at])
        sliver.set(qn("w:w"), str(self._rng.randint(5, 60)))
        columns[at].addprevious(sliver)
        goes_left = False
        for row in made._tbl.tr_lst:
            ends: list[tuple[int, int, Any]] = []
            col = 0
            for cell in row.tc_lst:
                ends.append((col, col + cell.grid_span, cell))
                col = ends[-1][1]
            # A cell that hangs from above keeps the edges of the one it belongs to, and with it the whole row does.
            if not any(cell.vMerge == "continue" for start, end, cell in ends if at in (start, end)):
                goes_left = self._rng.random() < 0.5
            for start, end, cell in ends:
                if start < at < end or (end == at and goes_left) or (start == at and not goes_left):
                    cell.grid_span = end - start + 1

    def _fill(self, cell: Any, text: str, *, is_value: bool) -> None:
        for extra in cell.paragraphs[1:]:
            extra._p.getparent().remove(extra._p)
        paragraph = cell.paragraphs[0]
        if not text:
            if self._hand.nested_blank:
                cell.add_paragraph()
            return
        for number, line in enumerate(text.split("\n")):
            if number and self._hand.break_by == "paragraph":
                paragraph = cell.add_paragraph()
            elif number:
                paragraph.add_run().add_break()
            self._runs(paragraph, line, is_value)

    def _runs(self, paragraph: Any, text: str, is_value: bool) -> None:
        from docx.shared import Pt

        paragraph.paragraph_format.space_after = Pt(0)
        self._write_runs(paragraph, text, is_value)
        for run in paragraph.runs:
            run.font.size = Pt(self._size)

    def _write_runs(self, paragraph: Any, text: str, is_value: bool) -> None:
        if is_value and self._hand.tracked and self._rng.random() < 0.2:
            self._tracked(paragraph, text)
        elif self._hand.splits_runs and len(text) > 1 and self._rng.random() < 0.3:
            cut = self._rng.randrange(1, len(text))
            paragraph.add_run(text[:cut])
            paragraph.add_run(text[cut:])
        else:
            paragraph.add_run(text)

    def _tracked(self, paragraph: Any, text: str) -> None:
        """The number replaces another that is still in the file, deleted."""
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls

        old = str(self._rng.randint(1, 99))
        author = 'w:id="1" w:author="x" w:date="2024-01-01T00:00:00Z"'
        paragraph._p.append(parse_xml(f"<w:del {nsdecls('w')} {author}><w:r><w:delText>{old}</w:delText></w:r></w:del>"))
        paragraph._p.append(parse_xml(f"<w:ins {nsdecls('w')} {author}><w:r><w:t>{text}</w:t></w:r></w:ins>"))
