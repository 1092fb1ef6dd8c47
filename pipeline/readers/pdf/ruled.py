"""Ruled tables: a lattice and the words inside it -> cells."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pipeline.readers.pdf.bodies import row_cuts
from pipeline.readers.pdf.columns import Column, find_columns
from pipeline.readers.pdf.lattice import Lattice, Span, drop_strips
from pipeline.readers.pdf.lost_lines import add_lost_columns, add_lost_rows
from pipeline.readers.pdf.page import Box, Rule
from pipeline.readers.pdf.phrases import Line, is_figure, line_phrases
from pipeline.readers.pdf.tables import TableCell
from pipeline.readers.pdf.words import Word, group_lines, is_cjk, join_lines

__all__ = [
    "Filled",
    "add_lost_lines",
    "cell_text",
    "cells_of",
    "fill_lattice",
    "find_overhang",
    "is_poor",
    "part_crowded_cells",
    "part_open_cells",
    "part_rows",
    "tidy_lattice",
]

_TALL = 5  # rows: a cell that tall with a text in most of them is several
_FULL = 0.85  # of its rows
_POOR = 0.12  # of the cells with text
_ASIDE = 2.5  # points a rule may be off the line of the lattice it is part of
_AS_MANY = 0.5  # of the lines of the cell with most
_OF_ROW = 0.6  # of the cells of a row that must have as many lines for them to be rows of their own
_DIGITS = re.compile(r"[-−－+]?[^\W\d_]?[0-9０-９,，.]+")  # a line of a broken number
_WITH_UNIT = re.compile(r"[0-9０-９,，.]*[0-9０-９][^\W\d_]{1,2}")  # one whose unit goes on
_NUMBER_END = re.compile(r"[0-9０-９,，.]*[^\W\d_]{0,3}%?")  # its last one
_THOUSAND = re.compile(r"[0-9０-９]{3}(?![0-9０-９])")  # what goes on a number that ends in a comma
_OF_THOUSAND = re.compile(r"[0-9０-９]{1,2}(?![0-9０-９])")  # the same where that is broken, too
_BY_THOUSANDS = re.compile(r"[-−－+]?[0-9０-９]{1,3}(?:[,，][0-9０-９]{3})+(?:[,，]\Z|(?![0-9０-９,，]))")  # or cut there
_CHUNK = re.compile(r".[,，.．、。;；:：)）%％]*")  # what no line break parts: these begin no line
_MOST_PIECES = 4  # of a number broken over lines
_MOST_OPEN = 3  # one row in so many may lack the table's right side, else the table has none there
_MOST_WORDS = 40  # in a cell that may hold one
_FAR_BEHIND = 2.0  # letter heights behind another word of its line: a number in a column of its own
_LOOSE = 0.8  # of the letter height between the digits of one number, where they are set wide
_FEW = 3  # cells of a row without labels that tell whether its lines are one row
_NEXT_LINE = 1.8  # of the letter height from line to line within a cell
_PAD = 0.6  # of the letter height: no cell keeps its text further from its sides than that, unless the whole table does
_MOST_INSET = 8.0  # points
_THIN_ROW = 0.7  # of the words' height: a lower strip without words is no row
_THIN_COL = 1.0  # a narrower one is no column


@dataclass(frozen=True, slots=True)
class Filled:
    """A lattice, its cells, and the words in each."""

    lattice: Lattice
    spans: list[Span]
    words: list[list[Word]]


def fill_lattice(lattice: Lattice, words: Sequence[Word]) -> Filled:
    """Give each cell the words whose middle lies in it; words outside the lattice are left out, but for those below it: they overhang its last row."""
    spans = lattice.spans()
    owner = [[0] * lattice.col_count for _ in range(lattice.row_count)]
    for number, span in enumerate(spans):
        for line in owner[span.row : span.end_row]:
            line[span.col : span.end_col] = [number] * (span.end_col - span.col)
    found: list[list[Word]] = [[] for _ in spans]
    x0, top, x1, _ = lattice.box
    for word in words:
        x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
        if x0 <= x < x1 and top <= y:
            row = min(bisect_right(lattice.ys, y), lattice.row_count) - 1
            found[owner[row][bisect_right(lattice.xs, x) - 1]].append(word)
    return Filled(lattice, spans, found)


def find_overhang(lattice: Lattice, words: Sequence[Word], lying: Sequence[Rule]) -> list[Word]:
    """Of the words outside a lattice those of a cell that the page's end cut and that its row has no room for.

    The first line of them runs over the lattice's lower end where no rule closes it, though rules close it elsewhere; the others follow it.
    """
    bottom = lattice.ys[-1]
    closing = [rule for rule in lying if abs(rule.at - bottom) <= _ASIDE and rule.end > lattice.xs[0] and rule.start < lattice.xs[-1]]
    if not closing:
        return []
    near = sorted((word for word in words if word.bottom > bottom and lattice.xs[0] <= word.x0 and word.x1 <= lattice.xs[-1]), key=_top)
    found: list[Word] = []
    for word in near:
        over = word.top < bottom and not any(rule.start < word.x1 and word.x0 < rule.end for rule in closing)
        under = any(
            word.top - other.top <= _NEXT_LINE * other.height and word.x0 < other.x1 + other.height and word.x1 > other.x0 - other.height
            for other in found
        )
        if over or under:
            found.append(word)
    return found


def _top(word: Word) -> float:
    return word.top


def tidy_lattice(lattice: Lattice, words: Sequence[Word], *, outer: bool = False) -> Lattice:
    """The lattice without thin strips that hold no word. `outer`: of its columns only the first and the last go, since those of tables that touch may lie near each other."""
    rows, cols = [False] * lattice.row_count, [False] * lattice.col_count
    for word in words:
        row = bisect_right(lattice.ys, (word.top + word.bottom) / 2) - 1
        col = bisect_right(lattice.xs, (word.x0 + word.x1) / 2) - 1
        if 0 <= row < len(rows) and 0 <= col < len(cols):
            rows[row] = cols[col] = True
    if outer:
        cols[1:-1] = [True] * (len(cols) - 2)
    if all(rows) and all(cols):
        return lattice
    height = median(word.height for word in words) if words else 0.0
    return drop_strips(lattice, rows, cols, _THIN_ROW * height, _THIN_COL * height)


def cells_of(filled: Filled) -> list[TableCell]:
    """The cells of a lattice with their text, lines parted by line breaks; a label with one character a line is joined to one."""
    cells = []
    broken = _broken_numbers(filled)
    inset = _inset_of(filled)
    outside = _rows_without_end(filled.lattice)
    for number, (span, own) in enumerate(zip(filled.spans, filled.words, strict=True)):
        if not own and span.end_col == filled.lattice.col_count and outside.issuperset(range(span.row, span.end_row)):
            continue  # the row is short of a cell, which is not a blank one
        box = _box_of(span, filled.lattice)
        text = cell_text(own, is_one_number=number in broken)
        is_full = span.end_row == filled.lattice.row_count and _ends_full(own, box, inset)
        cells.append(TableCell(span.row, span.col, span.end_row - span.row, span.end_col - span.col, text, box, is_full))
    return cells


def _rows_without_end(lattice: Lattice) -> set[int]:
    """The few rows where the rule along the table's right side is missing."""
    open_rows = {row for row, sides in enumerate(lattice.right) if not sides[-1]}
    return open_rows if _MOST_OPEN * len(open_rows) <= lattice.row_count else set()


