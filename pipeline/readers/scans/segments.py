"""Marks of ink -> the stretches of text to recognise: lines within the cells that rules make, phrases elsewhere. Pixels throughout."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.readers.pdf.lattice import Lattice
from pipeline.readers.scans.raster import Marks, Stroke, group_near

__all__ = ["PixelBox", "Segment", "find_segments", "letter_height", "lines_in_cell", "without_dust"]

PixelBox = tuple[int, int, int, int]

_WORD_GAP = 1.0  # of the line's height: a wider gap parts what is read apart
_ONE_LINE = 1.35  # of the letter height: pieces of letters make no higher line
_BAR = 1.25  # of the letter height: a thin mark so high is left of a standing line
_CUT_GAP = 0.35  # the same where a line runs in other rows: figures of a number stand closer
_THIN = 0.3  # of the letter height: a piece of a line is no thicker
_ALONE = 0.2  # of the letter height: letters have other strokes nearer
_DUST = 0.3  # of the letter height: a mark so small before a number is no part of it
_LONE = 0.34  # of the letter height: marks so small on a line of their own, beside letters of the same cell, are dust
_SPECK = 0.22  # of the letter height: a mark alone that small is dust
_AT_SIDE = 2  # pixels
_BEYOND = 1.5  # of the letter height: a piece of a line may be so far beyond its end
_OF_MANY = 5  # one mark in so many may be higher than letters are
_TWO_LINES = 1.6  # of the letter height: so high are letters of two lines that touch
_OVER = 0.5  # of a line's height that a mark shares with it to be of it
_PIECE = 0.6  # of the letter height: what is lower may be a piece of a letter


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text on one line: the box of its ink, and the height of the letters around it, which its own may not show ("-", "一")."""

    box: PixelBox
    line_height: int
    in_cell: bool
    marks: tuple[PixelBox, ...]  # from the left
    is_trimmed: bool = False  # thin marks beside it were taken for what is left of a line
    cell: PixelBox | None = None  # the cell that it stands in

    @property
    def width(self) -> int:
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1]


def letter_height(marks: Marks, dpi: float) -> float:
    """How high the letters of most of the page are."""
    heights = marks.boxes[:, 3] - marks.boxes[:, 1]
    usual = heights[(heights >= 0.04 * dpi) & (heights <= 0.5 * dpi)]
    return float(np.percentile(usual, 75)) if usual.size else 0.12 * dpi


def find_segments(
    marks: Marks,
    lattices: Sequence[Lattice],
    lying: Sequence[Stroke],
    standing: Sequence[Stroke],
    shape: tuple[int, int],
    height: float,
) -> list[Segment]:
    """The stretches of text of a page, from the top. `lattices` in pixels; a mark belongs to the cell that its middle lies in."""
    boxes = marks.boxes[~_are_left_of_lines(marks.boxes, lying, standing, height)]
    if not len(boxes):
        return []
    owner = _owners(boxes, lattices)
    cells = _boxes_of_cells(lattices)
    segments: list[Segment] = []
    speck = _SPECK * height
    cuts = _cuts_of_cells(lattices)
    is_bar = _are_bars(boxes, owner, height)
    bars = (boxes[is_bar, 0] + boxes[is_bar, 2]) / 2
    boxes, owner = boxes[~is_bar], owner[~is_bar]
    order = np.argsort(owner, kind="stable")
    starts = np.flatnonzero(np.diff(owner[order], prepend=-2))
    for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
        own = order[start:end]
        if owner[own[0]] >= 0:
            left, right = boxes[own, 0].min(), boxes[own, 2].max()
            near = [*cuts.get(int(owner[own[0]]), ()), *bars[(bars > left) & (bars < right)].tolist()]
            found = _in_cell([_box(boxes[index]) for index in own], height, near)
            segments.extend(replace(segment, cell=cells[int(owner[own[0]])]) for segment in found)
    loose = boxes[owner < 0]
    loose = loose[~(_are_beyond_ends(loose, lying, standing, height) | _are_cut_off(loose, shape))]
    if len(loose):
        segments.extend(_outside(loose, shape, height))
    kept = [segment for segment in segments if max(segment.width, segment.height) >= speck]
    return sorted(kept, key=lambda segment: (segment.box[1], segment.box[0]))


def _box(row: NDArray[np.int32]) -> PixelBox:
    x0, top, x1, bottom = (int(value) for value in row)
    return x0, top, x1, bottom


