"""Read many small documents out of WARC files and say what the batch itself costs: `python -m tests.bench.soak --documents 100000`.

All documents differ. For each number of jobs: documents a second; the processor time of the parent (ledger, journal, the order of work), of the process that walks
the archives with the workers, and of the dataset, each for a document; and resident memory at five moments of the run, of the parent, of the largest worker and
of the process that walks. The last line holds these against what is wanted; exit 1 when something is missed. On a machine that others use only memory and
processor time mean something.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.archives import record, response
from tests.bench.pages import find_pages, vary

ROOT = Path(__file__).resolve().parent.parent.parent
WARCS = 10
MOMENTS = 5

_RUN = """
import json, resource, sys, time
from pipeline.batch import run_batch
from pipeline.dataset import build_dataset
def used(who=resource.RUSAGE_SELF):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime
source, out, jobs = sys.argv[1:]
begun, started = used(), time.monotonic()
summary = run_batch(source, out, jobs=int(jobs))
wall, parent = time.monotonic() - started, used() - begun
print(json.dumps({"documents": summary.total, "by status": summary.by_status, "wall": wall, "parent": parent, "children": used(resource.RUSAGE_CHILDREN)}), flush=True)
begun, started = used(), time.monotonic()
rows = build_dataset(out).row_counts
print(json.dumps({"dataset": used() - begun, "dataset wall": time.monotonic() - started, "rows": sum(rows.values())}), flush=True)
"""


def make_warcs(folder: Path, count: int) -> None:
    """`count` different small documents in WARC files, as a crawl has them."""
    pages = find_pages(Path("no such folder"), padded=False)
    for warc in range(WARCS):
        with (folder / f"{warc}.warc.gz").open("wb") as file:
            for number in range(warc, count, WARCS):
                page = pages[number % len(pages)]
                # A comment or a last line of its own: two variations may have the same numbers.
                mark = f"<!-- {number} -->" if page.is_html else f"\n{number}\n"
                body = vary(page, number) + mark.encode()
                kind = "text/html" if page.is_html else "text/plain"
                uri = f"http://example.org/{number}{Path(page.name).suffix}"
                file.write(gzip.compress(record("response", uri, response(body, content_type=kind), number=number), 1))


def resident(pid: int) -> dict[str, float]:
    """Megabytes of the process, of its largest worker, and of the one that walks archives."""
    found = {"parent": _resident(pid), "worker": 0.0, "unpack": 0.0}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            words = Path(f"/proc/{child}/cmdline").read_text()
        except OSError:
            continue
        kind = next((kind for kind in ("worker", "unpack") if f"pipeline.{kind} " in words), None)
        if kind is not None:
            found[kind] = max(found[kind], _resident(int(child)))
    return found


def _resident(pid: int) -> float:
    try:
        return round(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
    except OSError:
        return 0.0


def measure(source: Path, out: Path, jobs: int) -> dict[str, Any]:
    """One run: what it says of itself, and its memory at some moments, the last one before the dataset."""
    told = out.with_suffix(".told")
    with told.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-c", _RUN, str(source), str(out), str(jobs)], cwd=ROOT, stdout=file)
    samples: list[dict[str, float]] = []
    while not told.read_bytes() and process.poll() is None:
        samples.append(resident(process.pid))
        time.sleep(0.5)
    process.wait()
    if process.returncode:
        raise SystemExit(f"the run ended with {process.returncode}")
    lines = told.read_text().splitlines()
    others = [line for line in lines if not line.startswith("{")]
    if others:
        raise SystemExit(f"the run printed what is none of ours: {others[:3]}")
    figures = {name: value for line in lines for name, value in json.loads(line).items()}
    size = max(1, len(samples) // MOMENTS)
    pieces = [samples[at : at + size] for at in range(0, size * MOMENTS, size)]
    figures["resident MB"] = {
        kind: [max((sample[kind] for sample in piece), default=0.0) for piece in pieces] for kind in ("parent", "worker", "unpack")
    }
    return figures


def main() -> int:
    """The command; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description="What a batch costs beside its documents.")
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--jobs", default="1,2", help="one after the other")
    options = parser.parse_args()
    rates: dict[int, float] = {}
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "in"
        source.mkdir()
        make_warcs(source, options.documents)
        for jobs in map(int, options.jobs.split(",")):
            figures = measure(source, Path(name) / f"out-{jobs}", jobs)
            count, parent, children, dataset = (figures[key] for key in ("documents", "parent", "children", "dataset"))
            rates[jobs] = count / figures["wall"]
            share = (parent + dataset) / (parent + children + dataset)
            print(
                f"{jobs} jobs: {count} documents, {rates[jobs]:.1f} a second; {json.dumps(figures['by status'])}; load {os.getloadavg()[0]:.1f}"
            )
            print(
                f"  processor ms a document: parent {1000 * parent / count:.2f}, workers {1000 * children / count:.2f}, "
                f"dataset {1000 * dataset / count:.2f}: parent and dataset are {100 * share:.1f} % of the whole"
            )
            memory = figures["resident MB"]
            for kind, values in memory.items():
                print(f"  {kind} MB: {' '.join(map(str, values))}", flush=True)
            if share > 0.05:
                missed.append(f"cost {100 * share:.1f} % > 5 %")
            if memory["parent"][-1] > 1.15 * memory["parent"][1] + 2:
                missed.append("the parent's memory grows")
    if {1, 2} <= rates.keys():
        print(f"2 jobs are {rates[2] / rates[1]:.2f} x 1 job")
        if rates[2] / rates[1] < 1.8:
            missed.append("less than 1.8 x")
    print("; ".join(missed) or "all as wanted")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
