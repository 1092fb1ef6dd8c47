"""Tables on the pages that a PDF converter printed, where they keep their layout: `pdftotext -layout` and its like.

Such a converter gives whatever stands further to the right on a page a column further to the right, counted in code points: two columns of
a table share no code point column of a page, however their texts are aligned. So the values of all lines of a table on a page, laid over
each other, tell its columns; the next page may have other ones. Only what stands so near to another text that the converter takes both for
one line of words has no position of its own: it follows a single blank behind the other, and is in the next column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.readers.dialects.chunks import ENUMERATOR, MAX_HEADER_LINES, MAX_UNIT, Block, Chunk, Printed, is_glued, merge
from pipeline.readers.dialects.halves import join_halves

__all__ = ["find_page_blocks", "settle_columns"]

MIN_ROWS = 3  # rows with one value that make a column
MAX_HEAD = 24  # columns of a header
MIN_JOINED = 2  # rows that tell columns
MIN_LONG_ROW = 8  # values of a row that is a table by itself
MIN_APART = 2  # lines with a value in a column that no full line tells
MIN_COUNT = 3  # values a line whose order tells their columns
MAX_SHIFT = 8  # columns by which a line without a label may be off
MAX_LONE_SHIFT = 2  # the same for a line with one value
MAX_AWAY = 1  # columns between a value and its own column
MIN_FURTHER = 3  # columns by which any other one must be further off
MAX_NEAR = 2  # blanks between a label and a value that it pushes along
MAX_WAYS = 64  # to give the values of a line their columns
MAX_GAP = 2  # blank lines inside a table
MAX_WORD = 4  # characters of a word in a column of its own, between labels and values

NOWHERE = 1 << 30

Span = tuple[int, int]


def find_page_blocks(printed: Sequence[Printed]) -> Iterator[Block]:
    """Value lines of a page, and the label lines between them, whose values keep to columns that no label reaches into.

    The second span of their chunks is where they stand on the page: of a glued one (a blank behind another), nowhere yet.
    """
    block = _PageBlock([])
    above: list[Printed] = []
    for line in join_halves([_on_page(line) for line in printed]):
        if block.lines and (line.breaks or line.gap > MAX_GAP):
            yield block.block
            above = []
            block = _PageBlock([])
        if line.breaks:
            above = []
        if block.lines:
            line = block.reparted(line)
            if block.takes(line):
                block.add(line)
                continue
            above = block.closing_labels()
            yield block.block
            block = _PageBlock([])
        if any(chunk.kind == "number" for chunk in line.values):
            block = _PageBlock(above[-MAX_HEADER_LINES:])
            above = []
            block.add(line)
        else:
            above.append(line)
    if block.lines:
        yield block.block


def _on_page(line: Printed) -> Printed:
    """The line with each chunk where it stands on the page; a glued one has no width there."""
    chunks = []
    end = -2
    for chunk in (*line.labels, *line.values):
        start, stop = chunk.spans[0]
        chunks.append(chunk._replace(spans=(chunk.spans[0], (start, start if start - end < 2 else stop))))
        end = stop
    return line.having(tuple(chunks[: len(line.labels)]), tuple(chunks[len(line.labels) :]))


def settle_columns(block: Block) -> bool:
    """Find the columns of a block's values, and put each value into its own; False when they keep to none.

    Lines with as many values as any tell the columns by order, the others by where they stand; a line without a label may stand further left
    or right as a whole. Lines of which more than one way is left are noted in `loose`: their values have an order, no columns.
    """
    rows = [line for line in block.lines if line.values]
    count = max(len(line.values) for line in rows)
    full = [line for line in rows if len(line.values) == count]
    if count < MIN_COUNT and _settle_by_header(block, rows):
        return True
    if len(rows) == 1 and count >= MIN_LONG_ROW and _settle_alone(block, rows[0]):
        return True
    is_joined = any(chunk.part for line in full for chunk in line.values)
    if is_joined and count < MIN_LONG_ROW and (len(rows) < MIN_JOINED or not _columns_of(full, count)):
        block.count = count  # put together from several lines, of which each may stand further left or right: the order tells the columns
        return True
    if len(rows) < (2 if count > 1 else MIN_ROWS) and not (len(rows) == 1 and count >= MIN_LONG_ROW and block.above):
        return False
    if count < MIN_COUNT:
        columns = merge([chunk.spans[1] for line in rows for chunk in line.values if not is_glued(chunk)])
        count = len(columns)
    else:
        columns = _columns_of(full, count)
    is_sparse = not columns or (count >= MIN_COUNT and any(_share_column(line, columns) for line in rows))
    if is_sparse:
        columns = _columns_apart(rows)
        count = len(columns)
    if len(columns) < max(len(line.values) for line in rows):
        return False
    wrapped = _wrapped_columns(block, columns, count) if count >= MIN_COUNT and not is_sparse else []
    known = [*columns, *wrapped]
    columns = sorted(known)
    order = [columns.index(column) for column in known[:count]]  # the columns that full lines have values in
    most, count = count, len(columns)
    block.columns = columns
    ways: dict[int, list[int] | None] = {}
    for number, line in enumerate(block.lines):
        if line.values:
            ways[number] = order if len(line.values) == most else _fit(line, columns)
    for number, way in ways.items():
        if len(block.lines[number].values) < count and block.lines[number].labels:
            _complement(block, number, way, ways)
    for number, way in ways.items():
        line = block.lines[number]
        if way is None:
            block.loose.add(line.index)
            way = list(range(len(line.values)))
        values = [chunk._replace(spans=(chunk.spans[0], columns[column])) for chunk, column in zip(line.values, way, strict=True)]
        block.lines[number] = line.having(line.labels, tuple(values))
    return True


def _settle_by_header(block: Block, rows: Sequence[Printed]) -> bool:
    """Put the few values of a sparse table below its headers; False where a value has none of its own, or a header's place is not certain.

    Only rows with labels: these do not stand further left or right than the header.
    """
    if any(not line.labels or is_glued(chunk) for line in rows for chunk in line.values):
        return False
    heads = _heads(block.above, max(line.labels[-1].end(0) for line in rows))
    if len(heads) < 2:
        return False
    columns = sorted(heads)
    for line in rows:
        found = []
        for chunk in line.values:
            column = _head_of(chunk, columns)
            if column is None:
                return False
            found.append(column)
        if len(set(found)) < len(found):
            return False
        values = [chunk._replace(spans=(chunk.spans[0], columns[column])) for chunk, column in zip(line.values, found, strict=True)]
        block.lines[block.lines.index(line)] = line.having(line.labels, tuple(values))
    block.columns = columns
    return True


def _settle_alone(block: Block, line: Printed) -> bool:
    """Put the values of a row that is a table by itself below its headers, where it has fewer of them; False where one has no place of its own."""
    columns = _leaf_heads(block.above)
    if line.labels or len(columns) <= len(line.values):
        return False
    found: list[int] = []
    for chunk in line.values:
        column = found[-1] + 1 if found and is_glued(chunk) else _head_of(chunk, columns)
        if column is None or column >= len(columns) or (found and column <= found[-1]):
            return False
        found.append(column)
    values = [chunk._replace(spans=(chunk.spans[0], columns[column])) for chunk, column in zip(line.values, found, strict=True)]
    block.lines[block.lines.index(line)] = line.having(line.labels, tuple(values))
    block.columns = columns
    return True


def _leaf_heads(above: Sequence[Printed]) -> list[Span]:
    """Where the words stand that head single columns, those below each other put together, up to the first that stand over several."""
    heads: list[Span] = []
    for line in reversed(above):
        chunks = [chunk for chunk in (*line.labels, *line.values) if not is_glued(chunk)]
        hits = [[at for at, (low, high) in enumerate(heads) if chunk.start(0) < high and chunk.end(0) > low] for chunk in chunks]
        if line.gap or any(len(found) > 1 for found in hits):
            break
        fresh = [chunk.spans[0] for chunk, found in zip(chunks, hits, strict=True) if not found]
        for chunk, found in zip(chunks, hits, strict=True):
            for at in found:
                heads[at] = min(chunk.start(0), heads[at][0]), max(chunk.end(0), heads[at][1])
        heads += fresh
    heads.sort()
    return heads if all(one[1] <= other[0] for one, other in pairwise(heads)) else []


def _head_of(chunk: Chunk, columns: Sequence[Span]) -> int | None:
    """The header that a value stands below and no other near it; None where that is not certain."""
    start, end = chunk.spans[0]
    hits = [number for number, (low, high) in enumerate(columns) if start < high and end > low]
    near = [number for number, (low, high) in enumerate(columns) if start - MAX_LONE_SHIFT < high and end + MAX_LONE_SHIFT > low]
    return hits[0] if len(hits) == 1 and (near == hits or _agrees(chunk.spans[0], columns[hits[0]])) else None


def _heads(above: Sequence[Printed], label_end: int) -> list[Span]:
    """Where the words stand that head single columns right of the labels: those below each other put together; none where one is not certain."""
    heads: list[Span] = []
    for line in reversed(above):
        chunks = (*line.labels, *line.values)
        if len(chunks) == 1 and (chunks[0].end(0) - chunks[0].start(0) > MAX_HEAD or ENUMERATOR.match(chunks[0].text)):
            break
        for chunk in chunks:
            start, end = chunk.spans[0]
            if start < label_end:
                continue
            if is_glued(chunk):
                return []
            hits = [number for number, (low, high) in enumerate(heads) if start < high and end > low]
            if not hits:
                heads.append((start, end))
            elif len(hits) == 1:
                heads[hits[0]] = min(start, heads[hits[0]][0]), max(end, heads[hits[0]][1])
        if line.gap > 1:
            break
    return heads


def _agrees(span: Span, head: Span) -> bool:
    """Whether a value stands flush with its header, or in its middle."""
    return span[0] == head[0] or span[1] == head[1] or abs(sum(span) - sum(head)) <= 2


def _columns_of(full: Sequence[Printed], count: int) -> list[Span]:
    """Where the values of full lines stand, by their order; none when these lines do not agree."""
    columns: list[Span] = []
    for number in range(count):
        spans = [line.values[number].spans[1] for line in full if not is_glued(line.values[number])]
        behind = columns[-1][1] if columns else 0
        low, high = min((start for start, _ in spans), default=behind), max((end for _, end in spans), default=behind + 1)
        if low < behind:
            return []
        columns.append((low, high))
    return columns


def _columns_apart(rows: Sequence[Printed]) -> list[Span]:
    """The columns of a table of which no line has all values, where each has some of its own and a line has values in both of any two neighbours.

    Of lines with labels only, which do not stand further left or right as a whole; but the first value may stand further left behind a short
    label. None where it is not so: what stands in two places may be one column.
    """
    spans = [[chunk.spans[1] for chunk in line.values if not is_glued(chunk)] for line in rows if _is_apart(line)]
    columns = merge([span for line in spans for span in line])

    def have_both(one: Span, other: Span) -> bool:
        return any(all(any(low <= start < high for start, _ in line) for low, high in (one, other)) for line in spans)

    while len(columns) > 1 and not have_both(columns[0], columns[1]):
        columns[:2] = [(columns[0][0], columns[1][1])]
    filled = [sum(any(low <= start < high for start, _ in line) for line in spans) for low, high in columns]
    is_told = min(filled, default=0) >= MIN_APART and all(have_both(one, other) for one, other in pairwise(columns))
    return columns if is_told and len(columns) > MIN_COUNT else []


def _share_column(line: Printed, columns: Sequence[Span]) -> bool:
    """Whether two values of a line stand in one column, so that this is none."""
    found = [
        next((at for at, (low, high) in enumerate(columns) if low <= chunk.start(1) < high), None)
        for chunk in line.values
        if not is_glued(chunk)
    ]
    known = [at for at in found if at is not None]
    return len(set(known)) < len(known)


def _is_apart(line: Printed) -> bool:
    """Whether a line has a label, and its values stand away from it."""
    return bool(line.labels) and line.values[0].start(1) - line.labels[-1].end(1) > MAX_NEAR


def _wrapped_columns(block: Block, columns: Sequence[Span], count: int) -> list[Span]:
    """Columns in which no full line has a value, for theirs are wrapped: one part stands on the line above it, one on the line below."""
    found: list[Span] = []
    for above, line, below in zip(block.lines, block.lines[1:], block.lines[2:], strict=False):
        parts = (above, below)
        if len(line.values) != count or any(len(part.values) != 1 or part.labels or is_glued(part.values[0]) for part in parts):
            continue
        (low, high), (other, end) = (part.values[0].spans[1] for part in parts)
        span = min(low, other), max(high, end)
        if low < end and other < high and not any(span[0] < high and span[1] > low for low, high in columns):
            found.append(span)
    return merge(found)


def _fit(line: Printed, columns: Sequence[Span]) -> list[int] | None:
    """The columns of a line's values where they are beyond doubt; None elsewhere."""
    reach = 0 if line.labels or _is_unmoved(line, columns) else MAX_SHIFT if len(line.values) > 1 else MAX_LONE_SHIFT
    shifts = range(-reach, reach + 1)
    found = {tuple(way) for shift in shifts if (way := _way(line, columns, shift)) is not None}
    return list(found.pop()) if len(found) == 1 else None


