"""Pipes in words: Markdown escapes them, and they part no cells."""

from __future__ import annotations

import pytest

from pipeline.engine import read_tables
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.escaped import without_escaped_pipes


def texts(text: str) -> list[list[str]]:
    (table,) = read_tables(text.encode(), name="a.md")
    rows: list[list[str]] = [[] for _ in range(table.grid.row_count)]
    for cell in table.grid.cells:
        rows[cell.row].append(cell.text)
    return rows


def test_an_escaped_pipe_is_a_part_of_its_cell() -> None:
    text = "| Region | Q1 \\| adjusted | Q2 |\n|:--|--:|--:|\n| North\\|East | 1,234 | 12 |\n| South | 7 | 8 |\n"
    assert texts(text) == [["Region", "Q1 | adjusted", "Q2"], ["North|East", "1,234", "12"], ["South", "7", "8"]]


def test_its_place_is_that_of_the_source() -> None:
    text = "| a\\|b | 1 |\n|---|---|\n| c | 22 |\n| d | 3 |\n"
    (table,) = read_tables(text.encode(), name="a.md")
    first = table.grid.cells[0]
    assert (first.text, first.place) == ("a|b", TextPlace(1, 2, 6))


@pytest.mark.parametrize("text", ["| total | \\ | \\| 3 |", "|\\|\\|0|", "a | b", "a \\\\| b"])
def test_a_backslash_alone_in_a_cell_is_a_mark(text: str) -> None:
    assert without_escaped_pipes(text) == text
