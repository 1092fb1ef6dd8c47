"""A table that a program printed as a list of lists on one line: [["name", "count"], ["cogs", "12"]]. Its cells have the place of their line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pipes import Line, text_of

__all__ = ["find_listed"]

MAX_LINE = 1_000_000  # code points


def find_listed(lines: Sequence[Line]) -> Iterator[FoundTable]:
    """The tables of this kind, in order. Linear in the text."""
    if "[" not in text_of(lines):
        return
    for index, line in enumerate(lines):
        text = line.text.strip()
        if text[:1] == "[" and text[-1:] == "]" and text[1:].lstrip()[:1] == "[" and len(text) <= MAX_LINE:
            rows = _rows(text)
            if rows:
                place = TextPlace(line.number, line.text.index("["), len(line.text.rstrip()))
                made = tuple(RawRow(tuple(RawCell(cell, place) for cell in row)) for row in rows)
                yield FoundTable(range(index, index + 1), RawTable(made, "lost", place=place))


def _rows(text: str) -> list[list[str]]:
    """The rows; none where the text is anything else."""
    try:
        found: Any = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return []
    if len(found) < 2 or not all(isinstance(row, list) and row for row in found):
        return []
    if not all(cell is None or isinstance(cell, str) for row in found for cell in row):
        return []
    return [["" if cell is None else cell.strip() for cell in row] for row in found]
