"""What reading twice buys: python -m tests.bench.twice PRESS-DIR [N].

Every value of the PDFs of a press run is read again by pdfplumber, and the engine's own second readings are counted: how many wrong values
each catches, how often it differs from a right one, and the processor time of both.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

from pipeline import extract
from pipeline.model.limits import Limits
from pipeline.model.place import PagePlace
from pipeline.readers.again import read_again
from tests.quality.sources import press_cases

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Print the figures. The second argument: how many documents, all when it is left out."""
    cases = [case for case in press_cases(Path(arguments[0]), "press") if case.path.name.removesuffix(".gz").endswith(".pdf")]
    cases = cases[: int(arguments[1])] if len(arguments) > 1 else cases
    counts: Counter[str] = Counter()
    spent: defaultdict[str, float] = defaultdict(float)
    for case in cases:
        data = case.read()
        started = time.process_time()
        result = extract(data, name=case.name, limits=Limits(max_second_pages=0))
        spent["engine alone"] += time.process_time() - started
        started = time.process_time()
        doubted = extract(data, name=case.name)
        spent["engine, doubts read again"] += time.process_time() - started
        counts["pages"] += len(
            {cell.place.page_number for table in result.tables for cell in table.grid.cells if isinstance(cell.place, PagePlace)}
        )
        for report in doubted.reports:
            again = [finding for finding in report.findings if finding.code in ("readings-differ", "read-twice")]
            counts["documents with doubts read again"] += bool(again)
            counts["doubtful cells that differ"] += sum(finding.code == "readings-differ" for finding in again)
        for report in result.reports:
            places = {p: e.places[0] for p, e in report.evidence.items() if len(e.places) == 1 and p in case.truth.values}
            doubts = {p for finding in report.findings if finding.is_doubt for p in finding.pointers}
            pages = {place.page_number for p, place in places.items() if p in doubts and isinstance(place, PagePlace)}
            counts["pages with doubts"] += len(pages)
            texts = {cell.place: cell.text for table in result.tables for cell in table.grid.cells if cell.place is not None}
            started = time.process_time()
            readings = read_again(
                data, "application/pdf", [(x, texts[x]) for x in places.values() if x in texts], Limits(max_second_pages=99)
            )
            spent["all cells by pdfplumber"] += time.process_time() - started
            differ = {reading.place for reading in readings if not reading.agrees}
            for pointer, place in places.items():
                value = _at(report.record, pointer)
                is_right = value == case.truth.values[pointer]
                kind = "right" if is_right else "wrong, flagged" if pointer in doubts else "wrong, not flagged"
                counts[f"{kind}: {'differ' if place in differ else 'agree'}"] += 1
    counts["documents"] = len(cases)
    for name, count in sorted(counts.items()):
        print(f"{name:40} {count}")
    for name, seconds in spent.items():
        print(f"{name:40} {seconds:.1f} s")
    return 0


def _at(record: object, pointer: str) -> object:
    for step in pointer.split("/")[1:]:
        record = record.get(step) if isinstance(record, dict) else None
    return record


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
