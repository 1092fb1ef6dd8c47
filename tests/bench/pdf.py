"""PDF pages beside the floor (character boxes and path segments through pypdfium2) and beside pdfplumber's tables."""

from __future__ import annotations

import ctypes
import io
import logging
import statistics
import time
from collections.abc import Callable, Iterator

import pdfplumber
import pypdfium2
import pypdfium2.raw as raw

from pipeline.model.limits import Limits
from pipeline.readers import read_document
from tests.bench.measure import Row
from tests.readers.pdf.paper import SONG, Sheet, build_pdf

__all__ = ["pdf_pages"]


def pdf_pages(rounds: int, pages: int = 4) -> Iterator[Row]:
    """Processor time a page, in ms, the median of `rounds` documents: a ruled page of 300 cells, and the same table without rules."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    for name, ruled in (("ruled report page", True), ("the same without rules", False)):
        times: tuple[list[float], ...] = ([], [], [])
        for number in range(rounds + 1):
            data = build_pdf([_page(10 * number + page, ruled=ruled) for page in range(pages)], packed=True)
            for found, work in zip(times, (_floor, _ours, _plumbed), strict=True):
                found.append(_cpu(lambda work=work, data=data: work(data)) / pages)  # type: ignore[misc]
        floor, ours, plumbed = (statistics.median(found[1:]) for found in times)
        yield {
            "page": name,
            "floor": round(floor, 1),
            "ours": round(ours, 1),
            "times the floor": round(ours / floor, 1),
            "pdfplumber": round(plumbed, 1),
            "times ours": round(plumbed / ours, 1),
        }


def _page(seed: int, *, ruled: bool) -> Sheet:
    """A table of 30 rows by 10 columns, a header of two levels, labels of Han characters, every page with other numbers."""
    sheet = Sheet(width=842, height=842).text(60, 40, "某某市档案局政府信息公开工作年度报告", size=14, font=SONG)
    xs = [40.0, 190.0, *(250.0 + 60 * number for number in range(9))]
    ys = [80.0 + 22 * number for number in range(33)]
    if ruled:
        for number, y in enumerate(ys):
            sheet.line(190 if number == 1 else 40, y, xs[-1], y)
        for number, x in enumerate(xs):
            sheet.line(x, ys[1] if number in (2, 3, 5, 6, 8) else ys[0], x, ys[-1])
    sheet.text(50, 95, "项目", font=SONG)
    for number, text in enumerate(("自然人", "企业机构", "公益组织")):
        sheet.text(215 + 180 * number, 84, text, font=SONG)
    for row in range(1, 32):
        sheet.text(45, ys[row] + 5, f"（{row}）属于行政查询事项的申请", size=9, font=SONG)
        for column, x in enumerate(xs[1:-1]):
            sheet.text(x + 8, ys[row] + 5, str((seed + 7919 * row * (column + 1)) % 10_007), size=9)
    return sheet


def _cpu(do: Callable[[], object]) -> float:
    start = time.process_time()
    do()
    return (time.process_time() - start) * 1e3


def _ours(data: bytes) -> object:
    return read_document(data, media_type="application/pdf", name=None, limits=Limits())


def _plumbed(data: bytes) -> object:
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        return [page.extract_tables() for page in pdf.pages]


def _floor(data: bytes) -> int:
    """One pass over character boxes and path segments."""
    document = pypdfium2.PdfDocument(data)
    sides = tuple(ctypes.byref(ctypes.c_double()) for _ in range(4))
    point = tuple(ctypes.byref(ctypes.c_float()) for _ in range(2))
    seen = 0
    for index in range(len(document)):
        page = raw.FPDF_LoadPage(document.raw, index)
        text = raw.FPDFText_LoadPage(page)
        for number in range(raw.FPDFText_CountChars(text)):
            seen += raw.FPDFText_GetCharBox(text, number, *sides)
        for number in range(raw.FPDFPage_CountObjects(page)):
            item = raw.FPDFPage_GetObject(page, number)
            if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_PATH:
                for segment in range(raw.FPDFPath_CountSegments(item)):
                    seen += raw.FPDFPathSegment_GetPoint(raw.FPDFPath_GetPathSegment(item, segment), *point)
        raw.FPDFText_ClosePage(text)
        raw.FPDF_ClosePage(page)
    document.close()
    return seen
