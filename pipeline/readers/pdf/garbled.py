"""Text layers that are not what the page prints: found, and never passed on as text."""

from __future__ import annotations

from dataclasses import replace

from pipeline.model.finding import Finding, make_finding
from pipeline.readers.pdf.page import Letters, Page

__all__ = ["check_letters"]

_GARBLED = 0.2  # of a page's letters: with more that nobody can name, none is to be believed
_PICTURE = 0.5  # of the page that images cover: without text, it is a scan


def check_letters(page: Page) -> tuple[Page, list[Finding]]:
    """The page as it may be read: without its letters when too many have no name (`text-layer-garbled`).

    Few letters without a name stay in their words as U+FFFD (`letters-unnamed`). A page of images without text is said to be one (`page-image`).
    """
    whole = page.turn.place(page.number, (0.0, 0.0, page.width, page.height))
    count = len(page.letters.texts)
    if count == 0:
        if _image_share(page) >= _PICTURE:
            return page, [make_finding("page-image", f"page {page.number} is an image without text", places=(whole,))]
        return page, []
    unknown = page.unmapped_count
    if unknown == 0:
        return page, []
    if unknown >= _GARBLED * count:
        message = f"page {page.number}: {unknown} of {count} letters have no name; its text was not read"
        return replace(page, letters=Letters()), [make_finding("text-layer-garbled", message, places=(whole,))]
    message = f"page {page.number}: {unknown} of {count} letters have no name; they are shown as U+FFFD"
    return page, [make_finding("letters-unnamed", message, places=(whole,))]


def _image_share(page: Page) -> float:
    area = page.width * page.height
    if area <= 0:
        return 0.0
    return max(((x1 - x0) * (bottom - top) / area for x0, top, x1, bottom in page.images), default=0.0)
