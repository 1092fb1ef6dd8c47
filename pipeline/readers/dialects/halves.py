"""Rows of a page whose numbers were too long for their columns: a converter that keeps the layout prints such a row on three lines.

                   166,5        336,1 14,3    524,6    the first halves of the numbers that were wrapped,
    5. a label           0   0            7,634        the numbers that were not, on the line in the middle of the row,
                    09          28     55      26      the other halves

Where the columns are a digit wide a number may take three lines, and five with the halves of others between them: its first digit above those,
its last one below. Halves that stand above each other are one number where it would not have fitted its column. Which columns the others are in is told by where
all stand on the page: what stands further right was printed further right, but for what follows a single blank behind another, which is
in the next column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.readers.dialects.chunks import ENUMERATOR, MAX_UNIT, Chunk, Printed, is_glued
from pipeline.readers.dialects.wrapped import is_one_number, print_width

__all__ = ["join_halves"]

MIN_COUNT = 3  # values of a row
MIN_ROWS = 3  # rows of so many values, whole or in halves: then that is how many values this table has
MAX_LACKING = 3  # values that such a row may lack
MIN_LONG_ROW = 8  # values of a row that is a table by itself
MAX_AWAY = 2  # columns between the halves of a number


@dataclass(frozen=True, slots=True)
class _Halves:
    """A row on three lines (positions in the list of lines): the numbers in order, whole ones with a single part."""

    above: int
    middle: int
    below: int
    values: tuple[tuple[Chunk, ...], ...]
    label_count: int  # chunks at the start of the last line that are no halves

    @property
    def first(self) -> int:
        return min(self.above, self.middle)


def join_halves(lines: Sequence[Printed]) -> list[Printed]:
    """The lines with each such row's numbers on one line, its middle one; what else stands on its lines stays there."""
    rows = list(_find_rows(lines))
    if not rows:
        return _join_ends(lines)
    widths = _widths(lines, rows)
    rows = [row for row in rows if _are_wrapped(row, widths)]
    joined: list[Printed] = []
    done = 0
    for row in rows:
        joined += lines[done : row.first]
        joined += _joined(lines, row)
        done = row.below + 1
    return _join_ends([*joined, *lines[done:]])


def _join_ends(lines: Sequence[Printed]) -> list[Printed]:
    """The lines with what stands right above and right below a number of a row, and is as wide as its column, as parts of that number."""
    joined: list[Printed] = []
    widths: dict[int, int] = {}  # of the widest whole value on the page, by the code point columns it takes up
    at = 0
    while at < len(lines):
        if at == 0 or lines[at].breaks:
            widths = _page_widths(lines, at)
        row = _with_ends(lines[at : at + 3], widths) if at + 2 < len(lines) else None
        joined.append(lines[at] if row is None else row)
        at += 1 if row is None else 3
    return joined


def _page_widths(lines: Sequence[Printed], first: int) -> dict[int, int]:
    widths: dict[int, int] = {}
    for number in range(first, len(lines)):
        if number > first and lines[number].breaks:
            break
        for chunk in lines[number].values:
            width = print_width(chunk.part or chunk.text, paged=True)
            for column in range(*chunk.spans[0]):
                widths[column] = max(widths.get(column, 0), width)
    return widths


def _with_ends(three: Sequence[Printed], widths: Mapping[int, int]) -> Printed | None:
    """The middle line with the parts of its numbers on the other two; None where these are not as many, or stand beside its numbers."""
    above, line, below = three
    if line.breaks or line.gap or below.breaks or below.gap or above.labels or not above.values:
        return None
    ends = (*below.labels, *below.values)
    if len(ends) != len(above.values) or len(line.values) < max(MIN_COUNT, len(ends) + 1) or any(len(end.text) > MAX_UNIT for end in ends):
        return None
    values = [chunk if chunk.line >= 0 else chunk._replace(line=line.index) for chunk in line.values]
    for one, end in zip(above.values, ends, strict=True):
        found = [number for number, chunk in enumerate(values) if _overlap(one, chunk) and _overlap(end, chunk)]
        if len(found) != 1 or values[found[0]].part not in ("", values[found[0]].text):
            return None
        chunk = values[found[0]]
        texts = [one.text, chunk.text, end.text]
        full = max(widths.get(column, 0) for part in (one, chunk, end) for column in range(*part.spans[0]))
        if not is_one_number(texts, full, paged=True):
            return None
        values[found[0]] = Chunk("".join(texts), chunk.spans, "number", above.index, one.text)
    labels = tuple(chunk if chunk.line >= 0 else chunk._replace(line=line.index) for chunk in line.labels)
    return line.covering(above.index, below.last).having(labels, tuple(values))


def _overlap(one: Chunk, other: Chunk) -> bool:
    return one.start(0) < other.end(0) and other.start(0) < one.end(0)


def _find_rows(lines: Sequence[Printed]) -> Iterator[_Halves]:
    at = 0
    while at + 2 < len(lines):
        row = _row_at(lines, at)
        if row is not None:
            yield row
            at = row.below
        at += 1