def _is_unmoved(line: Printed, columns: Sequence[Span]) -> bool:
    """Whether a line without a label stands where it should: all its values flush with their columns or in the middle, the last one in the last.

    Further right it would run out of the table, and further left it would be a row without its total.
    """
    if len(line.values) < 2 or is_glued(line.values[-1]):
        return False
    way = _way(line, columns, 0)
    if way is None or way[-1] != len(columns) - 1:
        return False
    spans = ((column, chunk.spans[1]) for column, chunk in zip(way, line.values, strict=True) if not is_glued(chunk))
    return all(_agrees(span, columns[column]) for column, span in spans)


def _way(line: Printed, columns: Sequence[Span], shift: int) -> list[int] | None:
    """The columns that the values of a line stand in when it is moved; a glued one is in the column behind the one before it.

    On a line that is not moved a value that reaches into no column, longer or shorter than those that told where the columns are, is in one of
    the two beside it, if the other values leave one way.
    """
    ways: list[tuple[int, ...]] = [()]
    for chunk in line.values:
        beside = [] if is_glued(chunk) else _columns_at(chunk.start(1) + shift, chunk.end(1) + shift, columns, gaps=not shift)
        longer: list[tuple[int, ...]] = []
        for way in ways:
            behind = way[-1] if way else -1
            own = [behind + 1] if is_glued(chunk) else beside
            longer += [(*way, column) for column in own if behind < column < len(columns)]
        if not longer or len(longer) > MAX_WAYS:
            return None
        ways = longer
    return list(ways[0]) if len(ways) == 1 else None


