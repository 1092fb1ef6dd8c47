"""Small tables whose numbers begin where their headers begin: too few rows to tell columns by themselves, some cells blank.

name      first  second       each value below the header that begins at its own column, or the row is none of these
label a   12
label b          7
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pipes import Line
from pipeline.values.kinds import classify_cell

__all__ = ["find_headed"]

MAX_LINE = 1_000  # code points; a longer line is prose
MAX_WORD = 12  # code points of a header
MIN_HEADS = 3
MIN_VALUES = 3  # values that hardly begin where headers begin by chance; fewer must stand apart from their labels
MAX_ROWS = 60
_WORD = re.compile(r"[^ \u3000]+")

Cell = tuple[int, str]  # where it starts, in code points, and its text


def find_headed(lines: Sequence[Line]) -> Iterator[FoundTable]:
    """The tables of this kind, in order. Linear in the text."""
    done = 0
    index = 1
    words = [_words(line) for line in lines]
    while index < len(lines):
        head = words[index - 1]
        if index - 1 < done or len(head) < MIN_HEADS or not words[index] or not _is_head(head):
            index += 1
            continue
        above = words[index - 2] if index - 2 >= done and _is_head(words[index - 2]) else []
        heads = [*(cell for cell in above if cell[0] + len(cell[1]) < head[0][0]), *head]
        stop = _last_row(words, index, heads)
        if stop == index:
            index += 1
            continue
        start = index - 1 - (len(heads) > len(head))
        yield FoundTable(range(start, stop), _table(lines, words, range(start, index), range(index, stop), heads))
        done = stop
        index = stop + 1


def _words(line: Line) -> list[Cell]:
    text = line.text
    if not text or len(text) > MAX_LINE or "|" in text or "\t" in text or "\f" in text:
        return []
    if " " not in text and "\u3000" not in text:
        return [(0, text)]
    return [(match.start(), match.group()) for match in _WORD.finditer(text)]


def _is_head(words: Sequence[Cell]) -> bool:
    return len(words) > 1 and all(len(text) <= MAX_WORD and classify_cell(text) == "label" for _, text in words)


def _last_row(words: Sequence[Sequence[Cell]], first: int, heads: Sequence[Cell]) -> int:
    """The line behind the last row with values of a table with these headers, whose rows begin at `first`; `first` where there is none."""
    starts = {start for start, _ in heads}
    stop = first
    values = 0
    apart = True
    index = first
    while index < len(words) and index - first < MAX_ROWS:
        row = words[index]
        if not row:
            break
        labels = [cell for cell in row if classify_cell(cell[1]) == "label"]
        if len(labels) > 1 or (labels and (row[0] != labels[0] or row[0][0] != heads[0][0])):
            break
        own = row[len(labels) :]
        if not all(start in starts for start, _ in own):
            return first
        if labels and own:
            apart = apart and own[0][0] - labels[0][0] - len(labels[0][1]) > 1
        elif own:
            apart = False
        values += len(own)
        index += 1
        if own:
            stop = index
    if index < len(words) and any(classify_cell(text) != "label" for _, text in words[index][1:]):
        return first  # a row goes on that does not fit
    return stop if values >= MIN_VALUES or (values and apart) else first


def _table(lines: Sequence[Line], words: Sequence[Sequence[Cell]], head: range, body: range, heads: Sequence[Cell]) -> RawTable:
    rows = [RawRow(tuple(_cell(lines[index], cell) for cell in words[index])) for index in head]
    has_stub = any(classify_cell(words[index][0][1]) == "label" for index in body)
    for index in body:
        own = dict(words[index])
        first = [words[index][0]] if has_stub else []
        cells = [_cell(lines[index], cell) for cell in first]
        cells += [_cell(lines[index], (start, own.get(start, ""))) for start, _ in heads[len(first) :]]
        rows.append(RawRow(tuple(cells)))
    top = words[head.start]
    return RawTable(tuple(rows), spans="lost", place=TextPlace(lines[head.start].number, top[0][0], top[-1][0] + len(top[-1][1])))


def _cell(line: Line, cell: Cell) -> RawCell:
    start, text = cell
    return RawCell(text, TextPlace(line.number, min(start, len(line.text)), min(start + len(text), len(line.text))))
