"""Tables whose columns only white space tells."""

from __future__ import annotations

from pipeline.readers.dialects.columns import find_columns
from tests.readers.dialects.finding import find_tables, texts


def tables(text: str) -> list[list[list[str]]]:
    return list(map(texts, find_tables(find_columns, text)))


def test_a_blank_cell_is_told_by_the_columns_of_the_other_lines_and_headers() -> None:
    text = """
              甲类  乙类  丙类
一、新收      12          3
二、结转            4
三、继续      1     20    21
"""
    assert tables(text)[0][1:] == [["一、新收", "12", "", "3"], ["二、结转", "", "4", ""], ["三、继续", "1", "20", "21"]]


def test_a_label_wrapped_around_its_numbers_is_one_label_and_a_group_label_beside_it_another() -> None:
    text = """
       1.甲乙丙丁戊己         3   4   7
       2.甲乙丙丁戊己庚辛
（一） 壬癸子丑寅卯辰巳午未   1   2   3
不甲乙 申酉戌
       3.甲乙丙丁戊己         5   6   11
"""
    assert tables(text) == [
        [
            ["1.甲乙丙丁戊己", "3", "4", "7"],
            ["（一）\n不甲乙", "2.甲乙丙丁戊己庚辛\n壬癸子丑寅卯辰巳午未\n申酉戌", "1", "2", "3"],
            ["3.甲乙丙丁戊己", "5", "6", "11"],
        ]
    ]


def test_units_and_digits_broken_below_their_numbers_are_joined_where_the_column_is_full() -> None:
    text = """
一、新收      102 3件  105
              件       件
二、结转      9件 1件  10
                       件
"""
    assert tables(text) == [[["一、新收", "102件", "3件", "105件"], ["二、结转", "9件", "1件", "10件"]]]


def test_whole_numbers_below_each_other_are_never_one() -> None:
    text = """
一、新收      10  3  13
二、结转      2   1  3
              5   6  11
三、继续      1   1  2
"""
    assert tables(text) == []  # which row the numbers without a label are of cannot be told


def test_where_numbers_keep_to_no_columns_only_lines_of_equal_count_are_rows() -> None:
    text = """
一、甲乙 1 22 333
二、甲乙丙丁 22 1 4444
三、甲乙丙 4 55 6
"""
    assert tables(text) == [[["一、甲乙", "1", "22", "333"], ["二、甲乙丙丁", "22", "1", "4444"], ["三、甲乙丙", "4", "55", "6"]]]
    assert tables(text.replace(" 22 1 4444", " 4444").replace(" 4 55 6", " 4")) == []


def test_a_word_in_a_column_of_its_own_before_the_numbers_stays_there() -> None:
    text = """
指标                  单位  数量
一、甲乙              条    7
二、甲乙情况          ——    ——
（一）甲乙丙丁        条    12
（二）甲乙丙丁戊己    件
（三）甲乙            条    0
"""
    assert tables(text)[0][1:] == [
        ["一、甲乙", "条", "7"],
        ["二、甲乙情况", "——", "——"],
        ["（一）甲乙丙丁", "条", "12"],
        ["（二）甲乙丙丁戊己", "件", ""],
        ["（三）甲乙", "条", "0"],
    ]


def test_a_cell_a_line_is_no_table() -> None:
    assert tables("甲乙\n\n    0\n\n    12\n\n丙丁\n\n    3\n\n    4\n") == []


def test_numbers_whose_label_stands_on_the_next_page_are_a_row_without_one() -> None:
    text = "一、甲      1   2   3\n二、乙      4   5   9\n            7   8   15\n\f三、丙\n四、丁      1   1   2"
    assert tables(text) == [[["一、甲", "1", "2", "3"], ["二、乙", "4", "5", "9"], ["7", "8", "15"]]]


def test_a_unit_one_blank_behind_its_number_is_its_own() -> None:
    text = """
项目      甲类  乙类
一、新收  0 件  3 件
二、结转  5 件  0 件
三、继续  1 件  2 件
"""
    assert tables(text)[0][1:] == [["一、新收", "0 件", "3 件"], ["二、结转", "5 件", "0 件"], ["三、继续", "1 件", "2 件"]]


def test_headers_head_columns_also_where_only_code_points_keep_to_them() -> None:
    lines = [
        " " * 19 + "自然人 商业企业 科研机构 总计",
        "一、本年新收申请数量".ljust(24) + "6    2    8",
        "二、上年结转".ljust(24) + "3    1    4",
        "三、其他".ljust(29) + "2    2",
    ]
    text = "\n".join(lines)
    assert tables(text)[0][1:] == [
        ["一、本年新收申请数量", "", "6", "2", "8"],
        ["二、上年结转", "", "3", "1", "4"],
        ["三、其他", "", "", "2", "2"],
    ]
    # A PDF converter's words are near each other wherever they stood.
    assert all(len(row) < 5 for table in tables(text + "\f") for row in table[1:])


def test_a_value_apart_from_all_of_its_column_leaves_open_which_column_is_blank() -> None:
    text = """
              甲类件数     乙类件数     丙类件数
规章          0            0            0
许可          3            5            1
规范文件       0           0
"""
    assert tables(text)[0][1:] == [["规章", "0", "0", "0"], ["许可", "3", "5", "1"], ["规范文件", "0", "0"]]


def test_a_row_without_values_right_below_the_header_is_kept() -> None:
    text = """
信息内容      甲类   乙类   丙类

规章

规范文件             4      2

许可          1      2      3
"""
    assert tables(text)[0][-3:] == [["规章"], ["规范文件", "", "4", "2"], ["许可", "1", "2", "3"]]


def test_rows_parted_by_blank_lines_keep_what_is_wrapped_below_them() -> None:
    text = """
一、新收      ３  10  4件
              １  件

二、结转

三、继续      ０  20  2件
              件  件

四、总计      ５  30  6件
              ２  件
"""
    assert tables(text) == [
        [["一、新收", "３１", "10件", "4件"], ["二、结转"], ["三、继续", "０件", "20件", "2件"], ["四、总计", "５２", "30件", "6件"]]
    ]


def test_the_one_row_of_a_table_may_be_wrapped_as_a_whole() -> None:
    head = "维持    纠正    其他    总\n结果    结果    结果    计\n"
    assert tables(f"\n{head}２      ０      ２      ２\n９              １\n\n")[0][-1] == ["２９", "０", "２１", "２"]


def test_a_row_between_blank_lines_may_be_wrapped_in_every_column() -> None:
    text = """
              ４  １  １
一、新收      ３  ８  ４
              ８  ０  ２

              ２  １  １
二、结转      ０  ３  ５

三、继续      ５  ７  ９
"""
    assert tables(text) == [
        [["一、新收", "４３８", "１８０", "１４２"], ["二、结转", "２０", "１３", "１５"], ["三、继续", "５", "７", "９"]]
    ]


def test_a_group_label_goes_on_beside_the_numbers_of_a_row() -> None:
    text = """
       1.甲乙丙丁戊己   ３  １０  １３

（一）
无法提                  ３  ３４  ５４
供     2.甲乙丙丁戊己   ０  ３    ７
                        ４

（二） 3.甲乙丙丁戊己   ５  １１  １６
"""
    (table,) = tables(text)
    assert [row[-4:] for row in table] == [
        ["1.甲乙丙丁戊己", "３", "１０", "１３"],
        ["2.甲乙丙丁戊己", "３０４", "３４３", "５４７"],
        ["3.甲乙丙丁戊己", "５", "１１", "１６"],
    ]
