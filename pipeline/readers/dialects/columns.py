"""Tables whose columns are told by white space alone: what terminal browsers and PDF converters print of a table without borders.

        1. first row      12    4   16       a value line: its numbers stand in columns
group   2. a label that   11         11      a label wrapped around its numbers, a blank cell, a group label in a column of its own
        goes on

Two questions are answered from where things stand, never from what a label says: which columns the numbers are in, by the numbers of
all lines and the headers above them; and which lines are one row, by the cheapest way to part them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.pipes import Line
from pipeline.values.kinds import classify_cell, display_width

__all__ = ["ColumnStretch", "split_columns"]

MAX_LINE = 1_000  # code points; a longer line is no row
MAX_HEADER_LINES = 16
MAX_ROW_LINES = 30
MAX_PLAIN_ROW_LINES = 9  # where no enumerators tell where labels begin
MAX_WORD = 4  # characters of a word in a column of its own, between labels and values
MAX_VALUE = 24  # characters of a number or a mark
MIN_COUNT = 3  # values a line, where only their count tells their columns
MAX_UNIT = 2  # characters of a unit behind a number
MIN_COMMON_START = 3
MAX_LEAD = 6  # label lines above the first numbers that may be wrapped around them
_BLANKS = " \u00a0"
_CHUNK = re.compile(rf"[^{_BLANKS}]+")
_PARTED = re.compile(rf"[^{_BLANKS}\f][{_BLANKS}]+[^{_BLANKS}]")
_DIGIT = re.compile(r"[0-9\uff10-\uff19]")
_ENUMERATOR = re.compile(r"\s*[(\uff08]?(?:[0-9\uff10-\uff19]{1,2}|[一二三四五六七八九十]{1,3}|[A-Za-z])[.\uff0e\u3001)\uff09]\D")
_NO_LINE_START = frozenset("\uff0c\u3002\u3001\uff1b\uff1a\uff01\uff1f\uff09\u201d\u300b\u3009\u3011,.;:!?)")
_NUMBER = re.compile(r"[-+\u2212\uff0d\uff0b]?[0-9\uff10-\uff19][0-9\uff10-\uff19,.\uff0c\uff0e]*[^\W\d_]{0,3}")
_LEADING_ZERO = re.compile(r"[0\uff10][0-9\uff10-\uff19]")


@dataclass(frozen=True, slots=True)
class ColumnStretch:
    """Consecutive lines (indices into the sequence that was split), with the table that is printed on them or none."""

    lines: range
    table: RawTable | None = None


class _Chunk(NamedTuple):
    """What stands between blanks. `spans`: (start, end) counted in code points and in terminal columns."""

    text: str
    spans: tuple[tuple[int, int], tuple[int, int]]
    kind: str

    def start(self, measure: int) -> int:
        return self.spans[measure][0]

    def end(self, measure: int) -> int:
        return self.spans[measure][1]


class _Printed:
    """A line: its labels, and the values behind them. `gap`: blank lines above it; `breaks`: a page begins with it.

    Most lines have no values, and nobody asks for the labels of those far from any table: they are told apart when they are asked for.
    """

    __slots__ = ("_labels", "_text", "breaks", "gap", "index", "values")

    def __init__(self, index: int, text: str, gap: int, breaks: bool) -> None:
        self.index = index
        self.gap = gap
        self.breaks = breaks
        self._text = text
        self._labels: tuple[_Chunk, ...] | None = None
        self.values: tuple[_Chunk, ...] = ()
        if _may_have_values(text):
            self._labels, self.values = _part(_chunks(text))

    @property
    def labels(self) -> tuple[_Chunk, ...]:
        if self._labels is None:
            self._labels = tuple(_chunks(self._text))
        return self._labels

    def parted(self, at: int) -> _Printed:
        """The same line with all that stands behind its first `at` chunks as values."""
        chunks = (*self.labels, *self.values)
        other = _Printed(self.index, "", self.gap, self.breaks)
        other._labels, other.values = chunks[:at], chunks[at:]
        return other

    def end(self, measure: int) -> int:
        return (self.values or self.labels)[-1].end(measure)


@dataclass(slots=True)
class _Block:
    """Lines with values and label lines between them, what stands above, and, once found, the value columns."""

    above: list[_Printed]
    lines: list[_Printed] = field(default_factory=list)
    left: int = 1 << 30  # the first column of any value
    columns: list[tuple[int, int]] = field(default_factory=list)
    count: int = 0  # where the values keep to no columns: how many a line has
    has_units: bool = False  # a column of short words stands between the labels and the values


def split_columns(lines: Sequence[Line]) -> Iterator[ColumnStretch]:
    """Part lines into tables told by columns and the rest; together they are all the lines, in order. Linear in the text."""
    printed = _read_lines(lines)
    found: list[_Block] = []
    best = chosen = 0
    for measure in (1, 0):
        blocks = [block for block in _find_blocks(printed, measure) if _find_columns(block, measure) or (not measure and _count(block))]
        size = sum(len(line.values) for block in blocks for line in block.lines)
        if size > best:
            found, best, chosen = blocks, size, measure
    done = 0
    for block in found:
        table = _read(lines, block, chosen, done)
        if table is None:
            continue
        start, stop, raw = table
        if done < start:
            yield ColumnStretch(range(done, start))
        yield ColumnStretch(range(start, stop), raw)
        done = stop
    if done < len(lines):
        yield ColumnStretch(range(done, len(lines)))


# ---- lines ------------------------------------------------------------------------------------------------------------


def _read_lines(lines: Sequence[Line]) -> list[_Printed]:
    """The lines that are not blank, without those that are too far from any values to be of a table."""
    found: list[tuple[int, str, int, bool]] = []
    near: list[range] = []  # of indices into what is found: the lines near each one with values
    is_parted = False  # whether values stand beside anything on any line
    reach = 0  # characters of a line that ends whatever block goes on up to it; 0 when none does
    gap = 0
    breaks = False
    for index, line in enumerate(lines):
        text = line.text
        breaks = breaks or "\f" in text
        if not text or text.isspace():
            gap += 1
            continue
        if len(text) > MAX_LINE or "|" in text:
            breaks = True
            continue
        if _may_have_values(text):
            is_parted = is_parted or _PARTED.search(text) is not None
            near.append(range(max(near[-1].stop if near else 0, len(found) - MAX_HEADER_LINES), len(found) + 1))
            reach = max(reach, 2 * len(text))  # a character takes up two columns at most
        elif reach:
            near[-1] = range(near[-1].start, len(found) + 1)
            if len(text.rstrip()) > reach:
                reach = 0
        found.append((index, text, gap, breaks))
        gap, breaks = 0, False
    return [_Printed(*found[number]) for numbers in near for number in numbers] if is_parted else []  # else a cell a line, or prose


def _may_have_values(text: str) -> bool:
    """Whether the last chunk of a line, which is not blank, is a number, a mark or a part of a unit."""
    if len(text) > MAX_VALUE and " " not in text and "\u00a0" not in text:
        return False
    last = text.lstrip("\f").rstrip(_BLANKS).rpartition(" ")[2].rpartition("\u00a0")[2]
    return len(last) <= MAX_UNIT or _kind(last) != "label"


def _chunks(text: str) -> list[_Chunk]:
    head = len(text) - len(text.lstrip("\f"))
    wide = not text.isascii()
    chunks: list[_Chunk] = []
    at = head
    col = 0
    for match in _CHUNK.finditer(text, head):
        start, end = match.span()
        if wide:
            col += display_width(text[at:start])
            width = display_width(match.group())
        else:
            col, width = start - head, end - start
        kind = _kind(match.group())
        before = chunks[-1] if chunks else None
        if (
            before is not None
            and kind == "label"
            and len(match.group()) <= MAX_UNIT
            and start - head == before.end(0) + 1
            and before.kind == "number"
            and before.text[-1].isdigit()
        ):
            # A number and its unit, a blank apart.
            spans = (before.start(0), end - head), (before.start(1), col + width)
            chunks[-1] = _Chunk(f"{before.text} {match.group()}", spans, "number")
        else:
            chunks.append(_Chunk(match.group(), ((start - head, end - head), (col, col + width)), kind))
        col += width
        at = end
    return chunks


@lru_cache(maxsize=4096)
def _kind(text: str) -> str:
    if len(text) > MAX_VALUE or (len(text) > 6 and not _DIGIT.search(text)):
        return "label"
    return classify_cell(text)


def _part(chunks: Sequence[_Chunk]) -> tuple[tuple[_Chunk, ...], tuple[_Chunk, ...]]:
    """(labels, values): the values are the numbers and marks at the line's end, parts of units between and behind them too."""
    at = first = len(chunks)
    while at > 0 and (chunks[at - 1].kind != "label" or len(chunks[at - 1].text) <= MAX_UNIT):
        at -= 1
        if chunks[at].kind != "label":
            first = at
    return tuple(chunks[:first]), tuple(chunks[first:])


