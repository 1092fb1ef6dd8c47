"""Tables of figures as statistics offices print them: signs and centred headers apart from the figures, sections among them, columns without any."""

from __future__ import annotations

from collections.abc import Sequence

from tests.readers.pdf.paper import SONG, Sheet, only_table, texts


def put(sheet: Sheet, top: float, items: Sequence[tuple[float, str]]) -> Sheet:
    for x, text in items:
        sheet.text(x, top, text)
    return sheet


def test_a_currency_sign_in_a_column_of_its_own_goes_with_its_figure() -> None:
    sheet = put(Sheet(), 100, [(240, "2011"), (380, "2012")])
    put(sheet, 114, [(50, "Cash"), (200, "$"), (260, "800"), (340, "$"), (400, "311")])
    for number, (name, first, second) in enumerate((("Loans", "530", "153"), ("Securities", "305", "204"), ("Premises", "876", "100"))):
        put(sheet, 128 + 14 * number, [(50, name), (260, first), (400, second)])
    put(sheet, 170, [(50, "Total assets"), (200, "$"), (254, "2511"), (340, "$"), (400, "768")])
    assert texts(only_table(sheet)) == [
        ["", "2011", "2012"],
        ["Cash", "$ 800", "$ 311"],
        ["Loans", "530", "153"],
        ["Securities", "305", "204"],
        ["Premises", "876", "100"],
        ["Total assets", "$ 2511", "$ 768"],
    ]


def test_years_beside_their_figures_head_the_columns_of_these() -> None:
    sheet = put(Sheet(), 100, [(230, "2010"), (330, "2011"), (430, "2012")])
    for number, name in enumerate(("Iowa", "Ohio", "Utah", "Maine")):
        put(sheet, 116 + 14 * number, [(50, name), (270, f"1{number}.5"), (370, f"2{number}.5"), (470, f"3{number}.5")])
    found = texts(only_table(sheet))
    assert found[:2] == [["", "2010", "2011", "2012"], ["Iowa", "10.5", "20.5", "30.5"]]


def test_words_alone_among_figures_are_over_their_columns() -> None:
    sheet = put(Sheet(), 100, [(50, "State"), (240, "2010"), (340, "2011"), (440, "2012")])
    for start, section in ((114, "Enrollment"), (156, "Change")):
        sheet.text(330, start, section)
        for number, name in enumerate(("Iowa", "Ohio")):
            put(sheet, start + 14 * (number + 1), [(50, name), (240, f"{start}"), (340, f"{start + 1}"), (440, f"{start + 2}")])
    assert texts(only_table(sheet)) == [
        ["State", "2010", "2011", "2012"],
        ["", "Enrollment<1x3>"],
        ["Iowa", "114", "115", "116"],
        ["Ohio", "114", "115", "116"],
        ["", "Change<1x3>"],
        ["Iowa", "156", "157", "158"],
        ["Ohio", "156", "157", "158"],
    ]


def test_a_column_in_which_nothing_stands_has_its_label() -> None:
    sheet = put(Sheet(), 100, [(50, "Kept"), (110, "Mended"), (170, "Other"), (230, "Open"), (290, "Total")])
    put(sheet, 116, [(50, "10"), (110, "2"), (230, "7"), (290, "19")])
    put(sheet, 130, [(50, "11"), (110, "3"), (230, "8"), (290, "22")])
    assert texts(only_table(sheet)) == [
        ["Kept", "Mended", "Other", "Open", "Total"],
        ["10", "2", "", "7", "19"],
        ["11", "3", "", "8", "22"],
    ]


def test_the_rest_of_a_label_at_the_end_of_a_table_stays_with_it() -> None:
    sheet = Sheet()
    for top, label, figures in (
        (100, "一二三四五六", ("4", "5", "6")),
        (114, "其他", ("7", "8", "9")),
        (128, "七八九十甲乙", ("1", "2", "3")),
    ):
        sheet.text(150, top, label, font=SONG)
        put(sheet, top, list(zip((220, 280, 340), figures, strict=True)))
    sheet.text(50, 100, "部分", font=SONG)
    sheet.text(150, 141, "丙丁", font=SONG).text(50, 200, "其后的文字", font=SONG)
    assert texts(only_table(sheet)) == [
        ["部分", "一二三四五六", "4", "5", "6"],
        ["", "其他", "7", "8", "9"],
        ["", "七八九十甲乙\n丙丁", "1", "2", "3"],
    ]


