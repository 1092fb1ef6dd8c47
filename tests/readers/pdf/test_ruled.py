"""Tables drawn with rules of every kind: what is one cell, what stands in it, and where."""

from __future__ import annotations

import pytest

from pipeline.model.place import PagePlace
from tests.readers.pdf.paper import GBK, SONG, Sheet, drawn_grid, only_table, read_pdf_bytes, texts

XS = (50.0, 150.0, 250.0, 350.0)
YS = (100.0, 120.0, 140.0, 160.0)
ROWS = (("Name", "2020", "2021"), ("North", "12", "3"), ("South", "7", ""))


def test_a_full_grid() -> None:
    table = only_table(drawn_grid(Sheet(), XS, YS, ROWS))
    assert table.spans == "drawn"
    assert texts(table) == [["Name", "2020", "2021"], ["North", "12", "3"], ["South", "7", ""]]
    assert table.page_number == 1
    assert table.place == PagePlace(1, (50.0, 100.0, 350.0, 160.0))
    assert table.rows[1].cells[1].place == PagePlace(1, (150.0, 120.0, 250.0, 140.0))


def test_cells_merged_both_ways() -> None:
    sheet = Sheet()
    for y in (100, 180):
        sheet.line(50, y, 350, y)
    for x in (50, 150, 350):
        sheet.line(x, 100, x, 180)
    sheet.line(250, 120, 250, 180).line(150, 120, 350, 120).line(50, 160, 350, 160).line(150, 140, 350, 140)
    sheet.text(55, 120, "Label").text(220, 104, "Both").text(155, 124, "a").text(255, 124, "b").text(155, 144, "1").text(255, 144, "2")
    sheet.text(55, 164, "Sum").text(155, 164, "3").text(255, 164, "4")
    assert texts(only_table(sheet)) == [["Label<3x1>", "Both<1x2>"], ["a", "b"], ["1", "2"], ["Sum", "3", "4"]]


@pytest.mark.parametrize("kind", ["thin areas", "double hairlines", "dashes", "dash array", "pieces"])
def test_rules_however_they_are_drawn(kind: str) -> None:
    sheet = Sheet()

    def rule(x0: float, y0: float, x1: float, y1: float) -> None:
        if kind == "thin areas":
            sheet.area(x0 - 0.4, y0 - 0.4, x1 + 0.4, y1 + 0.4)
        elif kind == "double hairlines":
            flat = y0 == y1
            sheet.line(x0, y0, x1, y1, width=0.1)
            sheet.line(x0 + 1.5 * (not flat), y0 + 1.5 * flat, x1 + 1.5 * (not flat), y1 + 1.5 * flat, width=0.1)
        elif kind == "dash array":
            sheet.line(x0, y0, x1, y1, dash="[3 2] 0")
        else:
            step, length = (5, 3) if kind == "dashes" else (10, 10.5)
            for at in range(0, int(max(x1 - x0, y1 - y0)), step):
                sheet.line(
                    x0 + (at if x1 > x0 else 0),
                    y0 + (at if y1 > y0 else 0),
                    x0 + (at + length if x1 > x0 else 0),
                    y0 + (at + length if y1 > y0 else 0),
                )

    for x in XS:
        rule(x, YS[0], x, YS[-1])
    for y in YS:
        rule(XS[0], y, XS[-1], y)
    for top, row in zip(YS, ROWS, strict=False):
        for left, text in zip(XS, row, strict=False):
            sheet.text(left + 4, top + 5, text) if text else None
    assert texts(only_table(sheet)) == [list(row) for row in ROWS]


def test_outer_borders_that_are_missing() -> None:
    sheet = Sheet()
    for y in YS:
        sheet.line(50, y, 350, y)
    for x in XS[1:-1]:
        sheet.line(x, YS[0], x, YS[-1])
    for top, row in zip(YS, ROWS, strict=False):
        for left, text in zip(XS, row, strict=False):
            sheet.text(left + 4, top + 5, text) if text else None
    assert texts(only_table(sheet)) == [list(row) for row in ROWS]


def test_numbers_that_touch_a_rule_stay_apart() -> None:
    sheet = drawn_grid(Sheet(), (50, 100, 150), (100, 120, 140), (("a", "b"), ("", "")))
    sheet.text(72.2, 124, "12345").text(100.2, 124, "678")
    assert texts(only_table(sheet)) == [["a", "b"], ["12345", "678"]]


