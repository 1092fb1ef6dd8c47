"""Tables whose values begin where their headers begin."""

from __future__ import annotations

from pipeline.readers.dialects.headed import find_headed
from tests.readers.dialects.finding import find_tables, texts


def tables(text: str) -> list[list[list[str]]]:
    return list(map(texts, find_tables(find_headed, text)))


def test_a_value_stands_below_the_header_that_begins_where_it_begins() -> None:
    text = "名称   甲类件数  乙类件数  丙类件数\n规章\n文件   7           2\n第二条\n"
    assert tables(text) == [[["名称", "甲类件数", "乙类件数", "丙类件数"], ["规章", "", "", ""], ["文件", "7", "", "2"]]]


def test_a_header_line_above_gives_the_columns_that_span_rows() -> None:
    text = "甲  乙  丙        丁\n        戊 己   庚 辛\n   5    1       9\n"
    assert tables(text)[0][-1] == ["", "5", "", "1", "", "", "9"]


def test_a_row_that_begins_elsewhere_makes_it_another_table() -> None:
    assert tables("名称   甲类件数  乙类件数  丙类件数\n规章   1         2         3\n文件  7          2\n") == []
    assert tables("名称 甲类 乙类 丙类\n文件 7\n") == []  # a blank before the number says nothing