def _box_of(span: Span, lattice: Lattice) -> Box:
    return (lattice.xs[span.col], lattice.ys[span.row], lattice.xs[span.end_col], lattice.ys[span.end_row])


def part_open_cells(filled: Filled) -> Filled:
    """The lattice with tall cells parted at its lines where nearly every row of the cell has a line of text of its own.

    A column outside the drawn border is one tall cell by its rules alone. A label down which single characters run stays whole.
    """
    lattice = filled.lattice
    below: list[list[bool]] | None = None
    for span, own in zip(filled.spans, filled.words, strict=True):
        rows = span.end_row - span.row
        if rows < _TALL or len(own) < _FULL * rows or all(len(word.text) == 1 for word in own):
            continue
        starts = {bisect_right(lattice.ys, (word.top + word.bottom) / 2) - 1 for word in own}
        if len(starts) >= _FULL * rows and len(group_lines(own)) <= 1.3 * len(starts):
            below = below or [list(row) for row in lattice.below]
            for row in range(span.row, span.end_row - 1):
                below[row][span.col : span.end_col] = [True] * (span.end_col - span.col)
    if below is None:
        return filled
    parted = Lattice(lattice.xs, lattice.ys, lattice.right, tuple(tuple(row) for row in below))
    return fill_lattice(parted, [word for own in filled.words for word in own])


