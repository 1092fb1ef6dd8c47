"""Whether what stands in columns is a table: not a chart's labels, a list of notes, or a table of contents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.readers.pdf.page import Box
from pipeline.readers.pdf.phrases import is_figure
from pipeline.readers.pdf.tables import FoundTable

__all__ = ["is_table"]

_LEAST_FILLED = 0.4  # of all slots
_FULL_OF_WORDS = 0.85  # of the slots of a table of words without rules
_DRAWN_SHARE = 0.08  # of a box that slanting and curved drawing covers in a chart
_MARK = re.compile(r"[^\w]{0,2}\w{0,3}[^\w]{0,2}\Z")
_LEADERS = re.compile(r"(?:\. ?){4,}|…{2,}|·{4,}")
_NUMBER = re.compile(r"[-–−]?\d[\d,]*(?:\.\d+)?")


def is_table(table: FoundTable, strokes: Sequence[Box] = ()) -> bool:
    """Whether a table found without a full grid may be given as one. `strokes`: the page's slanting and curved drawing."""
    by_row: list[list[str]] = [[] for _ in range(table.row_count)]
    by_col: list[list[str]] = [[] for _ in range(table.col_count)]
    for cell in table.cells:
        if cell.text:
            by_row[cell.row].append(cell.text)
            by_col[cell.col].append(cell.text)
    filled = sum(map(len, by_row))
    several = sum(1 for row in by_row if len(row) > 1)
    if table.row_count < 3 or several < 3 or 2 * several < table.row_count or filled < _LEAST_FILLED * table.row_count * table.col_count:
        return False
    if not table.has_rules and not _is_of_figures(by_col, table):
        return False
    return not (
        _is_drawn_over(table.box, strokes)
        or _is_chart(by_col, has_header=table.header_rows > 0)
        or _is_list(by_col)
        or _is_contents(by_row)
    )


def _is_of_figures(columns: Sequence[Sequence[str]], table: FoundTable) -> bool:
    """Whether a table without a rule is held together by its figures, or by three columns and more that are nearly full."""
    beside = [text for texts in columns[1:] for text in texts]
    figures = sum(1 for text in beside if is_figure(text))
    if 2 * figures >= len(beside) - sum(1 for texts in columns[1:] if texts):
        return True
    filled = sum(map(len, columns))
    return len(columns) >= 3 and filled >= _FULL_OF_WORDS * table.row_count * table.col_count


def _is_drawn_over(box: Box, strokes: Sequence[Box]) -> bool:
    """Whether curves run through the box, as those of a chart do."""
    x0, top, x1, bottom = box
    inside = [s for s in strokes if x0 <= (s[0] + s[2]) / 2 <= x1 and top <= (s[1] + s[3]) / 2 <= bottom]
    area = sum(max(1.0, s[2] - s[0]) * max(1.0, s[3] - s[1]) for s in inside)
    return area >= _DRAWN_SHARE * (x1 - x0) * (bottom - top)


def _is_chart(columns: Sequence[Sequence[str]], *, has_header: bool) -> bool:
    """Whether all its columns of figures go up or down in even steps, as the labels of axes do."""
    axes = others = 0
    for texts in columns:
        figures = [text for text in texts if is_figure(text)]
        if len(figures) < 4:
            others += sum(1 for text in texts if any(char.isalpha() for char in text)) > 2
            continue
        if not _has_even_steps(figures):
            return False
        axes += 1
    return axes > 0 and (others == 0 or (axes > 1 and not has_header))


def _has_even_steps(figures: Sequence[str]) -> bool:
    values = []
    for text in figures:
        match = _NUMBER.search(text)
        if match is None:
            return False
        value = float(match.group().replace(",", "").replace("–", "-").replace("−", "-"))
        values.append(value)
    steps = [b - a for a, b in pairwise(values)]
    usual = sorted(steps)[len(steps) // 2]
    if usual == 0:
        return False
    even = sum(1 for step in steps if abs(step - usual) <= 1e-6 * max(1.0, abs(usual)))
    return even >= 0.7 * len(steps)


def _is_list(columns: Sequence[Sequence[str]]) -> bool:
    """Whether the first of two columns holds marks of notes or items and the other one words."""
    filled = [texts for texts in columns if texts]
    if len(filled) != 2:
        return False
    marks = sum(1 for text in filled[0] if _MARK.match(text) is not None and not text.isdigit())
    words = sum(1 for text in filled[1] if not is_figure(text))
    return marks >= 0.7 * len(filled[0]) and words >= 0.7 * len(filled[1])


def _is_contents(rows: Sequence[Sequence[str]]) -> bool:
    """Whether dots lead to a page number, and to no other figure, in most of its rows."""
    led = sum(
        1
        for row in rows
        if row and row[-1].strip().isdigit() and any(map(_LEADERS.search, row[:-1])) and not any(map(is_figure, row[1:-1]))
    )
    return led > 0.5 * len(rows)
