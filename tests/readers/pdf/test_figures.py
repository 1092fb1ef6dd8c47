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
