"""Tables whose cells a separator parts."""

from __future__ import annotations

import pytest

from pipeline.model.document import RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.separated import find_separated
from tests.readers.dialects.finding import find_tables


def found(text: str) -> list[RawTable]:
    return find_tables(find_separated, text)


def tables(text: str) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in found(text)]


def test_between_two_tabs_stands_a_blank_cell() -> None:
    assert tables("前言\n名称\t甲\t乙\t丙\n规章\t7\t\t2\n文件\t\t1\t\n") == [
        [["名称", "甲", "乙", "丙"], ["规章", "7", "", "2"], ["文件", "", "1", ""]]
    ]


def test_gaps_of_two_tabs_are_one_separator_where_none_is_shorter() -> None:
    text = "名称 \t\t甲 \t\t乙\n规章 \t\t7 \t\t2\n文件 \t\t\t\t1\n其他 \t\t3 \t\t4\n"
    assert tables(text) == [[["名称", "甲", "乙"], ["规章", "7", "2"], ["文件", "", "1"], ["其他", "3", "4"]]]


def test_a_separator_behind_every_cell_is_no_cell_more() -> None:
    assert tables("名称\t甲\t\n规章\t7\t\n文件\t\t\n") == [[["名称", "甲"], ["规章", "7"], ["文件", ""]]]


def test_rows_without_their_last_blank_cells_are_padded_where_every_slot_is_printed() -> None:
    (table,) = found("名称\t甲\t乙\n\t丙\t丁\n规章\t7\n文件\t1\t2\n")
    assert [row.padding for row in table.rows] == [0, 0, 1, 0]


def test_what_is_indented_with_tabs_is_no_table() -> None:
    assert tables("\t一段文字\n\t\t又一段文字，共3件\n\t第三段\n") == []


def test_cells_in_quotes_hold_separators_quotes_and_line_ends() -> None:
    (table,) = found('名称,"本年\n制发",丙\n规章,"1,234",2\n"称""号""",5,\n')
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["名称", "本年\n制发", "丙"],
        ["规章", "1,234", "2"],
        ['称"号"', "5", ""],
    ]
    assert table.rows[1].cells[1].place == TextPlace(3, 3, 10)


def test_tabs_beside_quotes_are_read_as_csv_is() -> None:
    assert tables('名称\t"本年\n制发"\n规章\t7\n文件\t1\n') == [[["名称", "本年\n制发"], ["规章", "7"], ["文件", "1"]]]


@pytest.mark.parametrize("mark", [";", ",", ", "])
def test_rows_of_several_lengths_are_a_table_when_numbers_fill_them(mark: str) -> None:
    rows = [["名称", "甲", "乙"], ["三", "（一）", "5", "6"], ["（二）", "7", ""], ["（三）", "8", "9"]]
    assert tables("\n".join(map(mark.join, rows))) == [rows]


@pytest.mark.parametrize(
    "rows",
    [
        "规章,,599,637,243\n文件,0,13,141,5\n其他,1,2,3\n",
        "1,234\n2,500\n3,100\n",
        "甲   1,084   5,100\n乙   2,448   1,100\n丙   1,992   7,100\n",
    ],
)
def test_commas_that_may_part_thousands_are_no_separators(rows: str) -> None:
    assert tables(rows) == []


def test_commas_between_digits_are_separators_where_longer_numbers_have_none() -> None:
    assert tables("规章,5,100,7\n文件,2345,1,2\n其他,1,2,3,4\n")[0][0] == ["规章", "5", "100", "7"]


def test_prose_with_commas_is_no_table() -> None:
    assert tables("First, we did this in 2019, and more.\nThen, in 2020, we went on.\nLast, we stopped, in 2021.\n") == []


def test_two_rows_are_a_table_beside_a_longer_one() -> None:
    assert len(tables("a,x,y\nb,1,2\nc,3,4\n\n题目\nd,z\ne,5\n")) == 2
    assert tables("d,z\ne,5\n") == []


def test_blanks_by_number_part_cells_whose_labels_have_any_length() -> None:
    rows = ["甲类    7    2", "一个长的名称    1        3", "乙    0    4    5", "三个字    6    8"]
    assert tables("\n".join(rows)) == [[["甲类", "7", "2"], ["一个长的名称", "1", "", "3"], ["乙", "0", "4", "5"], ["三个字", "6", "8"]]]


def test_columns_set_by_blanks_are_not_cells_joined_by_them() -> None:
    assert tables("甲            7    2\n一个长的名称  1    3\n乙            0    4\n三个字        6    8\n") == []


def test_a_pair_of_pipes_on_each_side() -> None:
    assert tables("||'''名称'''||甲||\n||规章||7||\n||文件||  ||\n") == [[["'''名称'''", "甲"], ["规章", "7"], ["文件", ""]]]
    assert tables("||名称||甲||\n|规章|7|\n") == []  # headers over rows in single pipes


def test_doubled_pipes_around_nothing_are_no_table() -> None:
    assert tables("||||||||\n||||||||\n||||||||") == []
