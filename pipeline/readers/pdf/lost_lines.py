"""Lines of a scanned table of which nothing is left: they are told by how its numbers stand, as columns without rules are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.readers.pdf.lattice import Lattice, Span
from pipeline.readers.pdf.phrases import is_figure
from pipeline.readers.pdf.words import Word, group_lines

__all__ = ["add_lost_columns", "add_lost_rows"]

_ROOM = 0.5  # of the letter height between numbers of two columns
_ROOM_BEHIND = 1.5  # of it between a label and a number
_MANY = 3  # lines with a number behind a label: less room tells as much
_OFTEN = 0.5  # of the rows of a column that hold numbers must hold several where one line of columns is lost
_LEAST_ROWS = 2  # of them; one where the header parts there as well
_LEAST_COLS = 2  # with numbers one below the other where one line of rows is lost
_LEVEL = 0.5  # of the letter height: words whose middles are nearer stand on one line

_OVERLAP = 0.2  # of its height by which a line of words may reach into the next

_Interval = tuple[float, float]


def add_lost_columns(lattice: Lattice, spans: Sequence[Span], words: Sequence[Sequence[Word]]) -> Lattice | None:
    """The lattice with lines between numbers that stand side by side in most rows of one of its columns; None when there are none.

    Each row is parted at such a line but where a word stands across it. `words`: those of each span.
    """
    cuts: dict[int, list[float]] = {}
    for col in range(lattice.col_count):
        own = [(span, held) for span, held in zip(spans, words, strict=True) if span.col == col and span.end_col == col + 1 and held]
        beside = {
            span.row for span, held in zip(spans, words, strict=True) if span.col > col and any(is_figure(word.text) for word in held)
        }
        places = _cuts_of_column(own, beside)
        if places:
            cuts[col] = places
    if not cuts:
        return None
    xs: list[float] = [lattice.xs[0]]
    source: list[int] = []  # for each new column the old one
    for col in range(lattice.col_count):
        xs.extend([*cuts.get(col, []), lattice.xs[col + 1]])
        source.extend([col] * (len(cuts.get(col, [])) + 1))
    right = [[True] * len(source) for _ in range(lattice.row_count)]
    owner = _owners(lattice, spans)
    for row in range(lattice.row_count):
        for index, col in enumerate(source):
            if index + 1 == len(source) or source[index + 1] != col:
                right[row][index] = lattice.right[row][col]
            else:
                span, held = spans[owner[row][col]], words[owner[row][col]]
                is_own = span.end_col - span.col == 1
                right[row][index] = is_own and not any(_stands_across(word.x0, word.x1, xs[index + 1], word.height) for word in held)
    below = tuple(tuple(row[col] for col in source) for row in lattice.below)
    return Lattice(tuple(xs), lattice.ys, tuple(map(tuple, right)), below)


def _cuts_of_column(cells: Sequence[tuple[Span, Sequence[Word]]], beside: Collection[int]) -> list[float]:
    """Where lines part the numbers of one column of the lattice, or its labels from numbers; `beside`: rows with numbers in columns behind it."""
    lines = [line for span, held in cells if span.end_row - span.row == 1 for line in group_lines(held)]
    filled = [line for line in lines if is_figure(line[-1].text)]
    several = [line for line in filled if len(line) > 1 and all(is_figure(word.text) for word in line[1:])]
    crowded = [line for line in several if _are_roomy(line, _ROOM if len(several) >= _MANY else _ROOM_BEHIND)]
    bare = sum(span.row in beside and not any(is_figure(word.text) for word in held) for span, held in cells)
    if not crowded or len(crowded) < _OFTEN * (len(filled) + bare):
        return []
    gaps = _gaps([(word.x0, word.x1) for held in crowded for word in held])
    height = min(word.height for held in crowded for word in held)
    gaps = [gap for gap in gaps if gap[1] - gap[0] >= _ROOM * height]
    count = max(len(held) for held in crowded) - 1
    if len(gaps) < count or any(word.x0 >= gaps[-count][1] and not is_figure(word.text) for held in crowded for word in held):
        return []
    if len(gaps) > count and all(is_figure(held[0].text) for held in crowded):
        return []  # they do not stand below each other
    gaps = gaps[-count:]  # those before are gaps between labels
    used = {word for held in crowded for word in held}
    others = [rest for _, held in cells if (rest := [word for word in held if word not in used])]
    places = [_quiet_place(gap, [(word.x0, word.x1) for held in others for word in held], least=_ROOM * height) for gap in gaps]
    crossing = sum(any(_stands_across(word.x0, word.x1, place, word.height) for place in places) for held in others for word in held)
    if crossing > _OFTEN * len(crowded):
        return []
    if len(crowded) < _LEAST_ROWS and not any(all(_parts(held, place) for place in places) for held in others):
        return []
    return places


def _parts(words: Sequence[Word], place: float) -> bool:
    """Whether words stand at both sides of a place, on one line, and none across it."""
    sides = [(word.x0 + word.x1) / 2 > place for word in words]
    if all(sides) or not any(sides) or any(_stands_across(word.x0, word.x1, place, word.height) for word in words):
        return False
    left = [word for word, is_right in zip(words, sides, strict=True) if not is_right]
    return any(a.top < b.bottom and b.top < a.bottom for a in left for b, is_right in zip(words, sides, strict=True) if is_right)


def _are_roomy(line: Sequence[Word], behind: float) -> bool:
    """Whether there is room between all words of a line, `behind` of the letter height behind a label."""
    return all(b.x0 - a.x1 >= (_ROOM if is_figure(a.text) else behind) * min(a.height, b.height) for a, b in pairwise(line))


def add_lost_rows(lattice: Lattice, spans: Sequence[Span], words: Sequence[Sequence[Word]], whole: Collection[int]) -> Lattice | None:
    """The lattice with lines between numbers that stand one below the other on the heights of others beside them, and between a line of
    numbers and words above or below it in the same cells, the header's or a title's; None when there are none. `whole`: spans whose lines
    are one number, broken.
    """
    cuts: dict[int, list[float]] = {}
    for row in range(lattice.row_count):
        ending = [number for number, span in enumerate(spans) if span.end_row == row + 1 and words[number]]
        if not any(number in whole for number in ending):
            single = [words[number] for number in ending if spans[number].row == row]
            tall = [words[number] for number in ending if spans[number].row < row]
            places = [place for place in _cuts_of_row(single, tall) if lattice.ys[row] < place < lattice.ys[row + 1]]
            if places:
                cuts[row] = places
    if not cuts:
        return None
    ys: list[float] = [lattice.ys[0]]
    source: list[int] = []
    for row in range(lattice.row_count):
        ys.extend([*cuts.get(row, []), lattice.ys[row + 1]])
        source.extend([row] * (len(cuts.get(row, [])) + 1))
    below = [[True] * lattice.col_count for _ in source]
    owner = _owners(lattice, spans)
    for index, row in enumerate(source):
        for col in range(lattice.col_count):
            if index + 1 == len(source) or source[index + 1] != row:
                below[index][col] = lattice.below[row][col]
            else:
                span, held = spans[owner[row][col]], words[owner[row][col]]
                ends = span.end_row == row + 1
                below[index][col] = ends and not any(_stands_across(word.top, word.bottom, ys[index + 1], word.height) for word in held)
    right = tuple(lattice.right[row] for row in source)
    return replace(lattice, ys=tuple(ys), right=right, below=tuple(map(tuple, below)))


@dataclass(frozen=True, slots=True)
class _Level:
    """Words of several cells on one height. `has_figures`: they are numbers, all of them; `cells`: which cells they are of."""

    top: float
    bottom: float
    has_figures: bool
    cells: frozenset[int]


def _cuts_of_row(single: Sequence[Sequence[Word]], tall: Sequence[Sequence[Word]]) -> list[float]:
    """Where lines part the words of one row of the lattice; `tall`: of cells that begin in a row above it."""
    numbers = [held for held in single if _has_number(held)]
    labels = [held for held in single if not _has_number(held)]
    if not numbers or not any(len(held) > 1 for held in numbers):
        return []
    levels = _levels(numbers)
    heights = [(level.top, level.bottom) for level in levels if level.has_figures]
    beside = [word for held in labels for word in held]
    for column in tall:  # one that holds numbers on these heights is of these rows
        own = [word for word in column if is_figure(word.text)]
        if own and all(any(_is_on(word, height) for height in heights) for word in own):
            continue
        beside += column
    is_at_top = all(any(abs(word.top - top) <= _LEVEL * word.height for word in beside) for top, _ in heights)
    result: list[float] = []
    for above, under in pairwise(levels):
        if under.top - above.bottom < -_OVERLAP * (above.bottom - above.top):
            return []
        figures = above if above.has_figures else under
        both = above.cells & under.cells
        shared = sum(_is_on(word, (figures.top, figures.bottom)) for index in both for word in numbers[index])
        is_told = shared >= _LEAST_COLS and (2 * len(both) >= len(figures.cells))
        if not is_told and not (
            both and all(any(level.top < (word.top + word.bottom) / 2 < level.bottom for word in beside) for level in (above, under))
        ):
            continue
        gap = (above.bottom, max(under.top, above.bottom))
        result.append(_quiet_place(gap, [(word.top, word.bottom) for word in beside], is_late=is_at_top))
    return result


def _has_number(words: Sequence[Word]) -> bool:
    """Whether a cell holds numbers, on lines of their own."""
    return any(
        all(is_figure(word.text) for word in line) and any(char.isdigit() for word in line for char in word.text)
        for line in group_lines(words)
    )


def _is_on(word: Word, height: _Interval) -> bool:
    return abs((word.top + word.bottom) / 2 - (height[0] + height[1]) / 2) <= _LEVEL * word.height


def _levels(cells: Sequence[Sequence[Word]]) -> list[_Level]:
    """The heights on which the words of cells stand, from the top; lines of words that follow each other are one."""
    groups: list[list[tuple[int, Word]]] = []
    middles: list[float] = []
    pairs = [(index, word) for index, held in enumerate(cells) for word in held]
    for index, word in sorted(pairs, key=lambda pair: pair[1].top + pair[1].bottom):
        middle = (word.top + word.bottom) / 2
        if groups and middle - middles[-1] <= _LEVEL * word.height:
            groups[-1].append((index, word))
        else:
            groups.append([(index, word)])
            middles.append(middle)
    found: list[_Level] = []
    for group in groups:
        has_figures = all(is_figure(word.text) for _, word in group)
        top, bottom = min(word.top for _, word in group), max(word.bottom for _, word in group)
        own = frozenset(index for index, _ in group)
        if found and not has_figures and not found[-1].has_figures:  # lines of words are one
            own, top, bottom = own | found[-1].cells, found[-1].top, max(bottom, found[-1].bottom)
            found.pop()
        found.append(_Level(top, bottom, has_figures, own))
    return found


def _owners(lattice: Lattice, spans: Sequence[Span]) -> list[list[int]]:
    owner = [[0] * lattice.col_count for _ in range(lattice.row_count)]
    for number, span in enumerate(spans):
        for line in owner[span.row : span.end_row]:
            line[span.col : span.end_col] = [number] * (span.end_col - span.col)
    return owner


def _gaps(intervals: Sequence[_Interval]) -> list[_Interval]:
    """The gaps between intervals, all taken together."""
    gaps: list[_Interval] = []
    reach: float | None = None
    for start, end in sorted(intervals):
        if reach is not None and start > reach:
            gaps.append((reach, start))
        reach = end if reach is None else max(reach, end)
    return gaps


def _quiet_place(gap: _Interval, intervals: Sequence[_Interval], *, is_late: bool = False, least: float = 0.0) -> float:
    """Where in a gap the fewest intervals are cut: the middle of the stretch nearest to its middle, or of the last one; rather of one that is no
    less than `least` wide."""
    start, end = gap
    edges = sorted({start, end, *(edge for interval in intervals for edge in interval if start < edge < end)})
    aim = end if is_late else (start + end) / 2
    ranked = [
        (high - low < least, sum(a < (low + high) / 2 < b for a, b in intervals), abs((low + high) / 2 - aim), (low + high) / 2)
        for low, high in pairwise(edges)
    ]
    return min(ranked)[-1] if ranked else (start + end) / 2


def _stands_across(start: float, end: float, line: float, height: float) -> bool:
    return start < line - 0.15 * height and end > line + 0.15 * height
