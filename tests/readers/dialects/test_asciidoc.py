"""Tables in the markup of AsciiDoc."""

from __future__ import annotations

from pipeline.model.document import RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.asciidoc import find_asciidoc
from tests.readers.dialects.finding import find_tables


def found(text: str) -> list[RawTable]:
    return find_tables(find_asciidoc, text)


def test_rows_have_as_many_cells_as_columns_are_declared() -> None:
    (table,) = found('前\n[cols=",2*",]\n|===\n|名称 |甲\n|乙\n\n|规章 | + |7\n|文\n件 |1 |\n|===\n后')
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["名称", "甲", "乙"], ["规章", "", "7"], ["文\n件", "1", ""]]
    assert table.rows[1].cells[2].place == TextPlace(7, 9, 10)
    assert table.spans == "lost"


def test_declared_spans_and_columns_of_the_first_line() -> None:
    (table,) = found("|===\n2+|名称 |甲\n.2+|三 |一 |5\na|二 |6\n|===")
    assert [[(cell.text, cell.row_span, cell.col_span) for cell in row.cells] for row in table.rows] == [
        [("名称", 1, 2), ("甲", 1, 1)],
        [("三", 2, 1), ("一", 1, 1), ("5", 1, 1)],
        [("二", 1, 1), ("6", 1, 1)],
    ]
    assert table.spans == "declared"


def test_cells_that_make_no_whole_rows_are_no_table() -> None:
    assert found("|===\n|名称 |甲\n|规章\n|===") == []
    assert found("|===\n|名称 |甲") == []
