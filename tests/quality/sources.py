"""The documents that are scored, by kind, each with its truth: samples, the seed, real reports, the press's sets."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.readers.office.convert import find_office
from pipeline.readers.scans.installed import is_installed as can_read
from tests.quality.press.canon import press_forms
from tests.quality.press.figures import broken_identities
from tests.quality.scoring import Truth

__all__ = [
    "COMMITTED",
    "COMMITTED_OFFICE",
    "COMMITTED_OLD_OFFICE",
    "COMMITTED_PDF",
    "COMMITTED_SCANS",
    "SAMPLES",
    "SAMPLE_TRUTHS",
    "Case",
    "find_cases",
    "press_cases",
    "read_truth",
]

SAMPLES = Path("samples")
SAMPLE_TRUTHS = Path("tests/quality/samples")  # not beside the samples: a batch over them would read them
COMMITTED = Path("tests/quality/press/committed")
COMMITTED_OFFICE = Path("tests/quality/press/committed-office")
COMMITTED_OLD_OFFICE = Path("tests/quality/press/committed-old-office")  # read with the help of LibreOffice
COMMITTED_PDF = Path("tests/quality/press/committed-pdf")
COMMITTED_SCANS = Path("tests/quality/press/committed-scans")
_FACETS = ("converter", "hand", "form", "script", "profile", "damage", "scan", "container", "mode", "marks")


@dataclass(frozen=True, slots=True)
class Case:
    """One document to score. `name` is what the engine is told; `facets` say how it was made, for tables by converter and the like."""

    kind: str
    name: str
    path: Path
    truth: Truth
    facets: Mapping[str, str]

    def read(self) -> bytes:
        data = self.path.read_bytes()
        return gzip.decompress(data) if self.path.suffix == ".gz" else data


def find_cases() -> tuple[list[Case], list[str]]:
    """All documents that are at hand without making any, and a sentence about each kind that is not."""
    cases = [*_samples()]
    notes = []
    data = os.environ.get("TABULARIUM_DATA")
    if data and Path(data).is_dir():
        cases += _seed(Path(data))
        cases += _real(Path(data))
    else:
        notes.append("seed, real: skipped, the environment variable TABULARIUM_DATA names no folder")
    if (COMMITTED / "truth.jsonl.gz").is_file():
        cases += press_cases(COMMITTED, "press")
    else:
        notes.append(f"press: skipped, {COMMITTED} has no truth.jsonl.gz")
    for folder, kind in ((COMMITTED_OFFICE, "office"), (COMMITTED_OLD_OFFICE, "old-office"), (COMMITTED_PDF, "pdf")):
        if not (folder / "truth.jsonl.gz").is_file():
            notes.append(f"{kind}: skipped, {folder} has no truth.jsonl.gz")
        elif kind == "old-office" and find_office() is None:
            notes.append("old-office: skipped, LibreOffice is not installed (apt-get install libreoffice-writer)")
        else:
            cases += press_cases(folder, kind)
    if not (COMMITTED_SCANS / "truth.jsonl.gz").is_file():
        notes.append(f"scan: skipped, {COMMITTED_SCANS} has no truth.jsonl.gz")
    elif not can_read():
        notes.append("scan: skipped, the extra that reads pictures is not installed (pip install 'tabularium[ocr]')")
    else:
        cases += press_cases(COMMITTED_SCANS, "scan")
    return cases, notes


def press_cases(folder: Path, kind: str) -> list[Case]:
    """The documents of a press run or of the committed set; clerks' errors and lossy texts are kinds of their own."""
    packed = folder / "truth.jsonl.gz"
    lines = gzip.decompress(packed.read_bytes()).decode() if packed.is_file() else (folder / "truth.jsonl").read_text(encoding="utf-8")
    cases = []
    for line in lines.splitlines():
        entry = json.loads(line)
        plain = folder / "documents" / entry["path"]
        facets = {name: str(entry[name]) for name in _FACETS if name in entry}
        its_kind = _scan_kind(kind, entry["scan"]) if "scan" in entry else kind
        its_kind = its_kind if entry["set"] == "clean" else f"{its_kind}-{entry['set']}"
        path = plain if plain.is_file() else plain.with_name(plain.name + ".gz")
        cases.append(Case(its_kind, entry["path"], path, read_truth(entry), facets))
    return cases


def _scan_kind(kind: str, scan: str) -> str:
    """Scans of a press run are told apart by dots an inch: scan-200, scan-rough-200; those of the committed set are few: scan, scan-rough."""
    if kind == "large":
        return f"scan-{scan}"
    return f"{kind}-rough" if scan.startswith("rough") else kind


def read_truth(entry: Mapping[str, Any]) -> Truth:
    """A truth as committed files and the press write it: form, status, values, lost, hidden, must_flag, agency, year, set, tables."""
    values = entry.get("values", {})
    form = entry.get("form")
    hidden = entry.get("hidden", {})
    broken = broken_identities(press_forms()[form], values) if form else []
    grids = entry.get("tables")
    return Truth(
        form=form,
        status=entry["status"],
        values=values,
        lost=frozenset(entry.get("lost", ())) | frozenset(hidden),
        hidden=hidden,
        must_flag=frozenset(entry.get("must_flag", ())),
        excused=frozenset(pointer for identity in broken for pointer in identity.pointers),
        agency=entry.get("agency"),
        year=entry.get("year"),
        scored=frozenset(name for name in ("agency", "year") if name in entry),
        lossy=entry.get("set") == "lossy",
        grids=None if grids is None else tuple((rows, cols) for rows, cols in grids),
    )


def _samples() -> Iterator[Case]:
    for truth_file in sorted(SAMPLE_TRUTHS.glob("*.json")):
        entry = json.loads(truth_file.read_text(encoding="utf-8"))
        path = SAMPLES / entry["path"]
        yield Case("samples", path.name, path, read_truth(entry), {"form": str(entry.get("form"))})


def _seed(data: Path) -> Iterator[Case]:
    truth_file = SAMPLE_TRUTHS / "xinyu-2021.json"
    path = data / "seed" / "xinyu-2021.txt"
    if path.is_file() and truth_file.is_file():
        entry = json.loads(truth_file.read_text(encoding="utf-8"))
        yield Case("seed", path.name, path, read_truth(entry), {"form": "2021"})


def _real(data: Path) -> Iterator[Case]:
    truths = json.loads((data / "real" / "truth.json").read_text(encoding="utf-8"))
    for name, entry in sorted(truths.items()):
        yield Case("real", name, data / "real" / name, read_truth(entry), {"form": entry["form"]})