def _are_left_of_lines(boxes: NDArray[np.int32], lying: Sequence[Stroke], standing: Sequence[Stroke], height: float) -> NDArray[np.bool_]:
    """Which marks are thin pieces on a line, or within its thickness: what was left of it when it was taken away."""
    result = np.zeros(len(boxes), np.bool_)
    thin, near, nearer = 0.2 * height, 0.12 * height, 0.06 * height  # a 1 may stand close to a standing line
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    low, narrow = boxes[:, 3] - boxes[:, 1] <= thin, boxes[:, 2] - boxes[:, 0] <= thin
    for line in lying:
        within = (boxes[:, 1] >= line.low - nearer) & (boxes[:, 3] <= line.high + nearer)
        result |= (low | within) & (y >= line.low - near) & (y <= line.high + near) & (x >= line.start) & (x <= line.end)
    for line in standing:
        within = (boxes[:, 0] >= line.low - nearer) & (boxes[:, 2] <= line.high + nearer)
        result |= (narrow | within) & (x >= line.low - nearer) & (x <= line.high + nearer) & (y >= line.start) & (y <= line.end)
    return result


def _are_beyond_ends(boxes: NDArray[np.int32], lying: Sequence[Stroke], standing: Sequence[Stroke], height: float) -> NDArray[np.bool_]:
    """Which marks outside of tables are thin pieces in line with a line, near an end of it: pieces of it that gaps part from it."""
    result = np.zeros(len(boxes), np.bool_)
    thin, near, far = 0.2 * height, 0.12 * height, _BEYOND * height
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    low, narrow = boxes[:, 3] - boxes[:, 1] <= thin, boxes[:, 2] - boxes[:, 0] <= thin
    for line in lying:
        result |= low & (y >= line.low - near) & (y <= line.high + near) & (x >= line.start - far) & (x <= line.end + far)
    for line in standing:
        result |= narrow & (x >= line.low - near) & (x <= line.high + near) & (y >= line.start - far) & (y <= line.end + far)
    return result


