"""Which number of a row belongs to which column: by count and order, by the printed header where columns have positions."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from pipeline.forms.sums import RowSum, place_at_edges, place_by_sums
from pipeline.forms.tokens import Token
from pipeline.model.form import ColumnNode
from pipeline.values.numbers import ValueReading

__all__ = [
    "Assignment",
    "ColumnClues",
    "ColumnExtents",
    "LineGaps",
    "RowLines",
    "assign_columns",
    "find_extents",
    "find_gaps",
    "part_words",
]

MIN_ROWS_OF_GAPS = 2
HEADER_MISSING = "a column header is missing, and the cells do not stand under the others"


@dataclass(frozen=True, slots=True)
class ColumnExtents:
    """Where the numbers of each column stand on their lines: (start, end) by column, counted in the given one of a token's extents."""

    measure: int
    ranges: tuple[tuple[int, int], ...]


class Assignment(NamedTuple):
    """For each leaf column its token, or None where no cell was left of it; `lost` says why the values cannot be told.

    `by_sums`: the row's sums tell them; `undecided`: the leaf columns whose values these do not tell; `unprinted`: those that the page does not have.
    """

    tokens: tuple[Token | None, ...]
    rule: str | None = None
    lost: str | None = None
    by_sums: bool = False
    undecided: frozenset[int] = frozenset()
    unprinted: frozenset[int] = frozenset()


_NO_COLUMNS: Mapping[int, tuple[int, int]] = MappingProxyType({})


class ColumnClues(NamedTuple):
    """What tells the columns of one row besides the count of its values.

    columns: leaf index -> (first col, end col) of its printed header, where the source has positions; None when the rows do not keep to them.
    leading: how many blank slots stand between label and numbers in rows of this depth whose numbers are all printed; None when not seen.
    extents: where on the line the numbers of complete rows of this shape stand, in text whose columns are white space.
    padding: how many slots follow the values that may be blank cells at the end of the row as well as padding; 0 where blanks are not printed.
    spread: whether a blank slot may be a part of the cell before it, or of the row before it.
    gaps, lines: in text with a cell a line, how far apart cells stand, and the lines of this row.
    sums: the sums of the row, by leaf column; inner_blanks: whether blank cells between numbers are printed.
    fewer_columns: whether the page has fewer columns than the form: each row of the table has one cell under each printed header and no other.
    headers: as columns, also where the rows do not keep to them.
    """

    columns: Mapping[int, tuple[int, int]] | None = _NO_COLUMNS
    leading: int | None = None
    extents: ColumnExtents | None = None
    padding: int = 0
    spread: bool = False
    gaps: LineGaps | None = None
    lines: RowLines | None = None
    sums: tuple[RowSum, ...] = ()
    inner_blanks: bool = False
    fewer_columns: bool = False
    headers: Mapping[int, tuple[int, int]] = _NO_COLUMNS


def assign_columns(
    values: Sequence[Token], leaves: Sequence[ColumnNode], readings: Sequence[ValueReading], clues: ColumnClues
) -> Assignment:
    """Give the values of one row to the leaf columns of its band."""
    assigned = _by_shape(values, leaves, readings, clues)
    if assigned.lost is None:
        return assigned
    return _by_sums(values, leaves, readings, clues) or assigned


