"""What stands in drawn cells: lines joined, numbers put together again, lines that are rows of their own."""

from __future__ import annotations

import unicodedata

import pytest

from pipeline.model.document import RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.boxes import read_box_table
from pipeline.readers.dialects.pipes import Line


def to_lines(text: str) -> list[Line]:
    return [Line(number, line) for number, line in enumerate(text.split("\n"), start=1)]


def spans_of(table: RawTable) -> list[list[tuple[str, int, int]]]:
    return [[(cell.text, cell.row_span, cell.col_span) for cell in row.cells] for row in table.rows]


def texts_of(table: RawTable) -> list[list[str]]:
    """The texts by row; all spans must be 1."""
    assert all(cell.row_span == cell.col_span == 1 for cell in table.cells())
    return [[cell.text for cell in row.cells] for row in table.rows]


def only(text: str) -> RawTable:
    tables = read_box_table(to_lines(text))
    assert len(tables) == 1
    return tables[0]


def width_of(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def test_lines_between_rulers_are_one_row() -> None:
    table = only(
        "+------+------+\n| 本年 | 数量 |\n| 新收 |      |\n+------+------+\n| 1    | 2\\   |\n|      | 3    |\n"
        "+------+------+\n| 4    | 5    |\n+------+------+"
    )
    assert texts_of(table) == [["本年\n新收", "数量"], ["1", "2\n3"], ["4", "5"]]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (["12", "345", "678"], "12345678"),  # cut from the right: all parts but the first fill the column
        (["123", "456", "78"], "12345678"),
        (["12,", "345", ".67"], "12,345.67"),
        (["-", "345"], "-345"),
        (["约", "12", "345", "6项"], "约\n123456项"),
        (["12", "34"], "12\n34"),  # nothing was cut: both have room
        (["1", "234", "5"], "1\n234\n5"),
        (["1 2", "345"], "1 2\n345"),
        (["123", "abc"], "123\nabc"),
        (["12\\", "345"], "12\n345"),  # marked as a line break
    ],
)
def test_numbers_cut_in_two(cell: list[str], text: str) -> None:
    drawn = "\n".join(f"| {part}{' ' * (3 - width_of(part))} | {'x' if part is cell[0] else ' '} |" for part in cell)
    table = only(f"+-----+---+\n| a   | b |\n+-----+---+\n{drawn}\n+-----+---+\n| 1   | 2 |\n+-----+---+")
    assert table.rows[1].cells[0].text == text


def test_wide_characters_that_stick_out_of_a_frame() -> None:
    # What pandoc prints for many columns: a column one wide holds a Han character two wide.
    table = only(
        "+---+---+---+\n| 结 | 1 |  |\n| 果 | 2 |   |\n+---+---+---+\n| 1 | 果 | 0 |\n| 2 |  | 5 |\n"
        "+---+---+---+\n| 1 |   | 0 |\n+---+---+---+"
    )
    assert texts_of(table) == [["结\n果", "12", ""], ["12", "果", "05"], ["1", "", "0"]]
    assert table.rows[0].cells[1].place == TextPlace(2, 6, 7)
    assert table.rows[0].cells[2].place == TextPlace(2, 9, 11)


def test_terminal_browsers_cut_no_numbers() -> None:
    table = only("┌───┬─┐\n│123│x│\n│456│ │\n├───┼─┤\n│1  │2│\n├───┼─┤\n│1  │2│\n└───┴─┘")
    assert table.rows[0].cells[0].text == "123\n456"


# ---- frames with a ruler under the header only ------------------------------------------------------------------------


def test_a_line_is_a_row_where_no_rulers_part_rows() -> None:
    text = "+----+-------+\n| id | name  |\n+----+-------+\n|  1 | alpha |\n|  2 |       |\n|  3 | c     |\n+----+-------+\n3 rows in set"
    table = only(text)
    assert texts_of(table) == [["id", "name"], ["1", "alpha"], ["2", ""], ["3", "c"]]
    assert table.header_row_count == 1
    assert table.rows[2].cells[1].place == TextPlace(5, 6, 13)
    assert [cell.is_header for cell in table.cells()] == [True, True] + [False] * 6


def test_a_line_is_a_row_below_a_title() -> None:
    table = only(
        "+--------------+\n|    People    |\n+-------+------+\n| name  | n    |\n+-------+------+\n"
        "| alpha | 1    |\n| b     | 2    |\n+-------+------+"
    )
    assert spans_of(table) == [
        [("People", 1, 2)],
        [("name", 1, 1), ("n", 1, 1)],
        [("alpha", 1, 1), ("1", 1, 1)],
        [("b", 1, 1), ("2", 1, 1)],
    ]
    assert table.header_row_count == 2


