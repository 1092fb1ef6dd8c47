"""OpenDocument spreadsheets: the text that cells show, repeated cells, spans, what is hidden."""

from __future__ import annotations

import pytest

from pipeline.errors import DamagedSourceError, EncryptedSourceError
from pipeline.model.place import SheetPlace
from tests.readers.office.packages import ods, outline, read


def cell(text: str = "", attributes: str = "") -> str:
    return f"<table:table-cell {attributes}>{f'<text:p>{text}</text:p>' if text else ''}</table:table-cell>"


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(one if one.startswith('<') else cell(one) for one in cells)}</table:table-row>"


def table(*rows: str, attributes: str = "", columns: str = "") -> str:
    return f'<table:table table:name="S" {attributes}>{columns}{"".join(rows)}</table:table>'


def test_what_cells_show_is_read() -> None:
    percent = cell("12%", 'office:value-type="percentage" office:value="0.1234"')
    lines = "<table:table-cell><text:p>a<text:s text:c='2'/>b</text:p><text:p>c<text:line-break/>d</text:p></table:table-cell>"
    note = cell("x<office:annotation><text:p>no</text:p></office:annotation>")
    document = read(ods(table(row(percent, lines, note), row("1", "2", "3"))))
    assert outline(document) == [[["12%", "a b\nc\nd", "x"], ["1", "2", "3"]]]
    assert document.tables()[0].rows[1].cells[2].place == SheetPlace("S", "C2")


def test_values_without_text_are_shown_plainly_and_formulas_without_values_as_formulas() -> None:
    cells = [
        cell("", 'office:value-type="float" office:value="12.50"'),
        cell("", 'office:value-type="percentage" office:value="0.125"'),
        cell("", 'office:value-type="date" office:date-value="2021-01-31"'),
        cell("", 'table:formula="of:=SUM([.A1])"'),
    ]
    document = read(ods(table(row(*cells))))
    assert outline(document) == [[["12.5", "12.5%", "2021-01-31", "of:=SUM([.A1])"]]]
    assert [(finding.code, finding.places) for finding in document.findings] == [("value-not-stored", (SheetPlace("S", "D1"),))]


def test_spans_and_what_they_cover() -> None:
    wide = cell("a", 'table:number-columns-spanned="2" table:number-rows-spanned="2"')
    covered = "<table:covered-table-cell/>"
    ghost = "<table:covered-table-cell><text:p>ghost</text:p></table:covered-table-cell>"
    document = read(ods(table(row(wide, covered, "b"), row(covered, ghost, "c"), row("1", "2", "3"))))
    assert outline(document) == [[["a 2x2", "b"], ["c"], ["1", "2", "3"]]]
    assert [(finding.code, finding.places) for finding in document.findings] == [("hidden-text", (SheetPlace("S", "B2"),))]


def test_repeated_cells_and_rows_stand_as_often_as_they_say_but_blank_ones_do_not_fill_memory() -> None:
    repeated = cell("0", 'table:number-columns-repeated="3"')
    blank = cell("", 'table:number-columns-repeated="16000"')
    last = row(blank, attributes='table:number-rows-repeated="1048000"')
    document = read(ods(table(row("a", repeated, blank, attributes='table:number-rows-repeated="2"'), last)))
    assert outline(document) == [[["a", "0", "0", "0"]] * 2]


def test_what_is_struck_out_is_left_out_and_said() -> None:
    style = '<style:style style:name="{}"><style:text-properties style:text-line-through-style="{}"/></style:style>'
    span = '<text:span text:style-name="{}">{}</text:span>'
    cells = [
        cell(span.format("on", "9") + "12"),
        cell("7", 'table:style-name="on" office:value-type="float" office:value="7"'),
        cell("9" + span.format("off", "3"), 'table:style-name="on"'),
        cell("5", 'table:style-name="off"'),
    ]
    document = read(ods(table(row("a", "b", "c", "d"), row(*cells)), styles=style.format("on", "solid") + style.format("off", "none")))
    assert outline(document) == [[["a", "b", "c", "d"], ["12", "", "3", "5"]]]
    assert [(finding.code, finding.places) for finding in document.findings] == [
        ("struck-text", tuple(SheetPlace("S", name) for name in ("A2", "B2", "C2")))
    ]


def test_words_of_text_boxes_are_said() -> None:
    box = "<draw:frame><draw:text-box><text:p>Return</text:p><text:p> of 1907</text:p></draw:text-box></draw:frame>"
    shape = "<table:table-cell><draw:custom-shape><text:p>in a cell</text:p></draw:custom-shape><text:p>2</text:p></table:table-cell>"
    sheets = table(f"<table:shapes>{box}</table:shapes>", row("a", "b"), row("1", shape)) + table(row("c", "d"), row("3", "4"))
    document = read(ods(sheets))
    assert outline(document) == [[["a", "b"], ["1", "2"]], [["c", "d"], ["3", "4"]]]
    assert [(finding.code, finding.message) for finding in document.findings] == [
        ("drawn-text", "the worksheet S has text boxes whose words were not read: Return of 1907 in a cell")
    ]


def test_a_text_repeated_without_end_strikes_a_limit() -> None:
    document = read(ods(table(row("a", "b"), row(cell("x", 'table:number-columns-repeated="1000000"')))), max_cells=100)
    assert [finding.code for finding in document.findings] == ["limit-exceeded"]


def test_what_is_hidden_is_said() -> None:
    styles = '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    shown = table(row("a", "b"), row("1", "2", attributes='table:visibility="filter"'), columns=columns)
    document = read(ods(shown + table(row("c", "3"), attributes='table:style-name="h"'), styles=styles))
    assert outline(document) == [[["a", "b"], ["1", "2"]]]
    assert [finding.code for finding in document.findings] == ["hidden-sheet", "hidden-cells"]
    assert document.findings[1].places == (SheetPlace("S", "A2"), SheetPlace("S", "B1"))


def test_borders_part_tables_from_lines() -> None:
    styles = '<style:style style:name="b"><style:table-cell-properties fo:border="0.5pt solid #000000"/></style:style>'
    border = 'table:style-name="b"'
    body = row(cell("a", border), cell("1", border)) + row(cell("b", border), cell("", border))
    assert outline(read(ods(table(row("title", "unit"), body, row("note")), styles=styles))) == [
        "title",
        "unit",
        [["a", "1"], ["b", ""]],
        "note",
    ]


def test_a_raised_mark_beside_a_number_is_left_out() -> None:
    styles = '<style:style style:name="s"><style:text-properties style:text-position="super 58%"/></style:style>'
    document = read(ods(table(row(cell('12<text:span text:style-name="s">1</text:span>'), "3")), styles=styles))
    assert outline(document) == [[["12", "3"]]]
    assert [finding.code for finding in document.findings] == ["note-mark"]


def test_a_password_is_told() -> None:
    entry = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    with pytest.raises(EncryptedSourceError, match="password"):
        read(ods("", manifest=entry))


def test_a_package_without_content_is_damage() -> None:
    data = ods("").replace(b"content.xml", b"consent.xml")
    with pytest.raises(DamagedSourceError, match=r"content\.xml"):
        read(data)