def _by_shape(values: Sequence[Token], leaves: Sequence[ColumnNode], readings: Sequence[ValueReading], clues: ColumnClues) -> Assignment:
    columns, leading = clues.columns, clues.leading
    if clues.fewer_columns and columns:
        return _under_headers(values, leaves, columns)
    words, values, targets = part_words(values, leaves, readings)
    count = len(targets)
    if columns is None:
        filled = [token for token in values if token.text]
        if filled and len(filled) != count:
            return _lost(leaves, "its numbers do not stand under the column headers")
        if len(values) == count and _stand_elsewhere(values, targets, clues.headers):
            return _lost(leaves, HEADER_MISSING)
        columns = {}
    if len(values) == count:
        if leading and columns == {} and not any(values[index].text for index in range(min(leading, count))):
            return _lost(leaves, "a cell of its row is missing")
        if _is_mixed(values, targets, columns):
            return _lost(leaves, "a number from outside the table is among its cells, which stand under other columns")
        if _stand_elsewhere(values, targets, columns):
            return _lost(leaves, HEADER_MISSING)
        return _filled(values, targets, leaves, words)
    # A printed mark for "nothing" is a cell; an empty one may be a slot that a label or clues.padding takes up.
    numbers = [token for token in values if readings[token.index].kind != "blank" or token.text]
    positioned = bool(values) and values[0].col is not None
    if all(readings[token.index].kind == "blank" for token in values) and not (
        positioned and len(values) < count and not _covers_all(values, targets, columns)
    ):
        if len(values) < count:
            return Assignment(tuple(words.get(index) for index in range(len(leaves))))
        return (
            _filled((numbers if len(numbers) == count else values)[:count], targets, leaves, words)
            if len(numbers) <= count
            else _lost(leaves, f"{len(numbers)} marks for {count} columns")
        )
    by_position = _by_position(values, targets, leaves, readings, columns)
    if by_position is not None:
        return by_position
    if len(numbers) == count:
        return _filled(numbers, targets, leaves, words)
    if clues.extents is not None and len(numbers) == len(values) < count:
        by_extent = _by_extent(values, targets, leaves, clues.extents)
        if by_extent is not None:
            return by_extent
    if clues.gaps is not None and clues.lines is not None and len(numbers) == len(values) < count:
        by_gap = _by_gap(values, targets, leaves, clues.gaps, clues.lines)
        if by_gap is not None:
            return by_gap
    if len(values) > count:
        if clues.spread and len(numbers) < count:
            return _lost(leaves, "blank slots may be parts of what stands before them")
        kept = _drop_extra_blanks(values, count, readings, leading)
        if kept is not None:
            return _filled(kept, targets, leaves, words)
        return _lost(leaves, f"{len(numbers)} numbers among {len(values)} cells for {count} columns")
    if len(values) + clues.padding == count:
        leading = 0
    if leading is not None and leading < len(values) and leading + count <= len(values) + clues.padding:
        shown = values[leading : leading + count]
        if all(token in shown for token in numbers):
            return _filled([*shown, *[None] * (count - len(shown))], targets, leaves, words)
    return _lost(leaves, f"{len(numbers)} numbers are left for {count} columns")


def _under_headers(values: Sequence[Token], leaves: Sequence[ColumnNode], columns: Mapping[int, tuple[int, int]]) -> Assignment:
    """Each cell under the header it stands under, where the page has not all columns of the form."""
    under = {token.col: token for token in values}
    placed = tuple(under[columns[leaf][0]] if leaf in columns else None for leaf in range(len(leaves)))
    return Assignment(placed, "placed under its column header", unprinted=frozenset(set(range(len(leaves))) - columns.keys()))


def part_words(
    values: Sequence[Token], leaves: Sequence[ColumnNode], readings: Sequence[ValueReading]
) -> tuple[dict[int, Token], Sequence[Token], list[int]]:
    """(contents of text columns, the other values, the leaf columns these are for).

    The words of a text column before the numbers stand before them; a mark for "nothing" counts as a word where all cells are there.
    """
    text_columns = [index for index, leaf in enumerate(leaves) if leaf.kind == "text"]
    targets = [index for index, leaf in enumerate(leaves) if leaf.kind == "value"]
    if not text_columns:
        return {}, values, targets
    words: dict[int, Token] = {}
    rest = list(values)
    for column in text_columns:
        is_word = bool(rest) and readings[rest[0].index].kind == "text" and not any(char.isdigit() for char in rest[0].text)
        is_blank = bool(rest) and readings[rest[0].index].kind == "blank"
        if rest and (is_word or (is_blank and len(rest) >= len(targets) + len(text_columns) - len(words))):
            words[column] = rest.pop(0)
    return words, rest, targets


def _filled(values: Sequence[Token | None], targets: Sequence[int], leaves: Sequence[ColumnNode], words: Mapping[int, Token]) -> Assignment:
    placed: list[Token | None] = [words.get(index) for index in range(len(leaves))]
    for target, token in zip(targets, values, strict=True):
        placed[target] = token
    return Assignment(tuple(placed))


def _lost(leaves: Sequence[ColumnNode], reason: str) -> Assignment:
    return Assignment((None,) * len(leaves), lost=reason)


def _by_position(
    values: Sequence[Token],
    targets: Sequence[int],
    leaves: Sequence[ColumnNode],
    readings: Sequence[ValueReading],
    columns: Mapping[int, tuple[int, int]],
) -> Assignment | None:
    """Where every column's header has a position: each number under the header it stands under, or None when one stands under none."""
    if any(target not in columns for target in targets):
        return None
    if not _covers_all(values, targets, columns):
        return None  # a cell is missing: those behind it may have moved
    placed: list[Token | None] = [None] * len(leaves)
    for token in values:
        if token.col is None:
            return None
        blank = readings[token.index].kind == "blank"
        found = [target for target in targets if columns[target][0] == token.col]
        if not found:
            found = [target for target in targets if columns[target][0] <= token.col < columns[target][1]]
        if len(found) != 1:
            if blank:
                continue
            return None
        known = placed[found[0]]
        if known is not None and readings[known.index].kind != "blank":
            if blank:
                continue
            return None
        if known is None or not blank:
            placed[found[0]] = token
    return Assignment(tuple(placed), "placed under its column header")


