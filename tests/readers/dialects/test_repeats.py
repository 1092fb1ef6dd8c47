"""Spanning cells that are printed in each slot they cover."""

from __future__ import annotations

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.repeats import merge_repeats


def table(text: str) -> RawTable:
    rows = [line.split("|") for line in text.split("\n")]
    return RawTable(
        tuple(
            RawRow(tuple(RawCell(cell, TextPlace(row, at, at + 1)) for at, cell in enumerate(cells))) for row, cells in enumerate(rows, 1)
        ),
        spans="lost",
    )


def merged(text: str) -> list[list[tuple[str, int, int]]]:
    made = merge_repeats(table(text))
    assert made.spans == "aligned"
    return [[(cell.text, cell.row_span, cell.col_span) for cell in row.cells] for row in made.rows]


def test_words_that_repeat_are_one_cell_and_values_below_one_header_too() -> None:
    assert merged("名称|名称|申请人|申请人|申请人\n名称|名称|个人|企业|企业\n结果|公开|7|0|0\n结果|其他|0|0|0\n总计|总计|7||") == [
        [("名称", 2, 2), ("申请人", 1, 3)],
        [("个人", 1, 1), ("企业", 1, 2)],
        [("结果", 2, 1), ("公开", 1, 1), ("7", 1, 1), ("0", 1, 2)],
        [("其他", 1, 1), ("0", 1, 1), ("0", 1, 2)],
        [("总计", 1, 2), ("7", 1, 1), ("", 1, 2)],
    ]


def test_a_row_that_says_one_thing_is_a_section() -> None:
    assert merged("第一项|第一项|第一项\n名称|甲类|乙类\n规章|5|5\n规章|5|6") == [
        [("第一项", 1, 3)],
        [("名称", 1, 1), ("甲类", 1, 1), ("乙类", 1, 1)],
        [("规章", 1, 1), ("5", 1, 1), ("5", 1, 1)],
        [("规章", 1, 1), ("5", 1, 1), ("6", 1, 1)],
    ]


def test_equal_words_without_a_header_that_repeats_stay_as_they_are() -> None:
    for text in ("名称|甲类|乙类\n北京|合格|合格\n北京|5|5", "本年新|本年新|总数\n1|2|3"):
        assert merge_repeats(table(text)) is not None
        assert merge_repeats(table(text)) == table(text)
