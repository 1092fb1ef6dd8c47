"""The reader of pictures of pages: bytes -> Document, and the pages of PDFs that are pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.model.document import Document
from pipeline.model.finding import Finding, make_finding
from pipeline.model.place import Place
from pipeline.model.reading import Reading
from pipeline.readers.context import ReadContext
from pipeline.readers.pdf.assembly import Assembly
from pipeline.readers.pdf.items import begins_item
from pipeline.readers.pdf.layout import PageLayout, read_page
from pipeline.readers.pdf.page import Box, Page
from pipeline.readers.pdf.pdfium import DrawnPage
from pipeline.readers.pdf.phrases import is_figure
from pipeline.readers.pdf.tables import FoundTable
from pipeline.readers.scans.page_picture import MOST_MARKS, PictureWords, ReadWord, read_picture
from pipeline.readers.scans.pictures import Picture, count_pictures, open_pictures
from pipeline.readers.scans.recognise import load_recogniser

__all__ = ["add_picture", "read_scanned_page", "read_scans"]

_MISPLACED = 0.5  # confidence of a number that may be another cell's
_FADED = 0.5  # confidence that a cell with something pale in it is blank


def read_scans(data: bytes, context: ReadContext) -> Document:
    """Read a PNG, JPEG or TIFF file page by page, as PDFs are read. SourceError as `open_pictures` raises it."""
    assembly = Assembly()
    readings: dict[Place, Reading] = {}
    count = 0
    most = min(context.limits.max_pages, context.limits.max_scanned_pages)
    for count, picture in enumerate(open_pictures(data, replace(context.limits, max_pages=most)), 1):
        assembly.findings += add_picture(picture, count, assembly, readings)
    total = count_pictures(data)
    if total > count:
        message = f"the file has {total} pages; only {count} were read (max_scanned_pages = {context.limits.max_scanned_pages})"
        assembly.findings.append(make_finding("limit-exceeded", message))
    blocks = assembly.finish()
    return Document(blocks, context.media_type, findings=tuple(assembly.findings), readings=readings)


def read_scanned_page(drawn: DrawnPage, number: int, assembly: Assembly, readings: dict[Place, Reading]) -> list[Finding]:
    """Read a page of a PDF that was drawn, and put it to the pages before it; what is to be said of it."""
    rows = np.frombuffer(drawn.data, np.uint8)[: drawn.height * drawn.stride].reshape(drawn.height, drawn.stride)
    pixels = rows[:, : drawn.width * drawn.channels].reshape(drawn.height, drawn.width, drawn.channels)
    plain = pixels[:, :, 0] if drawn.channels == 1 else pixels[:, :, :3]
    return add_picture(Picture(np.ascontiguousarray(plain), drawn.dpi), number, assembly, readings)


def add_picture(picture: Picture, number: int, assembly: Assembly, readings: dict[Place, Reading]) -> list[Finding]:
    """Read a picture as the page of this number, and put it to those before it; what is to be said of it."""
    found = read_picture(picture, number, load_recogniser())
    page = found.page
    layout = read_page(page, found.words)
    assembly.add(page, layout)
    readings.update(_readings(page, layout, found))
    whole = page.turn.place(number, (0.0, 0.0, page.width, page.height))
    if found.is_overfull:
        message = f"page {number} has more than {MOST_MARKS} marks of ink, as no page of text has; it was not read"
        return [make_finding("limit-exceeded", message, places=(whole,))]
    message = f"page {number} is a picture; {len(found.words)} stretches of text were recognised on it"
    return [make_finding("page-recognised", message, places=(whole,)), *layout.findings]


def _readings(page: Page, layout: PageLayout, found: PictureWords) -> dict[Place, Reading]:
    """What was recognised, by the places of the cells and lines that it stands in."""
    result: dict[Place, Reading] = {}
    for table in layout.tables:
        own = _within(found.readings, table.box)
        doubtful = _run_together(table, is_worn=found.is_worn)
        for cell in table.cells:
            reading = _joined(cell.text, _within(own, cell.box))
            if not cell.text and any(_is_inside(box, cell.box) for box in found.faint):
                reading = Reading("", _FADED)
            if cell.row in doubtful:
                reading = reading._replace(confidence=min(reading.confidence, _MISPLACED), is_placed=False)
            result[page.turn.place(page.number, cell.box)] = reading
    for line in layout.lines:
        result[page.turn.place(page.number, line.box)] = _joined(line.text, _within(found.readings, line.box))
    return result


def _run_together(table: FoundTable, *, is_worn: bool) -> set[int]:
    """Rows whose numbers may be others', a rule being lost: several numbers in a cell, several items in a label, a cell over several slots
    where rows of numbers cross columns of numbers."""
    in_row, in_col = [0] * table.row_count, [0] * table.col_count
    for cell in table.cells:
        if cell.row_span == cell.col_span == 1 and is_figure(cell.text):
            in_row[cell.row] += 1
            in_col[cell.col] += 1
    rows: set[int] = set()
    for cell in table.cells:
        own, cols = range(cell.row, cell.row + cell.row_span), range(cell.col, cell.col + cell.col_span)
        lines = cell.text.split("\n")
        words = cell.text.split()
        is_list = len(words) > 1 and all(map(is_figure, words))
        is_wide = max(len(own), len(cols)) > 1 and all(in_row[row] >= 2 for row in own) and all(in_col[col] >= 2 for col in cols)
        if is_list or (is_wide and is_worn) or sum(begins_item(line) for line in lines) > 1:
            rows.update(own)
    return rows


def _within(words: Sequence[ReadWord], box: Box) -> list[ReadWord]:
    x0, top, x1, bottom = box
    return [
        word
        for word in words
        if x0 - 0.5 <= (word.box[0] + word.box[2]) / 2 <= x1 + 0.5 and top - 0.5 <= (word.box[1] + word.box[3]) / 2 <= bottom + 0.5
    ]


def _is_inside(box: Box, outer: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _joined(text: str, words: Sequence[ReadWord]) -> Reading:
    """The reading of a cell from those of its words: one word's with all it could be, several words' as sure as the least sure; a text whose words
    stand elsewhere is not sure at all."""
    if len(words) == 1 and words[0].reading.text == text:
        return words[0].reading
    return Reading(text, min((word.reading.confidence for word in words), default=0.0 if text else 1.0))