def part_crowded_cells(filled: Filled) -> Filled:
    """The lattice of a scanned page with cells parted where a rule is lost.

    Where rows of numbers cross columns of numbers every slot is a cell, blank or not, but where a word stands across the line. A label beside
    several rows of numbers, with a line in each and no other label behind it, is the labels of these rows.
    Numbers side by side on one line, and a number in a column of numbers behind a label, are of different cells: lines between them part them.
    """
    lattice = filled.lattice
    rows_of, cols_of = _numbers(filled)
    below = [list(row) for row in lattice.below]
    right = [list(row) for row in lattice.right]
    is_changed = False
    for span, own in zip(filled.spans, filled.words, strict=True):
        rows, cols = range(span.row, span.end_row), range(span.col, span.end_col)
        if len(rows) == 1 and len(cols) == 1:
            continue
        if len(rows) == 1 and _are_apart(own, lattice, cols_of):
            for col in cols[:-1]:
                x = lattice.xs[col + 1]
                beside = [word.x0 + word.x1 < 2 * x for word in own]
                if any(beside) and not all(beside) and not any(_crosses(word.x0, word.x1, x, word.height) for word in own):
                    is_changed = True
                    right[rows[0]][col] = True
            continue
        if not all(rows_of[row] >= 2 for row in rows):
            continue
        if all(cols_of[col] >= 2 for col in cols):
            for col in cols[:-1]:
                if not any(_crosses(word.x0, word.x1, lattice.xs[col + 1], word.height) for word in own):
                    is_changed = True
                    for row in rows:
                        right[row][col] = True
            for row in rows[:-1]:
                if not any(_crosses(word.top, word.bottom, lattice.ys[row + 1], word.height) for word in own):
                    is_changed = True
                    below[row][span.col : span.end_col] = [True] * len(cols)
        elif len(rows) > 1 and not _has_labels_behind(filled, span):
            held = {bisect_right(lattice.ys, (word.top + word.bottom) / 2) - 1 for word in own}
            if len(held) == len(rows):
                is_changed = True
                for row in rows[:-1]:
                    below[row][span.col : span.end_col] = [True] * len(cols)
    if not is_changed:
        return filled
    parted = Lattice(lattice.xs, lattice.ys, tuple(map(tuple, right)), tuple(map(tuple, below)))
    return fill_lattice(parted, [word for own in filled.words for word in own])


def add_lost_lines(filled: Filled) -> Filled:
    """The lattice of a scanned page with lines of which nothing is left, where its numbers tell them."""
    words = [word for own in filled.words for word in own]
    wider = add_lost_columns(filled.lattice, filled.spans, filled.words)
    if wider is not None:
        filled = fill_lattice(wider, words)
    taller = add_lost_rows(filled.lattice, filled.spans, filled.words, _broken_numbers(filled))
    if taller is None:
        return filled
    filled = fill_lattice(taller, words)
    wider = add_lost_columns(filled.lattice, filled.spans, filled.words)  # numbers parted from their header tell more
    return filled if wider is None else fill_lattice(wider, words)


def _are_apart(words: Sequence[Word], lattice: Lattice, cols_of: Sequence[int]) -> bool:
    """Whether words, with room between each two on a line, are of several cells: figures all on one line, or figures on one line behind a label, in
    columns of figures."""
    figures = [word for word in words if is_figure(word.text)]
    labels = [word for word in words if not is_figure(word.text)]
    if len(words) < 2 or not figures or (not labels and len(group_lines(words)) > 1):
        return False
    behind = max((word.x1 for word in labels), default=0.0)
    if labels and any(word.x0 - behind < word.height for word in figures):
        return False
    for line in group_lines(figures):
        if any(b.x0 - a.x1 < max(a.height, b.height) for a, b in pairwise(line)):
            return False
    return not labels or all(cols_of[bisect_right(lattice.xs, (word.x0 + word.x1) / 2) - 1] >= 2 for word in figures)


def _numbers(filled: Filled) -> tuple[list[int], list[int]]:
    """How many cells of one slot hold a number and nothing else, by row and by column; by column also numbers far behind others in wider cells."""
    rows, cols = [0] * filled.lattice.row_count, [0] * filled.lattice.col_count
    for span, own in zip(filled.spans, filled.words, strict=True):
        if span.end_row == span.row + 1 and span.end_col == span.col + 1 and len(own) == 1 and is_figure(own[0].text):
            rows[span.row] += 1
            cols[span.col] += 1
        elif span.end_col > span.col + 1 and len(own) > 1:
            for line in group_lines(own):
                for before, word in pairwise(line):
                    if is_figure(word.text) and word.x0 - before.x1 >= _FAR_BEHIND * word.height:
                        cols[bisect_right(filled.lattice.xs, (word.x0 + word.x1) / 2) - 1] += 1
    return rows, cols