def _reparted(line: _Printed, block: _Block, measure: int) -> _Printed:
    """The line with what stands below or above values of the lines beside it, and is no longer than a unit, as values."""
    near = [chunk.spans[measure] for other in block.lines[-2:] for chunk in other.values]
    chunks = (*line.labels, *line.values)
    at = len(line.labels)
    while at > 0:
        start, end = chunks[at - 1].spans[measure]
        if len(chunks[at - 1].text) > MAX_UNIT or start < block.left or not any(start < high and end > low for low, high in near):
            break
        at -= 1
    return line if at == len(line.labels) else line.parted(at)


# ---- where tables are -------------------------------------------------------------------------------------------------


def _find_blocks(printed: Sequence[_Printed], measure: int) -> Iterator[_Block]:
    """Value lines with nothing between them that reaches into their columns."""
    block = _Block([])
    above: list[_Printed] = []
    for line in printed:
        if block.lines and (line.breaks or line.gap > 2):
            yield block
            block = _Block([])
            above = []
        if line.breaks:
            above = []
        if block.lines:
            line = _reparted(line, block, measure)
        if line.values and (block.lines or any(chunk.kind == "number" for chunk in line.values)):
            if not block.lines:
                block.above = above[-MAX_HEADER_LINES:]
                above = []
            block.lines.append(line)
            block.left = min(block.left, line.values[0].start(measure))
        elif block.lines and line.end(measure) <= block.left and not (line.gap and _is_solid(block)):
            block.lines.append(line)
        elif block.lines:
            above = _closing_labels(block)
            yield block
            block = _Block([])
            above.append(line)
        else:
            above.append(line)
    if block.lines:
        yield block


