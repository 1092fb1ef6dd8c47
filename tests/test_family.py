"""The engine knows no family: one that nobody has heard of is a file in a temporary folder, and is read from every kind of source."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import extract
from pipeline.cli import main
from pipeline.forms.load import load_form, load_forms
from pipeline.forms.record_schema import record_schema
from pipeline.model.form import Form, RowNode
from pipeline.values.fold import fold_characters
from tests.harbour import FORM

PACKAGE = Path(__file__).resolve().parent.parent / "pipeline"

VALUES = {
    "/traffic/coastal/laden/sail": 31,
    "/traffic/coastal/laden/steam": 12,
    "/traffic/coastal/laden/total": 43,
    "/traffic/coastal/ballast/sail": 7,
    "/traffic/coastal/ballast/steam": 2,
    "/traffic/coastal/ballast/total": 9,
    "/traffic/foreign/laden/sail": 5,
    "/traffic/foreign/laden/steam": 1044,
    "/traffic/foreign/laden/total": 1049,
    "/traffic/foreign/ballast/sail": 0,
    "/traffic/foreign/ballast/steam": 3,
    "/traffic/foreign/ballast/total": 3,
    "/traffic/all/sail": 43,
    "/traffic/all/steam": 1061,
    "/traffic/all/total": 1104,
    "/dues/light/payers": 212,
    "/dues/light/amount": 87.35,
    "/dues/mooring/payers": None,
    "/dues/mooring/amount": 12,
}

HTML = (Path(__file__).parent / "cases/html/harbour-spans/input.html").read_text(encoding="utf-8")

ROWS = """Yearly return of Saltmouth for 1997
Ships that called
Voyage | Propelled by | Total |||
Sail | Steam ||||
Coastal voyages | Laden | 31 | 12 ships | 43 |
In ballast | 7 | 2 | 9 ||
Foreign voyages | Laden | 5 | 1,044 | 1,049 |
In ballast | 0 | 3 | 3 ||
All voyages | 43 | 1,061 | 1,104 ||
Dues received
Kind of due | Payers | Amount (in shillings) |
Light dues | 212 | 1,747 |
Anchorage | nil | 240 |
Remarks
A mild winter.
"""

CELLS = """Yearly return of Saltmouth for 1997
Ships that called
|
Voyage |
Propelled by |
Total |
||
|
Sail |
Steam |
|||
|
Coastal voyages |
Laden |
31 |
12 ships |
43 |
|
In ballast |
7 |
2 |
9 |
|
|
Foreign voyages |
Laden |
5 |
1,044 |
1,049 |
|
In ballast |
0 |
3 |
3 |
|
|
All voyages |
43 |
1,061 |
1,104 |
|
Dues received
|
Kind of due |
Payers |
Amount |
|
Light dues |
212 |
87.35 |
|
Mooring dues |
nil |
12 pounds |
Remarks
A mild winter.
"""

SOURCES = {"page.html": HTML, "rows.txt": ROWS, "cells.txt": CELLS}


@pytest.fixture
def form_file(tmp_path: Path) -> Path:
    path = tmp_path / "harbour.form.toml"
    path.write_text(FORM, encoding="utf-8")
    return path


def numbers_of(record: dict[str, Any]) -> dict[str, Any]:
    def at(pointer: str) -> Any:
        value: Any = record
        for step in pointer.split("/")[1:]:
            value = value[step]
        return value

    return {pointer: at(pointer) for pointer in VALUES}


@pytest.mark.parametrize("name", ["page.html", "rows.txt", "cells.txt"])
def test_a_family_of_a_temporary_folder_is_read(form_file: Path, name: str) -> None:
    result = extract(SOURCES[name].encode(), name=name, forms=[form_file]).to_dict()
    (report,) = result["reports"]
    doubts = [finding for finding in report["findings"] if finding["severity"] != "info"]
    record = report["record"]
    assert (result["status"], report["form"], doubts) == ("accepted", "harbour/return", [])
    assert numbers_of(record) == VALUES
    assert (record["title"], record["agency"], record["year"]) == ("Yearly return of Saltmouth for 1997", "Saltmouth", 1997)
    assert record["period"] == {"start": None, "end": None}
    assert record["narrative"] == {"remarks": "A mild winter."}
    assert [finding["pointers"] for finding in report["findings"] if finding["code"] == "blank-cell"] == [["/dues/mooring/payers"]]
    assert report["evidence"]["/dues/mooring/payers"]["raw"] == "nil"
    assert report["evidence"]["/traffic/foreign/laden/steam"]["raw"] == "1,044"


@pytest.mark.parametrize(
    "name",
    [
        "page.html",
        "rows.txt",
        "cells.txt",
    ],
)
def test_its_tables_become_the_same_grids(form_file: Path, name: str) -> None:
    result = extract(SOURCES[name].encode(), name=name, forms=[form_file])
    traffic, dues = (table for table in result.tables if table.form_tables)
    assert (traffic.form_tables, dues.form_tables) == (("harbour/return#traffic",), ("harbour/return#dues",))
    assert (traffic.grid.row_count, traffic.grid.col_count, traffic.grid.header_rows, traffic.grid.stub_cols) == (7, 5, 2, 2)
    assert (dues.grid.row_count, dues.grid.col_count) == (3, 3)
    spans = {cell.text: (cell.row, cell.col, cell.row_span, cell.col_span) for cell in traffic.grid.cells}
    assert spans["Voyage"] == (0, 0, 2, 2)
    assert spans["Propelled by"] == (0, 2, 1, 2)
    assert spans["Total"] == (0, 4, 2, 1)
    assert spans["Foreign voyages"] == (4, 0, 2, 1)
    assert spans["All voyages"] == (6, 0, 1, 2)
    (cell,) = [cell for cell in traffic.grid.cells if cell.text == "1,044"]
    assert (cell.row, cell.col, traffic.pointer(cell)) == (4, 3, "/traffic/foreign/laden/steam")


@pytest.mark.parametrize("name", SOURCES)
def test_its_sums_are_checked(form_file: Path, name: str) -> None:
    text = SOURCES[name].replace("12 ships", "13 ships")
    (report,) = extract(text.encode(), name=name, forms=[form_file]).reports
    broken = [finding for finding in report.findings if finding.code == "identity-broken"]
    assert report.status == "flagged"
    assert {finding.message.partition(":")[0] for finding in broken} == {"row coastal/laden", "all by steam"}
    assert {finding.pointers for finding in broken} == {("/traffic/coastal/laden/steam",)}
    assert report.record["traffic"]["coastal"]["laden"]["steam"] == 13


def test_the_command_takes_a_form_file(form_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    page.write_text(HTML, encoding="utf-8")
    assert main(["extract", "--form", str(form_file), str(page)]) == 0
    result = json.loads(capfd.readouterr().out)
    assert result["reports"][0]["form"] == "harbour/return"
    assert numbers_of(result["reports"][0]["record"]) == VALUES


def test_without_the_form_file_nothing_in_the_page_is_a_report(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    page.write_text(HTML, encoding="utf-8")
    assert main(["extract", str(page)]) == 1
    assert json.loads(capfd.readouterr().out)["status"] == "no-report"


def test_its_record_schema_is_derived(form_file: Path) -> None:
    schema = record_schema(load_form(form_file))
    light = schema["properties"]["dues"]["properties"]["light"]["properties"]
    assert light["amount"] == {"title": "Light dues > Amount (in pounds)", "x-unit": "pounds", "type": ["number", "null"]}
    assert light["payers"]["type"] == ["integer", "null"]
    assert schema["properties"]["narrative"]["required"] == ["remarks"]


def test_two_families_side_by_side_do_not_mix(form_file: Path) -> None:
    result = extract(HTML.encode(), forms=[*load_forms(None), form_file])
    assert [report.form for report in result.reports] == ["harbour/return"]


# ---- nothing of a family in the code -----------------------------------------------------------------------------------

_HAN = re.compile("[\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff]")

# Modules whose code (comments and docstrings aside) holds Han characters, with which, and why that is typography and no vocabulary.
HAN_IN_CODE = {
    "grids/enumerators.py": ("一二三四五六七八九十百", "numerals at the start of labels"),
    "readers/office/display.py": (None, "what spreadsheets call their number formats, colours and the days of the week"),
    "readers/office/numbering.py": (None, "the numerals that Word numbers its lists with"),
    "readers/dialects/chunks.py": ("一二三四五六七八九十", "numerals at the start of labels"),
    "readers/pdf/items.py": ("一二三四五六七八九十百", "numerals at the start of labels"),
    "readers/pdf/stitch.py": ("第页共", "page numbers"),
    "readers/scans/decide.py": ("年口丨一", "what a year ends in; characters that digits and dashes are mistaken for"),
    "readers/scans/strays.py": ("一", "a letter that is a dash, which may be the sign of a number"),
    "values/kinds.py": ("一\u9fff", "the ends of the range of the commonest wide characters"),
    "values/dates.py": ("〇零一二三四五六七八九", "numerals of a year"),
    "values/fold.py": ("一二三四五六七八九十㐀䶿鿿", "numerals at the start of labels; the ends of the ranges of Han characters"),
    "readers/encoding.py": (None, "the most frequent characters of Chinese text, to tell a right decoding from a wrong one"),
}


def string_constants(path: Path) -> Iterator[str]:
    """Every string constant of a module but its docstrings."""
    tree = ast.parse(path.read_bytes())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def modules() -> list[str]:
    return sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def test_han_characters_in_the_code_are_typography() -> None:
    found = {name: set(_HAN.findall("".join(string_constants(PACKAGE / name)))) for name in modules()}
    assert len(found) > 40
    used = {name for name, characters in found.items() if characters}
    assert used == HAN_IN_CODE.keys()
    for name, (allowed, reason) in HAN_IN_CODE.items():
        assert reason
        assert allowed is None or found[name] <= set(allowed), name


def words_of_the_family() -> set[str]:
    """Folded words of two Han characters and more that the built-in forms are printed with."""

    def rows(nodes: tuple[RowNode, ...]) -> Iterator[str]:
        for node in nodes:
            yield from node.label.texts if node.label else ()
            yield from rows(node.children)

    def words(form: Form) -> Iterator[str]:
        yield from (*form.encoding_words, *form.numbers.counter_words, *form.numbers.blank_marks, *form.vocabulary)
        for table in form.tables:
            yield from table.captions.texts
            for band in table.bands:
                yield from rows(band.rows)
                yield from (text for leaf in band.leaf_columns() for text in leaf.label.texts)

    whole = {fold_characters(word) for form in load_forms(None) for word in words(form)}
    return {word for word in whole if len(_HAN.findall(word)) == len(word) >= 2}


@pytest.mark.parametrize("name", modules())
def test_no_word_of_the_family_is_in_the_code(name: str) -> None:
    text = "\n".join(fold_characters(constant) for constant in string_constants(PACKAGE / name))
    assert sorted(word for word in words_of_the_family() if word in text) == []


def test_the_words_of_the_family_are_looked_for() -> None:
    assert {"规章", "行政许可", "人次", "规范性文件"} <= words_of_the_family()
