"""Tables whose cells follow each other a blank apart, as lynx prints those that are too wide for its screen: columns are gone, cells are not.

label 1   3         a blank stands between two cells, and a blank cell is a blank itself:
label   2   4       three blanks between two words are one blank cell, five are two
      2   6         blank cells before the first word push it right, those behind the last one are cut off
label 100 200 300
300                 a row that was too long for its line

A table with a single row, however many columns it has, is read where its values are as many as the words right above them; one that nobody
has filled in where its headers come again under each other's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.chunks import ENUMERATOR
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pipes import Line
from pipeline.values.kinds import classify_cell

__all__ = ["find_spaced"]

MAX_LINE = 1_000  # code points; a longer line is prose
MAX_MARK = 2  # characters of a word that stands for a number
MAX_CELLS = 100  # of one line; wider gaps are no blank cells
MIN_LINES = 3
MIN_SEEN = 2  # lines that show blank cells, and lines that have as many cells as any
MIN_VALUES = 2
MAX_GAP = 4  # lines between headers and their values
MIN_LONE = 8  # values of a row that is a table by itself
MIN_LINE = 4  # words of the longest line of headers, and values of the first line of the row
MAX_SPANNERS = 2  # headers over others, on one line with some of those
MIN_LONE_HEADERS = 2  # lines of headers above a row that is all blank
MAX_HEADER = 12  # characters of a header of such a row
_WORD = re.compile(r"[^ ]+")


@dataclass(frozen=True, slots=True)
class _Spaced:
    """A line as cells: labels as (start, text), then values, of which blank ones have no text. `wide`: a gap shows blank cells."""

    line: Line
    labels: tuple[tuple[int, str], ...]
    values: tuple[tuple[int, str], ...]
    wide: bool

    @property
    def is_header(self) -> bool:
        """Several words and no numbers, the last of them not the label of a row under the others."""
        return not self.values and len(self.labels) > 1 and not ENUMERATOR.match(self.labels[-1][1])


def find_spaced(lines: Sequence[Line]) -> Iterator[FoundTable]:
    """The tables of this kind, in order. Linear in the text."""
    paragraphs = list(_paragraphs(lines))
    marks = frozenset().union(*(_find_marks(lines[start:stop]) for start, stop in paragraphs))  # one clerk has one mark
    tables = [_read(lines[start:stop], marks, shown=False) for start, stop in paragraphs]
    shown = any(table is not None for table in tables)
    for (start, stop), table in zip(paragraphs, tables, strict=True):
        if table is None and shown:
            table = _read(lines[start:stop], marks, shown=True)
        if table is not None:
            yield FoundTable(range(start, stop), table)
        else:
            yield from _find_lone(lines, start, stop, marks, shown=shown)


def _paragraphs(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Lines that follow each other without a blank one."""
    start = 0
    for index in range(len(lines) + 1):
        if index < len(lines) and not _is_blank(lines[index].text):
            continue
        if index - start >= MIN_LINES:
            yield start, index
        start = index + 1


def _is_blank(text: str) -> bool:
    return not text or text.isspace() or len(text) > MAX_LINE or "|" in text or "\t" in text


def _read(lines: Sequence[Line], known_marks: frozenset[str], *, shown: bool) -> RawTable | None:
    """The table of a paragraph; None when its gaps are not those of this dialect, or no line shows a blank cell or a mark.

    `shown`: other tables of the text show theirs, so this one need not.
    """
    if sum(_may_have_values(line.text) for line in lines) < MIN_LINES:
        return None
    margin = min(len(line.text) - len(line.text.lstrip(" ")) for line in lines)
    units = _find_units(lines)
    marks = known_marks - units
    read = [_read_line(line, margin, marks, units) for line in lines]
    if any(item is None for item in read):
        return None
    spaced = [item for item in read if item is not None]
    valued = [item for item in spaced if len(item.values) >= MIN_VALUES]
    if len(valued) < MIN_LINES:
        return None
    count = max(len(item.values) for item in valued)
    seen = sum(1 for item in valued if item.wide or any(text in marks for _, text in item.values))
    if not shown and seen < MIN_SEEN and not _are_whole(spaced, count):
        return None
    counts = Counter(len(item.values) for item in valued)
    if counts.most_common(1)[0][1] < MIN_SEEN or count > MAX_CELLS:
        return None
    rows = [row for table in _tables(spaced) for row in _rows(table)]
    first = spaced[0]
    place = TextPlace(first.line.number, margin, len(first.line.text.rstrip()))
    return RawTable(tuple(rows), spans="lost", place=place)


def _may_have_values(text: str) -> bool:
    """Whether the last word of a line is a value, or short enough for a mark or a unit."""
    word = text.rstrip(" ").rpartition(" ")[2]
    return len(word) <= MAX_MARK or classify_cell(word) != "label"


def _are_whole(lines: Sequence[_Spaced], count: int) -> bool:
    """Whether all rows have as many values, some of them only with the line below, which has no others: no blank cell can have vanished."""
    found = 0
    rest = 0  # values that the row above lacks
    for line in lines:
        if line.values and not line.labels:
            if len(line.values) != rest:
                return False
            found += 1
            rest = 0
        elif rest:
            return False
        else:
            rest = count - len(line.values) if line.values else 0
    return found >= MIN_SEEN and not rest


