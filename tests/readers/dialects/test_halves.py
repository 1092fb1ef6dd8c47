"""Numbers that a PDF's narrow columns have wrapped, their halves on the lines above and below their row's."""

from __future__ import annotations

from pipeline.readers.dialects.columns import find_columns
from tests.readers.dialects.finding import find_tables, texts


def tables(text: str) -> list[list[list[str]]]:
    return list(map(texts, find_tables(find_columns, text)))


def test_halves_above_and_below_a_row_are_one_number_each() -> None:
    text = (
        "\f\n"
        "                     166,5              524,6\n"
        "一、甲                          0     7\n"
        "                      09                 26\n"
        "                     853,1       14,36  977,2\n"
        "二、乙                         3\n"
        "                      77          2      11\n"
        "三、丙                   5      0     0       5\n"
        "                             264,4      264,5\n"
        "四、丁                  12            0\n"
        "                              6          8\n\n"
    )
    (table,) = tables(text)
    assert table == [
        ["一、甲", "166,509", "0", "7", "524,626"],
        ["二、乙", "853,177", "3", "14,362", "977,211"],
        ["三、丙", "5", "0", "0", "5"],
        ["四、丁", "12", "264,46", "0", "264,58"],
    ]


def test_a_unit_alone_below_its_number_is_its_other_half() -> None:
    rows = ("1808", "1377"), ("2146", "2103"), ("1044", "8532")
    lines = [f"{' ' * 17}{one}{' ' * 9}{two}\n一、甲{' ' * 20}0件\n{' ' * 18}件{' ' * 12}件\n" for one, two in rows]
    (table,) = tables("\f\n" + "".join(lines) + "\n")
    assert [row[1:] for row in table] == [[f"{one}件", "0件", f"{two}件"] for one, two in rows]


def test_rows_above_each_other_are_no_halves() -> None:
    # The numbers of the middle row would have had room for another digit.
    text = "\f\n一、甲     1      2      3\n二、乙   1000   2000   3000\n三、丙     4      5      9\n\n"
    assert tables(text) == [[["一、甲", "1", "2", "3"], ["二、乙", "1000", "2000", "3000"], ["三、丙", "4", "5", "9"]]]


def test_marks_for_nothing_are_no_halves() -> None:
    row = "一、甲        —    —    —\n"
    text = "\f\n二、乙        1    2    3\n" + 3 * row + "\n"
    assert tables(text) == [[["二、乙", "1", "2", "3"], *3 * [["一、甲", "—", "—", "—"]]]]


def test_a_number_of_three_digits_below_each_other_stands_around_the_halves_of_others() -> None:
    def line(label: str, **values: str) -> str:
        printed = label
        for column, at in {"a": 12, "b": 18, "c": 25, "d": 30}.items():
            if column in values:
                printed = printed.ljust(at) + values[column]
        return f"{printed}\n"

    text = (
        line("", a="１", d="６")
        + line("", c="８")
        + line("一、甲", a="７", b="９５", d="７")
        + line("", c="１")
        + line("", a="６", d="２")
        + "".join(line("", c="２") + line(f"{label}、乙", a="３", b="０", d="５") + line("", c="件") for label in "二三四")
        + line("", d="１")
        + line("五、丙", a="１", b="９", c="４", d="０")
        + line("", d="件")
    )
    (table,) = tables(f"\f\n{text}\n")
    assert [row[1:] for row in table] == [
        ["１７６", "９５", "８１", "６７２"],
        *3 * [["３", "０", "２件", "５"]],
        ["１", "９", "４", "１０件"],
    ]
    # Where the column has room for two digits, they are no parts of one number.
    roomy = text.replace(line("二、乙", a="３", b="０", d="５"), line("二、乙", a="３", b="０", d="５５"))
    assert roomy != text
    assert "１０件" not in [cell for table in tables(f"\f\n{roomy}\n") for row in table for cell in row]
