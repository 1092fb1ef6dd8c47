"""Scanned reports read by us and by other tools, in one run, beside their truth. `make bench-scans`.

python -m tests.bench.scans                                    the committed scans, every tool that is at hand
python -m tests.bench.scans DIR --limit 20                     20 documents of a press run (python -m tests.quality.press --scans ...)
python -m tests.bench.scans --python ../other/bin/python       img2table runs there, if not here: it needs an OpenCV of its own

A row of the report counts as read where the tool has a line or a row of a table whose numbers end with the numbers of that row, in order. "Values":
through our own aligner, which is given the tool's tables as HTML, or its text.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageSequence

from tests.bench.scan_peers import TOOLS
from tests.quality.press.canon import press_forms
from tests.quality.scoring import Score, Truth, add_up, score_result
from tests.quality.sources import COMMITTED_SCANS, Case, press_cases

__all__ = ["count_rows", "main", "printed_rows"]

_ROOT = Path(__file__).resolve().parents[2]
_VENV = Path("build/bench-venvs/img2table")
_HEAD = ("tool", "rows read", "values right", "wrong", "silently", "whole", "CPU s a page", "seconds a page", "MiB", "failed")
_ADVICE = {
    "tabularium": "pip install tabularium[ocr]",
    "tesseract": "apt-get install tesseract-ocr tesseract-ocr-chi-sim tesseract-ocr-chi-tra",
    "img2table + tesseract": f"python3 -m venv {_VENV} && {_VENV}/bin/pip install img2table, and tesseract from apt-get",
    "img2table + rapidocr": f"python3 -m venv {_VENV} && {_VENV}/bin/pip install img2table rapidocr onnxruntime",
}
_NUMBER = re.compile(r"[-−减]?\d[\d,]*(?:\.\d+)?")


def main(arguments: list[str] | None = None) -> int:
    """The command; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scans", description="Score scans beside other tools.")
    parser.add_argument("folder", type=Path, nargs="?", default=COMMITTED_SCANS)
    parser.add_argument("--only", default="", help=f"of {', '.join(TOOLS)}, parted by commas")
    parser.add_argument("--limit", type=int, default=0, help="this many documents, shared out over the kinds")
    parser.add_argument("--python", default="", help=f"an interpreter for tools that this one lacks (default: {_VENV}/bin/python)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    chosen = parser.parse_args(arguments)
    cases = _limited([case for case in press_cases(chosen.folder, "large") if "scan" in case.facets], chosen.limit)
    if not cases:
        parser.error(f"no scans in {chosen.folder}")
    kept: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        jobs = Path(scratch) / "jobs.json"
        jobs.write_text(json.dumps([_job(case, Path(scratch)) for case in cases]), encoding="utf-8")
        rows: list[tuple[str, ...]] = [_HEAD]
        for tool in [name for name in chosen.only.split(",") if name] or TOOLS:
            answer = _answer(tool, jobs, chosen.python)
            if "missing" in answer:
                rows.append((tool, f"left out: {answer['missing']} ({_ADVICE[tool]})"))
                continue
            for kind, members in _by_kind(cases).items():
                figures = _figures(members, answer["documents"])
                kept[f"{tool} {kind}"] = figures
                rows.append(_row(f"{tool}, {kind}", figures, {}))
            rows.append(_row(tool, kept.setdefault(tool, _figures(cases, answer["documents"])), answer))
    load = os.getloadavg()[0]
    print(
        f"{len(cases)} documents of {chosen.folder}; {os.cpu_count()} processors, load {load:.1f}: seconds, not CPU seconds, grow with it"
    )
    _print(rows)
    if chosen.json:
        chosen.json.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def printed_rows(truth: Truth) -> list[tuple[str, ...]]:
    """The whole numbers of each row of the form as printed, blank cells left out; amounts, whose unit differs, are not compared."""
    form = press_forms()[str(truth.form)]
    rows: dict[tuple[str, ...], list[str]] = {}
    for field in form.fields:
        value = truth.values.get(field.pointer)
        if field.type == "integer" and value is not None:
            rows.setdefault((field.pointer.split("/")[1], *field.row_path), []).append(str(value))
    return [tuple(row) for row in rows.values()]


def count_rows(wanted: Iterable[Sequence[str]], found: Iterable[Sequence[str]]) -> int:
    """How many of the wanted rows are the end of a found one, each found row serving once; longer rows first."""
    ends = Counter(tuple(row) for row in found)
    right = 0
    for row in sorted((tuple(row) for row in wanted), key=len, reverse=True):
        match = next((end for end, count in ends.items() if count and end[len(end) - len(row) :] == row and len(end) >= len(row)), None)
        if match is not None:
            ends[match] -= 1
            right += 1
    return right


def _numbers(cells: Sequence[str]) -> tuple[str, ...]:
    texts = (unicodedata.normalize("NFKC", text) for text in cells)
    found = (match.group() for text in texts for match in _NUMBER.finditer(text))
    return tuple(number.replace(",", "").replace("−", "-").replace("减", "-") for number in found)


def _limited(cases: list[Case], limit: int) -> list[Case]:
    kinds = list(_by_kind(cases).values())
    turns = [members[turn] for turn in range(max(map(len, kinds), default=0)) for members in kinds if turn < len(members)]
    return turns[:limit] if limit else cases


def _by_kind(cases: Iterable[Case]) -> dict[str, list[Case]]:
    kinds: dict[str, list[Case]] = {}
    for case in cases:
        kinds.setdefault(case.kind.removesuffix("-clerk"), []).append(case)
    return kinds


def _job(case: Case, scratch: Path) -> dict[str, Any]:
    """The document for us, its pages as PNG for the others; making those is not timed."""
    data = case.read()
    path = scratch / case.name
    path.write_bytes(data)
    pages = []
    for number, picture in enumerate(_pictures(data, case.name)):
        pages.append(str(scratch / f"{case.name}.{number}.png"))
        picture.save(pages[-1], dpi=(int(case.facets["scan"].rpartition("-")[2]),) * 2)
    return {"name": case.name, "path": str(path), "pages": pages, "script": case.facets["script"]}


def _pictures(data: bytes, name: str) -> Iterator[Image.Image]:
    if not name.endswith(".pdf"):
        yield from (page.copy() for page in ImageSequence.Iterator(Image.open(io.BytesIO(data))))
        return
    for page in pypdfium2.PdfDocument(data):
        yield from (picture.get_bitmap().to_pil() for picture in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))


