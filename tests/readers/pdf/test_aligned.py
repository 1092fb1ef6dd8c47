"""Tables without a full grid: columns from where words stand, headers over several columns, rows of several lines."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.model.document import TextBlock
from tests.readers.pdf.paper import SONG, Sheet, only_table, read_pdf_bytes, texts


def put(sheet: Sheet, top: float, items: Sequence[tuple[float, str]]) -> Sheet:
    for x, text in items:
        sheet.text(x, top, text)
    return sheet


def rows(sheet: Sheet, top: float, names: Sequence[str], *, xs: Sequence[float] = (220, 300, 380), step: float = 14) -> Sheet:
    for number, name in enumerate(names):
        put(sheet, top + step * number, [(50, name), *((x, str(100 + 37 * number * number + place)) for place, x in enumerate(xs))])
    return sheet


def test_columns_by_white_space_alone() -> None:
    sheet = put(Sheet(), 100, [(50, "Country"), (210, "Exports"), (290, "Imports"), (372, "Balance")])
    rows(sheet, 120, ["Austria", "Bosnia and Herzegovina", "Chad", "Denmark"])
    table = only_table(sheet)
    assert table.spans == "aligned"
    assert table.header_row_count == 1
    assert texts(table) == [
        ["Country", "Exports", "Imports", "Balance"],
        ["Austria", "100", "101", "102"],
        ["Bosnia and Herzegovina", "137", "138", "139"],
        ["Chad", "248", "249", "250"],
        ["Denmark", "433", "434", "435"],
    ]


def test_spanners_by_the_rules_under_them() -> None:
    sheet = Sheet().line(50, 98, 460, 98).line(50, 131, 460, 131).line(50, 200, 460, 200)
    put(sheet, 102, [(235, "Women"), (365, "Men")]).line(200, 115, 305, 115).line(330, 115, 460, 115)
    put(sheet, 118, [(50, "Age"), (210, "No."), (270, "Rate"), (340, "No."), (410, "Rate")])
    rows(sheet, 135, ["45-54", "55-64", "65-74", "total"], xs=(210, 270, 340, 410))
    table = only_table(sheet)
    assert table.header_row_count == 2
    assert texts(table)[:3] == [
        ["Age<2x1>", "Women<1x2>", "Men<1x2>"],
        ["No.", "Rate", "No.", "Rate"],
        ["45-54", "100", "101", "102", "103"],
    ]


def test_spanners_by_their_place_alone() -> None:
    sheet = put(Sheet(), 100, [(232, "All items"), (372, "New items")])
    put(sheet, 114, [(50, "Domain"), (210, "Number"), (270, "Percent"), (350, "Number"), (410, "Percent")])
    rows(sheet, 130, ["Reading", "Writing", "Speaking"], xs=(215, 275, 355, 415))
    assert texts(only_table(sheet))[:2] == [
        ["Domain<2x1>", "All items<1x2>", "New items<1x2>"],
        ["Number", "Percent", "Number", "Percent"],
    ]


def test_headers_of_several_lines_are_one_cell() -> None:
    sheet = Sheet().line(50, 98, 430, 98).line(50, 141, 430, 141)
    put(sheet, 102, [(220, "Weight"), (300, "Share")])
    put(sheet, 113, [(220, "at birth"), (300, "of all"), (380, "Cost")])
    put(sheet, 124, [(50, "Group"), (222, "(g)"), (302, "(%)"), (380, "(EUR)")])
    rows(sheet, 145, ["a first group", "a second", "a third"])
    assert texts(only_table(sheet))[0] == ["Group", "Weight\nat birth\n(g)", "Share\nof all\n(%)", "Cost\n(EUR)"]


def test_sections_stay_rows_and_wrapped_labels_are_joined() -> None:
    sheet = put(Sheet(), 100, [(50, "Item"), (215, "2019"), (295, "2020"), (375, "2021")])
    sheet.text(50, 120, "Actual")
    rows(sheet, 134, ["Schools of the first kind", "Others"])
    put(sheet, 162, [(50, "Persons who were counted on the last day")])
    put(sheet, 173, [(50, "of the year"), (220, "9"), (300, "8"), (380, "7")])
    rows(sheet, 187, ["Total"])
    assert texts(only_table(sheet)) == [
        ["Item", "2019", "2020", "2021"],
        ["Actual", "", "", ""],
        ["Schools of the first kind", "100", "101", "102"],
        ["Others", "137", "138", "139"],
        ["Persons who were counted on the last day\nof the year", "9", "8", "7"],
        ["Total", "100", "101", "102"],
    ]


def test_notes_and_captions_stay_outside() -> None:
    sheet = Sheet().text(50, 80, "Table 3. Things counted in some countries").line(50, 98, 430, 98).line(50, 116, 430, 116)
    put(sheet, 102, [(50, "Country"), (215, "A"), (295, "B"), (375, "C")])
    rows(sheet, 120, ["Austria", "Chad", "Denmark"]).line(50, 162, 430, 162)
    sheet.text(50, 166, "1 Counted once a year.", size=8).text(50, 177, "Source: the office of things.", size=8)
    document = read_pdf_bytes(sheet)
    (table,) = document.tables()
    assert [row[0] for row in texts(table)] == ["Country", "Austria", "Chad", "Denmark"]
    assert [block.text for block in document.blocks if isinstance(block, TextBlock)] == [
        "Table 3. Things counted in some countries",
        "1 Counted once a year.",
        "Source: the office of things.",
    ]


def test_prose_in_two_columns_is_no_table() -> None:
    line = "some words that fill a line of a column"
    sheet = Sheet()
    for number in range(12):
        sheet.text(50, 100 + 13 * number, line).text(310, 100 + 13 * number, line)
    assert read_pdf_bytes(sheet).tables() == ()


def test_the_labels_of_a_charts_axes_are_no_table() -> None:
    sheet = Sheet()
    for number in range(7):
        put(sheet, 100 + 20 * number, [(50, str(60 - 10 * number)), (300, f"{0.6 - 0.1 * number:.1f}")])
    assert read_pdf_bytes(sheet).tables() == ()


def test_a_list_of_notes_is_no_table() -> None:
    sheet = Sheet()
    for number, mark in enumerate("abcd"):
        put(sheet, 100 + 14 * number, [(50, f"({mark})"), (90, f"a remark about item {number}")])
    assert read_pdf_bytes(sheet).tables() == ()


def test_a_grid_without_lines_between_rows_is_read_by_its_words() -> None:
    sheet = Sheet()
    for y in (100, 120, 200):
        sheet.line(50, y, 350, y)
    for x in (50, 150, 250, 350):
        sheet.line(x, 100, x, 200)
    put(sheet, 104, [(55, "Age"), (155, "Men"), (255, "Women")])
    for number, age in enumerate(("0-9", "10-19", "20-29", "30-39")):
        put(sheet, 124 + 18 * number, [(55, age), (155, str(10 + number**3)), (255, str(20 + number**2))])
    assert texts(only_table(sheet)) == [
        ["Age", "Men", "Women"],
        ["0-9", "10", "20"],
        ["10-19", "11", "21"],
        ["20-29", "18", "24"],
        ["30-39", "37", "29"],
    ]


def test_long_labels_with_a_unit_before_their_figures_are_no_prose() -> None:
    sheet = Sheet()
    labels = (
        "通过不同渠道和方式回应解读的各类情况",
        "参加或者举办新闻发布会的全部总次数",
        "主要负责同志参加新闻发布会全部次数",
        "政府网站在线访谈总次数",
    )
    for number, label in enumerate(labels):
        top = 100 + 14 * number
        sheet.text(50, top, label, font=SONG).text(330, top, "次", font=SONG).text(450, top, str(number + 3), font=SONG)
    assert texts(only_table(sheet)) == [[label, "次", str(number + 3)] for number, label in enumerate(labels)]


def test_a_label_of_han_goes_on_where_its_column_left_no_room() -> None:
    sheet = Sheet()
    put(sheet, 100, [(50, "Item"), (200, "Count")])
    for number, lines in enumerate(
        (("1.收到申请的总数",), ("2.政府信息公开专项经费", "不包括日常的维护"), ("3.接受培训总人数",), ("4.其他",))
    ):
        top = 120 + 28 * number
        sheet.text(70, top, lines[0], font=SONG).text(200, top, str(7 + number), font=SONG)
        for place, line in enumerate(lines[1:], 1):
            sheet.text(50, top + 12 * place, line, font=SONG)
    table = only_table(sheet)
    assert texts(table)[1:] == [
        ["1.收到申请的总数", "7"],
        ["2.政府信息公开专项经费\n不包括日常的维护", "8"],
        ["3.接受培训总人数", "9"],
        ["4.其他", "10"],
    ]
    assert table.blanks_known


def test_labels_that_wrap_side_by_side_stay_two_though_their_last_lines_nearly_touch() -> None:
    sheet = Sheet().line(50, 98, 460, 98).line(50, 125, 460, 125)  # what closes the header joins no two labels
    put(sheet, 100, [(270, "Under 18"), (320, "18 years")])
    put(sheet, 112, [(50, "Offence"), (220, "Total"), (290, "years"), (320, "and over")])
    rows(sheet, 130, ["Arson", "Fraud", "Theft", "Vagrancy"], xs=(220, 285, 330))
    table = only_table(sheet)
    assert texts(table)[0] == ["Offence", "Total", "Under 18\nyears", "18 years\nand over"]
    assert texts(table)[1] == ["Arson", "100", "101", "102"]


def test_the_first_label_of_a_table_right_below_a_paragraph_is_none_of_its_lines() -> None:
    sheet = Sheet()
    line = "review and correct the list of those who are shown here as living in the"
    for number, text in enumerate((line, line, line, "building by now, and add all of the others too who came in.")):
        put(sheet, 60 + 12 * number, [(50, text)])
    put(sheet, 117, [(75, "Name"), (170, "Status"), (270, "Entered"), (350, "Left")])
    rows(sheet, 130, ["Adam", "Beth", "Carl"], xs=(270, 350))
    for number, text in enumerate(("Owner", "Guest", "Owner")):
        put(sheet, 130 + 14 * number, [(170, text)])
    assert texts(only_table(sheet))[:1] == [["Name", "Status", "Entered", "Left"]]


def test_what_stands_far_beside_the_rules_of_a_table_is_none_of_it() -> None:
    sheet = Sheet()
    for y in (98, 115, 130, 145, 160):
        sheet.line(50, y, 330, y)
    put(sheet, 102, [(50, "Target"), (200, "Weight"), (280, "Result")])
    for number, name in enumerate(("Earnings", "Revenue", "Growth")):
        put(sheet, 118 + 15 * number, [(50, name), (200, f"{10 + number}%"), (280, str(number))])
        put(sheet, 117 + 14 * number, [(420, f"Bar {number}"), (480, f"{20 * number}%")])
    table, _ = read_pdf_bytes(sheet).tables()
    assert texts(table) == [
        ["Target", "Weight", "Result"],
        ["Earnings", "10%", "0"],
        ["Revenue", "11%", "1"],
        ["Growth", "12%", "2"],
    ]


def test_columns_of_labels_where_most_lines_have_one_label() -> None:
    sheet = put(Sheet(), 100, [(50, "Item"), (300, "Men"), (360, "Women"), (420, "All")])
    put(sheet, 116, [(50, "I. Carried over from the year before"), (300, "3"), (360, "1"), (420, "4")])
    put(sheet, 130, [(50, "II. Received in this year, and others"), (300, "30"), (360, "10"), (420, "40")])
    put(sheet, 144, [(50, "III. Done"), (130, "(a) granted"), (300, "5"), (360, "6"), (420, "11")])
    put(sheet, 158, [(130, "(b) refused"), (210, "secret"), (300, "7"), (360, "8"), (420, "15")])
    put(sheet, 172, [(210, "private"), (300, "9"), (360, "2"), (420, "11")])
    put(sheet, 186, [(130, "(c) not held"), (210, "elsewhere"), (300, "1"), (360, "2"), (420, "3")])
    put(sheet, 200, [(50, "IV. Left to the year to come, altogether"), (300, "1"), (360, "2"), (420, "3")])
    assert texts(only_table(sheet))[1:6] == [
        ["I. Carried over from the year before", "", "", "3", "1", "4"],
        ["II. Received in this year, and others", "", "", "30", "10", "40"],
        ["III. Done", "(a) granted", "", "5", "6", "11"],
        ["", "(b) refused", "secret", "7", "8", "15"],
        ["", "", "private", "9", "2", "11"],
    ]


def left_header(sheet: Sheet) -> Sheet:
    put(sheet, 100, [(50, "Review"), (200, "Lawsuits")])
    put(sheet, 112, [(50, "Up"), (100, "Over"), (150, "All"), (200, "At once"), (350, "After review")])
    put(sheet, 124, [(50, "held"), (100, "turned"), (200, "Up"), (250, "Over"), (300, "All"), (350, "Up"), (400, "Over"), (450, "All")])
    put(sheet, 136, [(200, "held"), (250, "turned"), (350, "held"), (400, "turned")])
    return sheet


def test_a_header_whose_texts_stand_in_the_upper_left_corners() -> None:
    sheet = left_header(Sheet())
    for top in (150, 164):
        put(sheet, top, [(50 + 50 * number, str(number)) for number in range(9)])
    table = only_table(sheet)
    assert table.header_row_count == 3
    assert texts(table) == [
        ["Review<1x3>", "Lawsuits<1x6>"],
        ["Up\nheld<2x1>", "Over\nturned<2x1>", "All<2x1>", "At once<1x3>", "After review<1x3>"],
        ["Up\nheld", "Over\nturned", "All", "Up\nheld", "Over\nturned", "All"],
        [str(number) for number in range(9)],
        [str(number) for number in range(9)],
    ]


def test_a_long_header_above_one_row_of_figures() -> None:
    sheet = put(left_header(Sheet()), 150, [(50 + 50 * number, str(number)) for number in range(9)])
    assert texts(only_table(sheet))[3] == [str(number) for number in range(9)]


def test_a_figure_in_the_place_of_several_does_not_join_their_columns() -> None:
    sheet = put(Sheet(), 100, [(50, "What"), (200, "New"), (230, "Gone"), (262, "Left")])
    for number, top in enumerate((114, 128, 142)):
        put(sheet, top, [(50, "abc"[number] * 5), (200, str(number)), (230, "2"), (262, "3")])
    put(sheet, 156, [(50, "fees in cents"), (200, "1,234,567.8901")])
    assert texts(only_table(sheet))[1:] == [
        ["aaaaa", "0", "2", "3"],
        ["bbbbb", "1", "2", "3"],
        ["ccccc", "2", "2", "3"],
        ["fees in cents", "1,234,567.8901", "", ""],
    ]


def test_rows_whose_labels_go_on_for_many_lines() -> None:
    sheet = put(Sheet(), 100, [(50, "Group"), (120, "Kind"), (200, "Men"), (260, "Women"), (320, "All")])
    top = 114
    for name, count in (("Asked", 4), ("Granted", 5), ("Refused", 4)):
        put(sheet, top, [*([(50, "III. Done")] if count == 5 else []), (120, name), (200, str(count)), (260, "0"), (320, str(count))])
        for number in range(count):
            top += 12
            put(sheet, top, [(120, "by whom it was" if number else "of people")])
        top += 12
    assert [row[2:] for row in texts(only_table(sheet))] == [["Men", "Women", "All"], *([str(n), "0", str(n)] for n in (4, 5, 4))]
