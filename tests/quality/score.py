"""Score the engine on known truths, by kind of source.

    python -m tests.quality.score                     samples, the committed press; the seed and real reports when TABULARIUM_DATA is set
    python -m tests.quality.score --press 2000        the same, and a press run of 2,000 documents made now (seed printed)
    python -m tests.quality.score --scans 200         only a press run of 200 scans made now
    python -m tests.quality.score --show real         every value that is not right, with document, pointer, expected, got, raw
    python -m tests.quality.score --write-floors      keep what was reached as the floors; refuses to lower one without --lower "reason"

Exit 1 when a figure is below its floor (tests/quality/floors.toml), 2 on a wrong command line.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.quality.floors import FLOORS_FILE, below_floors, raise_floors, read_floors
from tests.quality.press.canon import press_forms
from tests.quality.reliability import bin_confidences, reliability_rows
from tests.quality.scoring import Given, Miss, Score, add_up, score_result
from tests.quality.sources import Case, find_cases, press_cases

__all__ = ["Scored", "main", "score_case", "score_cases"]

SCANS = "200:4,rough-200:3,120,150,300"  # shares of a run of scans
PARALLEL_FROM = 60  # below this many documents a second process costs more than it saves


@dataclass(frozen=True, slots=True)
class Scored:
    """A case with its score."""

    case: Case
    score: Score


def score_case(case: Case) -> Score:
    """Run the engine over one document. An exception is the engine's bug: it is printed and the document counts as failed."""
    from pipeline import extract

    try:
        result = extract(case.read(), name=case.name).to_dict()
    except Exception:  # noqa: BLE001 - the contract says that extract never raises for a source; the scorer must go on and say where it did
        print(f"score: {case.kind} {case.name}: the engine raised\n{traceback.format_exc(limit=-4)}", file=sys.stderr)
        result = {"status": "failed", "failure": {"code": "raised"}, "reports": [], "findings": [], "tables": []}
    pointers = [] if case.truth.form is None else [item.pointer for item in press_forms()[case.truth.form].fields]
    return score_result(result, case.truth, pointers)


def score_cases(cases: Sequence[Case], jobs: int = 2) -> list[Scored]:
    """Score in the order given; with many documents on `jobs` processes."""
    if len(cases) < PARALLEL_FROM or jobs < 2:
        return [Scored(case, score_case(case)) for case in cases]
    with multiprocessing.Pool(jobs) as pool:
        return [Scored(case, score) for case, score in zip(cases, pool.imap(score_case, cases, chunksize=8), strict=True)]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. See the module's docstring."""
    chosen = _parser().parse_args(arguments)
    cases, notes = ([], []) if chosen.scans else find_cases()
    if chosen.scans:
        cases = _press_run(chosen.scans, chosen.seed, chosen.converters, chosen.jobs, SCANS)
    if chosen.press:
        cases += _press_run(chosen.press, chosen.seed, chosen.converters, chosen.jobs)
    if chosen.press_dir:
        cases += press_cases(chosen.press_dir, "large")
    if chosen.kinds:
        wanted = set(chosen.kinds.split(","))
        cases = [case for case in cases if case.kind in wanted]
    if not cases:
        print("score: nothing to score: " + ("; ".join(notes) or "no document of these kinds"), file=sys.stderr)
        return 2
    started = time.perf_counter()
    scored = score_cases(cases, chosen.jobs)
    seconds = time.perf_counter() - started
    measured = {kind: add_up([item.score for item in items]) for kind, items in _grouped(scored, lambda item: item.case.kind).items()}
    if chosen.json:
        _write_json(chosen.json, measured, scored)
    if chosen.json != "-":
        _print_figures(measured, "kind")
        for facet in filter(None, chosen.by.split(",")):
            faceted = [item for item in scored if facet in item.case.facets]
            by_facet = _grouped(faceted, lambda item, facet=facet: f"{item.case.kind} {item.case.facets[facet]}")  # type: ignore[misc]
            _print_figures({name: add_up([item.score for item in items]) for name, items in by_facet.items()}, facet)
        if chosen.reliability:
            _print_rows(reliability_rows(_given(scored)))
        for kind in filter(None, chosen.show.split(",")):
            _print_misses([item for item in scored if item.case.kind == kind], chosen.limit)
        print(f"{len(cases)} documents in {seconds:.1f} s" + "".join(f"\n{note}" for note in notes))
    return _floors(measured, chosen.write_floors, chosen.lower)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.quality.score", description="Score the engine on known truths.")
    parser.add_argument("--press", type=int, default=0, metavar="N", help="make and score a press run of N documents")
    parser.add_argument("--scans", type=int, default=0, metavar="N", help="make and score only a press run of N scanned documents")
    parser.add_argument("--seed", type=int, default=1, help="seed of that run")
    parser.add_argument("--converters", default="", help="only these converters in that run")
    parser.add_argument("--press-dir", type=Path, help="score a press run that was made before")
    parser.add_argument("--kinds", default="", help="score only these kinds, parted by commas")
    parser.add_argument("--by", default="", help="also a table by converter, hand, form, script, profile or damage")
    parser.add_argument("--show", default="", metavar="KIND", help="list what is not right in these kinds")
    parser.add_argument("--reliability", action="store_true", help="also how many of the values given a confidence are right, by kind")
    parser.add_argument("--limit", type=int, default=200, help="lines of --show")
    parser.add_argument("--json", default="", metavar="FILE", help="write the figures and every miss as JSON (- is stdout)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write-floors", action="store_true", help="keep what was reached as the floors")
    parser.add_argument("--lower", metavar="REASON", help="allow --write-floors to lower floors, for this reason")
    return parser


