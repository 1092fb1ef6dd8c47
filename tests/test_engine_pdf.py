"""Reports that arrive as PDF: the same record as from any other kind, each value with its page and box; doubts are read twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.engine import extract
from pipeline.model.place import PagePlace
from pipeline.model.result import Report
from tests.harbour import harbour
from tests.readers.pdf.paper import Sheet, build_pdf

XS = (50.0, 150.0, 250.0, 310.0, 370.0, 430.0)
ROWS = (("Laden", "1", "2", "3"), ("In ballast", "4", "5", "9"), ("Laden", "10", "20", "30"), ("In ballast", "0", "7", "7"))


def report(sheets: Sequence[Sheet]) -> Report:
    result = extract(build_pdf(sheets), name="return.pdf", forms=[harbour()])
    assert result.failure is None
    (found,) = result.reports
    return found


def page(rows: Sequence[Sequence[str]] = ROWS, total: Sequence[str] = ("15", "34", "49"), *, ruled: bool = True) -> Sheet:
    """The return of a harbour: its two tables, ruled with merged cells or set by white space alone."""
    sheet = Sheet().text(120, 50, "Yearly return of Oldport for 1907", size=12).text(50, 80, "Ships that called")
    tops = [100.0 + 20 * number for number in range(8)]
    if ruled:
        for number, y in enumerate(tops):
            sheet.line(250 if number == 1 else (150 if number in (3, 5) else 50), y, 370 if number == 1 else 430, y)
        for x, start, end in ((50, 0, 7), (150, 2, 6), (250, 0, 7), (310, 1, 7), (370, 0, 7), (430, 0, 7)):
            sheet.line(x, tops[start], x, tops[end])
    sheet.text(55, 114, "Voyage").text(275, 104, "Propelled by").text(375, 114, "Total").text(255, 124, "Sail").text(315, 124, "Steam")
    sheet.text(55, 154, "Coastal voyages").text(55, 194, "Foreign voyages").text(55, 224, "All voyages")
    for number, row in enumerate(rows):
        for x, text in zip((155, 255, 315, 375), row, strict=True):
            sheet.text(x, 144 + 20 * number, text)
    for x, text in zip((255, 315, 375), total, strict=True):
        sheet.text(x, 224, text)
    sheet.text(50, 280, "Dues received")
    for number, cells in enumerate(
        (("Kind of due", "Payers", "Amount (in pounds)"), ("Light dues", "3", "4.5"), ("Mooring dues", "6", "7"))
    ):
        for x, text in zip((55, 205, 305), cells, strict=True):
            sheet.text(x, 304 + 20 * number, text)
    if ruled:
        for y in (300, 320, 340, 360):
            sheet.line(50, y, 430, y)
        for x in (50, 200, 300, 430):
            sheet.line(x, 300, x, 360)
    return sheet


def test_a_ruled_report_is_accepted_with_pages_and_boxes() -> None:
    found = report([page()])
    assert [finding.code for finding in found.findings if finding.is_doubt] == []
    assert found.status == "accepted"
    traffic = found.record["traffic"]
    assert traffic["coastal"] == {"laden": {"sail": 1, "steam": 2, "total": 3}, "ballast": {"sail": 4, "steam": 5, "total": 9}}
    assert traffic["all"] == {"sail": 15, "steam": 34, "total": 49}
    assert found.record["dues"]["light"] == {"payers": 3, "amount": 4.5}
    evidence = found.evidence["/traffic/coastal/laden/sail"]
    assert evidence.raw == "1"
    (place,) = evidence.places
    assert place == PagePlace(1, (250.0, 140.0, 310.0, 160.0))


def test_a_sum_that_does_not_hold_is_read_twice() -> None:
    pytest.importorskip("pdfplumber")
    found = report([page(total=("15", "34", "48"))])
    assert found.status == "flagged"
    codes = [finding.code for finding in found.findings]
    assert "identity-broken" in codes
    assert "readings-differ" not in codes
    (twice,) = [finding for finding in found.findings if finding.code == "read-twice"]
    assert twice.severity == "info"
    assert "were read alike by a second reader" in twice.message


def test_nothing_is_read_twice_without_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> object:
        raise AssertionError("a second reader was asked")

    monkeypatch.setattr("pipeline.readers.pdf.plumber.plumb_boxes", never)
    assert report([page()]).status == "accepted"


def test_a_report_without_rules_has_no_wrong_value_unsaid() -> None:
    found = report([page(ruled=False)])
    truth = {"/traffic/all/sail": 15, "/traffic/all/total": 49, "/dues/light/payers": 3, "/dues/mooring/amount": 7}
    doubted = {pointer for finding in found.findings if finding.is_doubt for pointer in finding.pointers}
    for pointer, value in truth.items():
        item: Any = found.record
        for key in pointer.split("/")[1:]:
            item = item[key]
        assert item == value or pointer in doubted, pointer
