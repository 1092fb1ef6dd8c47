"""The header of a ruled table that stands above its rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.readers.pdf.page import hull
from pipeline.readers.pdf.phrases import Line, is_figure, line_phrases
from pipeline.readers.pdf.tables import FoundTable, TableCell
from pipeline.readers.pdf.words import Phrase, Word, are_set_alike, group_lines, join_lines
from pipeline.values.kinds import looks_like_year

__all__ = ["with_head_above"]

_NEAR = 1.0  # of the letter height between the header's last line and the first rule
_NEXT = 1.5  # of the letter height from line to line of a label
_OVER_EDGE = 0.3  # of the letter height by which a label may run over its column's edge
_MOST_LINES = 4
_LEAST_LABELS = 3


def with_head_above(table: FoundTable, words: Sequence[Word]) -> tuple[FoundTable, set[Word]]:
    """The table with what heads its columns right above its first rule, and the words that this took.

    Nothing is taken unless the first row is of figures, so has no header in it, and every column but one at most has a label of its own,
    which stands between the column's edges.
    """
    edges = table.column_edges
    if len(edges) != table.col_count + 1 or table.col_count < _LEAST_LABELS or not _begins_with_figures(table):
        return table, set()
    own: list[list[list[Word]]] = [[] for _ in range(table.col_count)]  # lines from below
    last: list[Phrase | None] = [None] * table.col_count
    top = table.box[1]
    for number, line in enumerate(_lines_above(table, words)):
        height = max(word.height for word in line)
        bottom = max(word.bottom for word in line)
        if top - bottom > _NEAR * height if number == 0 else top - min(word.top for word in line) > _NEXT * height:
            break
        placed = _place(line_phrases(line, edges), edges)
        if placed is None or (number == 0 and (len(placed) < max(_LEAST_LABELS, table.col_count - 1) or not _are_labels(placed.values()))):
            break
        below = [(phrase, last[col]) for col, phrase in placed.items()]
        if number and not all(other is not None and are_set_alike(phrase, other) for phrase, other in below):
            break
        for col, phrase in placed.items():
            own[col].insert(0, list(phrase.words))
            last[col] = phrase
        top = min(word.top for word in line)
    taken = {word for lines in own for line in lines for word in line}
    return (_with_row(table, own), taken) if taken else (table, taken)


def _begins_with_figures(table: FoundTable) -> bool:
    first = [cell for cell in table.cells if cell.row == 0]
    texts = [cell.text for cell in first if cell.col and cell.text]
    return all(cell.row_span == cell.col_span == 1 for cell in first) and bool(texts) and 2 * sum(map(is_figure, texts)) >= len(texts)


def _lines_above(table: FoundTable, words: Sequence[Word]) -> list[list[Word]]:
    """The lines that stand over the table, the nearest first."""
    x0, top, x1, _ = table.box
    near = [word for word in words if word.bottom <= top + 0.3 * word.height and top - word.bottom < _MOST_LINES * _NEXT * word.height]
    # A line that runs beyond the table on either side is none of its header.
    lines = group_lines(near)[::-1][:_MOST_LINES]
    return [line for line in lines if all(word.x0 >= x0 - word.height and word.x1 <= x1 + word.height for word in line)]


def _place(line: Line, edges: Sequence[float]) -> dict[int, Phrase] | None:
    """The phrases by column; None when one runs over two columns, or two stand over one."""
    placed: dict[int, Phrase] = {}
    for phrase in line:
        over = _OVER_EDGE * phrase.height
        col = next((i for i in range(len(edges) - 1) if edges[i] - over <= phrase.x0 and phrase.x1 <= edges[i + 1] + over), None)
        if col is None or col in placed:
            return None
        placed[col] = phrase
    return placed


def _are_labels(phrases: Iterable[Phrase]) -> bool:
    return all(looks_like_year(phrase.text) or not is_figure(phrase.text) for phrase in phrases)


def _with_row(table: FoundTable, own: Sequence[Sequence[Sequence[Word]]]) -> FoundTable:
    """The table with one more row on top."""
    boxes = [hull([word.box for line in lines for word in line]) for lines in own if lines]
    top, bottom = min(box[1] for box in boxes), max(box[3] for box in boxes)
    head = [
        TableCell(0, col, 1, 1, join_lines(lines), hull([word.box for line in lines for word in line]))
        if lines
        else TableCell(0, col, 1, 1, "", (table.column_edges[col], top, table.column_edges[col + 1], bottom))
        for col, lines in enumerate(own)
    ]
    rest = [replace(cell, row=cell.row + 1) for cell in table.cells]
    box = (table.box[0], min(top, table.box[1]), table.box[2], table.box[3])
    return replace(table, box=box, cells=(*head, *rest), row_count=table.row_count + 1, header_rows=1)