def test_numbers_as_wide_as_their_column_are_rows() -> None:
    assert texts_of(only("+------+----+\n| year | n  |\n+------+----+\n| 2019 | 12 |\n| 2020 | 34 |\n+------+----+")) == [
        ["year", "n"],
        ["2019", "12"],
        ["2020", "34"],
    ]
    # With more rulers the lines between two of them are one row; but nothing is put together where they all look like rows.
    table = only("+------+----+\n| year | n  |\n+------+----+\n| 2018 | 1  |\n+------+----+\n| 2019 | 12 |\n| 2020 | 34 |\n+------+----+")
    assert texts_of(table)[2] == ["2019\n2020", "12\n34"]


def test_one_column() -> None:
    assert texts_of(only("+-----------+\n| Tables    |\n+-----------+\n| a         |\n| b         |\n+-----------+")) == [
        ["Tables"],
        ["a"],
        ["b"],
    ]
    assert texts_of(only("+----------+\n| a note   |\n| in a box |\n+----------+")) == [["a note\nin a box"]]


def test_a_wrapped_row_is_one_row() -> None:
    # Header and one row: rulers alone cannot tell this from a frame without rulers between rows.
    assert texts_of(only("┌────┬──────┐\n│项目│说明  │\n├────┼──────┤\n│行政│关于本│\n│许可│年度的│\n└────┴──────┘")) == [
        ["项目", "说明"],
        ["行政\n许可", "关于本\n年度的"],
    ]
    assert texts_of(only("+-----+-----+\n| 12  | 345 |\n+-----+-----+\n| 12  | 1   |\n| 345 |     |\n+-----+-----+")) == [
        ["12", "345"],
        ["12345", "1"],
    ]


# ---- as real printers wrote them -------------------------------------------------------------------------------------


def test_full_width_numbers_broken_in_a_narrow_box_are_one_number_and_whole_ones_are_not() -> None:
    text = """
┌────────┬──┬────┬──┐
│一、新收│１│２９│3 │
│        │６│件  │4 │
├────────┼──┼────┼──┤
│二、结转│０│０件│5 │
└────────┴──┴────┴──┘
"""
    lines = [Line(number, line) for number, line in enumerate(text.strip().split("\n"), start=1)]
    (table,) = read_box_table(lines)
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["一、新收", "１６", "２９件", "3\n4"],
        ["二、结转", "０", "０件", "5"],
    ]


UNRULED = """\
+------+------+-----+
| 名称 |      | 甲  |
+------+------+-----+
| 新收 |      | 120 |
| 结果 | 公开 | 7   |
|      | 其他 |     |
| 结转 |      | 345 |
+------+------+-----+

+------+----+
| 名称 | 甲 |
+------+----+
| 维持 |    |
| 纠正 | 1  |
+------+----+"""


def test_lines_with_numbers_of_their_own_are_rows_without_rulers_also_beside_blank_cells() -> None:
    lines = [Line(number, line) for number, line in enumerate(UNRULED.split("\n"), start=1)]
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in read_box_table(lines)]
    assert tables == [
        [["名称", "", "甲"], ["新收", "", "120"], ["结果", "公开", "7"], ["", "其他", ""], ["结转", "", "345"]],
        [["名称", "甲"], ["维持", ""], ["纠正", "1"]],
    ]


def test_a_wrapped_row_below_its_header_stays_one_row() -> None:
    drawn = "+------+-----+-----+\n| 名称 | 甲  | 乙  |\n+------+-----+-----+\n| 新收 | 120 |     |\n| 申请 | ,33 |  7  |\n| 数量 | 0   |     |\n+------+-----+-----+"
    (table,) = read_box_table([Line(number, line) for number, line in enumerate(drawn.split("\n"), start=1)])
    assert [cell.text for cell in table.rows[1].cells] == ["新收\n申请\n数量", "120,330", "7"]


def test_the_mark_of_a_line_that_stands_alone_is_no_border() -> None:
    drawn = "+------+-----+\n| 名称 | 甲  |\n+======+=====+\n| 规章 | |   |\n+------+-----+\n| 文件 | | 7 |\n+------+-----+"
    (table,) = read_box_table([Line(number, line) for number, line in enumerate(drawn.split("\n"), start=1)])
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["名称", "甲"], ["规章", ""], ["文件", "7"]]
