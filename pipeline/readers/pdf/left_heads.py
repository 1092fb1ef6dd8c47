"""The header of a table without a full grid whose texts all stand in the upper left corners of their cells, as word processors leave them.

A spanner then stands over its first column, not over the middle of its columns, and what tells the rows is the lines on which texts begin.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.readers.pdf.columns import Column
from pipeline.readers.pdf.page import hull
from pipeline.readers.pdf.phrases import Line
from pipeline.readers.pdf.tables import TableCell
from pipeline.readers.pdf.words import Phrase

__all__ = ["build_left_header"]

_OFF = 0.6  # of the letter height a text may begin beside its column
_FEWEST = 3  # columns with texts
_LEAST_STEP = 0.8  # of the letter height from line to line
_NEXT_LINE = 1.75  # of the letter height from line to line of one text


@dataclass(slots=True)
class _Head:
    """A cell being made: its first row and columns, its phrases, the line of the last of them."""

    row: int
    first: int
    end: int
    phrases: list[Phrase]
    last_line: int
    is_spanner: bool


def build_left_header(lines: Sequence[Line], columns: Sequence[Column]) -> tuple[list[TableCell], int] | None:
    """The cells of such a header and how many rows they make; None where some text stands elsewhere, where no text spans columns, or where a text
    that spans none would have another one below it.
    """
    texts = _texts_by_column(lines, columns)
    if texts is None or not _has_owners(texts) or not _are_apart(lines):
        return None
    starts = _row_starts(texts)
    rows = [_in_rows(own, starts) for own in texts]
    cover: list[_Head | None] = [None] * len(columns)
    slots: list[list[_Head | None]] = []
    for row in range(len(starts)):
        anchors = _anchors(row, rows, cover)
        if anchors is None:
            return None
        for number, col in enumerate(anchors):
            above = cover[col]
            limit = min(anchors[number + 1] if number + 1 < len(anchors) else len(columns), len(columns) if above is None else above.end)
            end = col + 1
            while end < limit and _is_covered(end, row, rows, cover):
                end += 1
            own = rows[col][row]
            head = _Head(row, col, end, [phrase for _, phrase in own], own[-1][0], any(texts[col + 1 : end]))
            cover[col:end] = [head] * (end - col)
        slots.append(list(cover))
    return _cells(slots, next(col for col, own in enumerate(texts) if own))


_Rows = Sequence[dict[int, list[tuple[int, Phrase]]]]  # by column and row: the phrases, each with the number of its line


def _anchors(row: int, rows: _Rows, cover: Sequence[_Head | None]) -> list[int] | None:
    """The columns in which a cell begins in a row. A text right below one that spans no columns goes on with it; None when it stands further down."""
    found = []
    for col, own in enumerate(rows):
        if row not in own:
            continue
        above = cover[col]
        if above is None or above.is_spanner:
            found.append(col)
        elif own[row][0][0] == above.last_line + 1:
            above.phrases += [phrase for _, phrase in own[row]]
            above.last_line = own[row][-1][0]
        else:
            return None
    return found


def _is_covered(col: int, row: int, rows: _Rows, cover: Sequence[_Head | None]) -> bool:
    """Whether a cell that begins further left in a row goes on over a column: nothing of its own stands there before the rows below."""
    above = cover[col]
    return not rows[col] or (row not in rows[col] and max(rows[col]) > row and (above is None or above.is_spanner))


def _cells(slots: Sequence[Sequence[_Head | None]], first: int) -> tuple[list[TableCell], int] | None:
    """The cells that the slots from column `first` on have; None when one is no rectangle, or when none spans columns."""
    heads: dict[int, tuple[_Head, int]] = {}  # by identity: the cell, and how many slots it has
    for line in slots:
        for head in line[first:]:
            if head is None:
                return None
            heads[id(head)] = (head, heads.get(id(head), (head, 0))[1] + 1)
    cells = []
    for head, count in heads.values():
        height, rest = divmod(count, head.end - head.first)
        if rest or any(slots[row][col] is not head for row in range(head.row, head.row + height) for col in range(head.first, head.end)):
            return None
        text = "\n".join(phrase.text for phrase in head.phrases)
        box = hull([phrase.box for phrase in head.phrases])
        cells.append(TableCell(head.row, head.first, height, head.end - head.first, text, box))
    return (cells, len(slots)) if any(head.is_spanner for head, _ in heads.values()) else None


def _texts_by_column(lines: Sequence[Line], columns: Sequence[Column]) -> list[list[tuple[int, Phrase]]] | None:
    """By column its phrases, each with the number of its line; None when one does not begin where its column does."""
    starts = [column.x0 for column in columns]
    texts: list[list[tuple[int, Phrase]]] = [[] for _ in columns]
    for number, line in enumerate(lines):
        for phrase in line:
            col = bisect_right(starts, phrase.x0 + _OFF * phrase.height) - 1
            is_stub_head = col == 0 and len(columns) > 1 and phrase.x1 < starts[1]  # wherever it stands
            if (
                col < 0
                or (abs(starts[col] - phrase.x0) > _OFF * phrase.height and not is_stub_head)
                or (texts[col] and texts[col][-1][0] == number)
            ):
                return None
            texts[col].append((number, phrase))
    return texts


def _has_owners(texts: Sequence[Sequence[tuple[int, Phrase]]]) -> bool:
    """Whether the columns have texts, but for the first, and those behind it where its text is the head of several columns of labels."""
    owners = [col for col, own in enumerate(texts) if own]
    if len(owners) < _FEWEST or owners[-1] != len(texts) - 1:
        return False
    return all(texts[owners[1] if owners[0] == 0 else owners[0] :])


def _are_apart(lines: Sequence[Line]) -> bool:
    """Whether each line stands below the one before: texts in the middles of their cells stand half a line apart, too."""
    return all(b[0].top - a[0].top >= _LEAST_STEP * min(a[0].height, b[0].height) for a, b in pairwise(lines))


def _row_starts(texts: Sequence[Sequence[tuple[int, Phrase]]]) -> list[int]:
    """The lines on which some column's text begins, its line above blank there."""
    starts = set()
    for own in texts:
        before: tuple[int, Phrase] | None = None
        for number, phrase in own:
            if before is None or number > before[0] + 1 or phrase.top - before[1].top > _NEXT_LINE * phrase.height:
                starts.add(number)
            before = (number, phrase)
    return sorted(starts)


def _in_rows(own: Sequence[tuple[int, Phrase]], starts: Sequence[int]) -> dict[int, list[tuple[int, Phrase]]]:
    rows: dict[int, list[tuple[int, Phrase]]] = {}
    for number, phrase in own:
        rows.setdefault(bisect_right(starts, number) - 1, []).append((number, phrase))
    return rows
