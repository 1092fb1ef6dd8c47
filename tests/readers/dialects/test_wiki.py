"""Tables in the markup of MediaWiki."""

from __future__ import annotations

from pipeline.model.document import RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.wiki import find_wiki
from tests.readers.dialects.finding import find_tables


def found(text: str) -> list[RawTable]:
    return find_tables(find_wiki, text)


def test_a_cell_a_line_with_blank_ones_and_attributes() -> None:
    (table,) = found('前言\n{| class="x"\n|+ 情况\n! 名称\n!width="6%"| 甲\n|-\n| 规章\n|\n|-\n| 文件\n| <br />\n7\n|}\n后')
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["名称", "甲"], ["规章", ""], ["文件", "7"]]
    assert (table.spans, table.caption) == ("lost", "情况")
    assert [cell.is_header for cell in table.rows[0].cells] == [True, True]
    assert table.rows[2].cells[1].place == TextPlace(12, 0, 1)


def test_cells_of_one_line_and_their_spans() -> None:
    (table,) = found("{|\n!colspan=2| 名称 !! 甲\n|-\n|rowspan=\"2\"| 三 || '''一''' || 5\n|-\n| 二 || 6\n|}")
    assert [[(cell.text, cell.row_span, cell.col_span) for cell in row.cells] for row in table.rows] == [
        [("名称", 1, 2), ("甲", 1, 1)],
        [("三", 2, 1), ("一", 1, 1), ("5", 1, 1)],
        [("二", 1, 1), ("6", 1, 1)],
    ]
    assert table.spans == "declared"


def test_what_is_never_closed_or_says_nothing_is_no_table() -> None:
    assert found("{|\n| 1\n|-") == []
    assert found("{|\n|\n|}") == []


def test_what_only_looks_like_attributes_is_text_and_costs_no_time() -> None:
    (table,) = found("{|\n| a=" + "a=aa" * 95 + '"| 7\n| ' + " " * 100_000 + "8\n|}")
    assert [cell.text for cell in table.rows[0].cells][1] == "8"
    assert table.rows[0].cells[0].text.endswith("| 7")