def _find_marks(lines: Sequence[Line]) -> frozenset[str]:
    """Short words that stand between numbers again and again."""
    found: Counter[str] = Counter()
    for line in lines:
        words = line.text.split()
        if len(words) <= MIN_VALUES:
            continue  # none stands between two numbers
        kinds = [classify_cell(word) for word in words]
        first = next((number for number, kind in enumerate(kinds) if kind == "number"), len(words))
        last = next((number for number in reversed(range(len(words))) if kinds[number] == "number"), -1)
        found.update(words[number] for number in range(first, last) if kinds[number] == "label")
    return frozenset(word for word, count in found.items() if len(word) <= MAX_MARK and count >= MIN_LINES)


def _find_units(lines: Sequence[Line]) -> frozenset[str]:
    """Short words of which one stands a blank behind each number, on every line that has them: counters, not marks for nothing."""
    lines_with: Counter[str] = Counter()
    others: set[str] = set()
    for line in lines:
        words = line.text.split(" ")
        first = len(words)
        while first > 0 and (len(words[first - 1]) <= MAX_MARK or classify_cell(words[first - 1]) != "label"):
            first -= 1
        tail = [(classify_cell(word), word) for word in words[first:]]
        labels = {word for kind, word in tail if kind == "label"}
        if not labels:
            continue
        behind = {word for (kind, _), (other, word) in pairwise(tail) if kind == "number" and other == "label"}
        for word in labels:
            count = sum(1 for (kind, _), (_, other) in pairwise(tail) if kind == "number" and other == word)
            if word in behind and count == sum(kind == "number" for kind, _ in tail) == sum(other == word for _, other in tail):
                lines_with[word] += 1
            else:
                others.add(word)
    return frozenset(word for word, count in lines_with.items() if count >= MIN_LINES and word not in others)


