"""Tables whose values begin where their headers begin."""

from __future__ import annotations

from pipeline.readers.dialects.headed import split_headed
from pipeline.readers.dialects.pipes import Line


def tables(text: str) -> list[list[list[str]]]:
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), start=1)]
    return [
        [[cell.text for cell in row.cells] for row in stretch.table.rows] for stretch in split_headed(lines) if stretch.table is not None
    ]


def test_a_value_stands_below_the_header_that_begins_where_it_begins() -> None:
    text = "名称   甲类件数  乙类件数  丙类件数\n规章\n文件   7           2\n第二条\n"
    assert tables(text) == [[["名称", "甲类件数", "乙类件数", "丙类件数"], ["规章", "", "", ""], ["文件", "7", "", "2"]]]


def test_a_header_line_above_gives_the_columns_that_span_rows() -> None:
    text = "甲  乙  丙        丁\n        戊 己   庚 辛\n   5    1       9\n"
    assert tables(text)[0][-1] == ["", "5", "", "1", "", "", "9"]


def test_a_row_that_begins_elsewhere_makes_it_another_table() -> None:
    assert tables("名称   甲类件数  乙类件数  丙类件数\n规章   1         2         3\n文件  7          2\n") == []
    assert tables("名称 甲类 乙类 丙类\n文件 7\n") == []  # a blank before the number says nothing
