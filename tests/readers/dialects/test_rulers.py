"""Tables under rulers of dashes: simple ones, ones whose rows blank lines part, and lines of dashes that rule nothing."""

from __future__ import annotations

from pipeline.model.document import RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.rulers import find_ruled
from tests.readers.dialects.finding import find_tables, lines_of, texts


def tables_of(text: str) -> list[RawTable]:
    return find_tables(find_ruled, text)


def test_rows_between_two_rulers_keep_their_blank_cells() -> None:
    text = "  ------ ---- ----\n  规章   1         \n  许可        23   \n  ------ ---- ----"
    (table,) = tables_of(text)
    assert texts(table) == [["规章", "1", ""], ["许可", "", "23"]]
    assert table.rows[1].cells[2].place == TextPlace(3, 12, 14)


def test_a_header_over_the_ruler_and_rows_up_to_an_empty_line() -> None:
    text = "前文\n\n  name    count\n  ------- -------\n  apples  3\n  pears   \n\n后文"
    (found,) = find_ruled(lines_of(text))
    assert found.lines == range(2, 6)
    assert texts(found.table) == [["name", "count"], ["apples", "3"], ["pears", ""]]
    assert found.table.header_row_count == 1


def test_blank_lines_part_rows_of_several_lines() -> None:
    text = (
        "-------------------\n商业       科研\n企业       机构\n---------- --------\n一         2\n\n二\n三         4\n-------------------"
    )
    (table,) = tables_of(text)
    assert texts(table) == [["商业\n企业", "科研\n机构"], ["一", "2"], ["二\n三", "4"]]
    assert table.header_row_count == 1


def test_a_line_of_dashes_below_prose_rules_nothing() -> None:
    assert tables_of("一、总体情况\n------------\n全年公开信息 270 条。\n\n二、主动公开\n------------\n") == []


def test_a_line_of_blanks_among_many_rows_is_a_row_of_blank_cells() -> None:
    body = "".join(f"  名称{number}  {number}    0   \n" for number in range(9))
    text = f"  ------ ---- ----\n{body}                  \n  ------ ---- ----\n"
    (table,) = tables_of(text)
    assert texts(table) == [*[[f"名称{number}", str(number), "0"] for number in range(9)], ["", "", ""]]