def _read_line(line: Line, margin: int, marks: frozenset[str], units: frozenset[str]) -> _Spaced | None:
    """The line as cells; None when a gap among its values is no number of blank cells."""
    words: list[tuple[int, str]] = []
    for match in _WORD.finditer(line.text):
        start, text = words[-1] if words else (0, "")
        if match.group() in units and classify_cell(text) == "number" and match.start() == start + len(text) + 1:
            words[-1] = start, f"{text} {match.group()}"
        else:
            words.append((match.start(), match.group()))
    first = len(words)
    while first > 0 and (words[first - 1][1] in marks or classify_cell(words[first - 1][1]) != "label"):
        first -= 1
    ends = [start + len(text) for start, text in words]
    values: list[tuple[int, str]] = []
    wide = False
    for number in range(first, len(words)):
        start, text = words[number]
        gap = start - ends[number - 1] - 1 if number else start - margin
        if gap % 2 or gap > 2 * MAX_CELLS:
            return None
        values += [(start - gap + 2 * blank, "") for blank in range(gap // 2)]
        values.append((start, text))
        wide = wide or gap > 0
    labels = tuple(words[:first])
    return _Spaced(line, labels, tuple(values), wide)


# ---- tables with one row ----------------------------------------------------------------------------------------------


def _find_lone(lines: Sequence[Line], start: int, stop: int, marks: frozenset[str], *, shown: bool) -> Iterator[FoundTable]:
    """Tables whose one row is a line of values, perhaps too long for it, right below as many words; or is all blank.

    Where other tables show their blank cells (`shown`), a line that has some before or between its values may have fewer than there are words:
    what is missing at its end is blank.
    """
    if all(line.text.count(" ") < MIN_LINE - 1 for line in lines[start:stop]):
        return  # no line of headers is long enough
    words = [_words_of(line) for line in lines[start:stop]]
    done = index = 0
    while index < len(words):
        first = index
        while index < len(words) and not _are_values(words[index], marks) and _is_header(words[index]):
            index += 1
        body = index
        if index == first or max(map(len, words[first:body])) < MIN_LINE:
            index += 1
            continue
        while index < len(words) and _are_values(words[index], marks):
            index += 1
        margin = min(line[0][0] for line in words[first:index])
        cells = [_with_blanks(line, margin) for line in words[body:index]]
        count = sum(len(line or ()) for line in cells)
        heads = list(accumulate(len(line) for line in reversed(words[first:body])))
        # A header that a line's end has cut counts as two, and some stand over others.
        is_wide = index > body and len(words[body]) >= MIN_LINE  # else a cell a line
        is_near = all(map(_are_near, words[first:body])) and 2 * sum(map(len, words[body:index])) > count  # else columns
        is_row = (
            is_wide
            and is_near
            and None not in cells
            and count >= MIN_LONE
            and any(0 <= total - count <= number + MAX_SPANNERS for number, total in enumerate(heads))
        )
        is_cut_off = (
            shown
            and index == body + 1
            and index == len(words)
            and cells[0] is not None
            and not all(text for _, text in cells[0])
            and len({line[0][0] for line in words[first:body]}) == 1
            and all(map(_are_near, words[first:body]))
            and max(MIN_LONE, count + 1) <= heads[-1]
        )
        is_blank = index == body and _comes_again(words[first:body]) and not _has_values_below(lines, start + index)
        if (is_row or is_blank or is_cut_off) and first >= done:
            headers = [[_cell(lines[start + number], *word) for word in words[number]] for number in range(first, body)]
            row = [_cell(lines[start + body + number], *cell) for number, line in enumerate(cells) for cell in line or ()]
            # A header that was too long for its line cannot be told from two, one over the other: in one row their order is looked at as a whole.
            rows = (
                [
                    RawRow(tuple(chain.from_iterable(headers))),
                    RawRow(tuple(row), padding=heads[-1] - count if is_cut_off and not is_row else 0),
                ]
                if is_row or is_cut_off
                else [RawRow(tuple(line)) for line in headers]
            )
            done = index
            table = RawTable(tuple(rows), spans="lost", place=rows[0].cells[0].place)
            yield FoundTable(range(start + first, start + index), table)


def _has_values_below(lines: Sequence[Line], index: int) -> bool:
    """Whether the next line that is not blank ends in a value."""
    below = next((line.text.split() for line in lines[index : index + MAX_GAP] if line.text.strip()), [])
    return bool(below) and classify_cell(below[-1]) != "label"


def _words_of(line: Line) -> list[tuple[int, str]]:
    return [(match.start(), match.group()) for match in _WORD.finditer(line.text)]


def _with_blanks(words: Sequence[tuple[int, str]], margin: int) -> list[tuple[int, str]] | None:
    """The cells of a line of values, blank ones without text; None when a gap is no number of blank cells."""
    cells: list[tuple[int, str]] = []
    end = margin - 1
    for start, text in words:
        gap = start - end - 1
        if gap % 2 or gap > 2 * MAX_CELLS:
            return None
        cells += [(start - gap + 2 * blank, "") for blank in range(gap // 2)]
        cells.append((start, text))
        end = start + len(text)
    return cells


def _are_near(words: Sequence[tuple[int, str]]) -> bool:
    """Whether words stand a blank apart: no blank cell between any two."""
    return all(start + len(text) + 1 == other for (start, text), (other, _) in pairwise(words))


def _is_header(words: Sequence[tuple[int, str]]) -> bool:
    return bool(words) and all(len(text) <= MAX_HEADER and classify_cell(text) == "label" for _, text in words)


def _are_values(words: Sequence[tuple[int, str]], marks: frozenset[str]) -> bool:
    return bool(words) and all(text in marks or classify_cell(text) != "label" for _, text in words)


def _comes_again(header: Sequence[Sequence[tuple[int, str]]]) -> bool:
    """Whether a header's last lines repeat, word for word, what they begin with: columns under the second of two headers above."""
    texts = [text for _, text in header[-1]]
    if len(header) < MIN_LONE_HEADERS or len(texts) < MIN_LONE or not _are_near(header[-1]):
        return False
    return any(len(texts) % size == 0 and texts == texts[:size] * (len(texts) // size) for size in range(2, len(texts) // 2 + 1))


def _tables(lines: Sequence[_Spaced]) -> Iterator[list[_Spaced]]:
    """The lines of each table: from its header lines to those of the next."""
    table: list[_Spaced] = []
    for line in lines:
        if table and line.is_header and not table[-1].is_header:
            yield table
            table = []
        table.append(line)
    if table:
        yield table


def _rows(table: Sequence[_Spaced]) -> Iterator[RawRow]:
    """The rows of one table; blank cells cut off behind a row are its padding, as many as other rows have more."""
    heads = [line for line in table if line.is_header]
    counts = [len(line.values) for line in table if line.values]
    count = max(counts, default=0)
    if len(heads) == 1 or len(counts) == 1:
        # The last word of one line and the first of the next are one header.
        body = next((number for number, line in enumerate(table) if line.values), len(table))
        labels = [len(line.labels) for line in (heads if len(heads) == 1 else table[:body])]
        count = max(count, sum(labels) - len(labels))
    index = 0
    while index < len(table):
        line = table[index]
        values = line.values
        following = table[index + 1] if index + 1 < len(table) else None
        alone = following is not None and bool(following.values) and not following.labels
        cells = [_cell(line.line, start, text) for start, text in line.labels]
        cells += [_cell(line.line, start, text) for start, text in values]
        if alone and following is not None and line.labels and values and len(values) + len(following.values) <= count:
            # The row was too long for its line.
            cells += [_cell(following.line, start, text) for start, text in following.values]
            values = (*values, *following.values)
            index += 1
            alone = False
        index += 1
        padding = 0 if line.is_header or (alone and not values) else max(count - len(values), 0 if values else 1)
        yield RawRow(tuple(cells), padding=padding)


def _cell(line: Line, start: int, text: str) -> RawCell:
    return RawCell(text, TextPlace(line.number, start, start + len(text)))
