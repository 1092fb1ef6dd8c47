"""The third reader of PDF pages, asked when the first two disagree: camelot's lattice. The one module that knows camelot."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence

from pipeline.readers.pdf.page import Box

__all__ = ["camelot_boxes"]


def camelot_boxes(data: bytes, boxes: Mapping[int, Sequence[Box]], heights: Mapping[int, float]) -> dict[tuple[int, Box], str]:
    """The text of the cell of camelot's in whose box the middle of each box lies; boxes without one are left out.

    Boxes by page number from 1, in points from the top left; `heights`: of the pages, since camelot counts from the bottom. A page that is
    turned is not asked for. Whatever camelot fails on gives nothing.
    """
    import camelot

    logging.getLogger("camelot").setLevel(logging.ERROR)
    found: dict[tuple[int, Box], str] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pages = ",".join(str(number) for number in sorted(boxes))
            tables = camelot.read_pdf(data, pages=pages, flavor="lattice", suppress_stdout=True)  # type: ignore[attr-defined]
    except Exception:  # a third opinion that cannot be had is none: camelot names no errors of its own
        logging.getLogger(__name__).info("camelot cannot read the pages", exc_info=True)
        return found
    for table in tables:
        number = int(table.page)
        height = heights[number]
        for box in boxes.get(number, ()):
            x, y = (box[0] + box[2]) / 2, height - (box[1] + box[3]) / 2
            for row in table.cells:
                for cell in row:
                    if cell.x1 <= x < cell.x2 and cell.y1 <= y < cell.y2:
                        found[number, box] = str(cell.text).strip()
    return found
