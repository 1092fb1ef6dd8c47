"""Tables over pages: one table with every row once; two tables that follow each other stay two."""

from __future__ import annotations

from collections.abc import Sequence

from tests.readers.pdf.paper import SONG, Sheet, drawn_grid, read_pdf_bytes, texts

XS = (50.0, 200.0, 300.0, 400.0)


def part(top: float, rows: Sequence[Sequence[str]], *, xs: Sequence[float] = XS, number: int = 1, font: str = "F1") -> Sheet:
    sheet = Sheet().text(50, 30, "Yearly report of an office").text(290, 810, f"- {number} -")
    return drawn_grid(sheet, xs, [top + 20 * line for line in range(len(rows) + 1)], rows, font=font)


def test_a_table_goes_on_with_its_header_repeated() -> None:
    head = ("Name", "Men", "Women")
    first = part(700, [head, ("North", "1", "2"), ("South", "3", "4")])
    second = part(60, [head, ("West", "5", "6")], number=2)
    document = read_pdf_bytes(first, second)
    (table,) = document.tables()
    assert texts(table) == [["Name", "Men", "Women"], ["North", "1", "2"], ["South", "3", "4"], ["West", "5", "6"]]
    assert [finding.code for finding in document.findings] == ["repeated-header", "table-continued"]
    assert [cell.place.to_dict()["page_number"] for cell in table.rows[3].cells] == [2, 2, 2]


def test_three_pages_without_a_header_repeated() -> None:
    pages = [
        part(700, [("Name", "Men", "Women"), ("a", "1", "2")]),
        part(60, [(f"b{number}", "3", "4") for number in range(30)], number=2),
        part(60, [("c", "5", "6")], number=3),
    ]
    (table,) = read_pdf_bytes(*pages).tables()
    assert len(table.rows) == 33
    assert texts(table)[-1] == ["c", "5", "6"]


def test_a_merged_label_cut_by_the_pages_end_goes_on() -> None:
    first = Sheet()
    drawn_grid(first, (150, 250, 350), (700, 720, 740), (("1.a", "5"), ("2.b", "6")))
    first.line(50, 700, 150, 700).line(50, 740, 150, 740).line(50, 700, 50, 740).text(55, 710, "Group")
    second = Sheet()
    drawn_grid(second, (150, 250, 350), (60, 80, 100), (("3.c", "7"), ("4.d", "8")))
    second.line(50, 60, 150, 60).line(50, 100, 150, 100).line(50, 60, 50, 100)
    (table,) = read_pdf_bytes(first, second).tables()
    assert texts(table) == [["Group<4x1>", "1.a", "5"], ["2.b", "6"], ["3.c", "7"], ["4.d", "8"]]


def test_a_row_cut_by_the_pages_end_is_one_row() -> None:
    first = part(700, [("标签", "男", "女"), ("1.不予公开的", "1", "2")], font=SONG)
    second = part(60, [("信息", "", ""), ("2.其他", "3", "4")], font=SONG, number=2)
    (table,) = read_pdf_bytes(first, second).tables()
    assert texts(table) == [["标签", "男", "女"], ["1.不予公开的\n信息", "1", "2"], ["2.其他", "3", "4"]]


def test_a_numbered_row_without_values_is_a_row_of_its_own() -> None:
    first = part(700, [("标签", "男", "女"), ("1.不予公开", "1", "2")], font=SONG)
    second = part(60, [("2.其他", "", ""), ("3.总计", "3", "4")], font=SONG, number=2)
    (table,) = read_pdf_bytes(first, second).tables()
    assert [row[0] for row in texts(table)] == ["标签", "1.不予公开", "2.其他", "3.总计"]


def test_tables_that_follow_each_other_stay_two() -> None:
    first = part(700, [("Name", "Men", "Women"), ("North", "1", "2")])
    other_columns = part(60, [("Name", "Men", "Women"), ("West", "5", "6")], xs=(50, 120, 260, 400), number=2)
    other_header = part(60, [("Place", "Ships", "Boats"), ("West", "5", "6")], number=2)
    with_title = part(60, [("Name", "Men", "Women"), ("West", "5", "6")], number=2).text(50, 45, "Table 2. Another one")
    for second in (other_columns, other_header, with_title):
        assert len(read_pdf_bytes(first, second).tables()) == 2


