"""Tables printed as a list of lists on one line."""

from __future__ import annotations

import pytest

from pipeline.model.place import TextPlace
from pipeline.readers.dialects.listed import find_listed
from pipeline.readers.dialects.pipes import Line


def test_a_list_of_lists_is_a_table() -> None:
    (found,) = find_listed([Line(1, "Ships"), Line(2, ' [["name", "count"], ["cogs", 12], ["hulks", null]]')])
    assert [[cell.text for cell in row.cells] for row in found.table.rows] == [["name", "count"], ["cogs", "12"], ["hulks", ""]]
    assert (found.lines, found.table.rows[1].cells[1].place) == (range(1, 2), TextPlace(2, 1, 51))


@pytest.mark.parametrize(
    "text", ["[[1]]", '[["a"], ["b"]', '[["a"], {"b": 1}]', '[["a"], [["b"]]]', "[" * 5000 + "]" * 5000, "[[link](a)]", "[[], []]"]
)
def test_what_is_no_list_of_rows_is_left(text: str) -> None:
    assert list(find_listed([Line(1, text)])) == []