def _press_run(count: int, seed: int, converters: str, jobs: int, scans: str = "") -> list[Case]:
    from tests.quality.press.__main__ import main as make_press

    out = Path("build") / "press" / f"{'scans-' if scans else ''}seed-{seed}-{count}"
    print(f"press: {count} documents, seed {seed}, in {out}", file=sys.stderr)
    options = ["--out", str(out), "--count", str(count), "--seed", str(seed), "--converters", converters, "--jobs", str(jobs)]
    if make_press([*options, "--scans", scans]):
        return []
    return press_cases(out, "large")


def _floors(measured: dict[str, dict[str, int | float]], write: bool, reason: str | None) -> int:
    floors = read_floors()
    if write:
        text, lowered = raise_floors(floors, measured, reason)
        if lowered and not reason:
            print(
                'score: floors not written, they would be lowered (--lower "reason" allows it):\n  ' + "\n  ".join(lowered), file=sys.stderr
            )
            return 1
        FLOORS_FILE.write_text(text, encoding="utf-8")
        print(f"floors written to {FLOORS_FILE}", file=sys.stderr)
        return 0
    complaints = below_floors(floors, measured)
    for complaint in complaints:
        print(f"score: {complaint}", file=sys.stderr)
    return 1 if complaints else 0


def _grouped(scored: Iterable[Scored], key: Callable[[Scored], str]) -> dict[str, list[Scored]]:
    groups: dict[str, list[Scored]] = defaultdict(list)
    for item in scored:
        groups[key(item)].append(item)
    return dict(groups)


def _print_figures(measured: dict[str, dict[str, int | float]], what: str) -> None:
    heads = [what, "documents", "values right", "share", "whole", "wrong", "silently", "(docs)", "abstained", "needless", "(docs)"]
    rows = [[*heads, "status", "planted", "repairs", "agency", "year", "unexplained"]]
    for name, figures in measured.items():
        count = figures["documents"]
        of = {part: f"{figures[part]}/{count}" for part in ("whole", "status_right")}
        row = [name, f"{count}", f"{figures['right']}/{figures['values']}", f"{figures['values_right_share']:.2%}", of["whole"]]
        row += [f"{figures['wrong']}", f"{figures['silent']}", f"({figures['silent_documents']})", f"{figures['abstained']}"]
        row += [f"{figures['needless']}", f"({figures['needless_documents']})", of["status_right"]]
        row += [
            f"{figures['caught']}/{figures['planted']}",
            f"{figures['repairs_right']}/{figures['repairs']}",
            f"{figures['agencies_right']}/{figures['agencies']}",
        ]
        rows.append([*row, f"{figures['years_right']}/{figures['years']}", f"{figures['unexplained']}"])
    _print_rows(rows)


def _given(scored: Sequence[Scored]) -> dict[str, list[Given]]:
    """Confidences by kind of source, clerks' errors with the rest, and of all kinds together."""
    kinds = _grouped(scored, lambda item: item.case.kind.removesuffix("-clerk"))
    given = {kind: [part for item in items for part in item.score.given] for kind, items in kinds.items()}
    return {**given, "all": [part for parts in given.values() for part in parts]} if len(given) > 1 else given


def _print_rows(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print()
    for row in rows:
        print(
            "  ".join(
                text.ljust(width) if column == 0 else text.rjust(width)
                for column, (text, width) in enumerate(zip(row, widths, strict=True))
            )
        )


def _print_misses(scored: Sequence[Scored], limit: int) -> None:
    lines = [(item.case.name, miss) for item in scored for miss in item.score.misses]
    lines += [
        (item.case.name, Miss("wrong", "(status)", item.case.truth.status, item.score.status, ""))
        for item in scored
        if not item.score.status_right
    ]
    print()
    for name, miss in lines[:limit]:
        print(f"{name}  {miss.kind:14}  {miss.pointer}  expected {miss.expected}, got {miss.got}, raw {miss.raw!r}")
    if len(lines) > limit:
        print(f"... and {len(lines) - limit} more (--limit)")


def _write_json(target: str, measured: dict[str, dict[str, int | float]], scored: Sequence[Scored]) -> None:
    documents: list[dict[str, Any]] = [
        {"kind": item.case.kind, "name": item.case.name, "facets": dict(item.case.facets), "expected_status": item.case.truth.status}
        | {name: value for name, value in asdict(item.score).items() if name != "given"}
        for item in scored
    ]
    reliability = {kind: [asdict(found) for found in bin_confidences(given)] for kind, given in _given(scored).items()}
    text = json.dumps({"kinds": measured, "reliability": reliability, "documents": documents}, ensure_ascii=False, indent=1) + "\n"
    if target == "-":
        print(text, end="")
    else:
        Path(target).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
