"""Our tables beside those of other tools, on PDFs with known truth, in one run. `make bench-tables DATA=DIR`.

DIR holds PDFs and the `*-str.xml` truths of the ICDAR-2013 table competition, and perhaps a `ruling.json` that says how each table is ruled.

python -m tests.bench.tables DIR                                  every tool that is installed
python -m tests.bench.tables DIR --python ../other/bin/python     peers that are missing here run under that interpreter
python -m tests.bench.tables DIR --only tabularium --documents    how each document does
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench.adjacency import DocumentScore, PlainCell, PlainTable, document_name, mean_f1, read_truth, score_document
from tests.bench.peers import TOOLS

_ROOT = Path(__file__).resolve().parents[2]
_HEAD = ("tool", "F1 by document", "precision", "recall", "F1 of all", "spans found", "spans right", "tables", "seconds", "CPU s")


def main(arguments: list[str] | None = None) -> int:
    """The command; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.tables", description="Score tables of PDFs beside other tools.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help=f"of {', '.join(TOOLS)}, parted by commas")
    parser.add_argument("--python", default="", help="an interpreter for tools that this one lacks")
    parser.add_argument("--documents", action="store_true", help="each document's score, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the scores there")
    chosen = parser.parse_args(arguments)
    truths = read_truth(chosen.folder)
    if not truths:
        parser.error(f"no *-str.xml in {chosen.folder}")
    rows: list[tuple[str, ...]] = [_HEAD]
    kept: dict[str, Any] = {}
    for tool in [name for name in chosen.only.split(",") if name] or TOOLS:
        answer = _run(tool, chosen.folder, sys.executable)
        if "missing" in answer and chosen.python:
            answer = _run(tool, chosen.folder, chosen.python)
        if "missing" in answer:
            rows.append((tool, f"not installed ({answer['missing']})", *[""] * (len(_HEAD) - 2)))
            continue
        scores = _score(truths, answer["documents"])
        rows.append(_row(tool, scores, answer))
        kept[tool] = {name: {"f1": round(score.f1, 4)} for name, score in scores.items()}
        if chosen.documents:
            rows += [
                (f"  {name}", f"{score.f1:.3f}", *[""] * 5, f"{score.tables_found}/{score.tables_true}", "", "")
                for name, score in scores.items()
            ]
        if answer["failed"]:
            print(f"{tool} failed on {', '.join(sorted(answer['failed']))}", file=sys.stderr)
    _print(rows)
    if chosen.json:
        chosen.json.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def _run(tool: str, folder: Path, python: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [python, str(_ROOT / "tests" / "bench" / "peers.py"), tool, str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        return {"missing": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "it ended without an answer"}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def _score(truths: Mapping[str, Any], documents: Mapping[str, Any]) -> dict[str, DocumentScore]:
    found = {document_name(name): [_table(table) for table in tables] for name, tables in documents.items()}
    return {name: score_document(truth, found.get(name, [])) for name, truth in truths.items()}


def _table(table: Mapping[str, Any]) -> PlainTable:
    return PlainTable(table["page"], tuple(PlainCell(**cell) for cell in table["cells"]))


def _row(tool: str, scores: Mapping[str, DocumentScore], answer: Mapping[str, Any]) -> tuple[str, ...]:
    def total(name: str) -> int:
        return sum(int(getattr(score, name)) for score in scores.values())

    precision = sum(score.right / score.found if score.found else 0.0 for score in scores.values()) / len(scores)
    recall = sum(score.right / score.true if score.true else 0.0 for score in scores.values()) / len(scores)
    return (
        tool,
        f"{mean_f1(scores):.3f}",
        f"{precision:.3f}",
        f"{recall:.3f}",
        f"{2 * total('right') / (total('found') + total('true')):.3f}",
        f"{total('spans_right')} of {total('spans_true')}",
        f"{total('spans_right') / total('spans_found'):.2f}" if total("spans_found") else "-",
        f"{total('tables_found')} for {total('tables_true')}",
        f"{answer['seconds']:.1f}",
        f"{answer['cpu_seconds']:.1f}",
    )


def _print(rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in rows if not row[1].startswith("not ")) for column in range(len(_HEAD))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
