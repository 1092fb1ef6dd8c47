"""Typewritten tables: read as the page that they look like."""

from __future__ import annotations

import random
import textwrap

import pytest

from pipeline.engine import read_tables
from pipeline.model.document import RawTable, TextBlock
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.pipes import Line
from pipeline.readers.dialects.typed import MAX_LINES, find_typed, is_typed
from pipeline.readers.text import split_blocks


def lines_of(text: str) -> list[Line]:
    return [Line(number, line) for number, line in enumerate(textwrap.dedent(text).strip("\n").split("\n"), 1)]


def rows(table: RawTable) -> list[list[str | tuple[str, int, int]]]:
    return [
        [cell.text if (cell.row_span, cell.col_span) == (1, 1) else (cell.text, cell.row_span, cell.col_span) for cell in row.cells]
        for row in table.rows
    ]


EMPLOYMENT = """
    TABLE 3.--Employment by industry

                               1950                 1951
    Industry               ---------------      ---------------
                           Men      Women       Men      Women
    -----------------------------------------------------------
    Agriculture ......... 1,234       567     1,300        600
    Mining and
      quarrying .........    88         -        90          1
      Total ............. 1,322       567     1,390        601
    ===========================================================
    Source: Bureau of Labor.
"""


def test_spanners_leaders_and_labels_that_go_on_below() -> None:
    (found,) = find_typed(lines_of(EMPLOYMENT))
    assert rows(found.table) == [
        [("Industry", 2, 1), ("1950", 1, 2), ("1951", 1, 2)],
        ["Men", "Women", "Men", "Women"],
        ["Agriculture", "1,234", "567", "1,300", "600"],
        ["Mining and\nquarrying", "88", "-", "90", "1"],
        ["Total", "1,322", "567", "1,390", "601"],
    ]
    assert (found.table.header_row_count, found.table.caption) == (2, "TABLE 3.--Employment by industry")
    assert (found.table.spans, found.lines.start) == ("aligned", 2)


def test_a_cell_is_where_it_is_printed() -> None:
    (found,) = find_typed(lines_of(EMPLOYMENT))
    text = textwrap.dedent(EMPLOYMENT).strip("\n").split("\n")
    cells = [cell for row in found.table.rows for cell in row.cells if cell.text]
    assert len(cells) == 22
    for cell in cells:
        assert isinstance(cell.place, TextPlace)
        there = text[cell.place.line_number - 1][cell.place.column : cell.place.end_column]
        assert there.strip(" .") == cell.text.split("\n")[0]


def test_lines_around_a_table_stay_text() -> None:
    blocks = list(split_blocks(lines_of("It begins with words.\n" + textwrap.dedent(EMPLOYMENT))))
    texts = [block.text for block in blocks if isinstance(block, TextBlock)]
    assert texts[0] == "It begins with words."
    assert texts[-1] == "Source: Bureau of Labor."
    assert sum(isinstance(block, RawTable) for block in blocks) == 1


def test_a_blank_cell_keeps_its_column() -> None:
    (found,) = find_typed(
        lines_of(
            """
            Region      Births    Deaths    Net
            North          120        80     40
            South           90               90
            East                      70
            West           100        95      5
            """
        )
    )
    assert rows(found.table)[2:4] == [["South", "90", "", "90"], ["East", "", "70", ""]]


def test_what_stands_beside_a_table_comes_with_it() -> None:
    """Nothing on the lines of a table is lost: a second table, or words, stand beside it."""
    left = [
        "Town        1990    2000",
        "Alba         120     130",
        "Bora          80      95",
        "Cora         310     290",
        "Dora          44      51",
    ]
    right = [
        "Crop        Area    Yield",
        "Wheat         12     3.1",
        "Rye            7     2.2",
        "Oats           5     2.9",
        "Maize          3     6.0",
    ]
    text = "\n".join(f"{a:<40}{b}" for a, b in zip(left, right, strict=True))
    found = list(find_typed(lines_of(text)))
    told = " ".join(
        cell.text
        for item in found
        for block in (item.table, *item.beside)
        for cell in (block.cells() if isinstance(block, RawTable) else (block,))
    )
    assert sorted(told.split()) == sorted(text.split())


@pytest.mark.parametrize("odd", ["a\tline with a tab", "prose " * 80])
def test_a_line_that_has_no_columns_stays_text_within_a_table(odd: str) -> None:
    lines = textwrap.dedent(EMPLOYMENT).strip("\n").split("\n")
    lines.insert(9, odd)
    (found,) = find_typed([Line(number, line) for number, line in enumerate(lines, 1)])
    assert found.beside == (TextBlock(odd.strip(), TextPlace(10, 0, len(odd))),)
    assert rows(found.table)[-1] == ["Total", "1,322", "567", "1,390", "601"]


def test_dashes_for_what_is_not_known_stay_in_their_cells() -> None:
    (found,) = find_typed(
        lines_of(
            "Region   Births  Deaths\nNorth       120      80\nSouth      ----    ----\nWest        100      95\nEast         90      70"
        )
    )
    assert rows(found.table)[2] == ["South", "----", "----"]


def test_a_form_feed_parts_pages() -> None:
    page = textwrap.dedent(EMPLOYMENT).strip("\n")
    found = list(find_typed([Line(number, line) for number, line in enumerate(f"{page}\n\f{page}".split("\n"), 1)]))
    assert len(found) == 2
    assert [len(item.table.rows) for item in found] == [5, 5]


@pytest.mark.parametrize("text", ["Some words only.\nAnd more of them.\n", "", "12   13\n14   15\n16   17\n", "a  b\nc  d\ne  f\n"])
def test_words_and_bare_numbers_are_no_tables(text: str) -> None:
    assert list(find_typed(lines_of(text))) == []


def test_texts_with_wide_letters_are_not_typewritten() -> None:
    assert is_typed(lines_of("Region   1\nNorth   2"))
    assert not is_typed(lines_of("Region   1\n北方   2"))


def test_a_table_longer_than_a_page_is_read_by_columns() -> None:
    rng = random.Random(3)
    count = MAX_LINES + 100
    text = "Name                   One      Two    Three\n" + "\n".join(
        f"Label {rng.randrange(10**6):<12} {rng.randrange(10**5):>8} {rng.randrange(10**5):>8} {rng.randrange(10**5):>8}"
        for _ in range(count)
    )
    assert sum(len(item.table.rows) for item in find_typed(lines_of(text))) >= count


def test_it_is_what_tables_gives() -> None:
    (table,) = read_tables(textwrap.dedent(EMPLOYMENT).encode(), name="report.txt")
    assert table.grid.col_count == 5
    assert {cell.text for cell in table.grid.cells if cell.role == "header"} == {"Industry", "1950", "1951", "Men", "Women"}