def test_wrapped_text_and_a_label_of_one_character_a_line() -> None:
    sheet = drawn_grid(Sheet(), (50, 70, 200, 300), (100, 160, 170), (("", "", "17"), ("", "", "")))
    for number, char in enumerate("申请人数"):
        sheet.text(54, 102 + 13 * number, char, font=SONG)
    sheet.text(75, 104, "the first line", font="F1").text(75, 117, "and the second")
    assert texts(only_table(sheet))[0] == ["申请人数", "the first line\nand the second", "17"]


@pytest.mark.parametrize("font", [SONG, GBK])
def test_chinese_fonts_that_are_not_embedded(font: str) -> None:
    sheet = drawn_grid(Sheet(), (50, 150, 250), (100, 120, 140), (("信息内容", "件数"), ("规章", "１２")), font=font)
    assert texts(only_table(sheet)) == [["信息内容", "件数"], ["规章", "１２"]]


@pytest.mark.parametrize(("rotate", "turn"), [(90, "0 1 -1 0"), (180, "-1 0 0 -1"), (270, "0 -1 1 0")])
def test_a_page_that_is_turned_reads_upright(rotate: int, turn: str) -> None:
    """The content is turned against the page's own rotation, as scanners and landscape printing do it: the places are those seen."""
    seen_width, seen_height = (842.0, 595.0) if rotate % 180 else (595.0, 842.0)
    sheet = Sheet(rotate=rotate, origin=(10.0, 20.0))

    def raw(x: float, y: float) -> tuple[float, float]:
        """From the page as seen to the sheet's own coordinates from its top left."""
        if rotate == 90:
            return y, sheet.height - x
        if rotate == 180:
            return sheet.width - x, sheet.height - y
        return sheet.width - y, x

    assert (seen_width, seen_height) in ((842.0, 595.0), (595.0, 842.0))
    for x in XS:
        sheet.line(*raw(x, YS[0]), *raw(x, YS[-1]))
    for y in YS:
        sheet.line(*raw(XS[0], y), *raw(XS[-1], y))
    for top, row in zip(YS, ROWS, strict=False):
        for left, text in zip(XS, row, strict=False):
            x, y = raw(left + 4, top + 14)
            sheet.text(x, y - 9, text, turn=turn)
    table = only_table(sheet)
    assert texts(table) == [list(row) for row in ROWS]
    assert table.place == PagePlace(1, (50.0, 100.0, 350.0, 160.0))


def test_text_that_runs_up_an_upright_page_has_places_of_the_page_as_shown() -> None:
    sheet = Sheet()
    for x in (100, 120, 140):
        sheet.line(x, 200, x, 400)
    for y in (200, 300, 400):
        sheet.line(100, y, 140, y)
    for number, text in enumerate(("b", "2", "a", "1")):
        column, row = number % 2, number // 2
        sheet.text(112 + 20 * column, 275 + 100 * row, text, turn="0 1 -1 0")
    table = only_table(sheet)
    assert texts(table) == [["a", "b"], ["1", "2"]]
    assert table.rows[0].cells[0].place == PagePlace(1, (100.0, 300.0, 120.0, 400.0))


def test_tables_side_by_side_and_below_each_other_are_tables_of_their_own() -> None:
    sheet = Sheet()
    drawn_grid(sheet, (50, 100, 150), (100, 120, 140), (("a", "b"), ("1", "2")))
    drawn_grid(sheet, (300, 350, 400), (100, 120, 140), (("c", "d"), ("3", "4")))
    drawn_grid(sheet, (50, 100, 150), (200, 220, 240), (("e", "f"), ("5", "6")))
    assert [texts(table)[1] for table in read_pdf_bytes(sheet).tables()] == [["1", "2"], ["3", "4"], ["5", "6"]]


