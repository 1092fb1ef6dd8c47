"""Tables in the markup of AsciiDoc: from `|===` to `|===`, a cell from its pipe on, over line ends; how many make a row stands above or in the first line.

[cols="1,1,1"]
|===
|name |first        rows are as long as there are columns, wherever lines break
|second
2+|label |7         a cell of two columns, `.2+|` one of two rows
|===
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pipes import Line, text_of

__all__ = ["find_asciidoc"]

MAX_COLUMNS = 200
MAX_LINE = 20_000  # code points; a longer line is part of no table
_FENCE = re.compile(r"\|={3,}\s*")
_COLUMNS = re.compile(r'cols="([^"]*)"')
_PIPE = re.compile(r"(?:(?<=\s)|^)(?:(\d{1,3})?(?:\.(\d{1,3}))?\+)?[<^>.]{0,4}[a-z]?\|")


@dataclass(slots=True)
class _Cell:
    text: list[str]
    place: TextPlace
    row_span: int
    col_span: int


def find_asciidoc(lines: Sequence[Line]) -> Iterator[FoundTable]:
    """The tables of this kind, in order. Linear in the text."""
    if "|===" not in text_of(lines):
        return
    start: int | None = None
    for index, line in enumerate(lines):
        if not line.text.startswith("|===") or not _FENCE.fullmatch(line.text):
            continue
        if start is None:
            start = index
            continue
        table = _read(lines[start + 1 : index], lines[start - 1].text if start else "")
        if table is not None:
            yield FoundTable(range(start, index + 1), table)
        start = None


def _read(lines: Sequence[Line], above: str) -> RawTable | None:
    """The table; None when its cells make no whole rows or none has text."""
    first = next((line for line in lines if line.text.strip()), None)
    if first is None or any(len(line.text) > MAX_LINE for line in lines):
        return None
    declared = _COLUMNS.search(above) if above.startswith("[") else None
    width = _count_columns(declared[1]) if declared else sum(int(found[1] or 1) for found in _PIPE.finditer(first.text))
    cells = _cells(lines)
    if not 0 < width <= MAX_COLUMNS or not any(cell.text for cell in cells):
        return None
    rows = _rows(cells, width)
    if rows is None:
        return None
    spans = any(cell.row_span * cell.col_span > 1 for cell in cells)
    made = tuple(RawRow(tuple(RawCell("\n".join(cell.text), cell.place, cell.row_span, cell.col_span) for cell in row)) for row in rows)
    return RawTable(made, spans="declared" if spans else "lost", place=cells[0].place)


def _count_columns(declared: str) -> int:
    """How many columns `1,2,3` or `3*,1` declares."""
    count = 0
    for part in re.split("[,;]", declared):
        times = re.match(r"\s*(\d{1,4})\*", part)
        count += int(times[1]) if times else 1
    return count


def _cells(lines: Sequence[Line]) -> list[_Cell]:
    cells: list[_Cell] = []
    for line in lines:
        pipes = list(_PIPE.finditer(line.text))
        if cells:
            _add(cells[-1], line, 0, pipes[0].start() if pipes else len(line.text))
        for number, pipe in enumerate(pipes):
            place = TextPlace(line.number, pipe.end() - 1, pipe.end())
            cells.append(_Cell([], place, int(pipe[2] or 1), int(pipe[1] or 1)))
            _add(cells[-1], line, pipe.end(), pipes[number + 1].start() if number + 1 < len(pipes) else len(line.text))
    return cells


def _add(cell: _Cell, line: Line, start: int, end: int) -> None:
    """What stands there goes on with the cell; a plus at its end is a line break."""
    part = line.text[start:end]
    text = part.strip()
    if text == "+" or text.endswith(" +"):
        text = text[:-1].rstrip()
    if text:
        if not cell.text:
            column = start + part.index(text)
            cell.place = TextPlace(line.number, column, column + len(text))
        cell.text.append(text)


def _rows(cells: Sequence[_Cell], width: int) -> list[list[_Cell]] | None:
    """Rows of that many slots, those that cells from above cover among them; None when a cell is too wide or the last row is not whole."""
    rows: list[list[_Cell]] = []
    covered = [0] * width  # by column: how many rows more a cell from above covers
    column = width
    for cell in cells:
        while column < width and covered[column]:
            column += 1
        if column >= width:
            covered = [max(0, rest - 1) for rest in covered]
            rows.append([])
            column = 0
            while column < width and covered[column]:
                column += 1
        if column + cell.col_span > width:
            return None
        rows[-1].append(cell)
        for slot in range(column, column + cell.col_span):
            covered[slot] = cell.row_span
        column += cell.col_span
    return rows if all(covered[column:]) else None
