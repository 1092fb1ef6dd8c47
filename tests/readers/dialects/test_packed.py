"""Rows that were pushed to the left and filled up."""

from __future__ import annotations

from pipeline.readers.dialects.packed import as_packed
from tests.readers.dialects.test_repeats import table


def test_what_fills_rows_up_is_padding_where_numbers_begin_in_several_columns() -> None:
    made = as_packed(table("新收|5|6||\n结转|1|2||\n结果|公开|7|2|\n其他|5||\n三|（一）|3|4|".replace("其他|5||", "其他|5|||")))
    assert [(len(row.cells), row.padding) for row in made.rows] == [(3, 2), (3, 2), (4, 1), (2, 3), (4, 1)]
    assert made.spans == "lost"


def test_a_table_that_keeps_numbers_in_their_columns_stays() -> None:
    for text in ("新收||5|6\n结转||1|2\n结果|公开|7|2\n|其他|5|", "甲|5|6|7\n乙|1|2|3\n丙||2|3\n丁|1||"):
        assert as_packed(table(text)) == table(text)
