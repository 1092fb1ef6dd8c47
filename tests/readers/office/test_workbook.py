"""Excel workbooks: what a cell shows, where a table is, and what is said of what is not shown."""

from __future__ import annotations

import pytest

from pipeline.errors import DamagedSourceError, LimitExceededError
from pipeline.model.place import SheetPlace
from tests.readers.office.packages import outline, read, xlsx, zipped


def rows(*cells: str, start: int = 1) -> str:
    """Each argument is a row: what stands between `row` tags, or texts parted by `|` for inline strings and numbers ("" is no cell)."""
    made = []
    for number, row in enumerate(cells, start=start):
        made.append(f'<row r="{number}">{row if row.startswith("<") else line(row, number)}</row>')
    return f"<sheetData>{''.join(made)}</sheetData>"


def line(texts: str, number: int, style: int = 0) -> str:
    made = []
    for col, text in enumerate(texts.split("|")):
        name = f"{chr(ord('A') + col)}{number}"
        if text.lstrip("-").replace(".", "").isdigit():
            made.append(f'<c r="{name}" s="{style}"><v>{text}</v></c>')
        elif text or style:
            made.append(f'<c r="{name}" s="{style}" t="inlineStr"><is><t>{text}</t></is></c>')
    return "".join(made)


def codes(data: bytes) -> list[str]:
    return [finding.code for finding in read(data).findings]


def test_cells_of_every_kind() -> None:
    sheet = rows(
        '<c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="b"><v>1</v></c><c t="e"><v>#DIV/0!</v></c>',
        '<c t="str"><f>A1</f><v>a_x000A_b</v></c><c t="d"><v>2021-01-31T00:00:00</v></c><c><v>2.50</v></c><c t="s"><v>9</v></c>',
    )
    strings = ("<t>one</t>", "<r><t>tw</t></r><r><t>o</t></r><rPh><t>ignored</t></rPh>")
    assert outline(read(xlsx(sheet, strings=strings))) == [[["one", "two", "TRUE", "#DIV/0!"], ["a\nb", "2021-01-31", "2.5", "\ufffd"]]]


def test_places_are_the_names_of_the_cells() -> None:
    document = read(xlsx(rows("a|b", "c|1", start=9)))
    table = document.tables()[0]
    assert [[cell.place for cell in row.cells] for row in table.rows] == [
        [SheetPlace("S1", "A9"), SheetPlace("S1", "B9")],
        [SheetPlace("S1", "A10"), SheetPlace("S1", "B10")],
    ]


def test_merged_cells_are_spans_and_what_they_cover_does_not_show() -> None:
    sheet = rows("a|b|", "|c|d", "e|1|2") + '<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/></mergeCells>'
    assert outline(read(xlsx(sheet))) == [[["a 2x1", "b 1x2"], ["c", "d"], ["e", "1", "2"]]]
    covered = rows("a|ghost", "1|2") + '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>'
    document = read(xlsx(covered))
    assert outline(document) == ["a", [["1", "2"]]]
    assert [(finding.code, finding.places) for finding in document.findings] == [("hidden-text", (SheetPlace("S1", "B1"),))]


def test_merges_that_overlap_or_reach_too_far_do_no_harm() -> None:
    merges = '<mergeCell ref="A1:B2"/><mergeCell ref="B2:C3"/><mergeCell ref="D1:XFD1048576"/><mergeCell ref="nonsense"/>'
    sheet = rows("a||c|d", "||e", "1|2|3|4") + f"<mergeCells>{merges}</mergeCells>"
    document = read(xlsx(sheet))
    assert outline(document) == [[["a 2x2", "c", "d 3x51"], ["e"], ["1", "2", "3"]]]
    assert [finding.code for finding in document.findings] == ["hidden-text"]


