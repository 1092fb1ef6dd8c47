"""Rules -> frames of crossing rules -> lattices, and which of their slots are one cell. No text is looked at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.readers.pdf.page import Box, Rule

__all__ = ["Frame", "Lattice", "Span", "build_lattice", "drop_strips", "find_frames", "out_of_box", "part_tables"]

_TOUCH = 4.0  # points by which two rules may miss each other and still cross: typesetters leave room beside some
_SAME = 2.5  # points between rules that are one line of the lattice
_COVERED = 0.6  # of a slot's side that a rule must run along to part two cells
_OPEN = 4.0  # points by which rules reach beyond the outermost crossing rule where a border is missing
_LOOK_AHEAD = 3  # rows below a title that tell its columns
_LIKE = 0.34  # of the lines of columns: tables that share no more are two
_BOX = 6.0  # points between the side of a box and that of the tables in it
_MOST_SLOTS = 60_000  # of one lattice; a drawing with more is no table


@dataclass(frozen=True, slots=True)
class Frame:
    """Rules that cross one another, directly or through others."""

    lying: tuple[Rule, ...]
    standing: tuple[Rule, ...]

    @property
    def box(self) -> Box:
        """The box around all its rules."""
        lefts = [rule.start for rule in self.lying] + [rule.at for rule in self.standing]
        rights = [rule.end for rule in self.lying] + [rule.at for rule in self.standing]
        tops = [rule.at for rule in self.lying] + [rule.start for rule in self.standing]
        bottoms = [rule.at for rule in self.lying] + [rule.end for rule in self.standing]
        return (min(lefts), min(tops), max(rights), max(bottoms))


@dataclass(frozen=True, slots=True)
class Span:
    """A cell of a lattice: the slots [row, end_row) x [col, end_col)."""

    row: int
    col: int
    end_row: int
    end_col: int


@dataclass(frozen=True, slots=True)
class Lattice:
    """Lines of a table: `xs` and `ys` ascending, and where they part cells.

    `right[i][j]`: a line parts slot (i, j) from (i, j + 1); `below[i][j]`: one parts it from (i + 1, j).
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    right: tuple[tuple[bool, ...], ...]
    below: tuple[tuple[bool, ...], ...]

    @property
    def row_count(self) -> int:
        return len(self.ys) - 1

    @property
    def col_count(self) -> int:
        return len(self.xs) - 1

    @property
    def box(self) -> Box:
        return (self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    def spans(self) -> list[Span]:
        """Its cells in row-major order of their first slots; slots that no line parts are one cell, as far as that makes rectangles."""
        owned = [[False] * self.col_count for _ in range(self.row_count)]
        found: list[Span] = []
        for row in range(self.row_count):
            for col in range(self.col_count):
                if not owned[row][col]:
                    span = self._grow(row, col, owned)
                    for line in owned[span.row : span.end_row]:
                        line[span.col : span.end_col] = [True] * (span.end_col - span.col)
                    found.append(span)
        return found

    def _grow(self, row: int, col: int, owned: list[list[bool]]) -> Span:
        """The largest rectangle from a slot, to the right first, then down as long as whole rows follow without a line."""
        end_col = col + 1
        while end_col < self.col_count and not self.right[row][end_col - 1] and not owned[row][end_col]:
            end_col += 1
        end_row = row + 1
        while end_row < self.row_count and not any(self.below[end_row - 1][col:end_col]):
            inner = self.right[end_row][col : end_col - 1]
            if any(inner) or any(owned[end_row][col:end_col]):
                break
            end_row += 1
        return Span(row, col, end_row, end_col)


def out_of_box(lattice: Lattice) -> list[Lattice]:
    """The tables in a box around the page: their side runs close within the box's own, and not where text stands between them; that text is
    of none. Else the lattice itself."""
    for side, width in ((-2, lattice.xs[-1] - lattice.xs[-2]), (0, lattice.xs[1] - lattice.xs[0])):
        if lattice.col_count < 3 or width > _BOX:
            continue
        beside = [row[side] for row in lattice.right]
        is_bare = [not any(row[:-1]) for row in lattice.right]
        if not any(beside) or not any(is_bare):
            continue
        parts = []
        start: int | None = None
        for row in range(lattice.row_count):
            if not is_bare[row]:
                start = row if start is None else start
                continue
            if start is not None:
                parts.append(_rows_of(lattice, start, row))
            # The side of a table can be one with the box's: what stands over it may be its first row.
            below = row + 1 < lattice.row_count and not is_bare[row + 1] and not beside[row + 1]
            start = row if below else None
        if start is not None:
            parts.append(_rows_of(lattice, start, lattice.row_count))
        return parts
    return [lattice]


def part_tables(lattice: Lattice) -> list[Lattice]:
    """The tables of a lattice: tables that touch are parted before a title over the whole width where the columns below are others."""
    edges = [{j for j, is_parted in enumerate(row) if is_parted} for row in (line[:-1] for line in lattice.right)]
    parts: list[Lattice] = []
    start = 0
    above: set[int] = set()
    for row, own in enumerate(edges):
        is_title = not own and row > start and all(lattice.below[row - 1])
        if is_title and above:
            following = [other for other in edges[row:] if other][:_LOOK_AHEAD]
            below = set().union(*following)
            if len(below) > 1 and len(above & below) <= _LIKE * min(len(above), len(below)):
                parts.append(_rows_of(lattice, start, row))
                start, above = row, set()
                continue
        above |= own
    parts.append(_rows_of(lattice, start, lattice.row_count))
    return parts


def _rows_of(lattice: Lattice, start: int, end: int) -> Lattice:
    """Some rows of a lattice, without the lines of columns that part nothing in them."""
    if start == 0 and end == lattice.row_count:
        return lattice
    right = lattice.right[start:end]
    used = [j for j in range(lattice.col_count) if any(row[j] for row in right)]
    if not used or used[-1] != lattice.col_count - 1:
        used.append(lattice.col_count - 1)
    starts = [0, *(j + 1 for j in used[:-1])]
    return Lattice(
        (lattice.xs[0], *(lattice.xs[j + 1] for j in used)),
        lattice.ys[start : end + 1],
        tuple(tuple(row[j] for j in used) for row in right),
        tuple(tuple(_is_lined(row, lattice.xs, a, b + 1) for a, b in zip(starts, used, strict=True)) for row in lattice.below[start:end]),
    )


def _is_lined(below: Sequence[bool], xs: Sequence[float], start: int, end: int) -> bool:
    """Whether lines run under most of the slots [start, end) of a row."""
    lined = sum(xs[col + 1] - xs[col] for col in range(start, end) if below[col])
    return lined >= _COVERED * (xs[end] - xs[start])


def drop_strips(lattice: Lattice, filled_rows: Sequence[bool], filled_cols: Sequence[bool], thin_row: float, thin_col: float) -> Lattice:
    """The lattice without its thin strips that hold no word: the room between two rules of one border, insets of filled areas."""
    ys, below, kept_rows = _without_strips(lattice.ys, filled_rows, thin_row, lattice.below)
    columns = tuple(zip(*lattice.right, strict=True))
    xs, right, kept_cols = _without_strips(lattice.xs, filled_cols, thin_col, columns)
    return Lattice(
        xs,
        ys,
        tuple(tuple(right[j][i] for j in range(len(right))) for i in kept_rows),
        tuple(tuple(row[j] for j in kept_cols) for row in below),
    )


def _without_strips(
    cuts: Sequence[float], filled: Sequence[bool], thin: float, parts: Sequence[Sequence[bool]]
) -> tuple[tuple[float, ...], list[list[bool]], list[int]]:
    """The cuts and the parting sides (by strip: its lower or right one) that stay, and which strips do."""
    kept: list[int] = []
    places: list[float] = [cuts[0]]
    sides: list[list[bool]] = []
    for index, has_words in enumerate(filled):
        if not has_words and cuts[index + 1] - cuts[index] < thin and len(filled) > 1:
            if sides:
                sides[-1] = [a or b for a, b in zip(sides[-1], parts[index], strict=True)]
            continue
        if len(places) == 1:
            places[0] = cuts[index] if not kept else places[0]
        kept.append(index)
        sides.append(list(parts[index]))
        places.append(cuts[index + 1])
    if not kept:
        return tuple(cuts), [list(side) for side in parts], list(range(len(filled)))
    return tuple(places), sides, kept


def find_frames(lying: Sequence[Rule], standing: Sequence[Rule]) -> list[Frame]:
    """The groups of crossing rules with at least one of each direction, from the top. Rules sorted by `at`, as `merge_rules` gives them."""
    parent = list(range(len(lying) + len(standing)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    heights = [rule.at for rule in lying]
    for number, rule in enumerate(standing, len(lying)):
        for index in range(bisect_left(heights, rule.start - _TOUCH), bisect_right(heights, rule.end + _TOUCH)):
            other = lying[index]
            if other.start - _TOUCH <= rule.at <= other.end + _TOUCH:
                a, b = root(number), root(index)
                if a != b:
                    parent[b] = a
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for index, rule in enumerate(lying):
        groups.setdefault(root(index), ([], []))[0].append(rule)
    for number, rule in enumerate(standing, len(lying)):
        groups.setdefault(root(number), ([], []))[1].append(rule)
    alone = [upright[0] for flat, upright in groups.values() if not flat]
    frames = [_with_sides(Frame(tuple(flat), tuple(upright)), alone) for flat, upright in groups.values() if flat and upright]
    return sorted(frames, key=lambda frame: (frame.box[1], frame.box[0]))


def _with_sides(frame: Frame, alone: Sequence[Rule]) -> Frame:
    """The frame with the standing rules as tall as its own that no lying rule reaches: the sides of a column without any."""
    tops = [rule.start for rule in frame.standing]
    bottoms = [rule.end for rule in frame.standing]
    top, bottom = min(tops), max(bottoms)
    sides = [rule for rule in alone if abs(rule.start - top) <= _TOUCH and abs(rule.end - bottom) <= _TOUCH and bottom - top > 4 * _TOUCH]
    return Frame(frame.lying, tuple(sorted((*frame.standing, *sides), key=lambda rule: rule.at))) if sides else frame


def build_lattice(frame: Frame) -> Lattice | None:
    """The lattice of a frame, missing outer borders added where rules reach beyond the last crossing one. None for a drawing too large."""
    ys, y_groups = _lines_of(frame.lying)
    xs, x_groups = _lines_of(frame.standing)
    left, right = min(rule.start for rule in frame.lying), max(rule.end for rule in frame.lying)
    top, bottom = min(rule.start for rule in frame.standing), max(rule.end for rule in frame.standing)
    if left < xs[0] - _OPEN:
        xs, x_groups = [left, *xs], [[], *x_groups]
    if right > xs[-1] + _OPEN:
        xs, x_groups = [*xs, right], [*x_groups, []]
    if top < ys[0] - _OPEN:
        ys, y_groups = [top, *ys], [[], *y_groups]
    if bottom > ys[-1] + _OPEN:
        ys, y_groups = [*ys, bottom], [*y_groups, []]
    if len(xs) < 2 or len(ys) < 2 or (len(xs) - 1) * (len(ys) - 1) > _MOST_SLOTS:
        return None
    columns = [_covered(group, ys) for group in x_groups]
    rows = [_covered(group, xs) for group in y_groups]
    return Lattice(
        tuple(xs),
        tuple(ys),
        tuple(tuple(columns[j + 1][i] for j in range(len(xs) - 1)) for i in range(len(ys) - 1)),
        tuple(tuple(rows[i + 1]) for i in range(len(ys) - 1)),
    )


def _lines_of(rules: Sequence[Rule]) -> tuple[list[float], list[list[Rule]]]:
    """The places of rules, near ones as one, and the rules at each."""
    places: list[float] = []
    groups: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda item: item.at):
        if places and rule.at - places[-1] <= _SAME:
            groups[-1].append(rule)
        else:
            places.append(rule.at)
            groups.append([rule])
    return places, groups


def _covered(rules: Sequence[Rule], cuts: Sequence[float]) -> list[bool]:
    """For each interval between cuts, whether rules run along most of it."""
    result = []
    for start, end in pairwise(cuts):
        length = sum(max(0.0, min(rule.end, end) - max(rule.start, start)) for rule in rules)
        result.append(length >= _COVERED * (end - start))
    return result