def _are_cut_off(boxes: NDArray[np.int32], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Which marks reach to the side of the page: no whole letter does."""
    bottom, right = shape
    return np.asarray((boxes[:, :2].min(axis=1) <= _AT_SIDE) | (boxes[:, 2] >= right - _AT_SIDE) | (boxes[:, 3] >= bottom - _AT_SIDE))


def _owners(boxes: NDArray[np.int32], lattices: Sequence[Lattice]) -> NDArray[np.int64]:
    """For each mark the number of its cell, counted over all lattices; -1 outside."""
    result = np.full(len(boxes), -1, np.int64)
    base = 0
    middles = [((x0 + x1) / 2, (top + bottom) / 2) for x0, top, x1, bottom in boxes.tolist()]
    for lattice in lattices:
        spans = lattice.spans()
        of_slot = [[0] * lattice.col_count for _ in range(lattice.row_count)]
        for number, span in enumerate(spans):
            for line in of_slot[span.row : span.end_row]:
                line[span.col : span.end_col] = [base + number] * (span.end_col - span.col)
        left, top, right, bottom = lattice.box
        for index, (x, y) in enumerate(middles):
            if left <= x < right and top <= y < bottom and result[index] < 0:
                result[index] = of_slot[bisect_right(lattice.ys, y) - 1][bisect_right(lattice.xs, x) - 1]
        base += len(spans)
    return result


def _cuts_of_cells(lattices: Sequence[Lattice]) -> dict[int, tuple[float, ...]]:
    """For cells over several columns, by their number as `_owners` counts, where the lines between these run in other rows."""
    found: dict[int, tuple[float, ...]] = {}
    base = 0
    for lattice in lattices:
        spans = lattice.spans()
        for number, span in enumerate(spans):
            if span.end_col - span.col > 1:
                found[base + number] = tuple(lattice.xs[span.col + 1 : span.end_col])
        base += len(spans)
    return found


def _boxes_of_cells(lattices: Sequence[Lattice]) -> list[PixelBox]:
    """The box of each cell, counted as `_owners` counts."""
    return [
        (round(lattice.xs[span.col]), round(lattice.ys[span.row]), round(lattice.xs[span.end_col]), round(lattice.ys[span.end_row]))
        for lattice in lattices
        for span in lattice.spans()
    ]


def _are_bars(boxes: NDArray[np.int32], owner: NDArray[np.int64], height: float) -> NDArray[np.bool_]:
    """Which marks are left of standing lines: thin, and higher than all others of their cell that stand beside them. Figures and letters of one
    line are as high as each other, so a mark alone is none."""
    result = np.zeros(len(boxes), np.bool_)
    heights = boxes[:, 3] - boxes[:, 1]
    for index in np.flatnonzero((owner >= 0) & (heights >= _BAR * height) & (boxes[:, 2] - boxes[:, 0] <= _THIN * height)):
        beside = (owner == owner[index]) & (boxes[:, 1] < boxes[index, 3]) & (boxes[:, 3] > boxes[index, 1]) & (heights >= _PIECE * height)
        beside[index] = False
        result[index] = beside.any() and heights[index] >= _BAR * heights[beside].max()
    return result


def lines_in_cell(marks: Sequence[PixelBox], height: float, cell: PixelBox) -> list[Segment]:
    """The stretches of text that some marks of a cell make by themselves."""
    return [replace(segment, cell=cell) for segment in _in_cell(list(marks), height, ())]


def _in_cell(boxes: list[PixelBox], height: float, cuts: Sequence[float]) -> list[Segment]:
    """The lines of a cell, cut at wide gaps, and at gaps where a line may be lost (`cuts`). Specks alone are dust where letters stand beside."""
    speck = _LONE * height
    height = max(height, float(min(_usual_height(boxes), 2 * height)))
    found = []
    for line in _lines(boxes, height):
        found.extend(_words(line, height, in_cell=True, cuts=cuts))
    letters = [segment for segment in found if any(_extent(mark) >= speck for mark in segment.marks)]
    return letters or found


def _usual_height(boxes: Sequence[PixelBox]) -> float:
    """How high the larger marks of a cell are; one among many that is higher is letters of two lines that touch, or a stroke of a pen."""
    heights = sorted(bottom - top for _, top, _, bottom in boxes)
    return heights[-1 - len(heights) // _OF_MANY]


def _lines(boxes: list[PixelBox], height: float) -> list[list[PixelBox]]:
    """Marks by line; one that stands over several lines is shared out among them."""
    tall = [box for box in boxes if box[3] - box[1] > _TWO_LINES * height]
    if not tall or len(tall) == len(boxes):
        return _lines_of(boxes, height)
    low = [box for box in boxes if box[3] - box[1] <= _TWO_LINES * height]
    over = [_lines_under(box, _spans_of(_lines_of(low, height))) for box in tall]
    low += [box for box, under in zip(tall, over, strict=True) if len(under) < 2]
    lines = _lines_of(low, height)
    spans = _spans_of(lines)
    for box, under in zip(tall, over, strict=True):
        under = _lines_under(box, spans) if len(under) > 1 else ()
        cuts = [box[1], *((spans[a][1] + spans[b][0]) // 2 for a, b in pairwise(under)), box[3]]
        for index, (a, b) in zip(under, pairwise(cuts), strict=bool(under)):
            if b > a:
                lines[index].append((box[0], a, box[2], b))
    return lines


def _spans_of(lines: Sequence[Sequence[PixelBox]]) -> list[tuple[int, int]]:
    return [(min(box[1] for box in line), max(box[3] for box in line)) for line in lines]


def _lines_under(box: PixelBox, spans: Sequence[tuple[int, int]]) -> Sequence[int]:
    """The lines that a mark stands over for the most part of their height."""
    return [index for index, (a, b) in enumerate(spans) if min(b, box[3]) - max(a, box[1]) >= _OVER * (b - a)]


def _lines_of(boxes: list[PixelBox], height: float) -> list[list[PixelBox]]:
    """Marks by line: those that share most of their height with a line are of it; then low pieces go to the line beside them."""
    spans: list[tuple[int, int, list[PixelBox]]] = []
    for box in sorted(boxes, key=lambda item: (item[1] + item[3], item[0])):
        top, bottom = box[1], box[3]
        for index in range(len(spans) - 1, max(-1, len(spans) - 3), -1):
            low, high, own = spans[index]
            shared = min(bottom, high) - max(top, low)
            if shared > 0.4 * min(bottom - top, high - low) and max(bottom, high) - min(top, low) <= max(
                1.6 * height, high - low, bottom - top
            ):
                own.append(box)
                spans[index] = (min(low, top), max(high, bottom), own)
                break
        else:
            spans.append((top, bottom, [box]))
    spans.sort(key=lambda item: item[0])
    merged: list[tuple[int, int, list[PixelBox]]] = []
    for low, high, own in spans:
        if merged:
            before_low, before_high, before = merged[-1]
            is_piece = min(high - low, before_high - before_low) < _PIECE * height
            if (is_piece or low < before_high) and max(high, before_high) - min(low, before_low) <= _ONE_LINE * height:
                merged[-1] = (min(low, before_low), max(high, before_high), before + own)
                continue
        merged.append((low, high, own))
    return [own for _, _, own in merged]


def _words(line: list[PixelBox], height: float, *, in_cell: bool, cuts: Sequence[float] = ()) -> list[Segment]:
    """A line cut at wide gaps, and at narrower ones where one of `cuts` is."""
    top, bottom = min(box[1] for box in line), max(box[3] for box in line)
    own_height = max(bottom - top, round(0.7 * height))
    ordered = _without_pieces(sorted(line), cuts, height) if cuts else sorted(line)
    is_trimmed = len(ordered) < len(line)
    found: list[Segment] = []
    start, reach = 0, ordered[0][2]
    for index in range(1, len(ordered) + 1):
        if index < len(ordered) and not _is_cut(reach, ordered[index][0], own_height, cuts):
            reach = max(reach, ordered[index][2])
            continue
        segment = _segment(ordered[start:index], own_height, in_cell=in_cell)
        found.append(replace(segment, is_trimmed=True) if is_trimmed else segment)
        if index < len(ordered):
            start, reach = index, ordered[index][2]
    return found


def _is_cut(end: int, start: int, height: float, cuts: Sequence[float]) -> bool:
    """Whether what ends and what starts here are parted."""
    gap = start - end
    return gap > _WORD_GAP * height or (gap >= _CUT_GAP * height and any(end <= cut <= start for cut in cuts))


def _without_pieces(marks: list[PixelBox], cuts: Sequence[float], height: float) -> list[PixelBox]:
    """Marks, from the left, without thin ones that stand alone at a cut: what is left of a line."""
    thin, alone = _THIN * height, _ALONE * height
    kept = [
        mark
        for index, mark in enumerate(marks)
        if mark[2] - mark[0] > thin
        or not any(mark[0] - thin <= cut <= mark[2] + thin for cut in cuts)
        or any(other[0] < mark[2] + alone and other[2] > mark[0] - alone for other in marks[max(0, index - 3) : index + 4] if other != mark)
    ]
    return kept or marks


def _segment(marks: Sequence[PixelBox], height: int, *, in_cell: bool) -> Segment:
    box = (marks[0][0], min(mark[1] for mark in marks), max(mark[2] for mark in marks), max(mark[3] for mark in marks))
    return Segment(box, height, in_cell, tuple(marks))


def without_dust(segment: Segment) -> Segment:
    """A number without specks before it, or some way behind it: no number begins with a point, and points stand close."""
    marks, size = segment.marks, _DUST * segment.line_height
    start, end = 0, len(marks)
    while start < end - 1 and _extent(marks[start]) < size:
        start += 1
    while end - 1 > start and _extent(marks[end - 1]) < size and marks[end - 1][0] - marks[end - 2][2] > size:
        end -= 1
    if end - start == len(marks):
        return segment
    return replace(_segment(marks[start:end], segment.line_height, in_cell=segment.in_cell), cell=segment.cell)


def _extent(mark: PixelBox) -> int:
    return max(mark[2] - mark[0], mark[3] - mark[1])


def _outside(boxes: NDArray[np.int32], shape: tuple[int, int], height: float) -> list[Segment]:
    labels = group_near(boxes, shape, round(_WORD_GAP * height))
    groups: dict[int, list[PixelBox]] = {}
    for label, row in zip(labels.tolist(), boxes, strict=True):
        groups.setdefault(label, []).append(_box(row))
    pieces = sorted(groups.values(), key=lambda group: min(box[1] for box in group))
    found: list[Segment] = []
    for group in _gather(pieces, height):
        tallest = max(bottom - top for _, top, _, bottom in group)
        own = max(0.6 * height, float(min(tallest, 3 * height)))
        for line in _lines(group, max(own, height) if own > 0.8 * height else height):
            found.extend(_words(line, own, in_cell=False))
    return found


def _gather(groups: list[list[PixelBox]], height: float) -> list[list[PixelBox]]:
    """Low groups (dots, the bars of 二) put to the group that stands on their line."""
    boxes = [(min(b[0] for b in group), min(b[1] for b in group), max(b[2] for b in group), max(b[3] for b in group)) for group in groups]
    parent = list(range(len(groups)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for index, (x0, top, x1, bottom) in enumerate(boxes):
        if bottom - top >= _PIECE * height:
            continue
        em = max(height, x1 - x0)  # a low stroke is as wide as its letter
        best, least = -1, (True, float("inf"))
        for other in range(max(0, index - 60), min(len(groups), index + 60)):
            a0, low, a1, high = boxes[other]
            if other == index or max(high, bottom) - min(low, top) > max(_ONE_LINE * em, 1.1 * (high - low)):
                continue
            apart = max(0, max(x0, a0) - min(x1, a1))
            rank = (high - low < _PIECE * height, float(apart))  # to a whole letter rather than to another piece
            if apart <= 2 * max(em, high - low) and rank < least:
                best, least = other, rank
        if best >= 0:
            parent[root(index)] = root(best)
    gathered: dict[int, list[PixelBox]] = {}
    for index, group in enumerate(groups):
        gathered.setdefault(root(index), []).extend(group)
    return list(gathered.values())
