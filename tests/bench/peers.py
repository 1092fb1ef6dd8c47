"""What one tool makes of the PDFs of a folder, as JSON on stdout. Runs by itself, also under an interpreter that has other libraries.

python tests/bench/peers.py TOOL FOLDER    the tools are those of TOOLS below; `tabularium` needs this project on the path
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

Tables = list[dict[str, Any]]


def tabularium(path: Path) -> Tables:
    from pipeline import read_tables

    return [{"page": table.grid.page_number, "cells": _cells(table)} for table in read_tables(path.read_bytes(), name=path.name)]


def _cells(table: Any) -> list[dict[str, Any]]:
    return [{"row": c.row, "col": c.col, "row_span": c.row_span, "col_span": c.col_span, "text": c.text} for c in table.grid.cells]


def tabularium_of_text(path: Path) -> Tables:
    """What is left to read where a crawler kept only the text that `pdftotext -layout` made of each page. ImportError without pdftotext."""
    from pipeline import read_tables

    if shutil.which("pdftotext") is None:
        raise ImportError("pdftotext (apt-get install poppler-utils)")
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    pages = [(number, text) for number, text in enumerate(done.stdout.split(b"\f"), 1) if text.strip()]
    return [{"page": number, "cells": _cells(table)} for number, text in pages for table in read_tables(text, name="page.txt")]


def pdfplumber_lines(path: Path) -> Tables:
    return _pdfplumber(path, {})


def pdfplumber_text(path: Path) -> Tables:
    return _pdfplumber(path, {"vertical_strategy": "text", "horizontal_strategy": "text"})


def _pdfplumber(path: Path, settings: dict[str, str]) -> Tables:
    """Its cells by their boxes: a box over several lines of the grid is a cell that spans."""
    import pdfplumber

    tables = []
    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            for table in page.find_tables(settings):
                boxes = [
                    (box, text)
                    for row, texts in zip(table.rows, table.extract(), strict=True)
                    for box, text in zip(row.cells, texts, strict=True)
                    if box
                ]
                xs = sorted({x for box, _ in boxes for x in (box[0], box[2])})
                ys = sorted({y for box, _ in boxes for y in (box[1], box[3])})
                cells = []
                for (x0, top, x1, bottom), text in boxes:
                    row, col = ys.index(top), xs.index(x0)
                    size = {"row_span": ys.index(bottom) - row, "col_span": xs.index(x1) - col}
                    cells.append({"row": row, "col": col, **size, "text": text or ""})
                tables.append({"page": page.page_number, "cells": cells})
            page.close()
    return tables


def camelot_lattice(path: Path) -> Tables:
    return _camelot(path, "lattice")


def camelot_hybrid(path: Path) -> Tables:
    return _camelot(path, "hybrid")


def _camelot(path: Path, flavor: str) -> Tables:
    """Its cells put together where it saw no edge between them (lattice only: elsewhere it sees none at all)."""
    import camelot

    tables = []
    for table in camelot.read_pdf(str(path), pages="all", flavor=flavor):  # type: ignore[attr-defined]
        rows = table.cells
        taken: set[tuple[int, int]] = set()
        cells = []
        for r, row in enumerate(rows):
            for c, _cell in enumerate(row):
                if (r, c) in taken:
                    continue
                right, low = c + 1, r + 1
                if flavor == "lattice":
                    while right < len(row) and not row[right - 1].right and not row[right].left:
                        right += 1
                    while low < len(rows) and not any(rows[low - 1][i].bottom or rows[low][i].top for i in range(c, right)):
                        low += 1
                slots = [(i, j) for i in range(r, low) for j in range(c, right)]
                taken.update(slots)
                text = " ".join(str(rows[i][j].text).strip() for i, j in slots if str(rows[i][j].text).strip())
                cells.append({"row": r, "col": c, "row_span": low - r, "col_span": right - c, "text": text})
        tables.append({"page": int(table.page), "cells": cells})
    return tables


def img2table(path: Path) -> Tables:
    return _img2table(path, borderless=False)


def img2table_borderless(path: Path) -> Tables:
    return _img2table(path, borderless=True)


def _img2table(path: Path, *, borderless: bool) -> Tables:
    from img2table.document import PDF  # type: ignore[import-not-found]

    tables = []
    pages = PDF(str(path), detect_rotation=False, pdf_text_extraction=True).extract_tables(borderless_tables=borderless)
    for page, found in pages.items():
        for table in found:
            spots: dict[tuple[int, int, int, int], dict[str, Any]] = {}
            for r, row in table.content.items():
                for c, cell in enumerate(row):
                    box = (cell.bbox.x1, cell.bbox.y1, cell.bbox.x2, cell.bbox.y2)
                    spot = spots.setdefault(box, {"row": r, "col": c, "row_span": 1, "col_span": 1, "text": cell.value or ""})
                    spot["row_span"] = max(spot["row_span"], r - spot["row"] + 1)
                    spot["col_span"] = max(spot["col_span"], c - spot["col"] + 1)
            tables.append({"page": page + 1, "cells": list(spots.values())})
    return tables


TOOLS: dict[str, Callable[[Path], Tables]] = {
    "tabularium": tabularium,
    "tabularium of pdftotext": tabularium_of_text,
    "pdfplumber lines": pdfplumber_lines,
    "pdfplumber text": pdfplumber_text,
    "camelot lattice": camelot_lattice,
    "camelot hybrid": camelot_hybrid,
    "img2table": img2table,
    "img2table borderless": img2table_borderless,
}


def main(tool: str, folder: str) -> None:
    """Print {"seconds", "cpu_seconds", "documents": {name: tables}, "failed": {name: why}}; what importing costs is not counted."""
    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)
    read = TOOLS[tool]
    paths = sorted(Path(folder).glob("*.pdf"))
    try:
        read(paths[0])  # imports, caches
    except ImportError as error:
        print(json.dumps({"missing": str(error)}))
        return
    except Exception:  # noqa: BLE001  # a peer may fail on a document in any way
        pass
    documents: dict[str, Tables] = {}
    failed: dict[str, str] = {}
    wall, cpu = time.perf_counter(), time.process_time()
    for path in paths:
        try:
            documents[path.stem] = read(path)
        except Exception as error:  # noqa: BLE001
            documents[path.stem] = []
            failed[path.stem] = f"{type(error).__name__}: {error}"
    seconds, used = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu_seconds": used, "documents": documents, "failed": failed}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
