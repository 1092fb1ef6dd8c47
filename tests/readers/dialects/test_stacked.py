"""Rows of which one is left, with the cells of all in its cells."""

from __future__ import annotations

import pytest

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.pipes import Line
from pipeline.readers.dialects.stacked import unstack_rows


def table(*rows: list[str], tall: bool = False) -> RawTable:
    made = [
        RawRow(
            tuple(RawCell(text, TextPlace(number, col, col), row_span=1 + tall * (not number and not col)) for col, text in enumerate(row))
        )
        for number, row in enumerate(rows)
    ]
    return RawTable(tuple(made), "declared")


def outline(found: RawTable) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in found.rows]


def test_stacked_cells_are_rows_again() -> None:
    found = unstack_rows(table(["name", "count", "pct"], ["cogs\nhulks\nknarrs", "12\n7\n0", "/\n3\n-"]))
    assert outline(found) == [["name", "count", "pct"], ["cogs", "12", "/"], ["hulks", "7", "3"], ["knarrs", "0", "-"]]
    assert [row.cells[1].place for row in found.rows[1:]] == [TextPlace(1, 1, 1)] * 3


def test_each_has_the_place_of_its_own_line_where_the_text_is_known() -> None:
    text = "cogs     12   /\nhulks     7   3\n\nknarrs    7   -<br>"
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), 5)]
    cells = (
        RawCell("cogs\nhulks\nknarrs", TextPlace(5, 0, 4)),
        RawCell("12\n7\n7", TextPlace(5, 9, 11)),
        RawCell("/\n3\n-", TextPlace(5, 14, 15)),
    )
    found = unstack_rows(RawTable((RawRow(cells),), "lost"), lines)
    assert [row.cells[1].place for row in found.rows] == [TextPlace(5, 9, 11), TextPlace(6, 10, 11), TextPlace(8, 10, 11)]
    assert [row.cells[0].place for row in found.rows] == [TextPlace(5, 0, 4), TextPlace(6, 0, 5), TextPlace(8, 0, 6)]


def test_lines_of_a_cell_on_one_line_follow_each_other() -> None:
    text = "| a<br>b<br>c | 7<br>7<br>17 |"
    cells = RawCell("a\nb\nc", TextPlace(1, 2, 13)), RawCell("7\n7\n17", TextPlace(1, 16, 28))
    found = unstack_rows(RawTable((RawRow(cells),), "lost"), [Line(1, text)])
    assert [row.cells[1].place for row in found.rows] == [TextPlace(1, 16, 17), TextPlace(1, 21, 22), TextPlace(1, 26, 28)]


@pytest.mark.parametrize(
    "row",
    [
        ["cogs\nhulks", "12\n7"],  # a label and its translation, a number and its note
        ["cogs\nhulks\nknarrs", "12\n7"],  # a blank line is gone: whose it was is not known
        ["cogs\nhulks\nknarrs", "12\n7\n0", ""],
        ["cogs\nhulks\nknarrs", "of oak\nof elm\nof pine"],
        ["1\n2\n3", "12\n7\n0"],
    ],
)
def test_what_is_no_stack_is_left(row: list[str]) -> None:
    assert unstack_rows(table(["name", "count"], row)) == table(["name", "count"], row)


def test_a_cell_that_reaches_over_a_stack_keeps_it() -> None:
    reached = table(["name", "count"], ["cogs\nhulks\nknarrs", "12\n7\n0"], tall=True)
    assert unstack_rows(reached) == reached
