"""Reading twice: the same cells by another reader, asked only for cells that are in doubt."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.model.limits import Limits
from pipeline.model.place import PagePlace, Place

__all__ = ["OtherReading", "read_again"]

_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class OtherReading:
    """What other readers find at a place. `third` is None when it was not asked or has nothing there."""

    place: Place
    first: str
    second: str
    third: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether the second reader reads what the first did, blanks and the width of digits aside."""
        return _plain(self.first) == _plain(self.second)


def read_again(data: bytes, media_type: str, cells: Iterable[tuple[Place, str]], limits: Limits) -> tuple[OtherReading, ...]:
    """The cells (place and text of the first reading) as other readers have them, in the order given.

    Only PDF pages have a second reader; of other kinds, and of pages beyond `limits.max_second_pages`, nothing is given.
    """
    if media_type != _PDF:
        return ()
    wanted: dict[int, list[tuple[PagePlace, str]]] = {}
    for place, text in cells:
        if isinstance(place, PagePlace) and (place.page_number in wanted or len(wanted) < limits.max_second_pages):
            wanted.setdefault(place.page_number, []).append((place, text))
    if not wanted:
        return ()
    from pipeline.readers.pdf.plumber import plumb_boxes  # pdfplumber takes 190 ms and 34 MB to import

    second = plumb_boxes(data, {number: [place.box for place, _ in own] for number, own in wanted.items()})
    readings = [
        OtherReading(place, text, second[number, place.box])
        for number, own in wanted.items()
        for place, text in own
        if (number, place.box) in second
    ]
    apart = [reading for reading in readings if not reading.agrees]
    third = _third(data, [reading.place for reading in apart], limits) if apart else {}
    return tuple(
        OtherReading(r.place, r.first, r.second, third.get((r.place.page_number, r.place.box)) if isinstance(r.place, PagePlace) else None)
        for r in readings
    )


def _third(data: bytes, places: list[Place], limits: Limits) -> dict[tuple[int, tuple[float, float, float, float]], str]:
    from pipeline.readers.pdf.camelot_tables import camelot_boxes
    from pipeline.readers.pdf.pdfium import open_pdf

    boxes: dict[int, list[tuple[float, float, float, float]]] = {}
    for place in places:
        if isinstance(place, PagePlace):
            boxes.setdefault(place.page_number, []).append(place.box)
    with open_pdf(data, limits) as pdf:
        heights = {number: pdf.height_of(number) for number in boxes if not pdf.is_turned(number)}
    return camelot_boxes(data, {number: own for number, own in boxes.items() if number in heights}, heights)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