def test_words_below_the_first_part_keep_the_parts_apart() -> None:
    first = part(600, [("Name", "Men", "Women"), ("North", "1", "2")]).text(50, 700, "A sentence that ends the chapter.")
    second = part(60, [("West", "3", "4"), ("East", "5", "6")], number=2)
    assert len(read_pdf_bytes(first, second).tables()) == 2


def test_a_row_cut_where_no_rule_is_drawn_is_put_together() -> None:
    first = part(700, [("Name", "Men", "Women"), ("North of", "1", "2")])
    first.content = [line for line in first.content if " 102.0 l" not in line or " 102.0 m" not in line]  # the lowest rule
    second = part(60, [("the river", "", ""), ("South", "3", "4")], number=2)
    second.content = [line for line in second.content if " 782.0 l" not in line or " 782.0 m" not in line]  # the uppermost one
    for sheet, y in ((first, 750.0), (second, 50.0)):
        for x in XS:
            sheet.line(x, min(y, y - 10), x, max(y, y + 10))
    (table,) = read_pdf_bytes(first, second).tables()
    assert texts(table) == [["Name", "Men", "Women"], ["North of\nthe river", "1", "2"], ["South", "3", "4"]]


def test_a_number_cut_where_it_filled_its_cell_goes_on() -> None:
    xs = (50.0, 200.0, 224.0, 324.0)
    first = part(700, [("Name", "Men", "Women"), ("North", "234", "2")], xs=xs)
    second = part(60, [("", "567", ""), ("South", "3", "4")], xs=xs, number=2)
    (table,) = read_pdf_bytes(first, second).tables()
    assert texts(table) == [["Name", "Men", "Women"], ["North", "234567", "2"], ["South", "3", "4"]]


def test_a_label_and_a_number_of_one_row_that_are_both_cut_go_on() -> None:
    xs = (50.0, 104.0, 140.0, 240.0)
    first = part(700, [("标签", "男", "女"), ("不予公开的", "234", "2")], xs=xs, font=SONG)
    second = part(60, [("信息", "567", ""), ("其他", "3", "4")], xs=xs, font=SONG, number=2)
    (table,) = read_pdf_bytes(first, second).tables()
    assert texts(table) == [["标签", "男", "女"], ["不予公开的\n信息", "234567", "2"], ["其他", "3", "4"]]


def test_a_row_below_a_label_that_had_room_is_a_row_of_its_own() -> None:
    xs = (50.0, 164.0, 200.0, 300.0)
    first = part(700, [("标签", "男", "女"), ("不予公开的", "234", "2")], xs=xs, font=SONG)
    second = part(60, [("信息", "567", ""), ("其他", "3", "4")], xs=xs, font=SONG, number=2)
    (table,) = read_pdf_bytes(first, second).tables()
    assert texts(table)[1:3] == [["不予公开的", "234", "2"], ["信息", "567", ""]]


def test_a_number_whose_unit_is_cut_goes_on() -> None:
    xs = (50.0, 150.0, 186.0, 286.0)
    first = part(700, [("标签", "金额", "女"), ("收费", "23万", "")], xs=xs, font=SONG)
    second = part(60, [("", "元", ""), ("其他", "3", "4")], xs=xs, font=SONG, number=2)
    (table,) = read_pdf_bytes(first, second).tables()
    assert texts(table) == [["标签", "金额", "女"], ["收费", "23万元", ""], ["其他", "3", "4"]]


def test_a_row_without_a_label_that_fills_gaps_is_the_rest_of_the_row_above() -> None:
    first = part(700, [("标签", "男", "女"), ("不予公开", "234", "")], font=SONG)
    second = part(60, [("", "", "56"), ("其他", "3", "4")], font=SONG, number=2)
    (table,) = read_pdf_bytes(first, second).tables()
    assert texts(table) == [["标签", "男", "女"], ["不予公开", "234", "56"], ["其他", "3", "4"]]