def test_number_formats_are_applied() -> None:
    formats = ("0.0%", "yyyy-mm-dd", "#,##0.00", "0;-0;;@", "# ?/?", ";;;")
    sheet = rows('<c s="2"><v>0.125</v></c><c s="3"><v>44227</v></c><c s="4"><v>1234.5</v></c><c s="5"><v>0</v></c><c><v>7</v></c>')
    assert outline(read(xlsx(sheet, formats=formats))) == [[["12.5%", "2021-01-31", "1,234.50", "", "7"]]]
    doubtful = rows('<c s="4"><v>1.005</v></c><c s="6"><v>0.5</v></c><c s="7"><v>3</v></c><c><v>1</v></c>')
    document = read(xlsx(doubtful, formats=formats))
    assert outline(document) == [[["1.01", "0.5", "", "1"]]]
    assert [(finding.code, finding.severity, finding.places) for finding in document.findings] == [
        ("display-unknown", "warning", (SheetPlace("S1", "B1"),)),
        ("display-rounded", "info", (SheetPlace("S1", "A1"),)),
        ("hidden-text", "info", (SheetPlace("S1", "C1"),)),
    ]


def test_zeros_that_a_sheet_does_not_show_are_blank() -> None:
    sheet = '<sheetViews><sheetView showZeros="0"/></sheetViews>' + rows("a|0|1")
    assert outline(read(xlsx(sheet))) == [[["a", "", "1"]]]


def test_a_formula_counts_by_its_stored_result_and_is_its_own_text_without_one() -> None:
    sheet = rows('<c><f>1+1</f><v>2</v></c><c><f>SUM(A1:B1)</f></c><c><f>X</f><v/></c><c t="str"><f>""</f><v></v></c>')
    document = read(xlsx(sheet))
    assert outline(document) == [[["2", "=SUM(A1:B1)", "=X"]]]
    assert [(finding.code, finding.places) for finding in document.findings] == [
        ("value-not-stored", (SheetPlace("S1", "B1"), SheetPlace("S1", "C1")))
    ]


def test_hidden_sheets_are_named_and_not_read() -> None:
    data = xlsx(rows("a|1"), rows("b|2"), rows("c|3"), states={2: "hidden", 3: "veryHidden"})
    document = read(data)
    assert outline(document) == [[["a", "1"]]]
    assert [finding.message for finding in document.findings] == [
        "the worksheet S2 is hidden; its 2 cells with text were not read",
        "the worksheet S3 is hidden; its 2 cells with text were not read",
    ]


def test_hidden_rows_and_columns_are_named_and_read() -> None:
    sheet = '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>'
    sheet += f'<row r="1">{line("a|b|c", 1)}</row><row r="2" hidden="1">{line("1|2|3", 2)}</row></sheetData>'
    document = read(xlsx(sheet))
    assert outline(document) == [[["a", "b", "c"], ["1", "2", "3"]]]
    assert [(finding.code, finding.places) for finding in document.findings] == [
        ("hidden-cells", (SheetPlace("S1", "A2"), SheetPlace("S1", "B1")))
    ]


def test_raised_marks_beside_numbers_are_left_out() -> None:
    raised = '<r><rPr><vertAlign val="superscript"/></rPr><t>{}</t></r>'
    strings = (f"<r><t>12</t></r>{raised.format(1)}", f"<r><t>m</t></r>{raised.format(2)}")
    document = read(xlsx(rows('<c t="s"><v>0</v></c><c t="s"><v>1</v></c>'), strings=strings))
    assert outline(document) == [[["12", "m2"]]]
    assert [finding.code for finding in document.findings] == ["note-mark"]


