"""Row and column numbers around a table, and marks in its blank cells."""

from __future__ import annotations

import pytest

from pipeline.readers.dialects.program_marks import without_program_marks
from tests.readers.dialects.test_repeats import table


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("|名称|甲\n0|规章|7\n1|文件|2\n2|其他|3", ["名称甲", "规章7", "文件2", "其他3"]),
        ("0|1|2\n名称|甲|乙\n规章|7|8", ["名称甲乙", "规章78"]),
        ("|0|1|2\n0|名称|甲|乙\n1|规章|7|8\n2|文件|7|8", ["名称甲乙", "规章78", "文件78"]),
    ],
)
def test_numbers_that_count_from_0_are_left_out(text: str, left: list[str]) -> None:
    made = without_program_marks(table(text))
    assert made is not None
    assert ["".join(cell.text for cell in row.cells) for row in made.rows] == left


@pytest.mark.parametrize(
    "text", ["序号|名称\n1|规章\n2|文件\n3|其他", "名称|甲|乙\n规章|0|1\n文件|1|2", "0|1\n5|6", "|甲\n0|规章\n1|文件\n3|其他"]
)
def test_other_numbers_stay(text: str) -> None:
    assert without_program_marks(table(text)) is None


def test_marks_are_blank_cells() -> None:
    made = without_program_marks(table("名称|nan|甲\n规章|NaN|7\n文件|<NA>|None"))
    assert made is not None
    assert [[cell.text for cell in row.cells] for row in made.rows] == [["名称", "", "甲"], ["规章", "", "7"], ["文件", "", "None"]]
    made = without_program_marks(table("0|1|2\n名称|None|甲\n规章|7|8"))
    assert made is not None
    assert [[cell.text for cell in row.cells] for row in made.rows] == [["名称", "", "甲"], ["规章", "7", "8"]]


def test_column_numbers_come_again_where_a_table_follows_another() -> None:
    made = without_program_marks(table("0|1|2\n名称|甲|乙\n规章|7|8\n0|1|2\n名称|丙|丁\n文件|7|8"))
    assert made is not None
    assert [row.cells[0].text for row in made.rows] == ["名称", "规章", "名称", "文件"]