def test_its_number_may_be_broken_over_lines() -> None:
    first = part(700, [("标签", "男", "女"), ("不予公开", "234", "")], font=SONG)
    others = [("其他", "3", "4"), *((f"{number}.总计", "5", "6") for number in range(4))]
    second = drawn_grid(Sheet(), XS, (60, *range(90, 211, 20)), (("", "", ""), *others), font=SONG)
    second.text(303, 63, "16").text(303, 75, "0")
    (table,) = read_pdf_bytes(first, second).tables()
    assert texts(table)[1] == ["不予公开", "234", "160"]


def test_a_blank_cell_below_a_header_at_the_pages_end_is_none_of_the_header() -> None:
    top = Sheet().text(50, 30, "Yearly report of an office").text(290, 810, "- 1 -")
    for x in (50, 150, 250, 350):
        top.line(x, 740, x, 780)
    top.line(50, 740, 350, 740).line(150, 760, 350, 760).line(50, 780, 350, 780)
    top.text(53, 744, "Upheld").text(153, 744, "Pending").text(253, 744, "Total").text(153, 764, "now").text(253, 764, "all")
    second = part(60, [("", "2", "2")], xs=(50, 150, 250, 350), number=2)
    (table,) = read_pdf_bytes(top, second).tables()
    assert texts(table)[-1] == ["", "2", "2"]
    assert texts(table)[0][0] == "Upheld<2x1>"


def test_rows_without_any_number_are_not_halves_of_a_header() -> None:
    first = part(700, [("标签", "男", "女"), ("1.不予公开", "", "")], font=SONG)
    second = part(60, [("2.其他", "", ""), ("3.总计", "", "")], font=SONG, number=2)
    (table,) = read_pdf_bytes(first, second).tables()
    assert texts(table) == [["标签", "男", "女"], ["1.不予公开", "", ""], ["2.其他", "", ""], ["3.总计", "", ""]]


def test_a_label_that_hangs_over_the_cut_is_one() -> None:
    first = drawn_grid(Sheet(), (150, 250, 350), (700, 720, 740), (("1.a", "5"), ("2.b", "6")))
    first.line(50, 700, 150, 700).line(50, 720, 150, 720).line(50, 700, 50, 741)
    first.text(55, 704, "Name").text(55, 723, "Group of").text(55, 735, "ships and").text(55, 747, "boats")
    second = drawn_grid(Sheet(), (150, 250, 350), (60, 80, 100), (("3.c", "7"), ("4.d", "8")))
    second.line(50, 100, 150, 100).line(50, 60, 50, 100)
    (table,) = read_pdf_bytes(first, second).tables()
    assert texts(table) == [["Name", "1.a", "5"], ["Group of\nships and\nboats<3x1>", "2.b", "6"], ["3.c", "7"], ["4.d", "8"]]


def test_a_header_cut_between_its_levels_is_one() -> None:
    top = Sheet().text(50, 30, "Yearly report of an office").text(290, 810, "- 1 -")
    for y in (740, 760, 780):
        top.line(50 if y != 760 else 200, y, 400, y)
    for x in (50, 200, 400):
        top.line(x, 740, x, 780)
    top.line(300, 760, 300, 780)
    top.text(53, 744, "Name").text(203, 744, "Ships").text(203, 764, "In").text(303, 764, "")
    second = part(60, [("", "", "Out"), ("North", "1", "2")], number=2)
    (table,) = read_pdf_bytes(top, second).tables()
    assert texts(table) == [["Name<3x1>", "Ships<1x2>"], ["In<2x1>", "Out<2x1>"], [], ["North", "1", "2"]]


def test_a_table_without_a_header_right_below_another_goes_on_it() -> None:
    sheet = part(100, [("Name", "Men", "Women"), ("North", "1", "2")])
    drawn_grid(sheet, XS, (160, 180, 200), (("South", "3", "4"), ("West", "5", "6")))
    document = read_pdf_bytes(sheet)
    (table,) = document.tables()
    assert [row[0] for row in texts(table)] == ["Name", "North", "South", "West"]
    assert [finding.code for finding in document.findings] == ["table-continued"]


def test_a_table_with_its_header_right_below_another_stays_two() -> None:
    sheet = part(100, [("Name", "Men", "Women"), ("North", "1", "2")])
    drawn_grid(sheet, XS, (160, 180, 200), (("Name", "Men", "Women"), ("West", "5", "6")))
    assert len(read_pdf_bytes(sheet).tables()) == 2