def _is_solid(block: _Block) -> bool:
    """Whether no blank line stands in a block of several lines: then one before a label ends it."""
    return len(block.lines) > 2 and not any(line.gap for line in block.lines[1:])


def _closing_labels(block: _Block) -> list[_Printed]:
    """The label lines behind the last values: they may belong to what follows."""
    count = len(block.lines)
    while count and not block.lines[count - 1].values:
        count -= 1
    return block.lines[count:]


def _find_columns(block: _Block, measure: int) -> bool:
    """Find the value columns of a block; False when its numbers do not keep to columns."""
    values = [chunk for line in block.lines for chunk in line.values]
    own = _merge([chunk.spans[measure] for chunk in values])
    rows = [line for line in block.lines if line.values]
    for line in rows:
        at = [_column_of(own, chunk.spans[measure]) for chunk in line.values]
        if len(set(at)) < len(at):
            return False
    lone = sum(1 for line in rows if len(line.values) == 1 and not line.labels)
    if lone > 0.3 * len(rows) or max(len(line.values) for line in rows) < 2 <= len(rows) - sum(1 for line in rows if line.labels):
        return False  # a cell a line
    label_end = max((line.labels[-1].end(measure) for line in rows if line.labels), default=-1)
    columns = list(own)
    headers: list[list[tuple[int, int]]] = [[] for _ in own]
    for line in reversed(block.above if measure else ()):
        if line.gap > 2:
            break
        for chunk in (*line.labels, *line.values):
            start, end = chunk.spans[measure]
            if start < label_end:
                continue
            hits = [number for number, (low, high) in enumerate(columns) if start < high and end > low]
            if len(hits) > 1:
                if any(headers[number] for number in hits) or not _are_one(rows, [columns[number] for number in hits], measure):
                    continue  # a header over several columns
                low, high = min(columns[number][0] for number in hits), max(columns[number][1] for number in hits)
                columns = [column for number, column in enumerate(columns) if number not in hits] + [(low, high)]
                headers = [known for number, known in enumerate(headers) if number not in hits] + [[]]
                hits = [len(columns) - 1]
            if not hits and len(line.labels) + len(line.values) > 1:
                columns.append((start, end))
                headers.append([])
                hits = [len(columns) - 1]
            if hits:
                low, high = columns[hits[0]]
                columns[hits[0]] = min(low, start), max(high, end)
                headers[hits[0]].append((start, end))
    order = sorted(range(len(columns)), key=lambda number: columns[number])
    columns = [columns[number] for number in order]
    headers = [headers[number] for number in order]
    if len(columns) < 2 or any(one[1] > other[0] for one, other in pairwise(columns)):
        return False
    block.columns = columns
    numbers = [[chunk.spans[measure] for chunk in values if low <= chunk.start(measure) < high] for low, high in columns]
    agree = [_agree([*own_spans, *above]) for own_spans, above in zip(numbers, headers, strict=True) if own_spans and above]
    if _headers_needed(numbers) and agree.count(True) < max(2, 0.7 * len(agree)):
        return False
    # Each column needs a header, or numbers that agree in an edge or their middle.
    for spans, above in zip(numbers, headers, strict=True):
        if not above and (len(spans) < 2 or not _agree(spans)):
            return False
    # Neighbours of which no line has both may be one column, out of line, unless each has its header.
    for number in range(len(columns) - 1):
        if not (headers[number] and headers[number + 1]) and _are_one(rows, columns[number : number + 2], measure):
            return False
    return True


