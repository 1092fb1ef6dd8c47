"""Read documents with the library, from several threads: `python library.py FILE...`.

`extract` has no state: it may be called from any thread. It is bounded by `Limits` (sizes, cells, nesting); a bound on time and memory, whatever a document
does, comes with processes that can be killed: `Desk`.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeline import extract


def read(file: Path) -> str:
    """One line about a document."""
    result = extract(file.read_bytes(), name=file.name)
    if result.failure is not None:
        return f"{file.name}: {result.failure.code}: {result.failure.message}"
    reports = ", ".join(f"{report.form} of {report.record['agency']}, {report.record['year']}" for report in result.reports)
    return f"{file.name}: {result.status}: {reports or 'no report'}"


if __name__ == "__main__":
    with ThreadPoolExecutor(4) as pool:
        for line in pool.map(read, map(Path, sys.argv[1:])):
            print(line)