def _columns_at(start: int, end: int, columns: Sequence[Span], *, gaps: bool) -> list[int]:
    """The column that a value reaches into; where it reaches into none, with `gaps`, those on both sides; none where it reaches into several."""
    hits = [number for number, (low, high) in enumerate(columns) if start < high and end > low]
    if hits or not gaps:
        return hits if len(hits) == 1 else []
    behind = sum(high <= start for _, high in columns)  # the first column right of it
    sides = [number for number in (behind - 1, behind) if 0 <= number < len(columns)]
    away = {number: max(columns[number][0] - end, start - columns[number][1]) for number in sides}
    near = min(sides, key=away.__getitem__)
    is_plain = away[near] <= MAX_AWAY and all(away[number] >= away[near] + MIN_FURTHER for number in sides if number != near)
    return [near] if is_plain else sides


def _complement(block: Block, number: int, way: list[int] | None, ways: dict[int, list[int] | None]) -> None:
    """A line that lacks as many values as stand on the lines right above and below it, without labels: these are wrapped numbers' parts."""
    count = len(block.columns)
    lacking = count - len(block.lines[number].values)
    beside = [
        other
        for other in (number - 1, number + 1)
        if other in ways and ways[other] is None and not block.lines[other].labels and len(block.lines[other].values) == lacking
    ]
    if len(beside) == 2 and way is not None:
        free = [column for column in range(count) if column not in way]
        for other in beside:
            ways[other] = free