def _count(block: _Block) -> bool:
    """Whether nearly all lines have as many values as each other, so that their order tells the columns as well."""
    counts = Counter(len(line.values) for line in block.lines if _has_values(line.values))
    count, lines = counts.most_common(1)[0]
    block.count = count
    block.columns = []
    return count >= MIN_COUNT and lines >= max(2, 0.8 * counts.total())


def _headers_needed(numbers: Sequence[Sequence[tuple[int, int]]]) -> bool:
    return any(len(spans) < 2 for spans in numbers)


def _are_one(rows: Sequence[_Printed], columns: Sequence[tuple[int, int]], measure: int) -> bool:
    """Whether no line has values in two of these columns."""
    return all(len({at for chunk in line.values if (at := _column_of(columns, chunk.spans[measure])) >= 0}) <= 1 for line in rows)


def _agree(spans: Sequence[tuple[int, int]]) -> bool:
    """Whether nearly all spans share their start, their end or their middle."""
    count = len(spans)
    for edges in ([start * 2 for start, _ in spans], [end * 2 for _, end in spans], [start + end for start, end in spans]):
        middle = sorted(edges)[count // 2]
        if sum(1 for edge in edges if abs(edge - middle) <= 4) >= 0.8 * count:
            return True
    return False


def _merge(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans with those that overlap put together, from left to right."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def _column_of(columns: Sequence[tuple[int, int]], span: tuple[int, int]) -> int:
    """The column that the span lies in or overlaps; -1 for none."""
    for number, (low, high) in enumerate(columns):
        if span[0] < high and span[1] > low:
            return number
    return -1


# ---- rows -------------------------------------------------------------------------------------------------------------


def _read(lines: Sequence[Line], block: _Block, measure: int, done: int) -> tuple[int, int, RawTable] | None:
    """The table of a block with known columns, headers included, from line `done` on; None when no row is left."""
    entries = _entries(block, measure)
    parts = _part_rows(entries, len(block.columns) or block.count, stacks=bool(block.columns))
    if not parts:
        return None
    if _has_stray_values(entries, parts):
        return None
    first = entries[parts[0][0]].line.index
    header = [line for line in _header(block, measure) if done <= line.index < first]
    rows = [RawRow(tuple(_cell(lines[line.index], chunk) for chunk in (*line.labels, *line.values))) for line in header]
    for start, stop in parts:
        row = _row(lines, block, entries[start:stop])
        if row.cells:
            rows.append(row)
    table = RawTable(tuple(rows), spans="lost", blanks_known=False, place=rows[0].cells[0].place)
    return (header[0].index if header else first), entries[parts[-1][1] - 1].line.index + 1, table


def _has_stray_values(entries: Sequence[_Entry], parts: Sequence[tuple[int, int]]) -> bool:
    """Whether some row has values and no label although others have one: then its label, or a row's number, was cut wrongly."""
    labelled = stray = 0
    for start, stop in parts:
        if any(entry.values for entry in entries[start:stop]):
            has_label = any(entry.label for entry in entries[start:stop])
            labelled += has_label
            stray += not has_label
    return stray > 0 and (labelled > 0 or stray > 1)


def _header(block: _Block, measure: int) -> list[_Printed]:
    """The lines right above the values that head their columns: all that have words over a column, up to a heading."""
    found: list[_Printed] = []
    left = block.columns[0][0] if block.columns else block.left
    for line in reversed(block.above):
        if line.gap > 1 and found:
            break
        if line.end(measure) <= left and not found:
            continue
        chunks = (*line.labels, *line.values)
        if len(chunks) == 1 and (chunks[0].end(measure) - chunks[0].start(measure) > 24 or _ENUMERATOR.match(chunks[0].text)):
            break
        found.append(line)
    return found[::-1]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of a block: the group labels that begin on it with all their parts, the part of a row's label, the values by column.

    `room`: how many columns are left of the widest label beside this part; `is_edge`: above the first or below the last values.
    """

    line: _Printed
    groups: tuple[tuple[tuple[_Printed, _Chunk], ...], ...]
    label: tuple[_Chunk, ...]
    values: dict[int, _Chunk]
    width: int
    room: int
    is_edge: bool

    @property
    def text(self) -> str:
        return " ".join(chunk.text for chunk in self.label)


def _entries(block: _Block, measure: int) -> list[_Entry]:
    """The lines of a block and the label lines above it, each with its group labels told from its label."""
    lead: list[_Printed] = []
    for line in reversed(block.above[-MAX_LEAD:]):
        if line.values or line.end(measure) > block.left or line.gap > 1:
            break
        lead.insert(0, line)
    lines = [*lead, *block.lines]
    counts = Counter(line.labels[-1].start(measure) for line in lines if line.labels)
    starts = frozenset(start for start, count in counts.items() if count >= MIN_COMMON_START)
    parts = [_words(line.labels, measure, starts) for line in lines]
    units = _unit_column(lines, parts, measure)
    for number, (low, high) in enumerate(block.columns):
        if units is not None and abs(low - units) <= 2:
            # Marks stand in the words' column on some lines.
            reach = max(words[-1][-1].end(measure) for words in parts if words and words[-1][0].start(measure) >= units)
            block.columns[number] = min(low, units), max(high, reach)
            units = None
    beside: list[dict[int, _Chunk]] = [{} for _ in lines]
    for number, words in enumerate(parts):
        if not words or len(words[-1]) > 1 or len(words[-1][0].text) > MAX_WORD:
            continue
        word = words[-1][0]
        if (len(words) == 1 and not lines[number].values) or _ENUMERATOR.match(word.text):
            continue
        column = _column_of(block.columns, word.spans[measure])
        if column < 0 and (units is None or word.start(measure) < units):
            continue
        if column not in {_column_of(block.columns, chunk.spans[measure]) for chunk in lines[number].values}:
            beside[number][column] = word
            parts[number] = words[:-1]
    edge = max((group[-1].end(measure) for words in parts for group in words[:-1]), default=-1)
    zone = [_label_of(line, words, edge, measure) for line, words in zip(lines, parts, strict=True)]
    widest = {False: 0, True: 0}
    for label, _ in zone:
        if label:
            inner = label[0].start(measure) >= edge
            widest[inner] = max(widest[inner], _text_width(label))
    stacks = _stack_groups(lines, [groups for _, groups in zone], measure)
    first = next(number for number, line in enumerate(lines) if line.values)
    block.has_units = units is not None
    last = max(number for number, line in enumerate(lines) if line.values)
    entries = []
    for number, (line, (label, _)) in enumerate(zip(lines, zone, strict=True)):
        width = _text_width(label) if label else 0
        room = widest[label[0].start(measure) >= edge] - width if label else 0
        values = dict(enumerate(line.values))
        if block.columns:
            values = {_column_of(block.columns, chunk.spans[measure]): chunk for chunk in line.values}
        values |= beside[number]
        entries.append(_Entry(line, stacks.get(number, ()), label, values, width, room, not first <= number <= last))
    return entries


def _unit_column(lines: Sequence[_Printed], parts: Sequence[Sequence[tuple[_Chunk, ...]]], measure: int) -> int | None:
    """Where a column of short words begins that stands between the labels and the values on most lines; None when there is none."""
    ends = [(line, words) for line, words in zip(lines, parts, strict=True) if line.values and words]
    short = [words for _, words in ends if len(words) > 1 and len(words[-1]) == 1 and len(words[-1][0].text) <= MAX_WORD]
    if len(short) < MIN_COMMON_START or len(short) < 0.6 * len(ends):
        return None
    start = min(words[-1][0].start(measure) for words in short)
    reach = max(word[-1].end(measure) for words in short for word in words[:-1])
    return start if reach <= start else None


def _stack_groups(
    lines: Sequence[_Printed], groups: Sequence[tuple[tuple[_Chunk, ...], ...]], measure: int
) -> dict[int, tuple[tuple[tuple[_Printed, _Chunk], ...], ...]]:
    """The group labels by the line they begin on: their parts stand below each other, at most one line apart."""
    stacks: list[tuple[int, int, list[tuple[_Printed, _Chunk]]]] = []  # first line, last line, parts
    open_stacks: list[int] = []
    for number, words in enumerate(groups):
        for word in words:
            span = word[0].start(measure), word[-1].end(measure)
            parts = [(lines[number], chunk) for chunk in word]
            below = [
                at
                for at in open_stacks
                if stacks[at][1] < number <= stacks[at][1] + 2
                and span[0] < max(chunk.end(measure) for _, chunk in stacks[at][2])
                and span[1] > min(chunk.start(measure) for _, chunk in stacks[at][2])
            ]
            if len(below) == 1 and not _ENUMERATOR.match(word[0].text):
                first, _, known = stacks[below[0]]
                stacks[below[0]] = (first, number, [*known, *parts])
            else:
                open_stacks = [at for at in open_stacks if stacks[at][1] + 2 >= number and at not in below]
                open_stacks.append(len(stacks))
                stacks.append((number, number, parts))
    found: dict[int, tuple[tuple[tuple[_Printed, _Chunk], ...], ...]] = {}
    for first, _, parts in stacks:
        found[first] = (*found.get(first, ()), tuple(parts))
    return found


def _words(chunks: Sequence[_Chunk], measure: int, starts: frozenset[int]) -> list[tuple[_Chunk, ...]]:
    """Labels beside each other: parted by two blanks, or by one before an enumerator or where other labels start too."""
    words: list[list[_Chunk]] = []
    for chunk in chunks:
        near = words and chunk.start(measure) - words[-1][-1].end(measure) < 2
        if near and chunk.start(measure) not in starts and not _ENUMERATOR.match(chunk.text):
            words[-1].append(chunk)
        else:
            words.append([chunk])
    return [tuple(word) for word in words]


def _label_of(
    line: _Printed, words: Sequence[tuple[_Chunk, ...]], edge: int, measure: int
) -> tuple[tuple[_Chunk, ...], tuple[tuple[_Chunk, ...], ...]]:
    """(the row's label or a part of it, parts of group labels). Words in the groups' columns are a group's where no values follow."""
    if not words:
        return (), ()
    if not _has_values(line.values) and words[-1][-1].end(measure) <= edge:
        return (), tuple(words)
    return words[-1], tuple(words[:-1])


def _has_values(values: Iterable[_Chunk]) -> bool:
    """Whether there are numbers or marks, not only parts of units."""
    return any(chunk.kind != "label" for chunk in values)


def _text_width(chunks: Sequence[_Chunk]) -> int:
    return display_width(" ".join(chunk.text for chunk in chunks))


_UNIT = -1  # the column of words between labels and values

# Costs of a way to part lines into rows, in tenths. The least likely things are the dearest.
_NO_LABEL = 40
_NO_VALUES = 12
_UNITS_ONLY = 60
_WRAP = 3
_WRAP_WITH_ROOM = 25
_WRAP_AT_ENUMERATOR = 60
_PLAIN_START = 45
_PLAIN_LINE = 20
_OPEN_BRACKET = 30
_GAP_INSIDE = 40
_NO_GAP_BETWEEN = 10
_STACK = 8
_OFF_CENTRE = 6
_LEFT_OUT = 3
_NEVER = 1 << 20


def _part_rows(entries: Sequence[_Entry], width: int, *, stacks: bool) -> list[tuple[int, int]]:
    """The cheapest way to part the lines into rows, half-open ranges of entries; edge lines may be left out."""
    count = len(entries)
    labels = [entry.text for entry in entries if entry.label and entry.values]
    enumerated = sum(1 for text in labels if _ENUMERATOR.match(text)) > 0.5 * len(labels)
    gaps = sum(1 for one, other in pairwise(entries) if one.values and other.values and other.line.gap)
    parted = gaps > 0.5 * sum(1 for one, other in pairwise(entries) if one.values and other.values)
    fulls = [max((display_width(entry.values[col].text) for entry in entries if col in entry.values), default=0) for col in range(width)]
    begins = [enumerated and bool(entry.label) and _ENUMERATOR.match(entry.text) is not None for entry in entries]
    longest = MAX_ROW_LINES if enumerated else MAX_PLAIN_ROW_LINES
    best = [_NEVER] * (count + 1)
    before = [0] * (count + 1)
    kept = [True] * (count + 1)
    best[0] = 0
    for stop in range(1, count + 1):
        if entries[stop - 1].is_edge and best[stop - 1] + _LEFT_OUT < best[stop]:
            best[stop], before[stop], kept[stop] = best[stop - 1] + _LEFT_OUT, stop - 1, False
        for start in range(stop - 1, max(-1, stop - 1 - longest), -1):
            if start + 1 < stop and begins[start + 1]:
                break  # an enumerator inside a row
            if best[start] >= _NEVER:
                continue
            cost = _row_cost(entries[start:stop], fulls, enumerated=enumerated, parted=parted, stacks=stacks)
            if cost >= _NEVER:
                continue
            if start and parted and not entries[start].line.gap:
                cost += _NO_GAP_BETWEEN
            if best[start] + cost < best[stop]:
                best[stop], before[stop], kept[stop] = best[start] + cost, start, True
    rows: list[tuple[int, int]] = []
    at = count
    while at > 0:
        if kept[at]:
            rows.append((before[at], at))
        at = before[at]
    return rows[::-1]


def _row_cost(entries: Sequence[_Entry], fulls: Sequence[int], *, enumerated: bool, parted: bool, stacks: bool) -> int:
    """How unlikely it is that these lines are one row."""
    parts = [number for number, entry in enumerate(entries) if entry.label]
    at = [number for number, entry in enumerate(entries) if entry.values]
    if all(entry.is_edge for entry in entries) or (entries[-1].is_edge and entries[-1].groups):
        return _NEVER  # a group label below the last values heads what follows
    if not parts and not at:
        return 0 if len(entries) == 1 else _NEVER  # a part of a group label
    cost = 0
    if not parts:
        cost += _NO_LABEL if any(entry.label for entry in entries) or enumerated else 0
    else:
        text = entries[parts[0]].text
        if enumerated and not _ENUMERATOR.match(text):
            cost += _PLAIN_START if at else _PLAIN_LINE
        joined = "".join(entries[number].text for number in parts)
        if _opens(joined):
            cost += _OPEN_BRACKET
    for one, other in pairwise(parts):
        cost += _WRAP
        following = entries[other].text
        if _ENUMERATOR.match(following):
            cost += _WRAP_AT_ENUMERATOR
        # A printer takes a character along that a stop or a closing bracket follows.
        taken = 2 if following[1:2] and following[1] in _NO_LINE_START else 1
        if entries[one].room >= display_width(following[:taken]) + (following[0].isascii() and 4):
            cost += _WRAP_WITH_ROOM
    if parted:
        cost += _GAP_INSIDE * sum(1 for entry in entries[1:] if entry.line.gap)
    if not at:
        return cost + _NO_VALUES
    if sum(1 for number in at if _UNIT in entries[number].values) > 1:
        return _NEVER
    if not any(_UNIT in entries[number].values or _has_values(entries[number].values.values()) for number in at) and not parts:
        cost += _UNITS_ONLY
    lines = [*parts, *at]
    centre = (parts[0] + parts[-1]) / 2 if parts else (at[0] + at[-1]) / 2
    if len(at) == 1:
        return cost + int(_OFF_CENTRE * max(0.0, abs(at[0] - centre) - 0.5))
    if not stacks:
        # A line that was too long: the rest of the values stand alone on the next one.
        goes_on = len(at) == 2 and not entries[at[1]].label and sum(len(entries[number].values) for number in at) == len(fulls)
        return cost + _STACK if goes_on else _NEVER
    cost += _STACK * (len(at) - 1)
    middle = (min(lines) + max(lines)) / 2
    single = 0
    for col in range(len(fulls)):
        stack = [(number, entries[number].values[col]) for number in at if col in entries[number].values]
        if not stack:
            continue
        if not _is_one_number([chunk.text for _, chunk in stack], fulls[col]):
            return _NEVER
        single += len(stack) == 1
        mean = (stack[0][0] + stack[-1][0]) / 2
        cost += int(_OFF_CENTRE * max(0.0, abs(mean - middle) - 0.5) * 2)
    return cost if single or len(fulls) < 3 else _NEVER  # two whole rows


def _opens(text: str) -> bool:
    return text.count("（") + text.count("(") > text.count("）") + text.count(")") or text.count("“") > text.count("”")


def _is_one_number(parts: Sequence[str], full: int) -> bool:
    """Whether texts below each other are the parts of one number: each but the last fills its column."""
    if len(parts) == 1:
        return True
    for one, other in pairwise(parts):
        # Printers break a line beside a wide character only, and where the next one has no room.
        if display_width(one) + display_width(other[0]) <= full or display_width(one[-1] + other[0]) < 3:
            return False
    joined = "".join(parts)
    return _NUMBER.fullmatch(joined) is not None and not _LEADING_ZERO.match(joined)


def _row(lines: Sequence[Line], block: _Block, entries: Sequence[_Entry]) -> RawRow:
    """The cells of a row: group labels, its label, and a cell a column."""
    cells: list[RawCell] = []
    for entry in entries:
        for group in entry.groups:
            parts = [_cell(lines[line.index], chunk) for line, chunk in group]
            cells.append(RawCell("\n".join(cell.text for cell in parts), parts[0].place))
    labelled = [entry for entry in entries if entry.label]
    if labelled:
        head = _cell(lines[labelled[0].line.index], labelled[0].label[0])
        cells.append(RawCell("\n".join(entry.text for entry in labelled), head.place))
    if not any(entry.values for entry in entries):
        return RawRow(tuple(cells))  # a row of blanks, or a part of a label: what it is is not said here
    if block.has_units:
        unit = [_cell(lines[entry.line.index], entry.values[_UNIT]) for entry in entries if _UNIT in entry.values]
        cells.append(unit[0] if unit else RawCell("", TextPlace(lines[entries[0].line.index].number, 0, 0)))
    middle = lines[next(entry for entry in entries if entry.values).line.index]
    if not block.columns:
        cells += [_cell(lines[entry.line.index], chunk) for entry in entries for chunk in entry.line.values]
    for number, column in enumerate(block.columns):
        stack = [_cell(lines[entry.line.index], entry.values[number]) for entry in entries if number in entry.values]
        place = stack[0].place if stack else _column_place(middle, column)
        cells.append(RawCell("".join(cell.text for cell in stack), place))
    return RawRow(tuple(cells))


def _cell(line: Line, chunk: _Chunk) -> RawCell:
    head = len(line.text) - len(line.text.lstrip("\f"))
    start, end = chunk.spans[0]
    return RawCell(chunk.text, TextPlace(line.number, head + start, head + end))


def _column_place(line: Line, column: tuple[int, int]) -> TextPlace:
    return TextPlace(line.number, min(column[0], len(line.text)), min(column[1], len(line.text)))
