"""The header of a table without a full grid: which texts stand over several columns, and how many rows that makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

from pipeline.readers.pdf.columns import Column
from pipeline.readers.pdf.left_heads import build_left_header
from pipeline.readers.pdf.page import Rule, hull
from pipeline.readers.pdf.phrases import Line
from pipeline.readers.pdf.tables import TableCell
from pipeline.readers.pdf.words import Phrase, are_set_alike, phrase_of

__all__ = ["build_header", "columns_of"]

_UNDER = 1.1  # of the letter height: a rule that near below a text belongs to it
_CENTRED = 0.9  # of the letter height the middle of a spanner may be off the middle of its columns
_APART = 0.4  # of the letter height: a wider gap may part two texts
_MOST_WORDS = 200  # of labels that run into each other; what is longer is none, and would take the square of its length
_LOOSE = 2.4  # the same where a label of one line stands half-way beside
_HALFWAY = 0.2  # of the letter height it may be off
_TIGHT = 1.75  # of the letter height from top to top: lines that near are one text


@dataclass(slots=True)
class _Head:
    """A text of the header while it is being made: its phrases from the top, the columns it stands over, its level from 0."""

    phrases: list[Phrase]
    first: int
    last: int
    is_spanner: bool
    level: int = 0
    under: float | None = field(default=None)  # the y of the rule below it

    @property
    def top(self) -> float:
        return self.phrases[0].top

    @property
    def bottom(self) -> float:
        return max(phrase.bottom for phrase in self.phrases)


def columns_of(phrase: Phrase, columns: Sequence[Column]) -> tuple[int, int]:
    """The first and last column whose figures a phrase stands over; where it stands over none, the column its middle is in."""
    least = 0.3 * phrase.height
    touched = [
        index
        for index, column in enumerate(columns)
        if min(phrase.x1, column.x1) - max(phrase.x0, column.x0) > min(least, 0.5 * (column.x1 - column.x0))
    ]
    if touched:
        return touched[0], touched[-1]
    middle = (phrase.x0 + phrase.x1) / 2
    for index, column in enumerate(columns):
        if middle < column.right:
            return index, index
    return len(columns) - 1, len(columns) - 1


def build_header(
    lines: Sequence[Line], columns: Sequence[Column], rules: Sequence[Rule], walls: Sequence[Rule] = ()
) -> tuple[list[TableCell], int]:
    """The cells of a header and how many rows they make.

    `rules`: the lying rules inside it, those under the whole table left out; `walls`: standing ones, which no text spans.
    """
    left = build_left_header(lines, columns) if not rules else None
    if left is not None:
        return left
    heads: list[_Head] = []
    columns = _to_labels(lines, columns)
    labels = _labels_of(lines, columns)
    lines = [
        tuple(part for phrase in line for part in _parts(phrase, columns, (*_line_at(lines, number - 1), *_line_at(lines, number + 1))))
        for number, line in enumerate(lines)
    ]
    for number, line in enumerate(lines):
        below = [phrase for other in lines[number + 1 :] for phrase in other]
        known = {(head.first, head.last) for head in heads if head.is_spanner}
        groups = _even_groups(line, below, columns, labels)
        if known & set(groups.values()):
            groups = {}  # the second line of what stands under a spanner
        for phrase in line:
            group = groups.get(phrase)
            heads.append(
                _Head([phrase], *group, is_spanner=True)
                if group is not None
                else _head_of(phrase, _Around(line, below, columns, labels, walls), rules)
            )
    heads = _join_wrapped(heads, rules)
    _set_levels(heads)
    spanners = [head for head in heads if head.is_spanner]
    leaves = [head for head in heads if not head.is_spanner]
    levels = max((head.level for head in spanners), default=-1) + 1
    row_count = levels + 1 if leaves or not spanners else levels
    cells: list[TableCell] = []
    taken = [[False] * len(columns) for _ in range(row_count)]

    def put(row: int, first: int, end_row: int, last: int, phrases: Sequence[Phrase]) -> None:
        while row < end_row - 1 and any(taken[row][first : last + 1]):
            row += 1
        if any(taken[line][col] for line in range(row, end_row) for col in range(first, last + 1)):
            return
        for line in range(row, end_row):
            taken[line][first : last + 1] = [True] * (last + 1 - first)
        text = "\n".join(phrase.text for phrase in phrases)
        cells.append(TableCell(row, first, end_row - row, last + 1 - first, text, hull([phrase.box for phrase in phrases])))

    for head in sorted(spanners, key=lambda item: (item.level, item.first)):
        put(head.level, head.first, head.level + 1, head.last, head.phrases)
    for col in range(len(columns)):
        own = sorted((head for head in leaves if head.first == col), key=lambda item: item.top)
        if own:
            depth = max((head.level + 1 for head in spanners if head.first <= col <= head.last), default=0)
            put(min(depth, row_count - 1), col, row_count, col, [phrase for head in own for phrase in head.phrases])
    return cells, row_count


def _to_labels(lines: Sequence[Line], columns: Sequence[Column]) -> Sequence[Column]:
    """The columns, those whose labels stand beside their figures drawn out to them: where two texts of a line are in one column, and a column beside it
    has none.
    """
    labelled = {
        col for line in lines for phrase in line for col in range(columns_of(phrase, columns)[0], columns_of(phrase, columns)[1] + 1)
    }
    drawn = list(columns)
    for line in lines:
        in_order = _by_order(line, columns)
        if in_order:
            for col, phrase in in_order:
                left = columns[col - 1].x1 if col else columns[0].left
                drawn[col] = replace(columns[col], left=left, x0=min(phrase.x0, columns[col].x0))
                if col:
                    drawn[col - 1] = replace(drawn[col - 1], right=left)
            return drawn
        for before, after in pairwise(line):
            first, last = columns_of(before, drawn), columns_of(after, drawn)
            if first != last or first[0] != first[1]:
                continue
            col, cut = first[0], (before.x1 + after.x0) / 2
            own = drawn[col]
            if col + 1 < len(drawn) and col + 1 not in labelled and after.x0 >= own.x1:
                drawn[col] = replace(own, right=cut)
                drawn[col + 1] = replace(drawn[col + 1], left=cut, x0=after.x0)
                labelled.add(col + 1)
            elif col and col - 1 not in labelled and before.x1 <= own.x0:
                drawn[col] = replace(own, left=cut)
                drawn[col - 1] = replace(drawn[col - 1], right=cut, x1=before.x1)
                labelled.add(col - 1)
    return drawn


def _by_order(line: Line, columns: Sequence[Column]) -> list[tuple[int, Phrase]]:
    """The labels of a line and their columns, where every column of figures has one, between the figures before and the right side of its own, and two
    would be given one column by their middles.
    """
    first = len(columns) - len(line)
    if first not in (0, 1) or len({columns_of(phrase, columns) for phrase in line}) == len(line):
        return []
    own = list(enumerate(line, first))
    is_between = all(
        phrase.x1 <= columns[col].x1 + phrase.height and (col == 0 or phrase.x0 >= columns[col - 1].x1 - phrase.height)
        for col, phrase in own
    )
    return own if is_between else []


def _labels_of(lines: Sequence[Line], columns: Sequence[Column]) -> list[Column]:
    """The columns as their lowest labels show them, which may stand beside the figures; where there is none, as the figures do."""
    labels = list(columns)
    known: set[int] = set()
    for line in reversed(lines):
        for phrase in line:
            first, last = columns_of(phrase, columns)
            if first == last and first not in known:
                labels[first] = replace(columns[first], x0=phrase.x0, x1=phrase.x1)
        known.update(first for first, last in (columns_of(phrase, columns) for phrase in line) if first == last)
    return labels


def _line_at(lines: Sequence[Line], number: int) -> Line:
    return lines[number] if 0 <= number < len(lines) else ()


def _parts(phrase: Phrase, columns: Sequence[Column], beside: Sequence[Phrase]) -> list[Phrase]:
    """A phrase that is the last or first lines of two labels side by side, which stand no further apart than words of one may: parted where each
    side stands over a column of its own, and is set to a text of the line above or below."""
    words = phrase.words
    if len(words) > _MOST_WORDS:
        return [phrase]
    parts: list[Phrase] = []
    start = 0
    reach = words[0].x1
    for index in range(1, len(words)):
        gap, reach = words[index].x0 - reach, max(reach, words[index].x1)
        if gap < _APART * phrase.height:
            continue
        left, right = phrase_of(words[start:index]), phrase_of(words[index:])
        if columns_of(left, columns)[1] >= columns_of(right, columns)[0]:
            continue
        others = [next((other for other in beside if _goes_on(part, other)), None) for part in (left, right)]
        if None not in others and others[0] is not others[1]:
            parts.append(left)
            start, reach = index, words[index].x1
    return [*parts, phrase_of(words[start:])] if parts else [phrase]


def _goes_on(phrase: Phrase, other: Phrase) -> bool:
    """Whether a text is set to the same side or middle as one of a line close to it."""
    return abs(other.top - phrase.top) <= _TIGHT * phrase.height and are_set_alike(phrase, other)


def _even_groups(line: Line, below: Sequence[Phrase], columns: Sequence[Column], labels: Sequence[Column]) -> dict[Phrase, tuple[int, int]]:
    """Texts that stand over the middle columns of equal groups, all columns beside the label's taken up by them: spanners."""
    placed = [(phrase, *columns_of(phrase, columns)) for phrase in line]
    placed = [item for item in placed if item[1] > 0]
    count = len(placed)
    if count < 2 or (len(columns) - 1) % count or any(first != last for _, first, last in placed):
        return {}
    width = (len(columns) - 1) // count
    if width < 3 or width % 2 == 0 or not all(_has_head(column, below) for column in labels[1:]):
        return {}
    starts = [1 + width * number for number in range(count)]
    if any(first != start + width // 2 for (_, first, _), start in zip(placed, starts, strict=True)):
        return {}
    return {phrase: (start, start + width - 1) for (phrase, _, _), start in zip(placed, starts, strict=True)}


class _Around(NamedTuple):
    """What stands about a phrase of a header: its line, the phrases of the lines below it, the columns, where their labels stand, standing rules."""

    line: Line
    below: Sequence[Phrase]
    columns: Sequence[Column]
    labels: Sequence[Column]
    walls: Sequence[Rule]


def _head_of(phrase: Phrase, around: _Around, rules: Sequence[Rule]) -> _Head:
    line, below, columns, labels, _ = around
    first, last = columns_of(phrase, columns)
    rule = _rule_under(phrase, line, rules)
    if rule is not None:
        under = [i for i, column in enumerate(columns) if rule.start - 4 <= (column.x0 + column.x1) / 2 <= rule.end + 4]
        under = [i for i in under if _has_head(labels[i], below) or first <= i <= last]
        if under and any(_has_head(labels[i], below) for i in under):
            return _Head([phrase], min(under), max(under), is_spanner=True, under=rule.at)
    return _leaf_or_spanner(phrase, around, first, last)


def _leaf_or_spanner(phrase: Phrase, around: _Around, first: int, last: int) -> _Head:
    """By place alone: a text over several columns that have heads of their own below is a spanner over those it is the middle of."""
    _, below, columns, labels, _ = around
    if first == last and _is_wrapped(phrase, columns[first], below) and not _reaches_over(phrase, labels, first, below):
        return _Head([phrase], first, last, is_spanner=False)
    if any(_has_head(labels[col], below, phrase.bottom) for col in range(first, last + 1)):
        best = _centred_range(phrase, around, first, last)
        if best is not None and best[1] > best[0]:
            return _Head([phrase], best[0], best[1], is_spanner=True)
    if last > first:
        if not below:
            return _Head([phrase], first, last, is_spanner=True)
        nearest = _nearest(phrase, columns, first, last)
        return _Head([phrase], nearest, nearest, is_spanner=False)
    return _Head([phrase], first, last, is_spanner=False)


def _is_wrapped(phrase: Phrase, column: Column, below: Sequence[Phrase]) -> bool:
    """Whether a text goes on in the next line of its column: set to the same side or middle, close below."""
    height = phrase.height
    under = [p for p in below if p.x0 < column.x1 + height and p.x1 > column.x0 - height and p.top - phrase.top > 0.5 * height]
    if not under:
        return False
    next_line = min(under, key=lambda p: (p.top, abs(p.x0 - phrase.x0)))
    if _goes_on(phrase, next_line):
        return True
    halfway = (phrase.top + next_line.top) / 2  # labels of one line stand there where all are centred by height
    is_beside = any(abs(p.top - halfway) <= _HALFWAY * height for p in below)
    return is_beside and next_line.top - phrase.top <= _LOOSE * height and are_set_alike(phrase, next_line)


def _reaches_over(phrase: Phrase, labels: Sequence[Column], col: int, below: Sequence[Phrase]) -> bool:
    """Whether a text reaches over the labels beside the one of its column."""
    has_before = col > 1 and _has_head(labels[col - 1], below, phrase.bottom)
    has_after = col + 1 < len(labels) and _has_head(labels[col + 1], below, phrase.bottom)
    return (has_before and phrase.x0 < labels[col - 1].x1) or (has_after and phrase.x1 > labels[col + 1].x0)


def _nearest(phrase: Phrase, columns: Sequence[Column], first: int, last: int) -> int:
    middle = (phrase.x0 + phrase.x1) / 2
    return min(range(first, last + 1), key=lambda i: abs((columns[i].x0 + columns[i].x1) / 2 - middle))


def _has_head(column: Column, below: Sequence[Phrase], after: float = 0.0) -> bool:
    """Whether a phrase further down in the header stands over the column alone, or with others."""
    return any(phrase.x0 < column.x1 and phrase.x1 > column.x0 and phrase.top >= after - 2 for phrase in below)


def _rule_under(phrase: Phrase, line: Line, rules: Sequence[Rule]) -> Rule | None:
    """The rule just below a phrase, when no other phrase of the line stands over it."""
    height = phrase.height
    for rule in rules:
        if not phrase.bottom - 0.35 * height <= rule.at <= phrase.bottom + _UNDER * height:
            continue
        if rule.start - 4 <= phrase.x0 and phrase.x1 <= rule.end + 4:
            others = [p for p in line if p is not phrase and rule.start - 2 <= (p.x0 + p.x1) / 2 <= rule.end + 2]
            if not others:
                return rule
    return None


def _centred_range(phrase: Phrase, around: _Around, first: int, last: int) -> tuple[int, int] | None:
    """The columns around first..last, heads of their own below each, whose middle is nearest the phrase's; None when none is near."""
    line, below, columns, labels, walls = around
    middle = (phrase.x0 + phrase.x1) / 2
    lowest = max((columns_of(p, columns)[1] + 1 for p in line if p.x1 <= phrase.x0), default=0)
    highest = min((columns_of(p, columns)[0] - 1 for p in line if p.x0 >= phrase.x1), default=len(columns) - 1)
    height = (phrase.top + phrase.bottom) / 2
    for wall in walls:
        if wall.start <= height <= wall.end:
            inner = [i for i, column in enumerate(columns) if (column.x0 + column.x1) / 2 > wall.at]
            if wall.at <= middle and inner:
                lowest = max(lowest, inner[0])
            elif wall.at > middle and inner:
                highest = min(highest, inner[0] - 1)
    best: tuple[int, int] | None = None
    smallest = _CENTRED * phrase.height
    for a in range(first, max(lowest, first - 12) - 1, -1):
        if not _has_head(labels[a], below, phrase.bottom):
            break
        for b in range(last, min(highest, last + 12) + 1):
            if not _has_head(labels[b], below, phrase.bottom):
                break
            off = min(abs(centre - middle) for centre in _centres(columns, labels, a, b))
            if off < smallest - 0.05:
                smallest, best = off, (a, b)
    if best is None and last > first:
        best = (first, last)
    return best


def _centres(columns: Sequence[Column], labels: Sequence[Column], first: int, last: int) -> tuple[float, ...]:
    """Where the middle of some columns may be: that of their figures, of their labels, or of the columns themselves, whose right sides figures show."""
    shown = ((columns[first].x0 + columns[last].x1) / 2, (labels[first].x0 + labels[last].x1) / 2)
    if first == last:
        return shown
    before = columns[first - 1].x1 if first > 1 else 2 * columns[first].x1 - columns[first + 1].x1
    return (*shown, (before + columns[last].x1) / 2)


def _join_wrapped(heads: list[_Head], rules: Sequence[Rule]) -> list[_Head]:
    """Lines of one text joined: spanners over the same columns close below each other, no rule between."""
    joined: list[_Head] = []
    for head in heads:
        for other in reversed(joined):
            if head.is_spanner and other.is_spanner and (other.first, other.last) == (head.first, head.last):
                height = head.phrases[0].height
                near = head.top - other.phrases[-1].top <= _TIGHT * height
                if near and other.under in (None, head.under):
                    other.phrases.extend(head.phrases)
                    other.under = head.under
                    break
            elif head.is_spanner and not other.is_spanner and head.first <= other.first <= head.last:
                continue
        else:
            joined.append(head)
    return joined


def _set_levels(heads: Sequence[_Head]) -> None:
    spanners = sorted((head for head in heads if head.is_spanner), key=lambda head: (head.top + head.bottom) / 2)
    for index, head in enumerate(spanners):
        over = [
            other.level for other in spanners[:index] if other.first <= head.last and head.first <= other.last and other.top + 1 < head.top
        ]
        head.level = max(over, default=-1) + 1
