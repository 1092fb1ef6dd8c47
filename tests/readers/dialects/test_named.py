"""Rows told in words: names of rows and columns beside the numbers."""

from __future__ import annotations

import pytest

from pipeline.model.place import TextPlace
from pipeline.readers.dialects.named import find_named
from pipeline.readers.dialects.pipes import Line


def tables(text: str) -> list[list[list[str]]]:
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), start=1)]
    return [[[cell.text for cell in row.cells] for row in found.table.rows] for found in find_named(lines)]


@pytest.mark.parametrize(
    "way", ["{}: north {}, south {}, all {}", "- {}：north：{}；south：{}；all：{}。", "{}：north{}件、south{}件、all{}件"]
)
def test_rows_that_name_the_same_columns_are_a_table(way: str) -> None:
    text = "\n".join(["Ships", way.format("cogs", 12, 7, 19), way.format("hulks", 0, 3, 3), "", way.format("knarrs", 1, 0, 1)])
    assert tables(text) == [[["", "north", "south", "all"], ["cogs", "12", "7", "19"], ["hulks", "0", "3", "3"], ["knarrs", "1", "0", "1"]]]


def test_a_line_of_pairs_is_a_row() -> None:
    assert tables("a 1, b 2, c 3, d 4, e 1.5") == [[["a", "b", "c", "d", "e"], ["1", "2", "3", "4", "1.5"]]]


def test_places_are_those_of_the_words() -> None:
    (found,) = find_named([Line(3, "a 1, b 2, c 3, d 4, e 15")])
    assert [cell.place for cell in found.table.rows[1].cells][-1] == TextPlace(3, 22, 24)


@pytest.mark.parametrize(
    "text",
    [
        "cogs: north 12, south 7, all 19\nhulks: north 0, south 3, all 3",  # two only
        "cogs: north 12, south 7, all 19\nhulks: west 0, south 3, all 3\nknarrs: north 1, south 0, all 1",
        "a 1, b 2, c 3, d 4",
        "This year a 1, b 2, c 3, d 4, e 5 were seen",
        "a 1,234, b 2, c 3, d 4, e 5",
        "a 1, b 2, c 3, d, e 5, f 6",
    ],
)
def test_what_is_no_such_table_is_left(text: str) -> None:
    assert tables(text) == []