def _is_mixed(values: Sequence[Token], targets: Sequence[int], columns: Mapping[int, tuple[int, int]]) -> bool:
    """Whether some values are cells and others loose text, and a cell stands under another column than it comes to by order."""
    if all(token.col is None for token in values) or all(token.col is not None for token in values):
        return False
    pairs = zip(targets, values, strict=True)
    return any(
        target in columns and token.col is not None and not columns[target][0] <= token.col < columns[target][1] for target, token in pairs
    )


def _stand_elsewhere(values: Sequence[Token], targets: Sequence[int], columns: Mapping[int, tuple[int, int]]) -> bool:
    """Whether, with some headers printed and some not, the cells by order and the headers by position disagree.

    Cells that are all off by the same number of columns stand under a header that is itself shifted: that is no disagreement.
    """
    if not columns or all(target in columns for target in targets):
        return False
    shifts = set()
    for target, token in zip(targets, values, strict=True):
        if target in columns and token.col is not None:
            first, end = columns[target]
            shifts.add(0 if first <= token.col < end else token.col - first)
    return len(shifts) > 1


def _covers_all(values: Sequence[Token], targets: Sequence[int], columns: Mapping[int, tuple[int, int]]) -> bool:
    """Whether every column has a cell of its own or a blank one that spans it: a number that spans two may stand for either."""
    covered: set[int] = set()
    for token in values:
        if token.col is None:
            continue
        spanned = range(token.col, token.col + token.col_span)
        if token.text and sum(target in columns and columns[target][0] in spanned for target in targets) > 1:
            return False
        covered.update(spanned)
    return all(target in columns and columns[target][0] in covered for target in targets)


def find_extents(rows: Sequence[Sequence[Token]]) -> ColumnExtents | None:
    """The columns of complete rows (all of one length), when they part cleanly under one of the two measures; None otherwise."""
    if len(rows) < 2 or any(not token.extents for row in rows for token in row):
        return None
    best: tuple[int, ColumnExtents] | None = None
    for measure in (0, 1):
        ranges = [
            (min(row[col].extents[measure][0] for row in rows), max(row[col].extents[measure][1] for row in rows))
            for col in range(len(rows[0]))
        ]
        if all(a[1] < b[0] for a, b in itertools.pairwise(ranges)):
            slack = sum(end - start for start, end in ranges)
            if best is None or slack < best[0]:
                best = (slack, ColumnExtents(measure, tuple(ranges)))
    return None if best is None else best[1]


def _by_extent(values: Sequence[Token], targets: Sequence[int], leaves: Sequence[ColumnNode], extents: ColumnExtents) -> Assignment | None:
    """Each number in the column whose numbers stand at the same place of their lines; None when one stands at none, or between two."""
    if len(extents.ranges) != len(targets):
        return None
    placed: list[Token | None] = [None] * len(leaves)
    for token in values:
        if not token.extents:
            return None
        start, end = token.extents[extents.measure]
        found = [target for target, (low, high) in zip(targets, extents.ranges, strict=True) if start < high and end > low]
        if len(found) != 1 or placed[found[0]] is not None:
            return None
        placed[found[0]] = token
    return Assignment(tuple(placed), "placed by its position on the line")


@dataclass(frozen=True, slots=True)
class LineGaps:
    """How far apart, in lines, the cells of a table stand whose cells have lines of their own: what a blank cell adds tells where blanks are.

    `head`: from a label to the first value behind it; `inner`: from value to value; `tail`: from the last value to what follows its row;
    `blank`: what a cell without text adds.
    """

    head: int
    inner: int
    tail: int
    blank: int


@dataclass(frozen=True, slots=True)
class RowLines:
    """The line numbers of what stands before a row's values (its label, if it has one), of each value, and of what follows."""

    lines: Sequence[int]
    labelled: bool
    is_last: bool