def test_tables_that_touch_are_parted_at_a_title_with_other_columns_below() -> None:
    sheet = drawn_grid(Sheet(), (50, 150, 350), (100, 120, 140), (("a", "b"), ("x", "1")))
    sheet.line(50, 160, 350, 160).line(50, 140, 50, 160).line(350, 140, 350, 160).text(150, 144, "Second")
    drawn_grid(sheet, (50, 120, 200, 280, 350), (160, 180, 200), (("p", "q", "r", "s"), ("1", "2", "3", "4")))
    first, second = read_pdf_bytes(sheet).tables()
    assert texts(first) == [["a", "b"], ["x", "1"]]
    assert texts(second) == [["Second<1x4>"], ["p", "q", "r", "s"], ["1", "2", "3", "4"]]


def test_areas_that_touch_in_one_colour_have_no_edge_between_them() -> None:
    sheet = drawn_grid(Sheet(), (50, 150, 250), (100, 130, 150), (("", "b"), ("x", "1")))
    sheet.area(51, 101, 149, 115, grey=0.8).area(51, 115, 149, 129, grey=0.8).text(53, 101, "two").text(53, 115, "lines")
    assert texts(only_table(sheet)) == [["two\nlines", "b"], ["x", "1"]]


def test_a_frame_around_prose_and_an_empty_grid_are_no_tables() -> None:
    sheet = Sheet()
    for x in (50, 400):
        sheet.line(x, 100, x, 200)
    for y in (100, 200):
        sheet.line(50, y, 400, y)
    sheet.text(60, 110, "A box with a few words in it.")
    drawn_grid(sheet, XS, (300, 320, 340), ())
    document = read_pdf_bytes(sheet)
    assert document.tables() == ()
    assert [block.text for block in document.blocks] == ["A box with a few words in it."]  # type: ignore[union-attr]


def test_words_printed_twice_to_look_bold_are_read_once() -> None:
    sheet = drawn_grid(Sheet(), (50, 100, 150), (100, 120, 140), (("a", "b"), ("1", "22")))
    sheet.text(53.3, 124, "1").text(103.3, 124.2, "22")
    assert texts(only_table(sheet)) == [["a", "b"], ["1", "22"]]


def test_a_number_broken_where_it_filled_its_cell_is_one() -> None:
    sheet = drawn_grid(Sheet(), (50, 65, 120, 180), (100, 130, 160), (("", "a", "b"), ("", "c", "d")))
    sheet.text(52, 103, "63").text(52, 114.5, "5").text(53, 133, "6")
    assert texts(only_table(sheet)) == [["635", "a", "b"], ["6", "c", "d"]]


def test_a_number_by_thousands_that_is_broken_within_its_digits_is_one() -> None:
    sheet = drawn_grid(Sheet(), (50, 75, 150, 210), (100, 160, 190), (("", "a", "b"), ("", "c", "d")))
    for top, text in ((103, "１"), (114.5, "０，"), (126, "２５"), (137.5, "０"), (163, "６")):
        sheet.text(52, top, text, font=SONG)
    assert texts(only_table(sheet)) == [["１０，２５０", "a", "b"], ["６", "c", "d"]]


def test_figures_that_are_no_thousands_are_not_joined_by_a_comma() -> None:
    sheet = drawn_grid(Sheet(), (50, 75, 150, 210), (100, 160, 190), (("", "a", "b"), ("", "c", "d")))
    for top, text in ((103, "１２"), (114.5, "３，"), (126, "２５"), (163, "６")):
        sheet.text(52, top, text, font=SONG)
    assert texts(only_table(sheet))[0][0] == "１２\n３，\n２５"


def test_a_number_whose_unit_is_broken_where_it_filled_its_cell_is_one() -> None:
    sheet = drawn_grid(Sheet(), (50, 85, 150, 210), (100, 130, 160), (("", "a", "b"), ("", "c", "d")))
    sheet.text(52, 103, "63万", font=SONG).text(52, 114.5, "元", font=SONG).text(52, 133, "6", font=SONG)
    assert texts(only_table(sheet)) == [["63万元", "a", "b"], ["6", "c", "d"]]