def _has_labels_behind(filled: Filled, span: Span) -> bool:
    return any(
        other.row >= span.row and other.end_row <= span.end_row and other.col >= span.end_col and not is_figure(words[0].text)
        for other, words in zip(filled.spans, filled.words, strict=True)
        if words
    )


def _crosses(start: float, end: float, line: float, height: float) -> bool:
    return start < line - 0.15 * height and end > line + 0.15 * height


def is_poor(found: Filled) -> bool:
    """Whether rules are missing: several figures stand on one line of a cell, or the cells of a row list as many figures one below the other."""
    crowded = filled = listed = 0
    by_row: dict[int, list[tuple[int, bool]]] = {}  # for each cell with text: how many lines, whether they are figures
    broken = _broken_numbers(found)
    for number, (span, own) in enumerate(zip(found.spans, found.words, strict=True)):
        if not own:
            continue
        filled += 1
        count, is_list = 1, False
        if len(own) > 1 and number not in broken:
            lines = [line_phrases(line) for line in group_lines(own)]
            figures = [[is_figure(phrase.text) for phrase in line] for line in lines]
            numbers = [sum(is_figure(phrase.text) and any(map(str.isdigit, phrase.text)) for phrase in line) for line in lines]
            behind = sum(len(line) > 1 and line[-1] for line in figures)
            crowded += any(number > 1 for number in numbers) or (behind > 2 and 2 * behind >= len(lines))
            count, is_list = len(lines), sum(all(line) for line in figures) > 1
        by_row.setdefault(span.row, []).append((count, is_list))
    for cells in by_row.values():
        most = max((count for count, is_list in cells if is_list), default=0)
        if most and sum(count >= _AS_MANY * most for count, _ in cells) >= _OF_ROW * len(cells):
            listed += sum(is_list for _, is_list in cells)
    poor = crowded + listed
    return poor >= max(2, _POOR * filled) or (poor > 0 and filled < 12)


def part_rows(lattice: Lattice, words: Sequence[Word], standing: Sequence[Rule]) -> Lattice | None:
    """The lattice with rows parted by their words where columns are ruled and rows are not; None when columns are missing, too.

    In a header that has no rules between its levels, a level ends where other columns are parted below. `standing`: the page's rules.
    """
    if lattice.col_count < 2:
        return None
    columns = [Column(a, b, a, b) for a, b in pairwise(lattice.xs)]
    ys: list[float] = [lattice.ys[0]]
    right: list[tuple[bool, ...]] = []
    below: list[tuple[bool, ...]] = []
    for row, (top, bottom) in enumerate(pairwise(lattice.ys)):
        own = [word for word in words if top <= (word.top + word.bottom) / 2 < bottom]
        lines = [line_phrases(line, lattice.xs) for line in group_lines(own)]
        cuts: list[float] = []
        is_head = False
        if _has_listed_figures(lines, lattice, row):
            if len(find_columns(lines, lattice.xs[0], lattice.xs[-1], lattice.xs[1:-1])) > lattice.col_count:
                return None
            cuts = [cut for cut in row_cuts(lines, columns) if top < cut < bottom]
        elif row == 0:
            cuts, is_head = _level_cuts(lines, lattice, standing), True
        if cuts and not is_head and below:
            below[-1] = (True,) * lattice.col_count  # what stands above several rows is no part of the first of them
        for start, end in pairwise([top, *cuts, bottom]):
            ys.append(end)
            right.append(_parted_at(start, end, lattice, standing) if cuts else lattice.right[row])
            if end == bottom:
                below.append(lattice.below[row])
            elif is_head:
                below.append(_filled_above_and_below(own, end, lattice))
            else:
                below.append((True,) * lattice.col_count)
    if len(ys) == len(lattice.ys):
        return None
    return Lattice(lattice.xs, tuple(ys), tuple(right), tuple(below))


def _parted_at(top: float, bottom: float, lattice: Lattice, standing: Sequence[Rule]) -> tuple[bool, ...]:
    """By column, whether a standing rule runs along most of its right side between two heights; the outer side always parts."""
    parted = []
    for x in lattice.xs[1:-1]:
        length = sum(max(0.0, min(r.end, bottom) - max(r.start, top)) for r in standing if abs(r.at - x) <= _ASIDE)
        parted.append(length >= 0.5 * (bottom - top))
    return (*parted, True)


