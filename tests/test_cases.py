"""Whole documents and what comes of them, reviewed line by line: tests/cases/<format>/<slug>/.

A case is input.* with the results: grid.txt (the tables drawn), records.json, findings.json. Form files beside the input are looked for
instead of the built-in forms. PIPELINE_REGEN=1 rewrites the results; the test of that variable fails then, so that it is not left on.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline import extract
from pipeline.model.jsonbytes import dump_json_indented
from pipeline.output.drawing import draw_table

CASES = Path(__file__).resolve().parent / "cases"
INPUTS = sorted(CASES.glob("*/*/input.*"))
REGEN = "PIPELINE_REGEN"


def results(source: Path) -> dict[str, bytes]:
    """What comes of an input, by the name of the file that keeps it."""
    forms = sorted(source.parent.glob("*.form.toml")) or None
    read = extract(source.read_bytes(), name=source.name, forms=forms)
    result = read.to_dict()
    records = [{"form": item["form"], "status": item["status"], "record": item["record"]} for item in result["reports"]]
    findings = {
        "status": result["status"],
        "failure": result["failure"],
        "document": result["findings"],
        "reports": [item["findings"] for item in result["reports"]],
    }
    return {
        "grid.txt": "\n".join(draw_table(table, width=None) for table in read.tables).encode(),
        "records.json": dump_json_indented(records),
        "findings.json": dump_json_indented(findings),
    }


def test_there_are_cases() -> None:
    assert {path.parent.parent.name for path in INPUTS} == {"html", "text"}
    assert len(INPUTS) >= 7
    folders = {path.parent for path in INPUTS}
    assert {path for path in CASES.glob("*/*") if path.is_dir()} == folders, "a case without an input"
    assert len(folders) == len(INPUTS), "a case with two inputs"


@pytest.mark.parametrize("source", INPUTS, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_case(source: Path) -> None:
    found = results(source)
    if os.environ.get(REGEN):
        for name, content in found.items():
            (source.parent / name).write_bytes(content)
    for name, content in found.items():
        kept = source.parent / name
        assert kept.is_file(), f"{kept} is missing; {REGEN}=1 writes it"
        assert content.decode() == kept.read_text(encoding="utf-8"), (
            f"{kept}: {REGEN}=1 rewrites it; look at the difference before it is kept"
        )


def test_results_are_not_being_rewritten() -> None:
    assert not os.environ.get(REGEN), f"{REGEN} is set: what the other tests compared with was written by themselves"