def test_what_is_struck_out_is_left_out_and_said() -> None:
    """By the font of a run, or by that of the cell; a run with a font of its own does not have the cell's, others do."""
    strings = (
        "<r><rPr><strike/></rPr><t>9</t></r><r><rPr/><t>12</t></r>",
        '<r><rPr><strike val="0"/></rPr><t>9</t></r><r><t>12</t></r>',
        "<t>n</t>",
        "<r><t>9</t></r><r><rPr/><t>13</t></r>",
    )
    looks = (
        '<fonts><font/><font><strike/></font><font><strike val="0"/></font></fonts>'
        '<cellXfs><xf/><xf fontId="1"/><xf fontId="2"/></cellXfs><dxfs><dxf><font><strike/></font></dxf></dxfs>'
    )
    sheet = rows(
        '<c t="s"><v>0</v></c><c t="s" s="1"><v>1</v></c><c s="1"><v>7</v></c><c s="2"><v>8</v></c>',
        '<c t="s"><v>2</v></c><c t="s" s="1"><v>2</v></c><c s="1"><f>A1</f></c><c t="s" s="1"><v>3</v></c>',
    )
    document = read(xlsx(sheet, strings=strings, looks=looks))
    assert outline(document) == [[["12", "9", "", "8"], ["n", "", "", "13"]]]
    assert [(finding.code, finding.places) for finding in document.findings] == [
        ("struck-text", tuple(SheetPlace("S1", name) for name in ("A1", "B1", "C1", "B2", "C2", "D2")))
    ]


def test_words_of_text_boxes_are_said() -> None:
    words = "<xdr:sp><xdr:txBody><a:p><a:r><a:t>Return</a:t></a:r></a:p><a:p><a:r><a:t>of 1907</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
    document = read(xlsx(rows("a|b", "1|2"), drawing=words))
    assert outline(document) == [[["a", "b"], ["1", "2"]]]
    assert [(finding.code, finding.message) for finding in document.findings] == [
        ("drawn-text", "the worksheet S1 has text boxes whose words were not read: Return of 1907")
    ]


def test_a_drawing_that_is_damaged_costs_no_cell() -> None:
    document = read(xlsx(rows("a|b", "1|2"), drawing="<xdr:sp>"))
    assert outline(document) == [[["a", "b"], ["1", "2"]]]
    (finding,) = document.findings
    assert (finding.code, "(xl/drawings/drawing1.xml is not well-formed XML" in finding.message) == ("drawn-text", True)


# ---- what is a table --------------------------------------------------------------------------------------------------------


def bordered(*texts: str, start: int = 1) -> str:
    return "".join(f'<row r="{number}">{line(text, number, 1)}</row>' for number, text in enumerate(texts, start=start))


def plain(text: str, number: int) -> str:
    return f'<row r="{number}">{line(text, number)}</row>'


def test_borders_decide_what_is_a_table() -> None:
    sheet = plain("title", 1) + plain("unit: x||day: y", 2) + bordered("a|b|c", "1|2|3", "||", start=3) + plain("note|n", 6)
    document = read(xlsx(f"<sheetData>{sheet}</sheetData>"))
    assert outline(document) == ["title", "unit: x", "day: y", [["a", "b", "c"], ["1", "2", "3"], ["", "", ""]], "note", "n"]


