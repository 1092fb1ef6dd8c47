"""Print how fast the engine is on this machine, beside what nobody can do without. `make bench`; docs/speed.md says how to read it.

python -m tests.bench                     time beside the floor, documents a second, growth with table size
DOCS=5000 RUNS=5 python -m tests.bench    the full run of documents a second
MEMORY=1 python -m tests.bench            also resident memory after 1,000 and 20,000 documents
python -m tests.bench --only speed,growth --json build/bench.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measure import Row, growth, memory, speed, throughput
from tests.bench.pages import PRESSED, find_pages

PARTS = ("speed", "throughput", "growth", "pdf", "memory")
CONVERTERS = "html,trafilatura-1.8,trafilatura-1.12,trafilatura-2,inscriptis,w3m,lynx,pandoc-markdown,pdf-layout"


def main(arguments: list[str] | None = None) -> int:
    """The command; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure time and memory.")
    parser.add_argument("--only", default="", help=f"of {', '.join(PARTS)}, parted by commas")
    parser.add_argument("--rounds", type=int, default=3, help="how often each document is timed, each time with other contents")
    parser.add_argument("--sizes", default="1000,10000,100000", help="rows of the growing tables")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--press", action="store_true", help=f"make the documents anew with the press, in {PRESSED.parent}")
    chosen = parser.parse_args(arguments)
    wanted = [part for part in chosen.only.split(",") if part] or [part for part in PARTS if part != "memory" or os.environ.get("MEMORY")]
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"no part called {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    if chosen.press:
        from tests.quality.press.__main__ import main as make_press

        make_press(["--out", str(PRESSED.parent), "--count", "60", "--seed", "3", "--converters", CONVERTERS])
    pages = find_pages(padded=False)
    load = os.getloadavg()[0]
    print(f"{len(pages)} documents from {PRESSED if PRESSED.is_dir() else 'the committed press'}; ", end="")
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {load:.1f} (above 0.5 the figures are too high)")
    figures: dict[str, list[Row]] = {}
    for part in wanted:
        if part == "speed":
            rows = list(speed(pages, chosen.rounds))
        elif part == "throughput":
            rows = list(throughput(pages, int(os.environ.get("DOCS") or 200), int(os.environ.get("RUNS") or 1)))
        elif part == "pdf":
            from tests.bench.pdf import pdf_pages

            rows = list(pdf_pages(chosen.rounds))
        elif part == "growth":
            rows = list(growth([int(size) for size in chosen.sizes.split(",")]))
        else:
            rows = memory([1000, 20_000])
        figures[part] = rows
        print(f"\n{part}")
        _print(rows)
        sys.stdout.flush()
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps({"load": load, **figures}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def _print(rows: Sequence[Row]) -> None:
    """An aligned table: names to the left, figures to the right."""
    heads = list(dict.fromkeys(name for row in rows for name in row))
    table = [heads, *([str(row.get(name, "")) for name in heads] for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(heads))]
    for line in table:
        print(
            "  ".join(
                text.ljust(width) if column == 0 else text.rjust(width)
                for column, (text, width) in enumerate(zip(line, widths, strict=True))
            )
        )


if __name__ == "__main__":
    sys.exit(main())
