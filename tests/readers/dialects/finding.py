"""What a finder of tables makes of a text, for the tests of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipeline.model.document import RawTable
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pipes import Line

__all__ = ["find_tables", "lines_of", "texts"]

Finder = Callable[[Sequence[Line]], Iterator[FoundTable]]


def lines_of(text: str) -> list[Line]:
    return [Line(number, line) for number, line in enumerate(text.split("\n"), start=1)]


def find_tables(find: Finder, text: str) -> list[RawTable]:
    """The tables, which are in order and share no line."""
    lines = lines_of(text)
    found = list(find(lines))
    covered = [index for item in found for index in item.lines]
    assert covered == sorted(set(covered))
    assert set(covered) <= set(range(len(lines)))
    return [item.table for item in found]


def texts(table: RawTable) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]