def _level_cuts(lines: Sequence[Line], lattice: Lattice, standing: Sequence[Rule]) -> list[float]:
    cuts = []
    for line, following in pairwise(lines):
        bottom, top = max(p.bottom for p in line), min(p.top for p in following)
        above = _parted_at(line[0].top, line[0].bottom, lattice, standing)
        if above != _parted_at(following[0].top, following[0].bottom, lattice, standing):
            cuts.append((bottom + top) / 2)
    return cuts


def _filled_above_and_below(words: Sequence[Word], height: float, lattice: Lattice) -> tuple[bool, ...]:
    """By column, whether words stand in it above and below a height; a text over several columns counts for each."""
    over, under = [False] * lattice.col_count, [False] * lattice.col_count
    for word in words:
        marks = over if (word.top + word.bottom) / 2 < height else under
        for col, (left, right) in enumerate(pairwise(lattice.xs)):
            if word.x1 > left and word.x0 < right:
                marks[col] = True
    above_any = [index for index, mark in enumerate(over) if mark]
    between = range(above_any[0], above_any[-1] + 1) if above_any else range(0)
    return tuple((over[col] or col in between) and under[col] for col in range(lattice.col_count))


def _has_listed_figures(lines: Sequence[Line], lattice: Lattice, row: int) -> bool:
    """Whether the lines of a row are rows of their own: most columns with words have several, figures among them, and rules part the columns."""
    if len(lines) < 2 or not all(lattice.right[row][:-1]):
        return False
    counts, figures = [0] * lattice.col_count, [0] * lattice.col_count
    for line in lines:
        for phrase in line:
            col = bisect_right(lattice.xs, (phrase.x0 + phrase.x1) / 2) - 1
            if 0 <= col < len(counts):
                counts[col] += 1
                figures[col] += is_figure(phrase.text)
    most = max(figures)
    filled = [count for count in counts if count]
    return most > 1 and sum(count >= _AS_MANY * most for count in filled) >= _OF_ROW * len(filled)


def cell_text(words: Sequence[Word], *, is_one_number: bool = False) -> str:
    """The text of a cell's words, line by line. A label of one character a line, and a number broken where it filled the cell, are one."""
    if not words:
        return ""
    if len(words) == 1:
        return words[0].text
    lines = group_lines(words)
    if is_one_number:
        return "".join(word.text for line in lines for word in line)
    if len(lines) > 1 and all(len(line) == 1 for line in lines):
        texts = [line[0].text for line in lines]
        if all(len(text) == 1 and is_cjk(text) for text in texts):
            return "".join(texts)
    return join_lines(lines)


def _broken_numbers(found: Filled) -> set[int]:
    """The cells whose lines are one number each, broken where it filled the cell.

    Where most cells of a row have as many lines they may be rows of their own, the rule between them missing: not when a label of the row
    has fewer lines or is broken itself, nor, without labels, when the last lines are mostly shorter than those above.
    """
    lines_of: dict[int, list[list[Word]]] = {}
    inset: float | None = None
    for number, own in enumerate(found.words):
        if 1 < len(own) <= _MOST_WORDS and _DIGITS.match(own[0].text):
            lines = group_lines(own)
            if inset is None:
                inset = _inset_of(found)
            if 1 < len(lines) <= _MOST_PIECES and _is_broken_number(lines, _box_of(found.spans[number], found.lattice), inset):
                lines_of[number] = lines
    if not lines_of or inset is None:
        return set()
    by_row: dict[int, list[int]] = {}
    rows = {found.spans[number].row for number in lines_of}
    for number, (span, own) in enumerate(zip(found.spans, found.words, strict=True)):
        if own and span.row in rows:
            by_row.setdefault(span.row, []).append(number)
    broken = set()
    for numbers in by_row.values():
        counts = {number: len(group_lines(found.words[number])) for number in numbers}
        candidates = [number for number in numbers if number in lines_of]
        is_one_row = _is_one_row(found, numbers, counts, lines_of, inset)
        for number in candidates:
            if is_one_row or sum(count >= counts[number] for count in counts.values()) < _OF_ROW * len(counts):
                broken.add(number)
    return broken


