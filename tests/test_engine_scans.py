"""Reports that arrive as pictures: doubtful readings flagged, or repaired by the one reading that the picture and every sum support."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest

from pipeline import engine
from pipeline.engine import extract
from pipeline.model.document import Document
from pipeline.model.limits import Limits
from pipeline.model.reading import Reading
from pipeline.model.result import Report
from pipeline.readers.pdf.read import read_pdf
from tests.harbour import harbour
from tests.readers.pdf.paper import build_pdf, drawn_page
from tests.test_engine_pdf import ROWS, page

SURE = Reading("", 0.9995)


def read_as(
    monkeypatch: pytest.MonkeyPatch, readings: Mapping[str, Reading], rows: Any = ROWS, total: tuple[str, str, str] = ("15", "34", "49")
) -> Report:
    """The report of a page on which cells with the texts given were recognised so, and all others with certainty."""
    data = build_pdf([page(rows, total)])

    def read(data: bytes, **_: object) -> Document:
        from pipeline.readers.context import ReadContext

        document = read_pdf(data, ReadContext(None, None, Limits(), (), "application/pdf"))
        found = {
            cell.place: readings.get(cell.text, SURE._replace(text=cell.text)) for table in document.tables() for cell in table.cells()
        }
        return Document(document.blocks, document.media_type, findings=document.findings, readings=found)

    monkeypatch.setattr(engine, "read_document", read)
    monkeypatch.setattr(engine, "read_again", lambda *_: ())
    result = extract(data, forms=[harbour()])
    assert result.failure is None
    (report,) = result.reports
    return report


def codes(report: Report) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for finding in report.findings:
        if finding.code != "metadata-missing":
            found[finding.code] = (*found.get(finding.code, ()), *finding.pointers)
    return found


def test_certain_readings_that_add_up_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    report = read_as(monkeypatch, {})
    assert report.status == "accepted"
    assert report.evidence["/dues/light/payers"].confidence == 0.9995


def test_a_doubtful_reading_is_repaired_by_the_one_that_all_sums_support(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (ROWS[0], ("In ballast", "4", "8", "9"), *ROWS[2:])
    report = read_as(monkeypatch, {"8": Reading("8", 0.5, (("5", 0.4), ("6", 0.2)), "5")}, rows)
    assert report.status == "accepted"
    assert report.record["traffic"]["coastal"]["ballast"]["steam"] == 5
    (repaired,) = [finding for finding in report.findings if finding.code == "reading-repaired"]
    assert repaired.pointers == ("/traffic/coastal/ballast/steam",)
    assert "read as '8', repaired to '5'" in repaired.message
    assert report.evidence["/traffic/coastal/ballast/steam"].raw == "5"


def test_what_is_read_with_certainty_is_the_clerks_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (ROWS[0], ("In ballast", "4", "8", "9"), *ROWS[2:])
    report = read_as(monkeypatch, {"8": Reading("8", 0.9995, (("5", 0.004),), "8")}, rows)
    assert report.record["traffic"]["coastal"]["ballast"]["steam"] == 8
    assert "reading-repaired" not in codes(report)
    assert "/traffic/coastal/ballast/steam" in codes(report)["identity-broken"]


def test_a_reading_that_only_some_sums_support_is_no_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (ROWS[0], ("In ballast", "4", "8", "9"), *ROWS[2:])
    report = read_as(monkeypatch, {"8": Reading("8", 0.5, (("5", 0.4),), "5")}, rows, total=("15", "36", "51"))
    assert report.record["traffic"]["coastal"]["ballast"]["steam"] == 8
    assert "reading-repaired" not in codes(report)
    assert report.status == "flagged"


def test_of_two_readings_that_mend_a_row_the_one_that_breaks_no_column_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (ROWS[0], ("In ballast", "4", "8", "9"), *ROWS[2:])
    readings = {"8": Reading("8", 0.5, (("5", 0.4),), "5"), "4": Reading("4", 0.5, (("1", 0.4),), "1")}
    report = read_as(monkeypatch, readings, rows)
    assert report.record["traffic"]["coastal"]["ballast"] == {"sail": 4, "steam": 5, "total": 9}


def test_two_changes_at_once_are_no_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (("Laden", "1", "2", "3"), ("In ballast", "7", "8", "9"), *ROWS[2:])
    readings = {"8": Reading("8", 0.5, (("5", 0.4),), "5"), "7": Reading("7", 0.5, (("4", 0.4),), "4")}
    report = read_as(monkeypatch, readings, rows, total=("16", "35", "49"))
    assert report.record["traffic"]["coastal"]["ballast"] == {"sail": 7, "steam": 8, "total": 9}
    assert {"/traffic/coastal/ballast/sail", "/traffic/coastal/ballast/steam"} <= set(
        codes(report)["uncertain-reading"] + codes(report)["identity-broken"]
    )


def test_a_cell_that_was_not_read_is_repaired_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (ROWS[0], ("In ballast", "4", "S", "9"), *ROWS[2:])
    report = read_as(monkeypatch, {"S": Reading("S", 0.5, (("5", 0.3),), "5")}, rows)
    assert report.record["traffic"]["coastal"]["ballast"]["steam"] == 5
    assert report.status == "accepted"


def test_a_doubtful_reading_without_a_sum_is_flagged(monkeypatch: pytest.MonkeyPatch) -> None:
    report = read_as(monkeypatch, {"6": Reading("6", 0.5, (("8", 0.3),), "8")})
    assert report.record["dues"]["mooring"]["payers"] == 6
    assert codes(report) == {"uncertain-reading": ("/dues/mooring/payers",)}
    (finding,) = [finding for finding in report.findings if finding.code == "uncertain-reading"]
    assert finding.message.endswith("read as '6', at a second look '8' (confidence 0.50)")


def test_a_sum_proves_a_doubtful_number_but_no_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    report = read_as(monkeypatch, {"10": Reading("10", 0.5), "0": Reading("0", 0.5)})
    assert report.evidence["/traffic/foreign/laden/sail"].confidence == pytest.approx(0.95)
    assert codes(report) == {"uncertain-reading": ("/traffic/foreign/ballast/sail",)}


def test_a_row_whose_rules_are_doubtful_is_doubtful_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    report = read_as(monkeypatch, {"20": Reading("20", 0.9995, is_placed=False)})
    assert codes(report) == {"uncertain-reading": tuple(f"/traffic/foreign/laden/{key}" for key in ("sail", "steam", "total"))}


def test_a_report_that_was_scanned() -> None:
    pytest.importorskip("rapidocr", reason="the extra [ocr] is not installed")
    out = io.BytesIO()
    drawn_page(page()).save(out, "JPEG", quality=70, dpi=(200, 200))
    result = extract(out.getvalue(), forms=[harbour()])
    (report,) = result.reports
    assert [finding.code for finding in report.findings if finding.is_doubt] == []
    assert report.record["traffic"]["coastal"] == {
        "laden": {"sail": 1, "steam": 2, "total": 3},
        "ballast": {"sail": 4, "steam": 5, "total": 9},
    }
    assert report.record["title"] == "Yearly return of Oldport for 1907"
    assert report.record["dues"]["light"] == {"payers": 3, "amount": 4.5}
    (place,) = report.evidence["/traffic/coastal/laden/sail"].places
    assert place.to_dict()["box"] == pytest.approx([250.0, 140.0, 310.0, 160.0], abs=1.5)
    assert result.to_json() == extract(out.getvalue(), forms=[harbour()]).to_json()
