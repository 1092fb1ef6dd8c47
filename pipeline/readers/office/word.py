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
- Marks of footnotes are left out of their cells, the notes follow at the end of the document. Headers and footers of pages are no part of it: their
  words, and tables with numbers, are said in findings. Comments are not read.
- A table that holds tables and has no text of its own is layout. The text of one that has a single cell with text, or that holds tables and
  has text in few cells, is given a second time as paragraphs after it, so that titles and prose in it can be found as such.
- Of what a document offers in two ways (mc:AlternateContent) the first that this reader knows is read, never both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from pipeline.errors import DamagedSourceError, LimitExceededError
from pipeline.model.document import Block, Document, EmbeddedPicture, RawTable, TextBlock
from pipeline.model.finding import Finding, make_finding
from pipeline.model.limits import Limits
from pipeline.model.place import ElementPlace
from pipeline.readers.context import ReadContext
from pipeline.readers.office.numbering import Numbering, read_numbering
from pipeline.readers.office.package import Package
from pipeline.readers.office.relations import main_part, read_relations, related_part
from pipeline.readers.office.word_flow import WordFlow
from pipeline.readers.office.word_story import Line, Shown, StopError, Table
from pipeline.readers.office.word_styles import WordStyle, read_styles
from pipeline.readers.office.word_tables import build_raw_table
from pipeline.readers.office.xml import read_xml
from pipeline.values.kinds import classify_cell

__all__ = ["read_docx"]

_FEW_NUMBERS = 2  # in a table that may be more than a layout
_SHOWN = 200  # characters of the words in page headers
_FLOW_CELLS = 40  # a table that holds tables and has text in more cells than this is no layout


def read_docx(data: bytes, context: ReadContext) -> Document:
    """Read a Word document. EncryptedSourceError, DamagedSourceError or LimitExceededError where nothing of it can be read."""
    return read_word_package(Package(data, context.limits), context)


def read_word_package(package: Package, context: ReadContext) -> Document:
    """Read a Word document from its opened package."""
    limits = context.limits
    main = main_part(package, limits, "word/document.xml")
    styles = read_styles(package, related_part(package, limits, main, "styles", "word/styles.xml"), limits)
    numbering = read_numbering(package, related_part(package, limits, main, "numbering", "word/numbering.xml"), limits)
    flow = WordFlow(limits, styles, numbering)
    try:
        read_xml(package.stream(main), flow, limits, main)
        if not flow.has_body:
            raise DamagedSourceError(f"{main} has no body: it is not the text of a Word document")
        for kind in ("footnotes", "endnotes"):
            part = related_part(package, limits, main, kind, f"word/{kind}.xml")
            if part is not None and flow.has_notes:
                read_xml(package.stream(part), flow, limits, part)
    except StopError as stop:
        flow.close(str(stop))
    shown: list[Shown] = []
    blocks = tuple(_blocks(flow, shown))
    relations = read_relations(package, main, limits)
    pictures = _pictures(package, shown, relations)
    if flow.facts.struck and not blocks:
        raise LimitExceededError(f"nothing of the document could be read: {flow.facts.struck}")
    findings = (*flow.facts.findings(), *_margins(package, relations, styles, numbering, limits))
    return Document(blocks, context.media_type, findings=findings, pictures=pictures)


def _margins(
    package: Package, relations: Sequence[tuple[str, str, str]], styles: dict[str, WordStyle], numbering: Numbering, limits: Limits
) -> Iterator[Finding]:
    """What the headers and footers of pages hold beside page numbers."""
    words: dict[str, None] = {}  # an ordered set
    tables = 0
    for member in dict.fromkeys(package.find(member) for kind, _, member in relations if kind in ("header", "footer")):
        if member is None:
            continue
        flow = WordFlow(limits, styles, numbering)
        try:
            read_xml(package.stream(member), flow, limits, member)
        except StopError as stop:
            flow.close(str(stop))
        for block in _blocks(flow, []):
            if isinstance(block, RawTable):
                texts = [cell.text for cell in block.cells() if cell.text]
                tables += sum(classify_cell(text) == "number" for text in texts) >= _FEW_NUMBERS
            else:
                texts = [block.text]
            words.update((text, None) for text in texts if any(map(str.isalpha, text)))
    if words:
        shown = "; ".join(" ".join(text.split()) for text in words)
        yield make_finding(
            "page-margin", f"the headers or footers of the pages say: {shown[:_SHOWN]}{'...' if len(shown) > _SHOWN else ''}"
        )
    if tables:
        yield make_finding(
            "table-in-margin", f"{tables} tables with numbers stand in the headers or footers of the pages; they were not read"
        )


def _blocks(flow: WordFlow, shown: list[Shown]) -> Iterator[Block]:
    """All blocks in document order; pictures go to `shown`. No recursion: tables are nested as deep as the file likes."""
    stack: list[Iterator[Line | Shown | Table]] = [iter(flow.close_body().items)]
    count = 0
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
        elif isinstance(item, Shown):
            item.after = count
            shown.append(item)
        elif isinstance(item, Line):
            count += 1
            yield TextBlock(item.text, ElementPlace(item.path), item.heading)
        else:
            inner = list(_inner(item))
            raw = build_raw_table(item, flow.facts.covered)
            has_text = sum(bool(cell.text) for cell in raw.cells())
            holds_tables = any(isinstance(inside, Table) for inside in inner)
            if has_text:
                count += 1
                yield raw
            flows = has_text <= (_FLOW_CELLS if holds_tables else 1)
            stack.append(iter([inside for inside in inner if flows or not isinstance(inside, Line)]))


def _inner(table: Table) -> Iterator[Line | Shown | Table]:
    for row in table.rows:
        if not row.deleted:
            for cell in row.cells:
                yield from cell.story.items


def _pictures(package: Package, shown: Sequence[Shown], relations: Sequence[tuple[str, str, str]]) -> tuple[EmbeddedPicture, ...]:
    """The pictures whose bytes are in the package; those are read when they are asked for."""
    members = {key: package.find(member) for _, key, member in relations}
    return tuple(
        EmbeddedPicture(partial(_bytes_of, package, member), ElementPlace(item.path), item.after)
        for item in shown
        if (member := members.get(item.relation)) is not None
    )


def _bytes_of(package: Package, member: str) -> bytes:
    return b"".join(package.stream(member))