def test_numbers_one_below_the_other_are_never_one_number() -> None:
    sheet = Sheet()
    for y in (100, 120, 170):
        sheet.line(50, y, 110, y)
    for x in (50, 65, 80, 110):
        sheet.line(x, 100, x, 170)
    sheet.text(52, 104, "x").text(67, 104, "y").text(82, 104, "z")
    for number in range(4):
        sheet.text(52, 122 + 11.5 * number, str(12 + 17 * number)).text(67, 122 + 11.5 * number, str(31 + number**3)).text(
            82, 122 + 11.5 * number, "1,5"
        )
    assert texts(only_table(sheet)) == [["x", "y", "z"], ["12", "31", "1,5"], ["29", "32", "1,5"], ["46", "39", "1,5"], ["63", "58", "1,5"]]


def test_a_ruled_header_over_columns_whose_rows_have_no_rules() -> None:
    sheet = Sheet()
    for y in (100, 120, 140, 220):
        sheet.line(50, y, 350, y) if y != 120 else sheet.line(150, y, 350, y)
    for x in (50, 150, 350):
        sheet.line(x, 100, x, 220)
    sheet.line(250, 120, 250, 220)
    sheet.text(55, 114, "Age").text(230, 104, "Both").text(155, 124, "Men").text(255, 124, "Women")
    for number, age in enumerate(("young", "middle", "old")):
        sheet.text(55, 145 + 22 * number, age).text(155, 145 + 22 * number, str(3 + number**3)).text(
            255, 145 + 22 * number, str(9 - number**2)
        )
    table = only_table(sheet)
    assert table.spans == "drawn"
    assert texts(table) == [["Age<2x1>", "Both<1x2>"], ["Men", "Women"], ["young", "3", "9"], ["middle", "4", "8"], ["old", "11", "5"]]


def test_a_column_without_lying_rules_belongs_to_the_table() -> None:
    sheet = Sheet()
    for x in (50, 150, 250, 350):
        sheet.line(x, 100, x, 200)
    sheet.line(150, 120, 350, 120)
    sheet.text(155, 104, "Men").text(255, 104, "Women")
    for number, age in enumerate(("young", "middle", "old")):
        sheet.text(55, 125 + 22 * number, age).text(155, 125 + 22 * number, str(3 + number**3)).text(
            255, 125 + 22 * number, str(9 - number**2)
        )
    assert texts(only_table(sheet))[-3:] == [["young", "3", "9"], ["middle", "4", "8"], ["old", "11", "5"]]


def test_labels_outside_the_border_go_with_their_rows() -> None:
    names = ("Salaries", "Fees", "Travel", "Debts", "Office", "Goods")
    ys = [100.0 + 20 * number for number in range(7)]
    sheet = drawn_grid(Sheet(), (150, 250, 350), ys, [(str(number**2), str(7 * number)) for number in range(6)])
    sheet.line(50, 100, 150, 100).line(50, 220, 150, 220)
    for number, name in enumerate(names):
        sheet.text(55, 104 + 20 * number, name)
    assert texts(only_table(sheet)) == [[name, str(number**2), str(7 * number)] for number, name in enumerate(names)]


def test_the_bars_of_a_chart_are_no_table() -> None:
    sheet = Sheet()
    for number in range(8):
        sheet.area(50, 100 + 30 * number, 90 + 37 * number, 115 + 30 * number, grey=0.5).text(
            95 + 37 * number, 103 + 30 * number, f"{number}.{number}"
        )
    assert read_pdf_bytes(sheet).tables() == ()


def test_numbers_broken_beside_a_label_of_one_line() -> None:
    sheet = drawn_grid(Sheet(), (50, 150, 172, 194), (100, 130, 160), (("Name", "", ""), ("North", "", "")))
    sheet.text(153, 104, "Men").text(173, 104, "All")
    for x, upper, lower in ((153, "274", "91"), (175, "274", "99")):
        sheet.text(x, 132, upper).text(x, 144, lower)
    assert texts(only_table(sheet))[1] == ["North", "27491", "27499"]


def test_numbers_listed_in_wide_cells_stay_apart() -> None:
    sheet = drawn_grid(Sheet(), (50, 150, 250, 350), (100, 120, 160), (("Name", "Men", "Women"), ("", "", "")))
    for number, (name, men, women) in enumerate((("North", "274", "12"), ("South", "91", "7"))):
        for x, text in ((53, name), (153, men), (253, women)):
            sheet.text(x, 124 + 16 * number, text)
    assert texts(only_table(sheet))[1:] == [["North", "274", "12"], ["South", "91", "7"]]


