"""The cells that the borders of a drawing part: from the codes of its lines (`box_shapes`) to boxes between boundaries.

A drawing is a lattice: columns at joints, rows at rulers. One pass from the top ruler down keeps the cells that are open and closes each
where a ruler ends it. What is not a rectangle parted into rectangles is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

from pipeline.readers.dialects.box_shapes import DOWN, GOES_LEFT, GOES_RIGHT, JOINTS, LEFT, RIGHT, STROKES, UP

__all__ = ["MAX_CELLS", "Box", "Lattice", "build_lattice"]

MAX_BOUNDARIES = 2_000  # columns at which one drawing has borders
MAX_CELLS = 2_000_000  # of one drawing

_BOX_JOINT = re.compile(rf"[{JOINTS}]")
_PIECE = re.compile(rf"[+{JOINTS}][-=:\t+{JOINTS}]*[+{JOINTS}]")  # a stretch of a ruler, from joint to joint


@dataclass(frozen=True, slots=True)
class Box:
    """A cell as drawn: rows (half-open, counted by rulers), boundaries to its left and right, and its lines (first, end)."""

    row: int
    end_row: int
    start: int
    end: int
    first_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Lattice:
    """The cells of a drawing by row. `columns` are the boundaries' columns from the left border; `rank` the grid column of each."""

    columns: tuple[int, ...]
    rank: tuple[int, ...]
    rows: tuple[tuple[Box, ...], ...]
    strong: tuple[bool | None, ...]  # by ruler between rows, first and last included: heavy from border to border; None: not a whole ruler


def build_lattice(shapes: Sequence[str]) -> Lattice | None:
    """The cells that the borders part. None when the drawing is not a rectangle parted into rectangles, or past the limits."""
    width = len(shapes[0])
    pieces: dict[str, tuple[tuple[int, int], ...]] = {}
    rulers: list[int] = []
    joints = {0, width - 1}
    for index, shape in enumerate(shapes):
        found = pieces.get(shape)
        if found is None:
            if len(shape) != width:
                return None
            if "+" not in shape and not _BOX_JOINT.search(shape):
                continue
            found = tuple(match.span() for match in _PIECE.finditer(shape) if match.group().strip("+"))
            pieces[shape] = found
            for start, end in found:
                joints.update(column for column in range(start, end) if shape[column] not in STROKES)
            joints.update(match.start() for match in _BOX_JOINT.finditer(shape))
            if len(joints) > MAX_BOUNDARIES:
                return None
        if found:
            rulers.append(index)
    if len(rulers) < 2 or rulers[0] != 0 or rulers[-1] != len(shapes) - 1 or width < 2:
        return None
    columns = tuple(sorted(joints))
    edges = {shape: _find_edges(shape, spans, columns) for shape, spans in pieces.items()}
    return _sweep(shapes, rulers, columns, edges)


def _find_edges(shape: str, spans: tuple[tuple[int, int], ...], columns: tuple[int, ...]) -> int | None:
    """Bit i: a ruler stands between boundary i and the next. None when an arm or a stroke beside a joint points at nothing."""
    mask = 0
    position = 0
    for start, end in spans:
        while columns[position] < start:
            position += 1
        while columns[position] < end - 1:
            if shape[columns[position]] in GOES_RIGHT and shape[columns[position + 1]] in GOES_LEFT:
                mask |= 1 << position
            position += 1
    last = len(columns) - 1
    for position, column in enumerate(columns):
        code = shape[column]
        after = position < last and mask >> position & 1
        before = position and mask >> (position - 1) & 1
        if code == "+":
            # A text beside a joint has a blank before it: a stroke there is a ruler with a gap.
            right = shape[column + 1] if position < last else " "
            left = shape[column - 1] if position else " "
            strays = (not after and right in "-=") or (not before and left in "-=")
        else:
            strays = (code in RIGHT and not after) or (code in LEFT and not before)
        if strays:
            return None
    return mask


