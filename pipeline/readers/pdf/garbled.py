"""Text layers that are not what the page prints: found, and never passed on as text."""

from __future__ import annotations

from dataclasses import replace

from pipeline.model.finding import Finding, make_finding
from pipeline.readers.pdf.page import Letters, Page

__all__ = ["check_letters"]

_GARBLED = 0.2  # of a page's letters: with more that nobody can name, none is to be believed
_PICTURE = 0.5  # of the page that images cover: without text, it is a scan
_FEW_LETTERS = 60  # on a page of images: a page number, the stamp of a scanner


def check_letters(page: Page) -> tuple[Page, list[Finding]]:
    """The page as it may be read: without its letters, as a picture, when they are not what it shows.

    Too many letters without a name: `text-layer-garbled`. Images with next to no text, or with text that is not drawn: `page-image`.
    Few letters without a name stay in their words as U+FFFD (`letters-unnamed`).
    """
    whole = page.turn.place(page.number, (0.0, 0.0, page.width, page.height))
    count = len(page.letters.texts)
    if (count < _FEW_LETTERS or page.hidden_text) and _image_share(page) >= _PICTURE:
        message = f"page {page.number} is an image without text"
        if count:
            message = f"page {page.number} is an image; its text layer ({count} letters) is not what it shows and was not read"
        return replace(page, letters=Letters(), is_picture=True), [make_finding("page-image", message, places=(whole,))]
    unknown = page.unmapped_count
    if unknown == 0 or count == 0:
        return page, []
    if unknown >= _GARBLED * count:
        message = f"page {page.number}: {unknown} of {count} letters have no name; its text was not read"
        return replace(page, letters=Letters(), is_picture=True), [make_finding("text-layer-garbled", message, places=(whole,))]
    message = f"page {page.number}: {unknown} of {count} letters have no name; they are shown as U+FFFD"
    return page, [make_finding("letters-unnamed", message, places=(whole,))]


def _image_share(page: Page) -> float:
    """How much of the page images cover: the largest, or all of them where a scanner cut the page into strips."""
    area = page.width * page.height
    if area <= 0:
        return 0.0
    shares = [(x1 - x0) * (bottom - top) / area for x0, top, x1, bottom in page.images]
    return max(max(shares, default=0.0), min(1.0, sum(shares)) if len(shares) > 1 else 0.0)
