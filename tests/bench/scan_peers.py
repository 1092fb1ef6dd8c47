"""What one tool reads from scanned pages, as JSON on stdout. Runs by itself, also under an interpreter that has other libraries.

python tests/bench/scan_peers.py TOOL JOBS    JOBS: a JSON list of {"name", "path", "pages": [PNG files], "script": "simplified" or another};
                                              the tools are those of TOOLS below; `tabularium` needs this project on the path
"""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

# Rows of cell texts; and the document in a form that our own aligner reads: its bytes and file name, or none where the tool is ours.
Answer = dict[str, Any]


def tabularium(job: dict[str, Any]) -> Answer:
    from pipeline import extract

    path = Path(job["path"])
    result = extract(path.read_bytes(), name=path.name).to_dict()
    rows: list[list[str]] = []
    for table in result["tables"]:
        by_row: dict[int, list[str]] = {}
        for cell in table["cells"]:
            by_row.setdefault(cell["row"], []).append(cell["text"])
        rows += by_row.values()
    return {"rows": rows, "result": result}


def tesseract(job: dict[str, Any]) -> Answer:
    """The program itself, told the script; rows are the lines that it finds."""
    rows: list[list[str]] = []
    text = ""
    for page in job["pages"]:
        # 6, one block of text: with automatic layout it leaves out most numbers of ruled tables.
        options = ["-l", _language(job), "--psm", "6", "-c", "preserve_interword_spaces=1"]
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        subprocess.run(["tesseract", page, page, *options, "tsv", "txt"], capture_output=True, check=True, env=environment)
        rows += _lines_of(Path(f"{page}.tsv").read_text(encoding="utf-8"))
        text += Path(f"{page}.txt").read_text(encoding="utf-8") + "\n"
    return {"rows": rows, "text": text, "suffix": ".txt"}


def _language(job: dict[str, Any]) -> str:
    return "chi_sim" if job["script"] == "simplified" else "chi_tra"


def _lines_of(table: str) -> list[list[str]]:
    lines: dict[tuple[str, ...], list[str]] = {}
    for word in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if word["level"] == "5" and word["text"].strip():
            lines.setdefault((word["block_num"], word["par_num"], word["line_num"]), []).append(word["text"])
    return list(lines.values())


def img2table_tesseract(job: dict[str, Any]) -> Answer:
    from img2table.ocr import TesseractOCR  # type: ignore[import-not-found]

    return _img2table(job, _kept("tesseract " + _language(job), lambda: TesseractOCR(lang=_language(job), psm=11)))


def img2table_rapidocr(job: dict[str, Any]) -> Answer:
    """With the recogniser that this project uses, in its own wrapping."""
    from img2table.ocr import RapidOCR
    from rapidocr import LangRec  # type: ignore[import-not-found,unused-ignore]

    threads = {f"EngineConfig.onnxruntime.{name}_op_num_threads": 1 for name in ("intra", "inter")}
    return _img2table(job, _kept("rapidocr", lambda: RapidOCR(params={"Rec.lang_type": LangRec.CH, **threads})))


_engines: dict[str, Any] = {}


def _kept(name: str, make: Callable[[], Any]) -> Any:
    if name not in _engines:
        _engines[name] = make()
    return _engines[name]


def _img2table(job: dict[str, Any], ocr: Any) -> Answer:
    """Its tables with their spans as HTML."""
    from img2table.document import Image  # type: ignore[import-not-found]

    rows: list[list[str]] = []
    page_parts = []
    for page in job["pages"]:
        for table in Image(page, detect_rotation=True).extract_tables(ocr=ocr):
            spots: dict[tuple[int, int, int, int], list[Any]] = {}
            for r, row in table.content.items():
                for c, cell in enumerate(row):
                    box = (cell.bbox.x1, cell.bbox.y1, cell.bbox.x2, cell.bbox.y2)
                    spot = spots.setdefault(box, [r, c, r, c, cell.value or ""])
                    spot[2], spot[3] = max(spot[2], r), max(spot[3], c)
            lines: dict[int, list[list[Any]]] = {}
            for spot in spots.values():
                lines.setdefault(spot[0], []).append(spot)
            rows += [[spot[4] for spot in line] for line in lines.values()]
            page_parts.append("<table>" + "".join(_html_row(lines.get(r, [])) for r in range(max(lines, default=-1) + 1)) + "</table>")
    return {"rows": rows, "text": f"<html><body>{''.join(page_parts)}</body></html>", "suffix": ".html"}


def _html_row(line: list[list[Any]]) -> str:
    cells = (f'<td rowspan="{low - top + 1}" colspan="{right - left + 1}">{escape(text)}</td>' for top, left, low, right, text in line)
    return f"<tr>{''.join(cells)}</tr>"


TOOLS: dict[str, Callable[[dict[str, Any]], Answer]] = {
    "tabularium": tabularium,
    "tesseract": tesseract,
    "img2table + tesseract": img2table_tesseract,
    "img2table + rapidocr": img2table_rapidocr,
}


def main(tool: str, jobs_file: str) -> None:
    """Print {"seconds", "cpu_seconds", "pages", "memory_mib", "documents": {name: answer}, "failed": {name: why}}.

    Imports and models are loaded by one more document first, which is not counted.
    """
    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)
    read = TOOLS[tool]
    jobs = json.loads(Path(jobs_file).read_text(encoding="utf-8"))
    try:
        read(jobs[0])
    except (ImportError, FileNotFoundError) as error:
        print(json.dumps({"missing": str(error)}))
        return
    except Exception:  # noqa: BLE001 # a peer may fail on a document in any way
        pass
    documents: dict[str, Answer] = {}
    failed: dict[str, str] = {}
    wall, cpu = time.perf_counter(), _cpu_seconds()
    for job in jobs:
        try:
            documents[job["name"]] = read(job)
        except Exception as error:  # noqa: BLE001
            failed[job["name"]] = f"{type(error).__name__}: {error}"
    used = {"seconds": time.perf_counter() - wall, "cpu_seconds": _cpu_seconds() - cpu, "memory_mib": _peak() // 1024}
    print(json.dumps({**used, "pages": sum(len(job["pages"]) for job in jobs), "documents": documents, "failed": failed}))


def _usage() -> list[resource.struct_rusage]:
    """Of this process and of the programs it ran."""
    return [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]


def _cpu_seconds() -> float:
    return sum(usage.ru_utime + usage.ru_stime for usage in _usage())


def _peak() -> int:
    return max(usage.ru_maxrss for usage in _usage())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