def test_tables_in_a_box_are_parted_from_the_text_between_them() -> None:
    sheet = Sheet().line(50, 80, 350, 80).line(50, 300, 350, 300).line(50, 80, 50, 300).line(350, 80, 350, 300)
    for top, xs in ((100, (54, 150, 250, 346)), (200, (54, 120, 200, 346))):
        drawn_grid(sheet, xs, (top, top + 20, top + 40), (("Name", "Men", "Women"), ("North", "1", "2")))
        sheet.line(50, top, 350, top).line(50, top + 40, 350, top + 40)
    sheet.text(60, 85, "Ships by port").text(60, 165, "Some words of text between them").text(60, 270, "And more below")
    document = read_pdf_bytes(sheet)
    assert [texts(table) for table in document.tables()] == [[["Name", "Men", "Women"], ["North", "1", "2"]]] * 2


def test_the_end_of_a_row_that_no_rule_closes_is_no_blank_cell() -> None:
    sheet = Sheet()
    for y in (100, 120, 140, 160, 180):
        sheet.line(50, y, 350, y)
    for x in (50, 150, 250):
        sheet.line(x, 100, x, 180)
    sheet.line(350, 100, 350, 140).line(350, 160, 350, 180)
    for number, row in enumerate((("Name", "Men", "Women"), ("North", "1", "2"), ("South", "3", ""), ("West", "4", "5"))):
        for x, text in zip((53, 153, 253), row, strict=True):
            sheet.text(x, 104 + 20 * number, text)
    assert texts(only_table(sheet)) == [["Name", "Men", "Women"], ["North", "1", "2"], ["South", "3"], ["West", "4", "5"]]


def test_labels_above_the_rules_head_a_table_that_begins_with_figures() -> None:
    sheet = Sheet()
    for y in (100, 120, 140):
        sheet.line(50, y, 290, y)
    for x in (50, 130, 210, 290):
        sheet.line(x, 100, x, 140)
    for x, y, text in ((55, 78, "Name of"), (55, 88, "the town"), (135, 88, "People"), (215, 88, "2021")):
        sheet.text(x, y, text)
    for y, row in ((104, ("Oslo", "700", "12")), (124, ("Bern", "130", "7"))):
        for x, text in zip((55, 135, 215), row, strict=True):
            sheet.text(x, y, text)
    table = only_table(sheet)
    assert texts(table) == [["Name of\nthe town", "People", "2021"], ["Oslo", "700", "12"], ["Bern", "130", "7"]]
    assert table.header_row_count == 1


def test_a_line_above_a_table_that_has_its_header_inside_is_none_of_it() -> None:
    sheet = Sheet()
    for y in (100, 120, 140):
        sheet.line(50, y, 290, y)
    for x in (50, 130, 210, 290):
        sheet.line(x, 100, x, 140)
    for x, text in ((55, "Agency"), (135, "Office"), (215, "Unit: items")):
        sheet.text(x, 88, text)
    for y, row in ((104, ("Name", "People", "Rate")), (124, ("Bern", "130", "7"))):
        for x, text in zip((55, 135, 215), row, strict=True):
            sheet.text(x, y, text)
    assert texts(only_table(sheet)) == [["Name", "People", "Rate"], ["Bern", "130", "7"]]


def test_a_label_on_its_side_is_one_text() -> None:
    sheet = drawn_grid(Sheet(), [50, 80, 160], [100, 200, 220], [["", "Year of core"], ["7", "2021 to 2022"]])
    sheet.text(68, 195, "Cored interval", turn="0 1 -1 0")
    assert texts(only_table(sheet)) == [["Cored interval", "Year of core"], ["7", "2021 to 2022"]]


def test_letters_of_negative_size_that_are_turned_back_stand_upright() -> None:
    sheet = Sheet()
    for y in (100, 120, 140):
        sheet.line(50, y, 210, y)
    for x in (50, 130, 210):
        sheet.line(x, 100, x, 140)
    for x, top, text in ((53, 123, "Name"), (133, 123, "Count"), (53, 143, "Bern"), (133, 143, "12")):
        sheet.text(x, top, text, size=-10, turn="-1 0 0 -1")
    assert texts(only_table(sheet)) == [["Name", "Count"], ["Bern", "12"]]
