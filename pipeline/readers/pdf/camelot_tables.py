"""The third reader of PDF pages, asked when the first two disagree: camelot. The one module that knows camelot."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.readers.pdf.page import Box

__all__ = ["camelot_boxes"]

# By rules first; then by where words stand, for what no rules part: tables without a full grid.
_FLAVOURS = ("lattice", "network")
# What camelot and its readers raise on pages they cannot do; they name no errors of their own. Anything else is a bug and stays loud.
_FAILURES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)


def camelot_boxes(data: bytes, boxes: Mapping[int, Sequence[Box]], heights: Mapping[int, float]) -> dict[tuple[int, Box], str]:
    """The text of the cell of camelot's in whose box the middle of each box lies; boxes without one are left out.

    Boxes by page number from 1, in points from the top left; `heights`: of the pages, since camelot counts from the bottom. A page that is
    turned is not asked for. Rules are asked first; pages with boxes that no ruled cell holds are asked for cells told from words. Whatever
    camelot fails on gives nothing.
    """
    found: dict[tuple[int, Box], str] = {}
    for flavour in _FLAVOURS:
        wanted = {number: [box for box in own if (number, box) not in found] for number, own in boxes.items()}
        wanted = {number: own for number, own in wanted.items() if own}
        if not wanted:
            break
        for table in _tables(data, sorted(wanted), flavour):
            number = int(table.page)
            for box in wanted.get(number, ()):
                text = _text_at(table, (box[0] + box[2]) / 2, heights[number] - (box[1] + box[3]) / 2)
                if text is not None:
                    found[number, box] = text
    return found


def _tables(data: bytes, numbers: Sequence[int], flavour: str) -> Sequence[Any]:
    import camelot
    from camelot.image_processing import cv2  # type: ignore[attr-defined]

    logging.getLogger("camelot").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pages = ",".join(map(str, numbers))
            return camelot.read_pdf(data, pages=pages, flavor=flavour, suppress_stdout=True)  # type: ignore[attr-defined, no-any-return]
    except (*_FAILURES, cv2.error):
        logging.getLogger(__name__).info("camelot cannot read pages %s", numbers, exc_info=True)
        return ()


def _text_at(table: Any, x: float, y: float) -> str | None:
    for row in table.cells:
        for cell in row:
            if cell.x1 <= x < cell.x2 and cell.y1 <= y < cell.y2:
                return str(cell.text).strip()
    return None
