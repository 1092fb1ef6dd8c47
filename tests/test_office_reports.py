"""Reports in Word documents and workbooks from bytes to result: the numbers, where they stand, and what is doubted."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import pytest

from pipeline import extract
from pipeline.model.result import Result
from tests.paper import at, doubted, numbers
from tests.quality.press.make import Draft, Wish, draft
from tests.quality.press.sheet_writer import SheetHand, write_xlsx
from tests.quality.press.word_writer import WordHand, write_docx
from tests.readers.office.packages import zipped

TOTAL = "/applications/received/total"


@pytest.fixture(scope="module")
def made() -> Draft:
    """A report without blanks, in plain digits."""
    for number in range(200):
        report = draft(Wish(number, 31, "clean", "word-docx", form="2021", script="simplified", profile="usual", blanks="none"))
        hand = report.number_hand
        if not hand.full_width and hand.money == "bare" and not hand.thousands and not report.layout_hand.table_per_band:
            return report
    raise AssertionError("no such report in 200 draws")


def word(made: Draft, folder: Path, hand: WordHand | None = None) -> bytes:
    path = folder / "x.docx"
    write_docx(made.prose, made.tables, made.script, hand or WordHand(), random.Random(1), path)
    return path.read_bytes()


def book(made: Draft, folder: Path, hand: SheetHand | None = None) -> bytes:
    path = folder / "x.xlsx"
    write_xlsx(made.prose, made.tables, made.values, made.form, made.number_hand, made.script, hand or SheetHand(), random.Random(1), path)
    return path.read_bytes()


def read(data: bytes) -> Result:
    result = extract(data)
    assert result.failure is None
    assert len(result.reports) == 1
    return result


def wrong(made: Draft, result: Result) -> list[str]:
    found = numbers(result.reports[0])
    return [pointer for pointer, value in made.values.items() if found[pointer] != (None if value is None else float(value))]


@pytest.mark.parametrize("hand", [WordHand(), WordHand(cut="header"), WordHand(cut="bare"), WordHand(framed=True), WordHand(tracked=True)])
def test_a_word_document_is_a_report_whatever_the_hand(made: Draft, tmp_path: Path, hand: WordHand) -> None:
    result = read(word(made, tmp_path, hand))
    assert wrong(made, result) == []
    assert result.status == "accepted"
    place = result.reports[0].evidence[TOTAL].places[0].to_dict()
    assert set(place) == {"table_number", "row", "col"}


@pytest.mark.parametrize(
    "hand", [SheetHand(), SheetHand(spans="unmerged"), SheetHand(spans="centred"), SheetHand(sheets=True, blank_row=True)]
)
def test_a_workbook_is_a_report_whatever_the_hand(made: Draft, tmp_path: Path, hand: SheetHand) -> None:
    result = read(book(made, tmp_path, hand))
    assert wrong(made, result) == []
    assert result.status == "accepted"
    assert set(result.reports[0].evidence[TOTAL].places[0].to_dict()) == {"sheet", "cell"}


def test_a_number_stands_where_its_place_says(made: Draft, tmp_path: Path) -> None:
    import openpyxl

    data = book(made, tmp_path)
    place = read(data).reports[0].evidence[TOTAL].places[0].to_dict()
    cell = openpyxl.load_workbook(io.BytesIO(data))[place["sheet"]][place["cell"]]
    assert float(cell.value) == made.values[TOTAL]


def test_a_place_in_word_is_the_cell_that_python_docx_finds(made: Draft, tmp_path: Path) -> None:
    import docx

    data = word(made, tmp_path)
    place: dict[str, Any] = read(data).reports[0].evidence[TOTAL].places[0].to_dict()
    table = docx.Document(io.BytesIO(data)).tables[place["table_number"] - 1]
    assert table.cell(place["row"], place["col"]).text == str(made.values[TOTAL])


def test_a_total_whose_formula_has_no_result_is_doubted_by_name(made: Draft, tmp_path: Path) -> None:
    import openpyxl

    data = book(made, tmp_path)
    place = read(data).reports[0].evidence[TOTAL].places[0].to_dict()
    opened = openpyxl.load_workbook(io.BytesIO(data))
    opened[place["sheet"]][place["cell"]] = "=SUM(A1:A2)"
    changed = io.BytesIO()
    opened.save(changed)
    result = read(changed.getvalue())
    report = result.reports[0]
    assert at(report.record, TOTAL) is None
    assert TOTAL in doubted(report)
    assert "value-not-stored" in [finding.code for finding in result.findings]
    assert result.status == "flagged"


def test_an_embedded_worksheet_keeps_a_report_from_being_accepted(made: Draft, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(word(made, tmp_path))) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    object_ = b'<w:p><w:r><w:object xmlns:o="urn:schemas-microsoft-com:office:office"><o:OLEObject ProgID="Excel.Sheet.12"/></w:object></w:r></w:p>'
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:sectPr", object_ + b"<w:sectPr", 1)
    result = read(zipped(parts))
    assert wrong(made, result) == []
    assert result.status == "flagged"
    assert [finding.code for finding in result.findings] == ["embedded-document"]
