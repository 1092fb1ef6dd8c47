"""The documents that are committed: the press's small set for CI, and `samples/`.

python -m tests.quality.press.fixed committed      tests/quality/press/committed
python -m tests.quality.press.fixed office         tests/quality/press/committed-office, -old-office (read by LibreOffice) and -pdf
python -m tests.quality.press.fixed scans          tests/quality/press/committed-scans
python -m tests.quality.press.fixed samples        samples (the seed report, the notice and the English table are kept by hand)
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.quality.press.__main__ import CACHE, ready_converters
from tests.quality.press.converters import CONVERTERS
from tests.quality.press.make import Wish, is_line_converter, press
from tests.quality.sources import COMMITTED, COMMITTED_OFFICE, COMMITTED_OLD_OFFICE, COMMITTED_PDF, COMMITTED_SCANS, SAMPLE_TRUTHS, SAMPLES

__all__ = [
    "OFFICE_SETS",
    "SAMPLE_WISHES",
    "SCAN_WISHES",
    "committed_wishes",
    "office_wishes",
    "write_committed",
    "write_office",
    "write_samples",
    "write_scans",
]

SEED = 20_260

OFFICE_SETS: dict[Path, tuple[str, ...]] = {
    COMMITTED_OFFICE: ("word-docx", "html-docx", "sheet-xlsx", "html-xlsx", "sheet-xls", "html-xls", "sheet-ods"),
    COMMITTED_OLD_OFFICE: ("word-doc", "html-doc", "word-rtf", "word-odt"),
    COMMITTED_PDF: ("word-pdf", "chromium-pdf", "word-pdf", "chromium-pdf"),
}

# Chosen by number for what is done to them: see draw_scan_hand. Few and small, for reading one costs seconds.
SCAN_WISHES: tuple[Wish, ...] = tuple(
    Wish(number, SEED, set_name, converter, form=form, scan=scan)
    for number, set_name, converter, form, scan in (
        (27, "clean", "word-pdf", "2019", "200"),  # bilevel
        (4, "clean", "chromium-pdf", "2021", "200"),  # bilevel
        (22, "clean", "chromium-pdf", "2014", "200"),
        (33, "clean", "chromium-pdf", "2021", "200"),  # Traditional, one small page
        (13, "clean", "word-pdf", "2021", "120"),
        (19, "clean", "chromium-pdf", "2019", "150"),
        (37, "clerk", "word-pdf", "2021", "300"),  # bilevel
        (3, "clean", "word-pdf", "2021", "rough-200"),  # faint, signed
        (51, "clean", "chromium-pdf", "2021", "rough-200"),  # worn rules
        (10, "clean", "word-pdf", "2019", "rough-200"),  # stamped
        (17, "clean", "word-pdf", "2014", "rough-200"),  # bilevel, upside down, broken rules
        (25, "clerk", "chromium-pdf", "2019", "rough-200"),  # specks, broken rules, faint
    )
)

# name, set that the document must turn out to be of, what is fixed about it
SAMPLE_WISHES: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "2021-word.html",
        "clean",
        {"converter": "html", "form": "2021", "hand": "word", "script": "simplified", "profile": "usual", "blanks": "none"},
    ),
    (
        "2021-blanks.html",
        "clean",
        {"converter": "html", "form": "2021", "hand": "wps", "script": "simplified", "profile": "sparse", "blanks": "all"},
    ),
    ("2021-clerk-error.html", "clerk", {"converter": "html", "form": "2021", "hand": "editor", "script": "simplified", "profile": "usual"}),
    (
        "2019-rows.txt",
        "clean",
        {"converter": "trafilatura-1.12", "form": "2019", "hand": "plain", "script": "simplified", "profile": "usual"},
    ),
    (
        "2019-markdown.txt",
        "clean",
        {"converter": "markdownify", "form": "2019", "hand": "thead", "script": "simplified", "profile": "dense"},
    ),
    (
        "2021-traditional.txt",
        "clean",
        {"converter": "trafilatura-2.0", "form": "2021", "hand": "word", "script": "s2twp", "profile": "usual"},
    ),
    ("2021-terminal.txt", "clean", {"converter": "w3m", "form": "2021", "hand": "plain", "script": "simplified", "profile": "usual"}),
    (
        "2021-columns.txt",
        "clean",
        {"converter": "pdf-layout", "form": "2021", "hand": "plain", "script": "simplified", "profile": "sparse"},
    ),
    ("2014-list.txt", "clean", {"converter": "bs4-newline", "form": "2014", "hand": "editor", "script": "simplified", "profile": "usual"}),
    (
        "2019-truncated.txt",
        "lossy",
        {"converter": "html2text", "form": "2019", "hand": "editor", "script": "simplified", "profile": "usual", "damage": "stopped"},
    ),
)


def committed_wishes() -> list[Wish]:
    """Every converter that is not extra, with every form; a quarter clerks' errors, a quarter lossy."""
    kinds = ("cut", "stopped", "deduplicated", "blanks")
    wishes: list[Wish] = []
    for place, converter in enumerate(item.name for item in CONVERTERS if not item.extra):
        for turn, form in enumerate(("2021", "2019", "2014")):
            number = len(wishes)
            share = (place + turn) % 4
            damage = kinds[(place // 2 + turn) % 4] if share == 1 else ""
            if damage == "deduplicated" and not is_line_converter(converter):
                damage = "cut"
            wishes.append(
                Wish(
                    number,
                    SEED,
                    "clerk" if share == 0 else "lossy" if share == 1 else "clean",
                    converter,
                    form=form,
                    blanks="some" if damage == "blanks" else "",
                    damage="" if damage == "blanks" else damage,
                )
            )
    return wishes


def office_wishes(converters: Sequence[str]) -> list[Wish]:
    """Every converter with every form, an eighth of them with a clerk's error."""
    pairs = [(converter, form) for converter in converters for form in ("2021", "2019", "2014")]
    return [
        Wish(number, SEED, "clerk" if number % 8 == 7 else "clean", converter, form=form) for number, (converter, form) in enumerate(pairs)
    ]


def write_office() -> int:
    """Make the committed sets of office documents and PDFs anew. Exit code 1 when a program is not at hand."""
    for folder, converters in OFFICE_SETS.items():
        if len(ready_converters(",".join(converters), CACHE)) < len(set(converters)):
            return 1
        _write_set(folder, office_wishes(converters))
    return 0


def write_scans(folder: Path = COMMITTED_SCANS) -> int:
    """Make the committed scans anew. Exit code 1 when a program is not at hand."""
    names = {wish.converter for wish in SCAN_WISHES}
    if len(ready_converters(",".join(sorted(names)), CACHE)) < len(names):
        return 1
    _write_set(folder, SCAN_WISHES)
    return 0


def write_committed(folder: Path = COMMITTED) -> int:
    """Make the committed set anew. Exit code 1 when a converter is not at hand."""
    wanted = [item for item in CONVERTERS if not item.extra]
    if len(ready_converters("", CACHE)) < len(wanted):
        return 1
    _write_set(folder, committed_wishes())
    return 0


def _write_set(folder: Path, wishes: Sequence[Wish]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        truths = press(wishes, Path(scratch), CACHE.resolve(), 1)
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "documents").mkdir(parents=True)
        for truth in truths:
            data = (Path(scratch) / "documents" / truth["path"]).read_bytes()
            (folder / "documents" / f"{truth['path']}.gz").write_bytes(gzip.compress(data, mtime=0))
        lines = "".join(json.dumps(truth, ensure_ascii=False, sort_keys=True) + "\n" for truth in truths)
        (folder / "truth.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
    size = sum(path.stat().st_size for path in folder.rglob("*.gz"))
    print(f"press: {len(truths)} documents, {size} bytes in {folder}")


def write_samples(folder: Path = SAMPLES) -> int:
    """Make the samples anew, those kept by hand aside; each wish is drawn again until its document is of the wished set."""
    names = ",".join(sorted({wish["converter"] for _, _, wish in SAMPLE_WISHES}))
    if len(ready_converters(names, CACHE)) < len(names.split(",")):
        return 1
    folder.mkdir(exist_ok=True)
    SAMPLE_TRUTHS.mkdir(exist_ok=True)
    for name, set_name, fixed in SAMPLE_WISHES:
        data, truth = _draw_until(set_name, fixed)
        (folder / name).write_bytes(data)
        _write_truth(name, truth)
    _write_truth("notice.html", {"form": None, "status": "no-report"})
    _write_truth("english-table.html", {"form": None, "status": "no-report", "tables": [[5, 6]]})
    _write_truth("xinyu-2021.txt", _seed_truth())
    return 0


def _draw_until(set_name: str, fixed: dict[str, str]) -> tuple[bytes, dict[str, Any]]:
    converter = fixed["converter"]
    rest = {key: value for key, value in fixed.items() if key != "converter"}
    for start in range(0, 200, 4):
        wishes = [Wish(number, SEED, set_name, converter, **rest) for number in range(start, start + 4)]
        with tempfile.TemporaryDirectory() as scratch:
            for truth in press(wishes, Path(scratch), CACHE.resolve()):
                data = (Path(scratch) / "documents" / truth["path"]).read_bytes()
                if truth["set"] == set_name and truth.get("agency") and _is_utf8(data):
                    return data, truth
    raise RuntimeError(f"no document of the set {set_name} in 200 draws of {fixed}")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _seed_truth() -> dict[str, Any]:
    """The seed report prints 0 everywhere but in one cell (counted by hand: 199 cells of 0 and one of 2)."""
    from tests.quality.press.canon import press_forms

    values: dict[str, int] = dict.fromkeys(sorted(press_forms()["2021"].field_by_pointer), 0)
    values["/proactive/normative_documents/in_force"] = 2
    return {"form": "2021", "status": "accepted", "agency": "新余市政務服務中心", "year": 2021, "values": values}


def _write_truth(name: str, truth: dict[str, Any]) -> None:
    text = json.dumps(truth | {"path": name}, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    (SAMPLE_TRUTHS / f"{Path(name).stem}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(
        {"committed": write_committed, "office": write_office, "samples": write_samples, "scans": write_scans}[sys.argv[1]]()
        if len(sys.argv) == 2
        else 2
    )
