"""Runs one converter over many pages in one process. Needs nothing of the project: it runs inside a converter's own environment.

    python convert_worker.py CONVERTER JOBS.jsonl      each line {"in": page.html, "out": text file}

A page the converter cannot do is left without its output file and named on stderr; the rest goes on.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

_PRINT_STYLE = (
    "body{font-family:'WenQuanYi Zen Hei','Noto Sans CJK SC',sans-serif;font-size:10.5pt}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid black;padding:2pt;font-weight:normal}p{margin:2pt 0}"
    "td p{margin:0}@page{size:A4;margin:20mm 15mm}"
)


def converter_named(name: str) -> Callable[[str], str | bytes]:
    """The function that turns the HTML of a page into what the converter leaves of it."""
    family, _, variant = name.partition("-")
    families: dict[str, Callable[[str], Callable[[str], str | bytes]]] = {
        "trafilatura": _trafilatura,
        "html2text": _html2text,
        "inscriptis": _inscriptis,
        "bs4": _beautiful_soup,
        "markdownify": _markdownify,
        "pdf": _pdf,
        "resiliparse": _resiliparse,
        "drawn": _drawn,
    }
    return families[family](variant)


def reader_named(name: str) -> Callable[[str], str] | None:
    """The function that reads the text of a PDF file; None for a converter of HTML."""
    readers: dict[str, Callable[[str], str]] = {
        "pdf-pdfminer": _pdfminer,
        "pdf-pdfplumber": partial(_pdfplumber, layout=False),
        "pdf-pdfplumber-layout": partial(_pdfplumber, layout=True),
        "pdf-pymupdf": partial(_pymupdf, sort=False),
        "pdf-pymupdf-sorted": partial(_pymupdf, sort=True),
        "pdf-pypdf": partial(_pypdf, mode="plain"),
        "pdf-pypdf-layout": partial(_pypdf, mode="layout"),
    }
    return readers.get(name)


def _pdfminer(path: str) -> str:
    return str(import_module("pdfminer.high_level").extract_text(path))


def _pdfplumber(path: str, *, layout: bool) -> str:
    with import_module("pdfplumber").open(path) as document:
        return "\n".join(page.extract_text(layout=layout) or "" for page in document.pages)


def _pymupdf(path: str, *, sort: bool) -> str:
    with import_module("pymupdf").open(path) as document:
        return "\n".join(page.get_text(sort=sort) for page in document)


def _pypdf(path: str, *, mode: str) -> str:
    return "\n".join(page.extract_text(extraction_mode=mode) for page in import_module("pypdf").PdfReader(path).pages)


def _trafilatura(variant: str) -> Callable[[str], str]:
    trafilatura: Any = import_module("trafilatura")

    if variant.endswith("markdown"):
        return lambda page: trafilatura.extract(page, include_tables=True, output_format="markdown") or ""
    return lambda page: trafilatura.extract(page, include_tables=True) or ""


def _html2text(variant: str) -> Callable[[str], str]:
    html2text: Any = import_module("html2text")

    def convert(page: str) -> str:
        maker = html2text.HTML2Text(bodywidth=0)
        maker.pad_tables = variant == "padded"
        return str(maker.handle(page))

    return convert


def _inscriptis(variant: str) -> Callable[[str], str]:
    inscriptis: Any = import_module("inscriptis")

    return lambda page: str(inscriptis.get_text(page))


def _beautiful_soup(variant: str) -> Callable[[str], str]:
    soup: Any = import_module("bs4").BeautifulSoup

    choices: dict[str, dict[str, Any]] = {
        "glued": {},
        "newline": {"separator": "\n"},
        "lines": {"separator": "\n", "strip": True},
        "pipe": {"separator": "|", "strip": True},
        "space": {"separator": " ", "strip": True},
    }
    options = choices[variant]
    return lambda page: str(soup(page, "lxml").get_text(**options))


def _markdownify(variant: str) -> Callable[[str], str]:
    markdownify: Any = import_module("markdownify")

    return lambda page: str(markdownify.markdownify(page))


def _resiliparse(variant: str) -> Callable[[str], str]:
    extract: Any = import_module("resiliparse.extract.html2text").extract_plain_text

    return lambda page: str(extract(page))


def _drawn(variant: str) -> Callable[[str], str]:
    """ "csv-slots": the tables as CSV, every slot a cell; "cells": only the cells of each row; "repeated": a spanning cell in each of its slots."""
    how, _, mode = variant.partition("-")
    soup: Any = import_module("bs4").BeautifulSoup

    def convert(page: str) -> str:
        tree = soup(page, "html5lib")
        for node in tree(["script", "style", "head"]):
            node.decompose()
        drawings = []
        for table in [table for table in tree.find_all("table") if not table.find("table")]:
            drawings.append(_draw(how, _rows(table, mode)))
            mark = tree.new_tag("p")
            mark.string = f"\ue000{len(drawings) - 1}\ue001"
            table.replace_with(mark)
        texts: list[list[Any]] = []
        for text in tree.body.find_all(string=True):
            folded = " ".join(text.split())
            block = text.find_parent(["p", "div", "h1", "h2", "li", "td"])
            if folded and texts and texts[-1][0] is block:
                texts[-1][1] += folded
            elif folded:
                texts.append([block, folded])
        joined = "\n\n".join(text for _, text in texts) + "\n"
        for number, drawing in enumerate(drawings):
            joined = joined.replace(f"\ue000{number}\ue001", drawing)
        return joined

    return convert


def _rows(table: Any, mode: str) -> list[list[str]]:
    rows = [row.find_all(["td", "th"], recursive=False) for row in table.find_all("tr")]
    if mode == "cells":
        return [[" ".join(cell.get_text().split()) for cell in row] for row in rows]
    slots: dict[tuple[int, int], str] = {}
    for down, row in enumerate(rows):
        right = 0
        for cell in row:
            while (down, right) in slots:
                right += 1
            text = " ".join(cell.get_text().split())
            height, width = int(cell.get("rowspan", 1)), int(cell.get("colspan", 1))
            for slot in ((below, beside) for below in range(height) for beside in range(width)):
                slots[down + slot[0], right + slot[1]] = text if mode == "repeated" or slot == (0, 0) else ""
            right += width
    width = max((right for _, right in slots), default=-1) + 1
    return [[slots.get((down, right), "") for right in range(width)] for down in range(len(rows))]


def _draw(how: str, rows: list[list[str]]) -> str:
    if how in ("csv", "semicolon"):
        out = io.StringIO()
        csv.writer(out, delimiter="," if how == "csv" else ";", lineterminator="\n").writerows(rows)
        return out.getvalue().rstrip("\n")
    if how in ("tab", "four_blanks"):
        return "\n".join(("\t" if how == "tab" else " " * 4).join(row) for row in rows)
    if how.startswith("frame_"):
        width = max(map(len, rows), default=0)
        frame: Any = import_module("pandas").DataFrame([row + [None] * (width - len(row)) for row in rows])
        return str(frame.to_csv() if how == "frame_csv" else frame.to_markdown()).rstrip("\n")
    tabulate: Any = import_module("tabulate").tabulate
    return str(tabulate(rows[1:], headers=rows[0] if rows else (), tablefmt=how, disable_numparse=True))


def _pdf(variant: str) -> Callable[[str], bytes]:
    import logging

    weasyprint: Any = import_module("weasyprint")

    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    fonts = weasyprint.text.fonts.FontConfiguration()
    style = weasyprint.CSS(string=_PRINT_STYLE, font_config=fonts)
    return lambda page: bytes(weasyprint.HTML(string=page).write_pdf(stylesheets=[style], font_config=fonts))


def main() -> int:
    name, jobs_file = sys.argv[1:3]
    read = reader_named(name)
    convert = converter_named(name) if read is None else read
    failed = 0
    for line in Path(jobs_file).read_text(encoding="utf-8").splitlines():
        job = json.loads(line)
        try:
            made = convert(Path(job["in"]).read_text(encoding="utf-8") if read is None else job["in"])
        except Exception as cause:  # noqa: BLE001 - a converter nobody here wrote: whatever it raises, the next page is tried
            failed += 1
            print(f"{name}: {job['in']}: {cause!r}", file=sys.stderr)
            continue
        Path(job["out"]).write_bytes(made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