def test_a_full_row_above_borders_is_the_header() -> None:
    sheet = plain("title", 1) + plain("a|b|c", 2) + bordered("1|2|3", "4|5|6", start=3)
    assert outline(read(xlsx(f"<sheetData>{sheet}</sheetData>"))) == ["title", [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"]]]


def test_a_line_between_bordered_tables_parts_them() -> None:
    sheet = bordered("a|b", "1|2") + plain("second", 3) + bordered("c|d", "3|4", start=4)
    assert outline(read(xlsx(f"<sheetData>{sheet}</sheetData>"))) == [[["a", "b"], ["1", "2"]], "second", [["c", "d"], ["3", "4"]]]


def test_tables_side_by_side_are_two() -> None:
    cells = "".join(f'<c r="{col}{row}" s="1"><v>{row}</v></c>' if col != "C" else "" for row in (1,) for col in "ABCDE")
    below = cells.replace('1" s', '2" s').replace("<v>1<", "<v>2<")
    document = read(xlsx(f'<sheetData><row r="1">{cells}</row><row r="2">{below}</row></sheetData>'))
    assert outline(document) == [[["1", "1"], ["2", "2"]], [["1", "1"], ["2", "2"]]]


def test_a_stretch_formatted_in_passing_is_no_row() -> None:
    sheet = bordered("a|b", "1|2", *["|"] * 60)
    assert outline(read(xlsx(f"<sheetData>{sheet}</sheetData>"))) == [[["a", "b"], ["1", "2"]]]


def test_without_borders_shape_decides() -> None:
    long = "a note that goes on and on and says where all of these numbers come from"
    sheet = plain("title", 1) + plain("a|b", 2) + plain("section", 3) + plain("x|1", 4) + plain("y", 5) + plain(long, 6) + plain("c|d", 9)
    document = read(xlsx(f"<sheetData>{sheet}</sheetData>"))
    assert outline(document) == ["title", [["a", "b"], ["section", ""], ["x", "1"], ["y", ""]], long, [["c", "d"]]]


def test_a_blank_row_above_numbers_does_not_end_the_table() -> None:
    header = bordered("a|b|c")
    assert outline(read(xlsx(f"<sheetData>{header}{bordered('1|2|3', start=3)}</sheetData>"))) == [[["a", "b", "c"], ["1", "2", "3"]]]
    assert outline(read(xlsx(f"<sheetData>{header}{bordered('x|y|z', start=3)}</sheetData>"))) == [[["a", "b", "c"]], [["x", "y", "z"]]]
    assert outline(read(xlsx(f"<sheetData>{header}{bordered('1|2|3', start=4)}</sheetData>"))) == [[["a", "b", "c"]], [["1", "2", "3"]]]
    wider = bordered("1|2|3|4", start=3)
    assert outline(read(xlsx(f"<sheetData>{header}{wider}</sheetData>"))) == [[["a", "b", "c"]], [["1", "2", "3", "4"]]]


def test_words_centred_over_blank_cells_span_them() -> None:
    cells = (
        '<c t="inlineStr" s="2"><is><t>h</t></is></c><c s="2"/><c s="2" t="inlineStr"><is><t>i</t></is></c><c s="2"/><c/><c><v>5</v></c>'
    )
    data = xlsx(f'<sheetData><row r="1">{cells}</row>{plain("1|2|3|4|5|6", 2)}</sheetData>', formats=("0",), alignment="centerContinuous")
    assert outline(read(data)) == [[["h 1x2", "i 1x2", "", "5"], ["1", "2", "3", "4", "5", "6"]]]


# ---- limits and damage ------------------------------------------------------------------------------------------------------


def test_cells_beyond_the_limit_are_said() -> None:
    document = read(xlsx(rows("a|b", "1|2", "3|4")), max_cells=4)
    assert outline(document) == [[["a", "b"], ["1", "2"]]]
    assert [finding.code for finding in document.findings] == ["limit-exceeded"]
    with pytest.raises(LimitExceededError, match="max_cells = 0"):
        read(xlsx(rows("a")), max_cells=0)


def test_a_cell_in_the_last_corner_does_not_fill_the_sheet() -> None:
    sheet = '<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row><row r="1048576"><c r="XFD1048576"><v>3</v></c></row></sheetData>'
    assert outline(read(xlsx(sheet))) == [[["1", "2"]], "3"]


def test_cells_outside_of_every_sheet_are_left_out() -> None:
    sheet = '<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c><c r="ZZZ1"><v>3</v></c><c r="C9999999"><v>3</v></c></row></sheetData>'
    assert outline(read(xlsx(sheet))) == [[["1", "2"]]]


def test_a_missing_worksheet_is_damage() -> None:
    main = '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets><sheet name="a"/></sheets></workbook>'
    with pytest.raises(DamagedSourceError, match="worksheet a is missing"):
        read(zipped({"xl/workbook.xml": main}))
    with pytest.raises(DamagedSourceError, match="not the list of worksheets"):
        read(zipped({"xl/workbook.xml": "<x/>"}))


def test_more_shared_strings_than_there_may_be_cells() -> None:
    data = xlsx(rows('<c t="s"><v>0</v></c>'), strings=("<t>one</t>",) * 5)
    assert outline(read(data, max_cells=5)) == ["one"]
    with pytest.raises(LimitExceededError, match="max_cells = 4 strings"):
        read(data, max_cells=4)