class _PageBlock:
    """A block that grows line by line, with the columns of its values and of the short words beside them."""

    def __init__(self, above: list[Printed]) -> None:
        self.block = Block(above, paged=True)
        self.columns: list[tuple[int, int, int]] = []  # start, end, lines that have a value in it (a bit each)
        self.words: list[Span] = []
        self.is_lone = True  # no line has more than one value
        self.wrapped = 0  # how many values a line has whose values were wrapped
        self.labelled = NOWHERE  # the first column of any value with a label beside it: a line without one may stand further left

    @property
    def lines(self) -> list[Printed]:
        return self.block.lines

    def reparted(self, line: Printed) -> Printed:
        """The line with what stands below numbers of the lines above it, and is no longer than a unit, as values: units that were wrapped."""
        near = [chunk.spans[1] for other in self.lines[-2:] for chunk in other.values if chunk.kind == "number"]
        chunks = (*line.labels, *line.values)
        at = first = len(line.labels)
        while at > 0 and len(chunks[at - 1].text) <= MAX_UNIT:
            at -= 1
            if any(chunks[at].start(1) < high and chunks[at].end(1) > low for low, high in near):
                first = at
            elif not is_glued(chunks[at]):
                break
        return line if first == len(line.labels) else line.having(chunks[:first], chunks[first:])

    def takes(self, line: Printed) -> bool:
        """Whether the line may be one of this table.

        Its values keep to the columns, its labels stand left of them, its short words among words.
        """
        if line.values and line.values[0].start(1) < self._left() // 2 and not self._begins_with_part(line):
            return False  # where labels stand: another table
        if self.is_lone and not line.values and self._is_header(line):
            return False
        if 0 < len(line.values) <= self.wrapped:
            return all(self._is_left(chunk) or self._is_word(chunk) for chunk in line.labels)  # the order tells the columns
        if len(line.values) == 1 and self.is_lone and not self.lines[-1].values and not self._is_near(line.values[0]):
            return False  # another table of one column
        for chunk in line.values:
            start, end = chunk.spans[1]
            lines = 0
            for low, high, others in self.columns:
                if start < high and end > low:
                    if lines & others:
                        return False  # it reaches over two columns
                    lines |= others
        for low, high, _ in self.columns:
            if sum(1 for chunk in line.values if chunk.start(1) < high and chunk.end(1) > low) > 1:
                return False
        return all(self._is_left(chunk) or self._is_word(chunk) for chunk in line.labels)

    def _begins_with_part(self, line: Printed) -> bool:
        """Whether all that stands above a line is half of a number in a column right of its values: the line's last one, wrapped."""
        first = self.lines[0]
        if len(self.lines) > 1 or len(first.values) > 1 or first.labels or line.gap or len(line.values) < MIN_COUNT:
            return False
        return line.values[-1].end(1) <= first.values[0].start(1)

    def _is_header(self, line: Printed) -> bool:
        """Whether words stand right of all labels that have a value beside them, in a table with one value a line."""
        ends = [other.labels[-1].end(1) for other in self.lines if other.values and other.labels]
        last = line.labels[-1]
        return bool(ends) and len(line.labels) > 1 and last.start(1) >= max(ends) and len(last.text) > MAX_WORD

    def _is_near(self, chunk: Chunk) -> bool:
        start, end = chunk.start(1) - MAX_LONE_SHIFT, max(chunk.end(1), chunk.start(1) + 1) + MAX_LONE_SHIFT
        return any(start < high and end > low for low, high, _ in self.columns)

    def _is_left(self, chunk: Chunk) -> bool:
        return is_glued(chunk) or chunk.end(1) <= self._left()

    def _left(self) -> int:
        return self.block.left if self.labelled == NOWHERE else self.labelled

    def _is_word(self, chunk: Chunk) -> bool:
        return len(chunk.text) <= MAX_WORD and any(chunk.start(1) < end and chunk.end(1) > start for start, end in self.words)

    def add(self, line: Printed) -> None:
        bit = 1 << len(self.lines)
        self.lines.append(line)
        self.is_lone = self.is_lone and len(line.values) < 2
        if any(chunk.part for chunk in line.values):
            self.wrapped = max(self.wrapped, len(line.values))
        for chunk in line.values:
            start, end = chunk.spans[1]
            if start == end:
                continue
            self.block.left = min(self.block.left, start)
            # A value right behind its label stands where that ends, and tells nothing of where others may.
            if line.labels and start - line.labels[-1].end(1) > MAX_NEAR:
                self.labelled = min(self.labelled, start)
            lines = bit
            rest = []
            for column in self.columns:
                if start < column[1] and end > column[0]:
                    start, end, lines = min(start, column[0]), max(end, column[1]), lines | column[2]
                else:
                    rest.append(column)
            self.columns = [*rest, (start, end, lines)]
        if line.values and len(line.labels) > 1 and len(line.labels[-1].text) <= MAX_WORD and not is_glued(line.labels[-1]):
            self.words.append(line.labels[-1].spans[1])

    def closing_labels(self) -> list[Printed]:
        """The label lines behind the last values: they may belong to what follows."""
        count = len(self.lines)
        while count and not self.lines[count - 1].values:
            count -= 1
        return self.lines[count:]
