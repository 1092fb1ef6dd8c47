"""The reader of PDF: bytes -> Document."""

from __future__ import annotations

from pipeline.model.document import Block, Document, TextBlock
from pipeline.model.finding import Finding, make_finding
from pipeline.readers.context import ReadContext
from pipeline.readers.pdf.layout import PageLayout, read_page
from pipeline.readers.pdf.page import Page
from pipeline.readers.pdf.pdfium import open_pdf
from pipeline.readers.pdf.tables import to_raw_table

__all__ = ["read_pdf"]


def read_pdf(data: bytes, context: ReadContext) -> Document:
    """Read a PDF: the tables and the lines of its pages in reading order, every cell with its page and box.

    EncryptedSourceError when it asks for a password, DamagedSourceError when its pages cannot be found.
    """
    blocks: list[Block] = []
    findings: list[Finding] = []
    with open_pdf(data, context.limits) as pdf:
        for page in pdf.pages():
            layout = read_page(page)
            findings.extend(layout.findings)
            blocks.extend(_blocks(page, layout))
        if pdf.page_count > context.limits.max_pages:
            findings.append(
                make_finding("limit-exceeded", f"the document has {pdf.page_count} pages; only max_pages = {context.limits.max_pages} were read")
            )
    return Document(tuple(blocks), context.media_type, findings=tuple(findings))


def _blocks(page: Page, layout: PageLayout) -> list[Block]:
    """Lines and tables of a page from the top; what begins at one height, from the left."""
    placed: list[tuple[float, float, Block]] = []
    for table in layout.tables:
        placed.append((table.box[1], table.box[0], to_raw_table(table, page.turn)))
    for line in layout.lines:
        placed.append((line.top, line.x0, TextBlock(line.text, page.turn.place(page.number, line.box))))
    placed.sort(key=lambda item: (item[0], item[1]))
    return [block for _, _, block in placed]
