"""Tables under rulers of dashes: simple ones, ones whose rows blank lines part, and lines of dashes that rule nothing."""

from __future__ import annotations

from pipeline.model.document import RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.pipes import Line
from pipeline.readers.dialects.rulers import split_ruled


def lines_of(text: str) -> list[Line]:
    return [Line(number, line) for number, line in enumerate(text.split("\n"), start=1)]


def tables_of(text: str) -> list[RawTable]:
    return [stretch.table for stretch in split_ruled(lines_of(text)) if stretch.table is not None]


def texts_of(table: RawTable) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_rows_between_two_rulers_keep_their_blank_cells() -> None:
    text = "  ------ ---- ----\n  规章   1         \n  许可        23   \n  ------ ---- ----"
    (table,) = tables_of(text)
    assert texts_of(table) == [["规章", "1", ""], ["许可", "", "23"]]
    assert table.rows[1].cells[2].place == TextPlace(3, 12, 14)


def test_a_header_over_the_ruler_and_rows_up_to_an_empty_line() -> None:
    text = "前文\n\n  name    count\n  ------- -------\n  apples  3\n  pears   \n\n后文"
    (stretch,) = [item for item in split_ruled(lines_of(text)) if item.table is not None]
    assert stretch.lines == range(2, 6)
    assert stretch.table is not None
    assert texts_of(stretch.table) == [["name", "count"], ["apples", "3"], ["pears", ""]]
    assert stretch.table.header_row_count == 1


def test_blank_lines_part_rows_of_several_lines() -> None:
    text = (
        "-------------------\n商业       科研\n企业       机构\n---------- --------\n一         2\n\n二\n三         4\n-------------------"
    )
    (table,) = tables_of(text)
    assert texts_of(table) == [["商业\n企业", "科研\n机构"], ["一", "2"], ["二\n三", "4"]]
    assert table.header_row_count == 1


def test_a_line_of_dashes_below_prose_rules_nothing() -> None:
    assert tables_of("一、总体情况\n------------\n全年公开信息 270 条。\n\n二、主动公开\n------------\n") == []


def test_all_lines_come_back_in_order() -> None:
    text = "a\n  -- --\n  1  2\n  -- --\nb"
    covered = [index for stretch in split_ruled(lines_of(text)) for index in stretch.lines]
    assert covered == [0, 1, 2, 3, 4]
