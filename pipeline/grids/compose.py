"""Header rows whose spans are lost: the cheapest tree of spanners and leaf columns that explains them.

A header of rows H1..HR over a stub of S columns and C leaf columns is a tree: each cell is a leaf (it hangs down to the last header
row) or a spanner that the next row's cells below it fill exactly. The number of leaf columns is known from the body, so the number of
spanners is too; what is left to choose is which cells are spanners and where their children part. The search is bounded in steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

from pipeline.values.kinds import display_width

__all__ = ["Composition", "HeaderCell", "SearchBudget", "compose_header", "share_columns"]

_STEP_BUDGET = 300_000
_MAX_HEADER_ROWS = 6
_SLICE_STEPS = 8  # kids that a slice grows by for the price of one step
_KEPT = 6  # solutions kept per state

# Costs, in units of "one odd thing about the header".
_STUB_HEAD_EACH = 0.3
_STUB_HEAD_IN_TREE = 1.0
_NO_STUB_HEAD = 2.5
_STRETCHED_LEAF = 2.0
_ONLY_CHILD = 0.8
_ONLY_CHILD_UNLIKE = 0.3
_SAME_TEXT_TWICE = 3.0
_SAME_CHILDREN = -2.0
_SAME_WIDTH = -0.3
_SAME_LAST_CHILD = -0.5
_BROKEN_ROW = 1.0
_BROKEN_UNLIKE = 0.05  # for each column of difference in width
_WIDEST_HALF = 8
_MIXED_CHILDREN = 0.4
_CLEAN_BOUNDARY = -0.4
_LEFTMOST = 1e-6
_NO_RIVAL = 10.0


@dataclass(frozen=True, slots=True)
class HeaderCell:
    """A header cell in band columns: `row` and `index` say which printed cell it is, the rest where it lies."""

    row: int
    index: int
    col: int
    row_span: int
    col_span: int


@dataclass(frozen=True, slots=True)
class Composition:
    """The cheapest tree found. `gap` is what the next best one costs more (large when there is none).

    Printed cells that no HeaderCell names are blanks under a hanging cell.
    """

    cells: tuple[HeaderCell, ...]
    cost: float
    gap: float
    is_stretched: bool  # too few cells for the columns: which leaf is the wide one is a convention, not a finding


@dataclass(frozen=True, slots=True)
class _Level:
    """How many children each cell of one header row has (0: a leaf), and what that costs."""

    cost: float
    children: tuple[int, ...]


@dataclass(slots=True)
class SearchBudget:
    """Steps left for all headers of one table; what does not fit any more is not found."""

    steps: int = _STEP_BUDGET

    def spend(self, steps: int) -> bool:
        """Take the steps; whether they could be afforded."""
        self.steps -= steps
        return self.steps >= 0


@dataclass(frozen=True, slots=True)
class _Frame:
    """One way to set the stub heads aside: `heads` cells of the first row lie over the stub, the rest of the header is the tree."""

    cost: float
    heads: tuple[tuple[int, int], ...]  # (col, col_span) of each
    first_col: int
    leaves: int
    skipped: tuple[int, ...]  # leading printed cells of each row that are not in the tree


_HeaderKey = tuple[tuple[tuple[str, ...], ...], int, int]
_remembered: dict[_HeaderKey, tuple[Composition | None, int]] = {}  # result and steps, of searches that ran to their end
_broken_off: dict[tuple[_HeaderKey, int], tuple[Composition | None, int]] = {}  # of those that did not, by the steps that were left
_MAX_REMEMBERED = 512
_MAX_REMEMBERED_CELLS = 200


def compose_header(rows: Sequence[Sequence[str]], stub: int, leaves: int, *, budget: SearchBudget | None = None) -> Composition | None:
    """The cheapest way to read `rows` (texts) as a header over `stub` label columns and `leaves` (at least 1) value columns.

    None when nothing fits, or when the header is too large to search. The headers of a batch are few and come again and again, so searches
    are remembered; a remembered one takes its steps from the budget too, so that what is found does not depend on what was read before.
    """
    if not rows or len(rows) > _MAX_HEADER_ROWS or leaves < 1 or not all(rows):
        return None
    budget = budget or SearchBudget()
    key = (tuple(tuple(row) for row in rows), stub, leaves)
    before = budget.steps
    known = _remembered.get(key)
    if known is None or known[1] > before:
        known = _broken_off.get((key, before))
    if known is not None:
        budget.spend(known[1])
        return known[0]
    found = _compose(rows, stub, leaves, budget)
    if sum(len(row) for row in rows) <= _MAX_REMEMBERED_CELLS:
        for memory in (_remembered, _broken_off):
            if len(memory) >= _MAX_REMEMBERED:
                memory.clear()
        if budget.steps >= 0:
            _remembered[key] = (found, before - budget.steps)
        else:
            _broken_off[key, before] = (found, before - budget.steps)
    return found


def _compose(rows: Sequence[Sequence[str]], stub: int, leaves: int, budget: SearchBudget) -> Composition | None:
    found: list[tuple[float, _Frame, tuple[tuple[int, ...], ...]]] = []
    for frame in _frames(rows, stub, leaves):
        trimmed = [row[skip:] for row, skip in zip(rows, frame.skipped, strict=True)]
        for cost, tree in (*_solve_tree(trimmed, frame.leaves, budget), *_solve_broken(trimmed, frame.leaves, budget)):
            found.append((cost + frame.cost, frame, tree))
    if not found:
        return None
    found.sort(key=lambda item: item[0])
    cost, frame, tree = found[0]
    cells = _lay_out(frame, tree, len(rows))
    stretched = len(set(tree[-1])) > 1
    for other_cost, other_frame, other_tree in found[1:]:
        if _lay_out(other_frame, other_tree, len(rows)) != cells:
            return Composition(cells, cost, other_cost - cost, stretched)
    return Composition(cells, cost, _NO_RIVAL, stretched)


def _frames(rows: Sequence[Sequence[str]], stub: int, leaves: int) -> Iterator[_Frame]:
    plain = tuple(0 for _ in rows)
    if stub == 0:
        yield _Frame(0.0, (), 0, leaves, plain)
        return
    for heads, cost in ((((0, stub),), 0.0), (tuple((col, 1) for col in range(stub)), _STUB_HEAD_EACH)):
        if len(heads) >= len(rows[0]) or (len(heads) == 1 and cost):
            continue
        yield _Frame(cost, heads, stub, leaves, (len(heads), *plain[1:]))
        if len(rows) > 1 and _blanks_stand_under(rows, (1, stub)):
            skipped = tuple(_leading_blanks(row) for row in rows[1:])
            yield _Frame(cost, heads, stub, leaves, (len(heads), *skipped))
    yield _Frame(_STUB_HEAD_IN_TREE, (), 0, stub + leaves, plain)
    yield _Frame(_NO_STUB_HEAD, (), stub, leaves, plain)


def _blanks_stand_under(rows: Sequence[Sequence[str]], counts: tuple[int, ...]) -> bool:
    """Whether each later row starts with as many blanks as stub heads (or stub columns): covered slots that were printed."""
    return all(_leading_blanks(row) in counts for row in rows[1:])


def _leading_blanks(row: Sequence[str]) -> int:
    count = 0
    for text in row:
        if text.strip():
            break
        count += 1
    return count if count < len(row) else 0


def _solve_tree(rows: Sequence[Sequence[str]], leaves: int, budget: SearchBudget) -> Iterator[tuple[float, tuple[tuple[int, ...], ...]]]:
    """Every kept tree: its cost, and the numbers of children of each cell, row by row (for the last row: the columns each leaf covers)."""
    if not all(rows):
        return
    levels = len(rows) - 1
    cells = sum(len(row) for row in rows)
    if levels == 0:
        if cells <= leaves:
            stretched = _STRETCHED_LEAF if 1 < cells < leaves else 0.0
            yield stretched, (tuple(share_columns(cells, leaves)),)
        return
    spanners = cells - leaves
    stretch = max(0, levels - spanners)
    last = [1] * len(rows[-1])
    last[-1] += stretch
    for counts in _spanner_counts([min(len(a), len(b)) for a, b in pairwise(rows)], max(spanners, levels)):
        for cost, tree in _solve_levels(rows, counts, budget):
            yield cost + _STRETCHED_LEAF * stretch, (*tree, tuple(last))


def _solve_broken(rows: Sequence[Sequence[str]], leaves: int, budget: SearchBudget) -> Iterator[tuple[float, tuple[tuple[int, ...], ...]]]:
    """Trees in which the last row only goes on with words that the row above began: without it the header is already whole.

    Each half stands under the cell most like it in width, leftmost first.
    """
    if len(rows) < 2 or not all(rows) or len(rows[-1]) >= len(rows[-2]) or sum(map(len, rows[:-1])) - leaves < len(rows) - 2:
        return
    halves = [display_width(text) for text in rows[-1]]
    if max(halves) > _WIDEST_HALF or not budget.spend(len(rows[-1]) * len(rows[-2])):
        return
    unlike, under = _match_widths(halves, [display_width(text) for text in rows[-2]])
    for cost, tree in _solve_tree(rows[:-1], leaves, budget):
        if any(width > 1 for width in tree[-1]):
            continue
        children = tuple(int(index in under) for index in range(len(rows[-2])))
        yield cost + _BROKEN_ROW + _BROKEN_UNLIKE * unlike, (*tree[:-1], children, (1,) * len(halves))


def _match_widths(halves: Sequence[int], wholes: Sequence[int]) -> tuple[int, frozenset[int]]:
    """Pick a whole for each half, in order, so that the widths differ least; of equals the leftmost. The difference and the picks."""
    best: list[tuple[int, tuple[int, ...]]] = [(0, ()), *((1 << 30, ()) for _ in halves)]
    for index, whole in enumerate(wholes):
        for count in range(len(halves), 0, -1):
            before = best[count - 1]
            difference = before[0] + abs(halves[count - 1] - whole)
            if difference < best[count][0]:
                best[count] = (difference, (*before[1], index))
    return best[-1][0], frozenset(best[-1][1])


def share_columns(cells: int, columns: int) -> list[int]:
    """Widths of `cells` neighbours over `columns` (not fewer): equal when that comes out even, else the last takes what is left."""
    if columns % cells == 0:
        return [columns // cells] * cells
    return [1] * (cells - 1) + [columns - cells + 1]


def _spanner_counts(limits: Sequence[int], total: int) -> Iterator[tuple[int, ...]]:
    """Every way to have 1..limit spanners in each row (at most five) that adds up to `total`."""
    partial: list[tuple[int, ...]] = [()]
    for position, limit in enumerate(limits):
        rest_max = sum(limits[position + 1 :])
        rest_min = len(limits) - position - 1
        grown: list[tuple[int, ...]] = []
        for counts in partial:
            left = total - sum(counts)
            grown.extend((*counts, count) for count in range(max(1, left - rest_max), min(limit, left - rest_min) + 1))
        partial = grown[:200]
    yield from (counts for counts in partial if sum(counts) == total)


def _solve_levels(
    rows: Sequence[Sequence[str]], counts: Sequence[int], budget: SearchBudget
) -> list[tuple[float, tuple[tuple[int, ...], ...]]]:
    """Bottom up: the last pair of rows first, so that each upper row knows which of its children are spanners."""
    partial: list[tuple[float, tuple[tuple[int, ...], ...]]] = [(0.0, ())]
    for level in range(len(counts) - 1, -1, -1):
        grown: list[tuple[float, tuple[tuple[int, ...], ...]]] = []
        for cost, tree in partial:
            below = [children > 0 for children in tree[0]] if tree else [False] * len(rows[level + 1])
            solved = _solve_level(rows[level], rows[level + 1], below, counts[level], budget)
            grown.extend((cost + item.cost, (item.children, *tree)) for item in solved)
        grown.sort(key=lambda item: item[0])
        partial = grown[:_KEPT]
    return partial


# A partial solution: (cost, numbers of children, last first: the last one, and those before it in the same form; None at the start).
_Partial = tuple[float, "_Handed | None"]
_Handed = tuple[int, "_Handed | None"]


def _solve_level(parents: Sequence[str], kids: Sequence[str], kid_spans: Sequence[bool], count: int, budget: SearchBudget) -> list[_Level]:
    """The cheapest ways to hand the `kids` out to exactly `count` of the `parents`, in order."""
    n, m = len(parents), len(kids)
    costs = _LevelCosts(parents, kids, kid_spans, budget)
    # state: (spanners so far, kids handed out, kids of the last spanner) -> the _KEPT cheapest, cheapest first, of equals the one found first
    states: dict[tuple[int, int, int], list[_Partial]] = {(0, 0, 0): [(0.0, None)]}
    for position in range(n):
        grown: dict[tuple[int, int, int], list[_Partial]] = {}
        for (used, taken, width), solved in states.items():
            if not budget.spend(len(solved)):
                return []
            if count - used <= n - position - 1:
                _keep(grown.setdefault((used, taken, width), []), solved, costs.leaf(position), 0)
            if used < count:
                most = m - taken - (count - used - 1)
                for size in range(1 if used < count - 1 else most, most + 1):
                    if not budget.spend(len(solved)):
                        return []
                    cost = costs.spanner(position, taken, size) + costs.beside(taken, width, size)
                    _keep(grown.setdefault((used + 1, taken + size, size), []), solved, cost, size)
        states = grown
    final: list[_Partial] = []
    for (used, taken, _), solved in states.items():
        if (used, taken) == (count, m):
            final.extend(solved)
    final.sort(key=itemgetter(0))
    return [_Level(cost, _unrolled(handed)) for cost, handed in final[:_KEPT]]


def _keep(kept: list[_Partial], solved: Sequence[_Partial], cost: float, size: int) -> None:
    """Merge the solutions, each with one parent more, into the cheapest ones; both are sorted."""
    for before, handed in solved:
        total = before + cost
        if len(kept) == _KEPT:
            if total >= kept[-1][0]:
                return  # and so are all that follow
            kept.pop()
        at = len(kept)
        while at and kept[at - 1][0] > total:
            at -= 1
        kept.insert(at, (total, (size, handed)))


def _unrolled(handed: _Handed | None) -> tuple[int, ...]:
    sizes: list[int] = []
    while handed is not None:
        sizes.append(handed[0])
        handed = handed[1]
    return tuple(reversed(sizes))


class _LevelCosts:
    """What is odd about one row of cells over the next."""

    def __init__(self, parents: Sequence[str], kids: Sequence[str], kid_spans: Sequence[bool], budget: SearchBudget) -> None:
        self._budget = budget
        self._kids = [_folded(text) for text in kids]
        self._kid_spans = kid_spans
        self._widths = widths = [display_width(text) for text in parents]
        self._kid_widths = [display_width(text) for text in kids]
        self._longest = max(1, *widths, *self._kid_widths)
        self._share = [width / max(1, *widths) for width in widths]
        # for each kid: how many before it bear the same text, to count repeats inside a slice
        self._previous: list[int] = []
        self._slices: dict[int, list[float]] = {}  # by the first kid: what its slice of so many costs
        self._neighbours: dict[tuple[int, int, int], float] = {}
        seen: dict[str, int] = {}
        for index, text in enumerate(self._kids):
            self._previous.append(seen.get(text, -1) if text else -1)
            seen[text] = index

    def leaf(self, position: int) -> float:
        """A long text over one column is odd: it would rather span."""
        return self._share[position]

    def spanner(self, position: int, start: int, size: int) -> float:
        cost = _LEFTMOST * position
        if size == 1:  # a label broken over two rows: halves of a kind
            unlike = abs(self._widths[position] - self._kid_widths[start]) / self._longest
            return cost + self._share[position] + _ONLY_CHILD + _ONLY_CHILD_UNLIKE * unlike
        return cost + 1.0 - self._share[position] + self._slice(start, size)

    def _slice(self, start: int, size: int) -> float:
        """What is odd about kids being siblings, whoever the parent is; grown from the slice one shorter."""
        known = self._slices.setdefault(start, [0.0, 0.0])
        if len(known) <= size:
            self._budget.spend((size - len(known)) // _SLICE_STEPS)
            cost = known[-1]
            for index in range(start + len(known) - 1, start + size):
                cost += _SAME_TEXT_TWICE if self._previous[index] >= start else 0.0
                cost += _MIXED_CHILDREN if self._kid_spans[index] != self._kid_spans[index - 1] else 0.0
                known.append(cost)
        return known[size]

    def beside(self, start: int, width: int, size: int) -> float:
        """A spanner next to the one before it (its `width` kids end at `start`)."""
        if width == 0:
            return 0.0
        cost = self._neighbours.get((start, width, size))
        if cost is None:
            cost = self._neighbours[start, width, size] = self._beside(start, width, size)
        return cost

    def _beside(self, start: int, width: int, size: int) -> float:
        cost = _CLEAN_BOUNDARY if self._kid_spans[start] != self._kid_spans[start - 1] else 0.0
        if width == size:
            cost += _SAME_WIDTH
            if size > 1 and self._kids[start - width : start] == self._kids[start : start + size]:
                return cost + _SAME_CHILDREN
        if self._kids[start - 1] == self._kids[start + size - 1] and size > 1:
            cost += _SAME_LAST_CHILD
        return cost


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


def _lay_out(frame: _Frame, tree: tuple[tuple[int, ...], ...], row_count: int) -> tuple[HeaderCell, ...]:
    """Columns from the leaves up, cells from the top down."""
    widths: list[list[int]] = [list(tree[-1])]
    for children in reversed(tree[:-1]):
        below = iter(widths[0])
        widths.insert(0, [sum(next(below) for _ in range(count)) if count else 1 for count in children])
    cells = [HeaderCell(0, index, col, row_count, span) for index, (col, span) in enumerate(frame.heads)]
    columns = [_running(frame.first_col, widths[0])]
    for row in range(row_count - 1):
        starts: list[int] = []
        kid_widths = iter(widths[row + 1])
        for col, count in zip(columns[row], tree[row], strict=True):
            for _ in range(count):
                starts.append(col)
                col += next(kid_widths)
        columns.append(starts)
    for row in range(row_count):
        for index, (col, width) in enumerate(zip(columns[row], widths[row], strict=True)):
            hangs = row < row_count - 1 and tree[row][index] == 0
            cells.append(HeaderCell(row, index + frame.skipped[row], col, row_count - row if hangs else 1, width))
    return tuple(cells)


def _running(start: int, widths: Sequence[int]) -> list[int]:
    starts = []
    for width in widths:
        starts.append(start)
        start += width
    return starts