def _row_at(lines: Sequence[Printed], at: int) -> _Halves | None:
    """The row that begins on a line; None where the lines below do not go on like that."""
    one, two, three = lines[at : at + 3]
    if not one.values or two.breaks or two.gap or three.breaks or three.gap:
        return None
    found = _row_of(one, two, three)
    if found is not None:
        return _Halves(at, at + 1, at + 2, *found)
    # Sometimes the middle line comes first.
    found = None if not two.values or two.labels or three.labels else _row_of(two, one, three)
    return None if found is None else _Halves(at + 1, at, at + 2, *found)


def _row_of(above: Printed, line: Printed, below: Printed) -> tuple[tuple[tuple[Chunk, ...], ...], int] | None:
    """The numbers of a row on these three lines, and how many chunks of the last one are none of them; None where it is no row."""
    count = len(above.values)
    if any(chunk.kind != "number" for chunk in above.values) or count + len(line.values) < MIN_COUNT or not (line.values or line.labels):
        return None
    chunks = (*below.labels, *below.values)
    halves = chunks[-count:]
    if len(halves) < count or len(below.values) > count or any(half.kind == "label" and len(half.text) > MAX_UNIT for half in halves):
        return None
    if any(ENUMERATOR.match(chunk.text) for chunk in chunks[:-count]) and any(ENUMERATOR.match(chunk.text) for chunk in above.labels):
        return None
    pairs = tuple(zip(above.values, halves, strict=True))
    if not all(_are_above_each_other(*pair) for pair in pairs):
        return None
    values = _in_order(pairs, tuple((chunk,) for chunk in line.values))
    return None if values is None else (values, len(chunks) - count)


def _are_above_each_other(one: Chunk, other: Chunk) -> bool:
    """Whether two halves may be one number's: one that follows a single blank says nothing of its place."""
    if is_glued(one) or is_glued(other):
        return True
    return one.start(0) < other.end(0) + MAX_AWAY and other.start(0) < one.end(0) + MAX_AWAY


def _in_order(pairs: Sequence[tuple[Chunk, ...]], others: Sequence[tuple[Chunk, ...]]) -> tuple[tuple[Chunk, ...], ...] | None:
    """The numbers of both lines from left to right; None where their order is not certain."""
    runs = sorted((*_runs(pairs), *_runs(others)), key=lambda run: run[0][0].start(0))
    for run, following in pairwise(runs):
        if max(chunk.end(0) for chunk in run[-1]) > min(chunk.start(0) for chunk in following[0]):
            return None
    return tuple(value for run in runs for value in run)


def _runs(values: Sequence[tuple[Chunk, ...]]) -> Iterator[list[tuple[Chunk, ...]]]:
    """The values of a line, those a blank behind another with that one."""
    run: list[tuple[Chunk, ...]] = []
    for value in values:
        if run and not is_glued(value[0]):
            yield run
            run = []
        run.append(value)
    if run:
        yield run


def _widths(lines: Sequence[Printed], rows: Sequence[_Halves]) -> list[list[int]]:
    """How wide the columns are at least, of each table: as wide as what was not wrapped in them, from its first such row to its last."""
    widths = []
    for count, alike in _tables(rows):
        known = [0] * count
        inside = {at for row in alike for at in (row.above, row.middle, row.below)}
        between = range(alike[0].first, alike[-1].below)
        whole = [lines[at].values for at in between if at not in inside and len(lines[at].values) == count]
        for values in (*whole, *(tuple(value[0] for value in row.values) for row in alike)):
            for column, chunk in enumerate(values):
                known[column] = max(known[column], print_width(chunk.text, paged=True))
        widths.append(known)
    return widths


def _tables(rows: Sequence[_Halves]) -> Iterator[tuple[int, list[_Halves]]]:
    """The rows of each table that have all its values, and how many these are: as many as several rows have, or as one long row has."""
    counts = Counter(len(row.values) for row in rows)
    for count in counts:
        if counts[count] >= MIN_ROWS or count >= MIN_LONG_ROW:
            yield count, [row for row in rows if len(row.values) == count]


def _are_wrapped(row: _Halves, widths: Sequence[Sequence[int]]) -> bool:
    """Whether no wrapped number would have fitted its column in one of the tables; in a row that lacks values, the narrowest that may be its own."""
    return any(
        all(
            is_one_number([chunk.text for chunk in value], min(known[number : len(known) - len(row.values) + number + 1]), paged=True)
            for number, value in enumerate(row.values)
        )
        for known in widths
        if len(row.values) <= len(known) <= MAX_LACKING + len(row.values)
    )


def _joined(lines: Sequence[Printed], row: _Halves) -> Iterator[Printed]:
    above, line, below = lines[row.above], lines[row.middle], lines[row.below]
    rest = (*below.labels, *below.values)[: row.label_count]
    if above.labels:  # it is the first line then
        yield above.having(above.labels, ())
    values: list[Chunk] = []
    for value in row.values:
        start = values[-1].end(1) if values and is_glued(value[0]) else -1
        own = above.index if len(value) > 1 else line.index
        span = value[0].spans[1] if start < 0 else (start, start)
        text = "".join(chunk.text for chunk in value)
        values.append(Chunk(text, (value[0].spans[0], span), "number" if len(value) > 1 else value[0].kind, own, value[0].text))
    labels = tuple(chunk._replace(line=line.index) for chunk in line.labels)
    first = line.index if above.labels else lines[row.first].index
    yield line.covering(first, line.index if rest else below.index).having(labels, tuple(values))
    if rest:
        yield below.having(rest, ())
