"""The second reader of PDF pages: pdfplumber, another engine than the first one's. The one module that knows it; it costs 20 times as much."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping, Sequence

from pipeline.readers.pdf.page import Box

__all__ = ["plumb_boxes"]


def plumb_boxes(data: bytes, boxes: Mapping[int, Sequence[Box]]) -> dict[tuple[int, Box], str]:
    """The text that pdfplumber reads in boxes of pages (by page number from 1; points from the top left of the page as displayed).

    The text of the cell of a table that it finds by itself around the middle of the box, so that its cells, too, are another's; where it finds
    none, the words whose middle lies in the box. Pages are closed one by one. A file or a page that pdfplumber cannot read gives nothing.
    """
    import pdfplumber
    from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    found: dict[tuple[int, Box], str] = {}
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            for number, wanted in boxes.items():
                if not 1 <= number <= len(pdf.pages):
                    continue
                page = pdf.pages[number - 1]
                try:
                    found.update({(number, box): text for box, text in _read_page(page, wanted).items()})
                finally:
                    page.close()
    except (MalformedPDFException, PdfminerException, ValueError, KeyError, TypeError, IndexError, AttributeError, OSError, RecursionError):
        return found  # a second opinion that cannot be had is none; pdfminer fails in all these ways on damaged files
    return found


def _read_page(page: object, wanted: Sequence[Box]) -> dict[Box, str]:
    from pdfplumber.page import Page

    if not isinstance(page, Page):
        raise TypeError("not a page of pdfplumber's")
    left, top = float(page.bbox[0]), float(page.bbox[1])
    cells: list[tuple[Box, str]] = []
    for table in page.find_tables():
        for row, texts in zip(table.rows, table.extract(), strict=True):
            for box, text in zip(row.cells, texts, strict=True):
                if box is not None:
                    cells.append(((box[0] - left, box[1] - top, box[2] - left, box[3] - top), text or ""))
    words = [
        ((float(w["x0"]) + float(w["x1"])) / 2 - left, (float(w["top"]) + float(w["bottom"])) / 2 - top, str(w["text"]))
        for w in page.extract_words()
    ]
    answer: dict[Box, str] = {}
    for box in wanted:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        around = [cell for cell in cells if cell[0][0] <= x <= cell[0][2] and cell[0][1] <= y <= cell[0][3]]
        if around:
            answer[box] = min(around, key=lambda cell: (cell[0][2] - cell[0][0]) * (cell[0][3] - cell[0][1]))[1]
        else:
            answer[box] = " ".join(text for x, y, text in words if box[0] <= x <= box[2] and box[1] <= y <= box[3])
    return answer
