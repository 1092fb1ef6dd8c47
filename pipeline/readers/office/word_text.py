"""Paragraphs, runs and fields of a Word document while they are open, and the stories that they go to when they are closed."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.model.limits import Limits
from pipeline.readers.office.numbering import Numbering
from pipeline.readers.office.word_facts import WordFacts
from pipeline.readers.office.word_story import LINE_BREAK, Line, Shown, StopError, Story, fold, integer
from pipeline.readers.office.word_styles import WordStyle, flag
from pipeline.readers.office.word_tables import OpenTables
from pipeline.readers.office.xml import Attributes
from pipeline.readers.scripts import join_scripts

__all__ = ["OpenText"]


@dataclass(slots=True)
class _Paragraph:
    """A paragraph while it is open. `runs` are (sup, sub or "", text); text boxes that hang on it wait in `boxes`."""

    path: str
    style: WordStyle | None = None
    outline: int | None = None
    numbered: tuple[str, int] | None = None
    runs: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Story] = field(default_factory=list)
    pictures: list[Shown] = field(default_factory=list)
    mark_deleted: bool = False


@dataclass(slots=True)
class _Run:
    script: str = ""
    hidden: bool = False
    struck: bool = False
    mark_only: bool = False  # its text is the author's own mark of a note


@dataclass(slots=True)
class _Flow:
    """An open story with what is open in it. `fields`: by open field whether its result has begun; `unshown`: texts since the outermost began
    that stand in its instruction; `glued`: a paragraph whose mark was deleted, so that the next one goes on with it.
    """

    story: Story
    paragraphs: list[_Paragraph | None] = field(default_factory=lambda: [None])
    runs: list[_Run | None] = field(default_factory=lambda: [None])
    fields: list[bool] = field(default_factory=list)
    unshown: int = 0
    glued: _Paragraph | None = None


class OpenText:
    """What is open of the text, outermost first. The handlers take the name of the element around theirs and the attributes of theirs."""

    def __init__(self, limits: Limits, facts: WordFacts, tables: OpenTables, styles: dict[str, WordStyle], numbering: Numbering) -> None:
        self.properties_of = ""  # what the open w:rPr says something of
        self._limits = limits
        self._facts = facts
        self._tables = tables
        self._styles = styles
        self._numbering = numbering
        self._default_style = next((style for style in styles.values() if style.is_default), None)
        self._flows = [_Flow(Story())]
        self._text: list[str] | None = None  # of the open w:t
        self._paragraph_count = self._picture_count = 0

    # ---- stories ------------------------------------------------------------------------------------------------------------

    @property
    def in_cell(self) -> bool:
        return len(self._flows) > 1 and self._tables.row is not None

    def open_story(self, story: Story | None = None) -> None:
        """Begin a cell or a box. A field does not reach over its border."""
        self._flows.append(_Flow(Story() if story is None else story))

    def close_story(self) -> Story:
        """End the innermost cell or box. Text behind a field that begins and does not end is lost to it, and said as any hidden text."""
        self._end_glued()
        flow = self._flows.pop()
        self._facts.hidden += flow.unshown
        return flow.story

    def close_body(self) -> Story:
        """End the outermost story."""
        self._end_glued()
        return self._flows[0].story

    def hang(self, story: Story) -> None:
        """A story that hangs on the open paragraph follows it; else it stands where the text is."""
        flow = self._flows[-1]
        paragraph = flow.paragraphs[-1]
        if paragraph is not None:
            paragraph.boxes.append(story)
        else:
            flow.story.items.extend(story.items)

    def stand(self, story: Story) -> None:
        """A story without a place of its own is part of the one around it."""
        self._flows[-1].story.items.extend(story.items)

    def add_picture(self, relation: str | None) -> None:
        """A picture that hangs on the open paragraph; `max_pages` at most."""
        paragraph = self._flows[-1].paragraphs[-1]
        if relation and paragraph is not None and self._picture_count < self._limits.max_pages:
            self._picture_count += 1
            paragraph.pictures.append(Shown(relation, paragraph.path))

    def _end_glued(self) -> None:
        flow = self._flows[-1]
        if flow.glued is not None:
            paragraph, flow.glued = flow.glued, None
            self._write(paragraph, flow.story)

    # ---- paragraphs ---------------------------------------------------------------------------------------------------------

    def start_paragraph(self, path: str) -> None:
        """StopError for the one too many: blank ones cost as much."""
        self._paragraph_count += 1
        if self._paragraph_count > self._limits.max_blocks:
            raise StopError(f"more than max_blocks = {self._limits.max_blocks} paragraphs; those after were not read")
        flow = self._flows[-1]
        flow.paragraphs.append(_Paragraph(path, self._default_style))
        flow.runs.append(None)

    def end_paragraph(self) -> None:
        flow = self._flows[-1]
        flow.runs.pop()
        paragraph = flow.paragraphs.pop()
        if paragraph is None:
            return
        if flow.glued is not None:
            first, flow.glued = flow.glued, None
            paragraph.runs[:0] = first.runs
            paragraph.boxes[:0] = first.boxes
            paragraph.pictures[:0] = first.pictures
            paragraph.path = first.path
            paragraph.numbered = first.numbered
        if paragraph.mark_deleted:
            flow.glued = paragraph
            return
        self._write(paragraph, flow.story)

    def _write(self, paragraph: _Paragraph, story: Story) -> None:
        """Put a closed paragraph into its story, text boxes after it."""
        text, marks = join_scripts(paragraph.runs, in_cell=self.in_cell, line_break=LINE_BREAK)
        for mark in marks:
            self._facts.note_marks.append((self._tables.place, mark))
        folded = fold(text)
        label = self._label(paragraph)
        if label:
            folded = f"{label} {folded}" if folded and label[-1:].isdigit() and folded[0].isdigit() else label + folded
        if folded:
            story.items.append(Line(folded, paragraph.path, _heading(paragraph)))
        story.items.extend(paragraph.pictures)
        for box in paragraph.boxes:
            story.items.extend(box.items)

    def _label(self, paragraph: _Paragraph) -> str:
        """The number that Word prints before the paragraph, with what parts it from the text."""
        numbered = paragraph.numbered
        if numbered is None and paragraph.style is not None:
            numbered = paragraph.style.numbered
        return "" if numbered is None else self._numbering.next_label(*numbered)

    def paragraph_style(self, parent: str, attributes: Attributes) -> None:
        paragraph = self._flows[-1].paragraphs[-1]
        if paragraph is not None and parent == "w:pPr":
            paragraph.style = self._styles.get(attributes.get("w:val", ""), paragraph.style)

    def outline_level(self, parent: str, attributes: Attributes) -> None:
        paragraph = self._flows[-1].paragraphs[-1]
        if paragraph is not None and parent == "w:pPr":
            paragraph.outline = integer(attributes.get("w:val"), 9, 9)

    def list_level(self, parent: str, attributes: Attributes) -> None:
        paragraph = self._flows[-1].paragraphs[-1]
        if paragraph is not None and parent == "w:numPr":
            number = paragraph.numbered[0] if paragraph.numbered else _style_list(paragraph)
            paragraph.numbered = (number, integer(attributes.get("w:val"), 0, 8))

    def list_id(self, parent: str, attributes: Attributes) -> None:
        paragraph = self._flows[-1].paragraphs[-1]
        if paragraph is not None and parent == "w:numPr":
            level = paragraph.numbered[1] if paragraph.numbered else 0
            paragraph.numbered = (attributes.get("w:val", "0"), level)

    def mark_deleted(self) -> None:
        """The mark of the open paragraph was deleted: the next one goes on with it."""
        paragraph = self._flows[-1].paragraphs[-1]
        if paragraph is not None:
            paragraph.mark_deleted = True
            self._facts.deletions += 1

    # ---- runs ---------------------------------------------------------------------------------------------------------------

    def start_run(self, parent: str, attributes: Attributes) -> None:
        flow = self._flows[-1]
        paragraph = flow.paragraphs[-1]
        style = paragraph.style if paragraph is not None else None
        flow.runs.append(_Run(hidden=style is not None and style.hidden))

    def end_run(self) -> None:
        self._flows[-1].runs.pop()

    def run_properties(self, parent: str, attributes: Attributes) -> None:
        self.properties_of = parent

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
        return self._flows[-1].runs[-1] if parent == "w:rPr" and self.properties_of == "w:r" else None

    def start_text(self, parent: str, attributes: Attributes) -> None:
        self._text = []

    def add_text(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end_text(self) -> None:
        pieces, self._text = self._text, None
        if pieces:
            self.put("".join(pieces))

    def drop_text(self) -> None:
        self._text = None

    def put(self, text: str) -> None:
        """Text of the open run goes to its paragraph, unless it is hidden or stands in the instruction of a field."""
        flow = self._flows[-1]
        paragraph = flow.paragraphs[-1]
        run = flow.runs[-1]
        if paragraph is None or not text:
            return
        if not all(flow.fields):
            flow.unshown += 1
            return
        if run is not None and run.hidden:
            self._facts.hidden += bool(text.strip(LINE_BREAK + " "))
            return
        if run is not None and run.struck:
            self._facts.struck_out += bool(text.strip(LINE_BREAK + " "))
            return
        if run is not None and run.mark_only:
            self._facts.note_marks.append((self._tables.place, text.strip()))
            return
        paragraph.runs.append(("" if run is None or text == LINE_BREAK else run.script, text))

    def line_break(self, parent: str, attributes: Attributes) -> None:
        self.put(LINE_BREAK)

    def tab(self, parent: str, attributes: Attributes) -> None:
        if parent == "w:r":
            self.put("\t")

    def hyphen(self, parent: str, attributes: Attributes) -> None:
        self.put("-")

    def symbol(self, parent: str, attributes: Attributes) -> None:
        """A character of a symbol font: its code is the font's own, which no text has a character for."""
        code = attributes.get("w:char", "")
        try:
            self.put(chr(int(code, 16)))
        except (ValueError, OverflowError):
            self.put("\ufffd")

    def drawn_text(self, parent: str, attributes: Attributes) -> None:
        """Words drawn as a picture."""
        self.put(attributes.get("string", ""))

    def field_mark(self, parent: str, attributes: Attributes) -> None:
        flow = self._flows[-1]
        kind = attributes.get("w:fldCharType")
        if kind == "begin":
            if len(flow.fields) < self._limits.max_depth:
                flow.fields.append(False)
        elif kind == "separate" and flow.fields:
            flow.fields[-1] = True
        elif kind == "end" and flow.fields:
            flow.fields.pop()
            if not flow.fields:
                flow.unshown = 0

    def note_reference(self, parent: str, attributes: Attributes) -> None:
        run = self._flows[-1].runs[-1]
        if run is not None and attributes.get("w:customMarkFollows") in ("1", "true", "on"):
            run.mark_only = True
        elif self.in_cell:
            self._facts.note_marks.append((self._tables.place, attributes.get("w:id", "")))


def _heading(paragraph: _Paragraph) -> int | None:
    style = paragraph.style
    outline = paragraph.outline
    if outline is None and style is not None:
        if style.is_title:
            return 0
        outline = style.outline
    return None if outline is None or outline > 8 else min(6, outline + 1)


def _style_list(paragraph: _Paragraph) -> str:
    style = paragraph.style
    return style.numbered[0] if style is not None and style.numbered is not None else "0"
