"""The measures: time beside the floor, documents a second, memory after many documents, growth with size. They give plain rows of figures."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lxml import etree

from pipeline.batch import run_batch
from pipeline.engine import extract, read_tables
from tests.bench.pages import Page, pad, vary

__all__ = ["Row", "growth", "memory", "speed", "throughput"]

Row = dict[str, str | int | float]


def _milliseconds(do: Callable[[], object]) -> tuple[float, float]:
    """(wall, processor) time of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    return (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3


def _floor(page: Page, data: bytes) -> Callable[[], object]:
    """What nobody can do without: lxml's tree of a page, the text of a dump."""
    if page.is_html:
        return lambda: etree.fromstring(data, etree.HTMLParser(huge_tree=True))
    return lambda: data.decode("utf-8", "replace").splitlines()


def speed(pages: Sequence[Page], rounds: int) -> Iterator[Row]:
    """Warm time of each kind of document, each document new to the engine: other numbers, other words around it, every time.

    `to JSON` is what Result.to_json() takes on top. Median over documents and rounds; p90 of wall time; times in ms.
    """
    kinds: dict[str, list[Page]] = {}
    for page in pages:
        kinds.setdefault(page.kind, []).append(page)
    for page in pages:
        extract(pad(vary(page, -1), f"{page.name} warm"), name=page.name)
    groups = {"all pages": [p for p in pages if p.is_html], "all dumps": [p for p in pages if not p.is_html], **kinds}
    seen: dict[str, tuple[list[float], ...]] = {}
    for name, members in kinds.items():
        seen[name] = ([], [], [], [], [])
        for number in range(rounds):
            for page in members:
                data = pad(vary(page, number), f"{page.name} {number}")
                walls, cpus, jsons, floors, sizes = seen[name]
                wall, cpu = _milliseconds(lambda data=data, page=page: extract(data, name=page.name))  # type: ignore[misc]
                result = extract(data, name=page.name)
                walls.append(wall)
                cpus.append(cpu)
                jsons.append(_milliseconds(result.to_json)[0])
                floors.append(min(_milliseconds(_floor(page, data))[0] for _ in range(3)))
                sizes.append(len(data) / 1000)
    for name, members in groups.items():
        if not members:
            continue
        of = [seen[kind] for kind in ([name] if name in kinds else sorted({page.kind for page in members}))]
        walls, cpus, jsons, floors, sizes = ([value for figures in of for value in figures[place]] for place in range(5))
        ratio = statistics.median(wall / floor for wall, floor in zip(walls, floors, strict=True))
        yield {
            "kind": name,
            "documents": len(members),
            "KB": round(statistics.median(sizes), 1),
            "ms": round(statistics.median(walls), 2),
            "p90 ms": round(statistics.quantiles(walls, n=10)[-1], 2) if len(walls) > 1 else round(walls[0], 2),
            "cpu ms": round(statistics.median(cpus), 2),
            "to JSON ms": round(statistics.median(jsons), 2),
            "floor ms": round(statistics.median(floors), 3),
            "x floor": round(ratio, 1),
            "target ms": round(max(8.0, 6 * statistics.median(floors)) if members[0].is_html else 15.0, 1),
        }


def throughput(pages: Sequence[Page], count: int, runs: int) -> Iterator[Row]:
    """Documents a second of run_batch over `count` documents, on one job and on two; median of `runs`, taken in turns.

    No two documents are the same (a batch works on the same bytes once): other numbers, and other words around them.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in"
        source.mkdir()
        for number in range(count):
            page = pages[number % len(pages)]
            data = pad(vary(page, number), f"{page.name} {number}")
            (source / f"{number:06d}{Path(page.name).suffix}").write_bytes(data)
        rates: dict[int, list[float]] = {1: [], 2: []}
        for run in range(runs):
            for jobs in rates:
                started = time.perf_counter()
                summary = run_batch(str(source), str(Path(folder) / f"out-{run}-{jobs}"), jobs=jobs)
                rates[jobs].append(summary.total / (time.perf_counter() - started))
    one, two = (statistics.median(rates[jobs]) for jobs in (1, 2))
    for jobs, rate in ((1, one), (2, two)):
        yield {
            "jobs": jobs,
            "documents": count,
            "runs": runs,
            "documents/s": round(rate, 1),
            "slowest": round(min(rates[jobs]), 1),
            "fastest": round(max(rates[jobs]), 1),
            "x one job": round(rate / one, 2),
        }


_MEMORY_CODE = """
import json, sys
from tests.bench.pages import find_pages, pad, vary
from pipeline.engine import extract
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6
pages = find_pages(padded=False)
for number in range(1, max(marks := [int(mark) for mark in sys.argv[1:]]) + 1):
    page = pages[number % len(pages)]
    extract(pad(vary(page, number), f"{page.name} {number}") if number % 10 == 0 else vary(page, number), name=page.name).to_json()
    if number in marks:
        print(json.dumps({"documents": number, "resident MB": round(resident(), 1)}), flush=True)
"""


def memory(marks: Sequence[int]) -> list[Row]:
    """Resident memory of one process after so many documents, all different; one in ten is padded to a full page, for time's sake."""
    command = [sys.executable, "-c", _MEMORY_CODE, *map(str, marks)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def growth(sizes: Sequence[int]) -> Iterator[Row]:
    """Time of the whole way, and of the tables alone, for tables of so many rows of five columns. The exponent is 1 where time is linear."""
    for kind, make in (("html", _html_table), ("pipes", _pipe_table)):
        before: tuple[int, float, float] | None = None
        for size in sizes:
            data = make(size)
            whole = min(_milliseconds(lambda data=data: extract(data))[1] for _ in range(2 if size <= 10_000 else 1))  # type: ignore[misc]
            tables = min(_milliseconds(lambda data=data: read_tables(data))[1] for _ in range(2 if size <= 10_000 else 1))  # type: ignore[misc]
            row: Row = {
                "kind": kind,
                "rows": size,
                "MB": round(len(data) / 1e6, 2),
                "extract cpu ms": round(whole, 1),
                "us/row": round(1e3 * whole / size, 1),
                "tables cpu ms": round(tables, 1),
            }
            if before is not None:
                step = math.log(size / before[0])
                row["exponent"] = round(math.log(whole / before[1]) / step, 2)
                row["tables exponent"] = round(math.log(tables / before[2]) / step, 2)
            before = (size, whole, tables)
            yield row


def _html_table(rows: int) -> bytes:
    lines = [f"<tr><td>区县 {n}</td><td>{n}</td><td>{n * 7 % 1000}</td><td></td><td>{n * 3 % 77}</td></tr>" for n in range(rows)]
    return ("<table><tr><th>名称</th><th>收件</th><th>办结</th><th>结转</th><th>其他</th></tr>" + "\n".join(lines) + "</table>").encode()


def _pipe_table(rows: int) -> bytes:
    lines = [f"区县 {n} | {n} | {n * 7 % 1000} | | {n * 3 % 77} |" for n in range(rows)]
    return ("名称 | 收件 | 办结 | 结转 | 其他 |\n" + "\n".join(lines) + "\n").encode()
