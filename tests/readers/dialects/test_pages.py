"""Tables on pages that a PDF converter printed."""

from __future__ import annotations

from pipeline.readers.dialects.columns import find_columns
from tests.readers.dialects.finding import find_tables, texts


def tables(text: str) -> list[list[list[str]]]:
    return list(map(texts, find_tables(find_columns, text)))


def test_a_value_a_blank_behind_its_label_is_in_the_first_column() -> None:
    text = "一、甲         1   2     3\n二、乙丙丁戊己庚辛壬 5   0     6\n三、丙         1   2     0\n\f"
    assert tables(text) == [[["一、甲", "1", "2", "3"], ["二、乙丙丁戊己庚辛壬", "5", "0", "6"], ["三、丙", "1", "2", "0"]]]


def test_the_numbers_of_a_row_stand_on_its_labels_middle_line() -> None:
    text = "\f\n规章        0    0    5\n行政许可      0    0    2\n其他对外\n管理服务      0    3    0\n事项\n\n"
    (table,) = tables(text)
    assert table == [["规章", "0", "0", "5"], ["行政许可", "0", "0", "2"], ["其他对外\n管理服务\n事项", "0", "3", "0"]]


def test_two_numbers_in_the_place_of_one_column_are_no_table() -> None:
    # "12 3" on one line, and on the others one number that reaches over both.
    assert tables("\f\n一、甲      12 3\n二、乙      12345\n三、丙      12345\n\n") == []


def test_two_tables_of_one_column_are_two() -> None:
    first = "信息内容            数量\n规章                 3\n许可                 4\n其他                 5\n"
    second = "信息内容     处罚数量\n处罚           7\n强制           8\n收费           9\n"
    found = tables("\f\n" + first + second + "\n")
    assert [[row[-1] for row in table if len(row) == 2 and row[-1].isdigit()] for table in found] == [["3", "4", "5"], ["7", "8", "9"]]


def test_values_of_a_sparse_table_stand_below_their_headers() -> None:
    head = "                   上一年        本年        处理决\n信息内容\n                   项目数量       增减        定数量\n"
    body = "行政许可\n其他管理服务事项                                1\n"
    (table,) = tables("\f\n" + head + body)
    assert table[-1] == ["其他管理服务事项", "", "", "1"]
    # Two columns off any header, and nearer to none.
    assert tables("\f\n" + head + "行政许可\n其他管理服务事项                    1\n") == []


def test_a_row_of_many_values_has_its_header_put_together_by_columns() -> None:
    text = (
        "\f\n行政复议情况              行政诉讼情况\n"
        + 2 * "结果   结果   其他   总    "
        + "\n"
        + 2 * "维持   纠正   结果   计    "
        + "\n1    0    2    3    4    5    0    9\n"
    )
    (table,) = tables(text)
    assert table[-2:] == [
        ["结果\n维持", "结果\n纠正", "其他\n结果", "总\n计", "结果\n维持", "结果\n纠正", "其他\n结果", "总\n计"],
        ["1", "0", "2", "3", "4", "5", "0", "9"],
    ]


def test_a_row_whose_header_is_on_the_page_before_is_no_table() -> None:
    assert tables("\f\n维\n持\n1    0    2    3    4    5    0    9\n") == []


def test_the_last_number_of_a_row_may_stand_half_above_and_half_below_it() -> None:
    text = (
        "\f\n                             47\n一、甲      92    137   14\n                             3\n"
        "二、乙      15    0     3       18\n三、丙      0     0     8       8\n四、丁      12    21    0       33\n"
    )
    (table,) = tables(text)
    assert table[:2] == [["一、甲", "92", "137", "14", "473"], ["二、乙", "15", "0", "3", "18"]]
    (alone,) = tables("\n".join(text.split("\n")[:4]) + "\n\f")  # where the page ends behind it
    assert alone == [["一、甲", "92", "137", "14", "473"]]


