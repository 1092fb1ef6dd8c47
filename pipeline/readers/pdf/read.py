"""The reader of PDF: bytes -> Document."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pipeline.errors import LimitExceededError
from pipeline.model.document import Document, EmbeddedPicture
from pipeline.model.finding import Finding, make_finding
from pipeline.model.limits import Limits
from pipeline.model.place import Place
from pipeline.model.reading import Reading
from pipeline.readers.context import ReadContext
from pipeline.readers.pdf.assembly import Assembly
from pipeline.readers.pdf.garbled import check_letters
from pipeline.readers.pdf.layout import read_page
from pipeline.readers.pdf.page import Box, Page
from pipeline.readers.pdf.pdfium import PdfFile, open_pdf
from pipeline.readers.pdf.streams import check_streams
from pipeline.readers.pdf.struck import drop_struck
from pipeline.readers.pdf.trial import check_loading
from pipeline.readers.scans.installed import HOW_TO_INSTALL, is_installed

__all__ = ["read_pdf"]

_LEAST_PICTURE = (150.0, 40.0)  # points across and down; what is smaller shows no table
_MOST_PICTURES = 20  # of a page
_MOST_LETTERS = 20  # on a picture: with more it is the ground of a text


def read_pdf(data: bytes, context: ReadContext) -> Document:
    """Read a PDF: the tables and the lines of its pages in reading order, every cell with its page and box.

    A table that goes on over pages is one. A page without text that can be believed is read as a picture where the extra for it is installed.
    EncryptedSourceError when the file asks for a password, DamagedSourceError when its pages cannot be found, LimitExceededError when a page, what
    it draws or a stream is too large.
    """
    assembly = Assembly()
    assembly.findings += check_streams(data, context.limits)
    check_loading(data, context.limits)
    readings: dict[Place, Reading] = {}
    scanned = 0
    with open_pdf(data, context.limits) as pdf:
        for page in pdf.pages():
            page, findings = check_letters(page)
            scanned += page.is_picture
            if page.is_picture and scanned <= context.limits.max_scanned_pages:
                findings = _read_picture(pdf, page, findings, assembly, readings, context)
            else:
                page, struck = drop_struck(page)
                layout = read_page(page)
                findings = [*findings, *struck, *layout.findings]
                assembly.add(page, layout, [] if page.is_picture else list(_pictures(data, page, context.limits)))
            assembly.findings += findings
        if scanned > context.limits.max_scanned_pages and is_installed():
            message = f"{scanned} pages are pictures; only max_scanned_pages = {context.limits.max_scanned_pages} were read"
            assembly.findings.append(make_finding("limit-exceeded", message))
        if pdf.lost_pages:
            lost = "page" if len(pdf.lost_pages) == 1 else f"{len(pdf.lost_pages)} pages from page"
            assembly.findings.append(make_finding("page-damaged", f"{lost} {pdf.lost_pages[0]} cannot be loaded"))
        if pdf.page_count > context.limits.max_pages:
            message = f"the document has {pdf.page_count} pages; only max_pages = {context.limits.max_pages} were read"
            assembly.findings.append(make_finding("limit-exceeded", message))
    blocks = assembly.finish()
    return Document(blocks, context.media_type, findings=tuple(assembly.findings), readings=readings, pictures=tuple(assembly.pictures))


def _pictures(data: bytes, page: Page, limits: Limits) -> Iterator[tuple[float, EmbeddedPicture]]:
    """The pictures of a page of text that may show a table, with their tops. They are drawn when they are asked for."""
    for x0, top, x1, bottom in page.images[:_MOST_PICTURES]:
        box = (max(0.0, x0), max(0.0, top), min(page.width, x1), min(page.height, bottom))
        if box[2] - box[0] >= _LEAST_PICTURE[0] and box[3] - box[1] >= _LEAST_PICTURE[1] and _letters_on(page, box) <= _MOST_LETTERS:
            place = page.turn.place(page.number, box)
            yield box[1], EmbeddedPicture(partial(_drawn, data, page.number, place.box, limits), place, 0)


def _letters_on(page: Page, box: Box) -> int:
    letters = page.letters
    x0, top, x1, bottom = box
    return sum(x0 <= x <= x1 and top <= y <= bottom for x, y in zip(letters.x0, letters.top, strict=True))


def _drawn(data: bytes, page_number: int, box: Box, limits: Limits) -> bytes:
    """A box of a page as a picture file. LimitExceededError when the page would take too many pixels."""
    with open_pdf(data, limits) as pdf:
        drawn = pdf.render(page_number, box)
    if drawn is None:
        raise LimitExceededError(f"page {page_number} would be drawn with more than max_pixels = {limits.max_pixels}")
    return drawn.to_pnm()


def _read_picture(
    pdf: PdfFile, page: Page, findings: list[Finding], assembly: Assembly, readings: dict[Place, Reading], context: ReadContext
) -> list[Finding]:
    """Read a page as a picture and put it to the others; the findings about the page as they are then."""
    whole = page.turn.place(page.number, (0.0, 0.0, page.width, page.height))
    if not is_installed():
        layout = read_page(page)
        assembly.add(page, layout)
        told = findings or [make_finding("page-image", f"page {page.number} is an image without text", places=(whole,))]
        return [*(make_finding(f.code, f"{f.message}; {HOW_TO_INSTALL}", places=f.places) for f in told), *layout.findings]
    from pipeline.readers.scans.read import read_scanned_page  # OCR: 0.5 s and 200 MB

    picture = pdf.render(page.number)
    if picture is None:
        message = f"page {page.number} would be drawn with more than max_pixels = {context.limits.max_pixels}; it was not read"
        return [make_finding("limit-exceeded", message, places=(whole,))]
    return read_scanned_page(picture, page.number, assembly, readings)