def _answer(tool: str, jobs: Path, other: str) -> dict[str, Any]:
    interpreters = [sys.executable, *([other] if other else [str(_VENV / "bin/python")] if _VENV.is_dir() else [])]
    answer: dict[str, Any] = {}
    for python in interpreters:
        answer = _run(tool, jobs, python)
        if "missing" not in answer:
            break
    return answer


def _run(tool: str, jobs: Path, python: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1"}
    command = [python, str(_ROOT / "tests" / "bench" / "scan_peers.py"), tool, str(jobs)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        return {"missing": (done.stderr.strip().splitlines() or ["it ended without an answer"])[-1]}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def _figures(cases: Sequence[Case], documents: Mapping[str, Any]) -> dict[str, Any]:
    wanted = right = 0
    scores: list[Score] = []
    for case in cases:
        answer = documents.get(case.name, {"rows": [], "text": "", "suffix": ".txt"})
        rows = printed_rows(case.truth)
        wanted += len(rows)
        right += count_rows(rows, [_numbers(row) for row in answer["rows"]])
        pointers = [field.pointer for field in press_forms()[str(case.truth.form)].fields]
        scores.append(score_result(answer.get("result") or _aligned(answer), case.truth, pointers))
    return {"rows": wanted, "rows_right": right, **add_up(scores)}


def _aligned(answer: Mapping[str, Any]) -> dict[str, Any]:
    from pipeline import extract

    return extract(answer["text"].encode(), name=f"document{answer['suffix']}").to_dict()


def _row(name: str, figures: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[str, ...]:
    used = ("", "", "", "")
    if answer:
        pages = answer["pages"]
        used = (
            f"{answer['cpu_seconds'] / pages:.1f}",
            f"{answer['seconds'] / pages:.1f}",
            f"{answer['memory_mib']}",
            f"{len(answer['failed'])}",
        )
    return (
        name,
        f"{figures['rows_right'] / max(1, figures['rows']):.2%}",
        f"{figures['values_right_share']:.2%}",
        f"{figures['wrong']}",
        f"{figures['silent']}",
        f"{figures['whole']}/{figures['documents']}",
        *used,
    )


def _print(rows: Sequence[tuple[str, ...]]) -> None:
    full = [row for row in rows if len(row) == len(_HEAD)]
    widths = [max(len(row[column]) for row in full) for column in range(len(_HEAD))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