def test_a_number_longer_than_all_that_tell_its_column_is_in_the_nearest_one() -> None:
    text = "\f\n一、甲      11    22        33\n二、乙      15    10        18\n三、丙"
    assert tables(f"{text}{' ' * 14}148\n\n")[0][-1] == ["三、丙", "", "148", ""]
    assert tables(f"{text}{' ' * 9}12\n\n")[0][-1] == ["三、丙", "12"]  # as near to the first column as to the second


def test_the_header_of_the_next_table_closes_one_with_one_value_a_line() -> None:
    text = (
        "\f\n    信息内容                  处理决定数量\n    行政许可                        0\n           第二项\n"
        "    信息内容                  处理决定数量\n    行政处罚                        0\n    行政强制                        4\n    行政收费                        5\n"
    )
    found = tables(text)
    assert [row for table in found for row in table][-3:] == [["行政处罚", "0"], ["行政强制", "4"], ["行政收费", "5"]]


def test_a_value_beside_all_columns_is_in_the_one_that_order_leaves() -> None:
    full = "一、甲乙丙丁    11    22        33    44\n二、乙          15    10        18    43\n"
    # Right behind a short label, and where only the third column is free.
    assert tables(f"\f\n{full}三、丙  7      5   4         9\n\n")[0][-1] == ["三、丙", "7", "5", "4", "9"]
    assert tables(f"\f\n{full}三、丙          1         4\n\n")[0][-1] == ["三、丙", "1", "4"]  # the second column or the third


def test_a_line_without_a_label_flush_with_its_columns_has_not_moved() -> None:
    full = "一、甲      11    22    33    66\n二、乙      15    10    18    43\n"
    wrapped = "三、丙丁戊\n{}\n己庚\n\n"
    assert tables(f"\f\n{full}{wrapped.format(' ' * 15 + '7           7')}")[0][-1] == ["三、丙丁戊\n己庚", "", "7", "", "7"]
    # Nothing in the last column: the line may have moved as a whole.
    assert tables(f"\f\n{full}{wrapped.format(' ' * 15 + '7     7')}")[0][-1] == ["三、丙丁戊\n己庚", "7", "7"]


def test_the_one_row_of_a_table_stands_below_its_headers() -> None:
    head = (
        "\f\n行政复议情况                   行政诉讼情况\n"
        + 3 * "结果   结果   其他   总    "
        + "\n"
        + 3 * "维持   纠正   结果   计    "
        + "\n"
    )

    def row(values: dict[int, str]) -> str:
        return "".join(values.get(at, " ") for at in range(60)).rstrip() + "\n"

    values = {0: "1", 5: "0", 15: "3", 20: "4", 25: "5", 30: "6", 35: "7", 45: "8", 55: "9"}
    (table,) = tables(head + row(values))
    assert table[-1] == ["1", "0", "", "3", "4", "5", "6", "7", "", "8", "", "9"]
    assert len(table[-2]) == 12
    # One stands between two headers: then only the order of the values is known.
    moved = {43 if at == 45 else at: value for at, value in values.items()}
    assert "" not in [cell for table in tables(head + row(moved)) for cell in table[-1]]


def test_columns_of_which_no_row_has_all_are_told_by_neighbours_on_one_line() -> None:
    lines = ["一、甲        1    2", "二、乙             2    3", "三、丙                  3    4", "四、丁        1         3    4"]
    (table,) = tables("\f\n" + "\n".join([*lines, "五、戊     1       2         4"]) + "\n\n")
    assert table == [
        ["一、甲", "1", "2", "", ""],
        ["二、乙", "", "2", "3", ""],
        ["三、丙", "", "", "3", "4"],
        ["四、丁", "1", "", "3", "4"],
        ["五、戊", "1", "2", "", "4"],
    ]
    # The third and the fourth may be one column that stands in two places.
    apart = [
        "一、甲        1    2    3",
        "二、乙        1    2    3",
        "三、丙        1    2         4",
        "四、丁             2         4    5",
    ]
    found = tables("\f\n" + "\n".join([*apart, "五、戊        1              4    5"]) + "\n\n")
    assert not [row for table in found for row in table if len(row) > 5]