def test_rows_set_wide_apart_are_one_table() -> None:
    sheet = put(Sheet(), 100, [(50, "State"), (240, "Men"), (340, "Women")])
    for number, name in enumerate(("Iowa", "Ohio", "Utah")):
        put(sheet, 116 + 42 * number, [(50, name), (240, f"1{number}"), (340, f"2{number}")])
    assert [row[0] for row in texts(only_table(sheet))] == ["State", "Iowa", "Ohio", "Utah"]


def test_dots_lead_to_figures_whatever_blanks_stand_before_and_between_them() -> None:
    sheet = Sheet()
    for number, (label, dots, figures) in enumerate(
        (("Construction", 12, ("7", "85", "11")), ("Information", 2, ("9", "60", "8")), ("Mining", 7, ("4", "59", "6")))
    ):
        top = 100 + 14 * number
        sheet.text(50, top, label)
        for dot in range(dots):
            sheet.text(200 - 7 * dot, top, ".")
        put(sheet, top, list(zip((260, 330, 400), figures, strict=True)))
    found = texts(only_table(sheet))
    assert [row[0].rstrip(" .") for row in found] == ["Construction", "Information", "Mining"]
    assert [row[1:] for row in found] == [["7", "85", "11"], ["9", "60", "8"], ["4", "59", "6"]]


def test_a_spanner_is_the_middle_of_labels_that_stand_beside_their_figures() -> None:
    sheet = put(Sheet(), 100, [(235, "Residence"), (395, "Ownership")])
    put(sheet, 114, [(200, "Urban"), (280, "Rural"), (360, "Public"), (440, "Private")])
    for number, name in enumerate(("Iowa", "Ohio", "Utah", "Maine")):
        put(sheet, 130 + 14 * number, [(50, name), *((x, f"{number}{x}") for x in (235, 315, 395, 475))])
    assert texts(only_table(sheet))[:2] == [["", "Residence<1x2>", "Ownership<1x2>"], ["", "Urban", "Rural", "Public", "Private"]]


def test_labels_at_the_left_of_figures_at_the_right_head_them_by_their_order() -> None:
    sheet = put(Sheet(), 100, [(200, "Offices"), (330, "Staff"), (460, "Budget")])
    for number, name in enumerate(("Iowa", "Ohio", "Utah")):
        put(sheet, 114 + 14 * number, [(50, name), (290, f"1{number}"), (420, f"2{number}"), (540, f"3{number}")])
    assert texts(only_table(sheet))[:2] == [["", "Offices", "Staff", "Budget"], ["Iowa", "10", "20", "30"]]


def test_the_unit_below_years_is_of_all_their_columns() -> None:
    sheet = put(Sheet(), 100, [(50, "State"), (230, "2010"), (330, "2011"), (430, "2012")])
    sheet.text(312, 114, "Million dollars")
    for number, name in enumerate(("Iowa", "Ohio", "Utah")):
        put(sheet, 128 + 14 * number, [(50, name), (238, f"1{number}"), (338, f"2{number}"), (438, f"3{number}")])
    assert texts(only_table(sheet))[:3] == [["State", "2010", "2011", "2012"], ["", "Million dollars<1x3>"], ["Iowa", "10", "20", "30"]]


def test_the_last_label_above_a_note_stays_with_its_figures() -> None:
    sheet = put(Sheet(), 100, [(50, "State"), (300, "Men"), (400, "Women")])
    for number, name in enumerate(("Iowa", "Ohio", "Utah")):
        put(sheet, 114 + 12 * number, [(50, name), (300, f"1{number}"), (400, f"2{number}")])
    for number, text in enumerate(
        ("Note: the figures of the last year are", "preliminary and may be revised when all", "of the counties have sent their returns")
    ):
        sheet.text(50, 150 + 12 * number, text)
    assert texts(only_table(sheet))[3] == ["Utah", "12", "22"]


def test_dots_before_several_figures_are_no_table_of_contents() -> None:
    sheet = put(Sheet(), 100, [(50, "Item"), (260, "Men"), (330, "Women")])
    for number, name in enumerate(("Loans", "Cash", "Bonds", "Land")):
        put(sheet, 114 + 14 * number, [(50, f"{name} . . . . . . . ."), (260, f"1{number}"), (330, f"2{number}")])
    assert [row[1:] for row in texts(only_table(sheet))] == [["Men", "Women"], ["10", "20"], ["11", "21"], ["12", "22"], ["13", "23"]]