def _sweep(shapes: Sequence[str], rulers: list[int], columns: tuple[int, ...], edges: dict[str, int | None]) -> Lattice | None:
    """From the top ruler down: each ruler closes a cell along its whole width or lets it go on unchanged."""
    last = len(columns) - 1
    whole = (1 << last) - 1
    pick: Callable[[str], tuple[str, ...]] = itemgetter(*columns)
    bands: dict[tuple[tuple[str, ...], tuple[str, ...], frozenset[tuple[str, ...]]], int | None] = {}
    parts: dict[int, tuple[tuple[int, int], ...]] = {}
    used = 0
    cell_count = 0
    row = 0
    strong: list[bool | None] = []
    rows: list[list[Box]] = []
    open_cells: dict[tuple[int, int], tuple[int, int]] = {}  # boundaries -> first row, line of the ruler above
    for number, ruler in enumerate(rulers):
        edge = edges[shapes[ruler]]
        is_last = number == len(rulers) - 1
        if edge is None or ((is_last or number == 0) and edge != whole):
            return None
        intervals: tuple[tuple[int, int], ...] = ()
        if not is_last:
            below = rulers[number + 1]
            between = frozenset(map(pick, shapes[ruler + 1 : below]))
            key = (pick(shapes[ruler]), pick(shapes[below]), between)
            if key not in bands:
                bands[key] = _find_uprights(*key)
            uprights = bands[key]
            if uprights is None or not uprights & 1 or not uprights >> last:
                return None
            used |= uprights
            if uprights not in parts:
                parts[uprights] = _intervals(uprights, last)
            intervals = parts[uprights]
        if edge:
            strong.append(None if edge != whole else "-" not in shapes[ruler])
            if number:
                row += 1
            if not is_last:
                rows.append([])
        if edge == whole:
            for (start, end), (first_row, line) in open_cells.items():
                rows[first_row].append(Box(first_row, row, start, end, line + 1, ruler))
            cell_count += len(intervals)
            if cell_count > MAX_CELLS:
                return None
            open_cells = dict.fromkeys(intervals, (row, ruler))
            continue
        going_on: dict[tuple[int, int], tuple[int, int]] = {}
        for (start, end), (first_row, line) in open_cells.items():
            ruled = (edge >> start) & ((1 << (end - start)) - 1)
            if ruled == 0:
                going_on[start, end] = first_row, line
            elif ruled == (1 << (end - start)) - 1:
                rows[first_row].append(Box(first_row, row, start, end, line + 1, ruler))
            else:
                return None
        open_cells = {}
        for interval in intervals:
            if interval in going_on:
                open_cells[interval] = going_on.pop(interval)
            elif (edge >> interval[0]) & ((1 << (interval[1] - interval[0])) - 1) != (1 << (interval[1] - interval[0])) - 1:
                return None
            else:
                open_cells[interval] = (row, ruler)
                cell_count += 1
        if going_on or cell_count > MAX_CELLS:
            return None
    rank = [(used & ((1 << position) - 1)).bit_count() for position in range(len(columns))]
    ordered = tuple(tuple(sorted(cells, key=lambda box: box.start)) for cells in rows)
    return Lattice(columns, tuple(rank), ordered, tuple(strong))


def _find_uprights(above: tuple[str, ...], below: tuple[str, ...], between: frozenset[tuple[str, ...]]) -> int | None:
    """Bit i: a border stands at boundary i from the ruler above down to the one below. None where one begins and does not arrive."""
    mask = 0
    for position, (top, bottom) in enumerate(zip(above, below, strict=True)):
        down = top in "|+" or top in DOWN
        up = bottom in "|+" or bottom in UP
        if not down and not up:
            continue
        standing = {codes[position] == "|" for codes in between}
        if standing == {True} or (not standing and down and up):
            if not (down and up):
                return None
            mask |= 1 << position
        elif True in standing or (down and top != "+") or (up and bottom != "+"):
            return None
    return mask


def _intervals(uprights: int, last: int) -> tuple[tuple[int, int], ...]:
    standing = [position for position in range(last + 1) if uprights >> position & 1]
    return tuple(pairwise(standing))
