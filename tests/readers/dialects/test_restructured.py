"""Simple tables of reStructuredText: rulers of equal signs, cells that dashes say reach over columns, rows that go on."""

from __future__ import annotations

import pytest

from pipeline.model.document import RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.restructured import find_restructured
from tests.readers.dialects.finding import find_tables, texts

TRUTH = """Before.

=====  =====  ======
   Inputs     Output
------------  ------
  A      B    A or B
=====  =====  ======
False  False  False
True   False  True
=====  =====  ======

After.
"""


def tables_of(text: str) -> list[RawTable]:
    return find_tables(find_restructured, text)


def test_dashes_say_how_far_headers_reach() -> None:
    (table,) = tables_of(TRUTH)
    assert texts(table) == [["Inputs", "Output"], ["A", "B", "A or B"], ["False", "False", "False"], ["True", "False", "True"]]
    assert [cell.col_span for cell in table.rows[0].cells] == [2, 1]
    assert (table.header_row_count, table.spans) == (2, "declared")
    assert table.rows[3].cells[2].place == TextPlace(9, 14, 18)


def test_a_line_with_a_blank_first_cell_goes_on_the_row() -> None:
    text = "=====  ======\nTown   Note\n=====  ======\nAlba   grows\n       fast, and beyond\n\nBora   12\n=====  ======"
    (table,) = tables_of(text)
    assert texts(table) == [["Town", "Note"], ["Alba", "grows\nfast, and beyond"], ["Bora", "12"]]
    assert table.header_row_count == 1


def test_two_rulers_enclose_rows_without_a_header() -> None:
    (table,) = tables_of("==  ==\n1   2\n3   \n==  ==")
    assert (texts(table), table.header_row_count) == ([["1", "2"], ["3", ""]], 0)


@pytest.mark.parametrize(
    "text",
    [
        "Title\n=====\n\nWords.\n",
        "=====  =====\na      b\n",
        "=====  =====\na word across b\n=====  =====\n",
        "=====  =====\na      b\n=====  ====\n",
        "=====  =====\n=====  =====\n",
    ],
)
def test_what_is_no_such_table_is_left(text: str) -> None:
    assert tables_of(text) == []
