"""Tables as typesetters print them: rules with gaps, labels stretched to a width, labels beside several rows, cells of running text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.readers.pdf.groups import find_groups
from pipeline.readers.pdf.words import Phrase, Word
from tests.readers.pdf.paper import Sheet, only_table, read_pdf_bytes, texts


def put(sheet: Sheet, top: float, items: Sequence[tuple[float, str]], *, size: float = 10.0) -> Sheet:
    for x, text in items:
        sheet.text(x, top, text, size=size)
    return sheet


@pytest.mark.parametrize("width", [0.5, 2.0, 5.0])
def test_a_stroke_is_a_rule_however_thick(width: float) -> None:
    sheet = Sheet()
    for y in (100, 130, 160):
        sheet.line(50, y, 350, y, width=width)
    for x in (50, 150, 250, 350):
        sheet.line(x, 100, x, 160, width=width)
    for top, row in ((110, "abc"), (140, "def")):
        put(sheet, top, list(zip((60, 160, 260), row, strict=True)))
    table = only_table(sheet)
    assert table.spans == "drawn"
    assert texts(table) == [["a", "b", "c"], ["d", "e", "f"]]


def test_a_stroke_as_thick_as_a_bar_is_none() -> None:
    sheet = Sheet()
    for x in (60, 100, 140):
        sheet.line(x, 100, x, 200, width=20)
    put(sheet.line(40, 200, 200, 200), 205, [(55, "a"), (95, "b"), (135, "c")])
    assert not list(read_pdf_bytes(sheet).tables())


def test_rules_that_leave_a_column_without_totals_free_are_of_one_table() -> None:
    sheet = Sheet().line(50, 98, 460, 98).line(50, 116, 460, 116)
    put(sheet, 102, [(50, "Loans"), (210, "Paid"), (300, "Rate"), (400, "Left")])
    for top, name in ((120, "Homes"), (134, "Cars"), (165, "Shops"), (179, "Farms")):
        put(sheet, top, [(50, name), (215, "24"), (305, "1.5"), (405, "31")])
    for top in (150, 195):
        for y in (top - 2, top + 11):
            sheet.line(50, y, 250, y).line(390, y, 460, y)
        put(sheet, top, [(50, "Total"), (215, "48"), (405, "62")])
    table = only_table(sheet)
    assert [row[0] for row in texts(table)] == ["Loans", "Homes", "Cars", "Total", "Shops", "Farms", "Total"]
    assert texts(table)[3] == ["Total", "48", "", "62"]


def test_tables_side_by_side_under_one_rule_stay_two() -> None:
    sheet = Sheet().line(50, 90, 500, 90)
    for y in (98, 114, 160):
        sheet.line(50, y, 240, y).line(310, y, 500, y)
    for x, names in ((50, ("Oats", "Rye", "Wheat")), (310, ("Cows", "Pigs", "Hens"))):
        put(sheet, 102, [(x, "Kind"), (x + 100, "2001"), (x + 150, "2002")])
        for number, name in enumerate(names):
            put(sheet, 118 + 14 * number, [(x, name), (x + 105, str(11 + number)), (x + 155, str(21 + number))])
    tables = list(read_pdf_bytes(sheet).tables())
    assert [texts(table)[1][0] for table in tables] == ["Oats", "Cows"]


def test_standing_rules_that_stop_short_of_the_rule_below_the_header_part_no_table() -> None:
    sheet = Sheet()
    for y in (100, 120, 140, 160):
        sheet.line(50, y, 350, y)
    for x in (50, 150, 250, 350):
        sheet.line(x, 103.4, x, 117.5).line(x, 123.4, x, 160)
    for top, row in ((105, "abc"), (126, "def"), (145, "ghi")):
        put(sheet, top, list(zip((60, 160, 260), row, strict=True)))
    assert texts(only_table(sheet)) == [["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]]


def test_titles_in_the_middle_of_the_table_span_it_though_the_labels_reach_as_far() -> None:
    sheet = Sheet().line(50, 98, 400, 98).line(50, 116, 400, 116).line(50, 200, 400, 200)
    put(sheet, 102, [(50, "Item"), (310, "Paid"), (370, "Left")])
    for top, title, name in ((120, "Panel A", "Cash and balances due from other banks"), (156, "Panel B", "Securities held")):
        put(sheet, top, [(203, title)])
        put(sheet, top + 16, [(50, name), (312, "26"), (372, "90")])
    assert texts(only_table(sheet))[1:] == [
        ["Panel A<1x3>"],
        ["Cash and balances due from other banks", "26", "90"],
        ["Panel B<1x3>"],
        ["Securities held", "26", "90"],
    ]


def test_the_words_of_labels_stretched_to_one_width_are_no_columns() -> None:
    sheet = Sheet().line(50, 98, 330, 98).line(50, 116, 330, 116).line(50, 205, 330, 205)
    put(sheet, 102, [(50, "Item"), (200, "Paid"), (280, "Left")])
    # The last words end at 150: "and" is 16.7 points wide, "borrowed" 41.7.
    for top, words in (
        (120, [(50, "Retained"), (133.32, "and")]),
        (131, [(50, "kept")]),
        (145, [(50, "Other"), (108.32, "borrowed")]),
        (156, [(50, "money")]),
        (170, [(50, "Cars")]),
        (184, [(50, "Ships")]),
    ):
        has_figures = len(words) > 1 or top >= 170
        put(sheet, top, [*words, (205, str(top)), (285, str(top + 1))] if has_figures else words)
    assert texts(only_table(sheet)) == [
        ["Item", "Paid", "Left"],
        ["Retained and\nkept", "120", "121"],
        ["Other borrowed\nmoney", "145", "146"],
        ["Cars", "170", "171"],
        ["Ships", "184", "185"],
    ]


def test_labels_of_narrow_columns_that_stand_close_are_parted_between_the_figures() -> None:
    sheet = Sheet().line(50, 98, 400, 98).line(50, 116, 400, 116).line(50, 175, 400, 175)
    # Gaps of 6 points between labels: wider than a blank, too narrow for a text of its own.
    put(sheet, 102, [(50, "State of"), (150, "Rural"), (179.9, "Median age"), (238.1, "Income a head")])
    for number, name in enumerate(("Ohio", "New York", "Texas", "Maine")):
        put(sheet, 120 + 14 * number, [(50, name), (158, "34"), (203, str(12 + number)), (265, "78")])
    assert texts(only_table(sheet))[0] == ["State of", "Rural", "Median age", "Income a head"]


def test_a_text_over_the_middle_label_that_reaches_over_its_neighbours_spans_them() -> None:
    sheet = Sheet().line(50, 98, 400, 98).line(50, 131, 400, 131).line(50, 190, 400, 190)
    put(sheet, 102, [(172, "Change, from 2005 to 2010")])
    put(sheet, 114, [(50, "Land"), (150, "Women"), (214, "Quarter"), (276, "Number")])
    for number, name in enumerate(("Ohio", "Utah", "Texas", "Maine")):
        put(sheet, 135 + 14 * number, [(50, name), (160, "34"), (225, str(12 + number)), (288, "78")])
    assert texts(only_table(sheet))[:2] == [["Land<2x1>", "Change, from 2005 to 2010<1x3>"], ["Women", "Quarter", "Number"]]


def test_labels_beside_several_rows_span_them() -> None:
    sheet = Sheet().line(50, 98, 350, 98).line(50, 116, 350, 116).line(50, 200, 350, 200)
    put(sheet, 102, [(50, "Region"), (130, "Group"), (210, "Mean"), (290, "Number")])
    for number, name in enumerate(("Private", "Public", "Rural", "Urban", "Mixed")):
        put(sheet, 120 + 14 * number, [(130, name), (212, str(30 + number)), (292, str(50 + number))])
    put(sheet, 127, [(50, "Maine")])
    put(sheet, 162, [(50, "Ohio")])
    assert texts(only_table(sheet))[1:] == [
        ["Maine<2x1>", "Private", "30", "50"],
        ["Public", "31", "51"],
        ["Ohio<3x1>", "Rural", "32", "52"],
        ["Urban", "33", "53"],
        ["Mixed", "34", "54"],
    ]


def test_titles_over_the_whole_table_are_not_lost_where_labels_stand_beside_several_rows() -> None:
    sheet = Sheet().line(50, 98, 350, 98).line(50, 116, 350, 116).line(50, 275, 350, 275)
    put(sheet, 102, [(50, "Region"), (130, "Group"), (210, "Mean"), (300, "Number")])
    for top, names in ((136, ("Private", "Public")), (184, ("Rural", "Urban")), (232, ("Old", "Young"))):
        for line, name in enumerate(names):
            put(sheet, top + 14 * line, [(130, name), (215, "34"), (318, "52")])
    for top, title, label in ((120, "Panel A", "Maine"), (168, "Panel B", "Ohio"), (216, "Panel C", "Utah")):
        put(sheet, top, [(172, title)])
        put(sheet, top + 23, [(50, label)])
    assert texts(only_table(sheet)) == [
        ["Region", "Group", "Mean", "Number"],
        ["Panel A<1x4>"],
        ["Maine<2x1>", "Private", "34", "52"],
        ["Public", "34", "52"],
        ["Panel B<1x4>"],
        ["Ohio<2x1>", "Rural", "34", "52"],
        ["Urban", "34", "52"],
        ["Panel C<1x4>"],
        ["Utah<2x1>", "Old", "34", "52"],
        ["Young", "34", "52"],
    ]


def phrase(top: float, text: str = "a") -> Phrase:
    word = Word(50.0, top, 60.0, top + 10, text)
    return Phrase(word.x0, word.top, word.x1, word.bottom, (word,))


@pytest.mark.parametrize(
    ("labels", "groups"),
    [
        ((10, 50), [(0, 1), (2, 3)]),
        ((20, 50), []),  # the first would begin above the table
        ((0, 40), []),  # the last row has none
        ((0, 20, 40), []),  # rows without a label of their own
        ((0, 30, 60), [(0, 0), (1, 2), (3, 3)]),
    ],
)
def test_groups_are_told_only_where_they_take_up_all_rows(labels: Sequence[float], groups: Sequence[tuple[int, int]]) -> None:
    rows = [[phrase(top), phrase(top)] for top in (0, 20, 40, 60)]
    assert [(group.first_row, group.last_row) for group in find_groups(rows, [phrase(top) for top in labels])] == list(groups)


def test_running_text_in_the_cells_between_rules_is_of_the_table() -> None:
    sheet = Sheet().line(50, 98, 500, 98).line(50, 116, 500, 116).line(50, 235, 500, 235)
    put(sheet, 102, [(50, "Variable"), (150, "Description"), (430, "Source")])
    told = (
        "The share of all households that had reported to the office",
        "by the end of the year and were not counted twice or more",
        "often",
    )
    for number, (name, source) in enumerate((("Reporting", "Survey"), ("Income", "Returns"), ("Age", "Register"))):
        top = 120 + 38 * number
        put(sheet, top, [(50, name), (430, source)])
        for line, text in enumerate(told):
            sheet.text(150, top + 12 * line, text)
    assert texts(only_table(sheet)) == [
        ["Variable", "Description", "Source"],
        ["Reporting", "\n".join(told), "Survey"],
        ["Income", "\n".join(told), "Returns"],
        ["Age", "\n".join(told), "Register"],
    ]


def test_words_below_a_figure_are_another_row() -> None:
    sheet = Sheet().line(50, 98, 350, 98).line(50, 116, 350, 116).line(50, 180, 350, 180)
    put(sheet, 102, [(50, "Item"), (200, "Ohio"), (280, "Utah")])
    for number, row in enumerate((("Members", "45", "28"), ("Voters", "31", "12"), ("Guests", "9", "7"), ("Open", "Yes", "No"))):
        put(sheet, 120 + 13 * number, list(zip((50, 205, 285), row, strict=True)))
    assert texts(only_table(sheet))[-2:] == [["Guests", "9", "7"], ["Open", "Yes", "No"]]