def _inset_of(found: Filled) -> float:
    """How far a table keeps its text from the left sides of its cells: as far as its outermost texts, the few that overflow left aside."""
    gaps = (
        [0.0]
        if not any(found.words)
        else sorted(
            min(word.x0 for word in own) - found.lattice.xs[span.col] for span, own in zip(found.spans, found.words, strict=True) if own
        )
    )
    return min(max(gaps[len(gaps) // 10], 0.0), _MOST_INSET)


def _is_one_row(
    found: Filled, numbers: Sequence[int], counts: Mapping[int, int], lines_of: Mapping[int, list[list[Word]]], inset: float
) -> bool:
    """Whether all cells with several lines in a row of the lattice can be one text each, and something tells that they are."""
    most = max(counts[number] for number in lines_of if number in counts)
    evidence = False
    has_label = False
    for number in numbers:
        if number in lines_of:
            continue
        span, own = found.spans[number], found.words[number]
        is_label = not is_figure(join_lines(group_lines(own)).replace("\n", ""))
        if counts[number] > 1 and not is_label:
            return False  # a list of figures
        if is_label and span.end_row - span.row == 1:
            has_label = True
            evidence = evidence or counts[number] < most or _is_wrapped(group_lines(own), _box_of(span, found.lattice), inset)
        elif not is_label and counts[number] == 1:
            evidence = evidence or len(lines_of) > 1
    if evidence or has_label:
        return evidence
    shorter = sum(_width_of(lines_of[n][-1]) < 0.9 * _width_of(lines_of[n][0]) for n in numbers if n in lines_of)
    own_count = sum(n in lines_of for n in numbers)
    return own_count >= _FEW and shorter >= _OF_ROW * own_count


def _is_wrapped(lines: Sequence[Sequence[Word]], box: Box, inset: float) -> bool:
    """Whether a text goes on in a new line because the one before was full."""
    return all(_is_full(line, following, box, inset) for line, following in pairwise(lines))


def _is_full(line: Sequence[Word], following: Sequence[Word], box: Box, inset: float) -> bool:
    """Whether what stands in front of the next line, up to where it may be broken, had no room behind a line.

    `inset`: how far the table keeps its text from the sides of cells.
    """
    x0, x1 = line[0].x0, max(word.x1 for word in line)
    height = max(word.height for word in line)
    left, right = max(x0 - box[0], 0.0), max(box[2] - x1, 0.0)
    pad = min(left, right)
    most = max(_PAD * height, inset)
    room = left + right - min(left, most + _ASIDE) - min(pad, most)
    first = following[0]
    if line[-1].text[-1] in ",，" and _OF_THOUSAND.match(first.text) is None:
        return _THOUSAND.match(first.text) is not None
    chunk = _CHUNK.match(first.text)
    length = chunk.end() if chunk is not None else 1
    needed = (first.x1 - first.x0) * length / len(first.text)
    return room < needed + 0.5 or left + right - 2 * pad <= 1.0


def _ends_full(words: Sequence[Word], box: Box, inset: float) -> bool:
    """Whether the last line of a cell has no room for one more character."""
    if not words:
        return False
    line = group_lines(words)[-1]
    text = "".join(word.text for word in line)
    if text[-1] in ",，" and _DIGITS.fullmatch(text) is not None:
        return True
    return _is_full(line, line[-1:], box, inset)


def _width_of(line: Sequence[Word]) -> float:
    return max(word.x1 for word in line) - line[0].x0


def _is_broken_number(lines: Sequence[Sequence[Word]], box: Box, inset: float) -> bool:
    """Whether lines are one number: each but the last, of digits, fills the cell, and together they are a number."""
    texts = ["".join(word.text for word in line) for line in lines]
    has_cut_unit = _WITH_UNIT.fullmatch(texts[-2]) is not None and not any(map(str.isdigit, texts[-1]))
    whole = texts[:-2] if has_cut_unit else texts[:-1]
    if not all(_DIGITS.fullmatch(text) for text in whole) or _NUMBER_END.fullmatch(texts[-1]) is None:
        return False
    joined = "".join(texts)
    if any(text[-1] in ",，" for text in texts[:-1]) and _BY_THOUSANDS.match(joined) is None:
        return False
    if not is_figure(joined) or sum(char in "./" for text in texts for char in text) > 1:
        return False
    for line in lines:
        if any(b.x0 - a.x1 > _LOOSE * a.height for a, b in pairwise(line)):
            return False
    if not all(0 < b[0].top - a[0].top <= _NEXT_LINE * max(a[0].height, b[0].height) for a, b in pairwise(lines)):
        return False
    if not all(_is_full(line, following, box, inset) for line, following in pairwise(lines)):
        return False
    if texts[-2][-1] in ",，":
        return True
    return _width_of(lines[-1]) <= max(_width_of(line) for line in lines[:-1]) + 0.5 * lines[0][0].height