def find_gaps(complete: Sequence[Sequence[int]], others: Sequence[tuple[int, Sequence[int]]], *, repeats: bool) -> LineGaps | None:
    """The gaps of rows whose cells are all printed, and what a blank cell adds, from the rows that lack some; None when rows do not agree.

    complete: line numbers of label, values and what follows, of complete rows; others: (number of cells that lack text, line numbers).
    repeats: whether numbers are printed more than once, so that no repeated lines were dropped.
    Without complete rows the least gaps are taken for those between cells with text: every row must come out even all the same.
    """
    steps = [[b - a for a, b in itertools.pairwise(lines)] for lines in complete]
    choose: Callable[[Sequence[int]], int] = _most_common
    if len(complete) < MIN_ROWS_OF_GAPS:
        steps = [[b - a for a, b in itertools.pairwise(lines)] for _, lines in others]
        choose = min
    within = [step for row in steps for step in row[1:-1]]
    if not within:
        return None
    head, inner, tail = choose([row[0] for row in steps]), choose(within), choose([row[-1] for row in steps])
    found = _gaps(others, head, inner, tail, repeats=repeats)
    if found is None and len(complete) < MIN_ROWS_OF_GAPS and head > inner:
        # Perhaps every row begins with a blank cell: then a label stands no further from its first cell than cells from each other.
        found = _gaps(others, inner, inner, tail, repeats=repeats)
    return found


def _gaps(others: Sequence[tuple[int, Sequence[int]]], head: int, inner: int, tail: int, *, repeats: bool) -> LineGaps | None:
    extras = [(lacking, lines[-1] - lines[0] - head - tail - inner * (len(lines) - 3)) for lacking, lines in others]
    votes = [extra // lacking for lacking, extra in extras if extra > 0 and extra % lacking == 0]
    if len(votes) < MIN_ROWS_OF_GAPS:
        return None
    blank = _most_common(votes)
    # What a blank adds may be all that a number leaves whose line was dropped.
    if votes.count(blank) < 0.6 * len(others) or (blank == inner - 1 and not repeats):
        return None
    return LineGaps(head, inner, tail, blank)


def _most_common(numbers: Sequence[int]) -> int:
    return Counter(numbers).most_common(1)[0][0]


def _by_gap(
    values: Sequence[Token], targets: Sequence[int], leaves: Sequence[ColumnNode], gaps: LineGaps, rows: RowLines
) -> Assignment | None:
    """Each number behind as many blanks as the lines before it are wide; None unless the blanks before, between and behind them come out even.

    Behind the last row of a table there may be more lines than its cells take up.
    """
    steps = [b - a for a, b in itertools.pairwise(rows.lines)]
    usual = [gaps.head if rows.labelled else gaps.tail, *[gaps.inner] * (len(values) - 1), gaps.tail]
    blanks = [divmod(step - own, gaps.blank) for step, own in zip(steps, usual, strict=True)]
    behind = len(targets) - len(values) - sum(count for count, _ in blanks[:-1])
    even = behind >= 0 and not any(rest or count < 0 for count, rest in blanks[:-1])
    if not even or not (blanks[-1] == (behind, 0) or (rows.is_last and 0 <= behind * gaps.blank < steps[-1])):
        return None
    placed: list[Token | None] = [None] * len(leaves)
    position = -1
    for token, (count, _) in zip(values, blanks, strict=False):
        position += count + 1
        placed[targets[position]] = token
    return Assignment(tuple(placed), "placed by the blank lines between the cells")


def _by_sums(
    values: Sequence[Token], leaves: Sequence[ColumnNode], readings: Sequence[ValueReading], clues: ColumnClues
) -> Assignment | None:
    """The row as its sums leave it; None where they leave nothing, or no way at all."""
    _, values, targets = part_words(values, leaves, readings)
    filled = [token for token in values if readings[token.index].kind != "blank"]
    if len(targets) != len(leaves) or any(readings[token.index].value is None for token in filled):
        return None
    if clues.inner_blanks:
        shown: Sequence[Token] = values
        ways = place_at_edges([readings[token.index].value for token in values], len(leaves), clues.sums)
    else:
        shown = filled
        ways = place_by_sums([readings[token.index].value or 0 for token in filled], len(leaves), clues.sums)
    if ways is None:
        return None
    placed = tuple(None if index is None or slot in ways.open else shown[index] for slot, index in enumerate(ways.slots))
    return Assignment(placed, "placed where the sums of its row leave one way", by_sums=True, undecided=ways.open)


def find_fronts(values: Sequence[Token], count: int, readings: Sequence[ValueReading]) -> list[int]:
    """How many blank slots may belong to the label before `count` cells, so that only blank ones, padding, are left behind them."""
    blank = [readings[token.index].kind == "blank" and not token.text for token in values]
    return [front for front in range(len(values) - count + 1) if all(blank[:front]) and all(blank[front + count :])]


def _drop_extra_blanks(values: Sequence[Token], count: int, readings: Sequence[ValueReading], leading: int | None) -> list[Token] | None:
    """Blank slots before or behind the numbers that belong to the label or to padding; None when more than one way would do."""
    ways = find_fronts(values, count, readings)
    if leading in ways:
        ways = [leading]
    return list(values[ways[0] : ways[0] + count]) if len(ways) == 1 else None
