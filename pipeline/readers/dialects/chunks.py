"""Lines of text as chunks between blanks, with the columns they take up, and the stretches of lines that may be a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from pipeline.readers.dialects.pipes import Line
from pipeline.values.kinds import classify_cell, display_width

__all__ = [
    "ENUMERATOR",
    "MAX_HEADER_LINES",
    "MAX_UNIT",
    "Block",
    "Chunk",
    "Printed",
    "column_of",
    "has_values",
    "is_glued",
    "merge",
    "read_lines",
    "reparted",
]

MAX_LINE = 1_000  # code points; a longer line is no row
MAX_UNIT = 2  # characters of a unit behind a number
MAX_HEADER_LINES = 16
MAX_VALUE = 24  # characters of a number or a mark
_BLANKS = " \u00a0"
_CHUNK = re.compile(rf"[^{_BLANKS}]+")
_PARTED = re.compile(rf"[^{_BLANKS}\f][{_BLANKS}]+[^{_BLANKS}]")
_DIGIT = re.compile(r"[0-9\uff10-\uff19]")
ENUMERATOR = re.compile(r"\s*[(\uff08]?(?:[0-9\uff10-\uff19]{1,2}|[一二三四五六七八九十]{1,3}|[A-Za-z])[.\uff0e\u3001)\uff09]\D")


class Chunk(NamedTuple):
    """What stands between blanks. `spans`: (start, end) counted in code points and in terminal columns.

    Of what was put on another line than its own: `line`, where it stands (-1: on the line it belongs to), and `part`, what of it stands there.
    """

    text: str
    spans: tuple[tuple[int, int], tuple[int, int]]
    kind: str
    line: int = -1
    part: str = ""

    def start(self, measure: int) -> int:
        return self.spans[measure][0]

    def end(self, measure: int) -> int:
        return self.spans[measure][1]


class Printed:
    """A line: its labels, and the values behind them. `gap`: blank lines above it; `breaks`: a page begins with it.

    `last` is the last line whose values it has: its own `index`, unless those of several lines were put together.

    Most lines have no values, and nobody asks for the labels of those far from any table: they are told apart when they are asked for.
    """

    __slots__ = ("_labels", "_text", "breaks", "gap", "index", "last", "values")

    def __init__(self, index: int, text: str, gap: int, breaks: bool) -> None:
        self.index = self.last = index
        self.gap = gap
        self.breaks = breaks
        self._text = text
        self._labels: tuple[Chunk, ...] | None = None
        self.values: tuple[Chunk, ...] = ()
        if _may_have_values(text):
            self._labels, self.values = part(_chunks(text))

    @property
    def labels(self) -> tuple[Chunk, ...]:
        if self._labels is None:
            self._labels = tuple(_chunks(self._text))
        return self._labels

    def parted(self, at: int) -> Printed:
        """The same line with all that stands behind its first `at` chunks as values."""
        chunks = (*self.labels, *self.values)
        return self.having(chunks[:at], chunks[at:])

    def having(self, labels: tuple[Chunk, ...], values: tuple[Chunk, ...]) -> Printed:
        """The same line with other labels and values."""
        other = Printed(self.index, "", self.gap, self.breaks)
        other._labels, other.values, other.last = labels, values, self.last
        return other

    def covering(self, first: int, last: int) -> Printed:
        """The same line for all lines from `first` to `last`."""
        other = self.having(self.labels, self.values)
        other.index, other.last = first, last
        return other

    def end(self, measure: int) -> int:
        return (self.values or self.labels)[-1].end(measure)


@dataclass(slots=True)
class Block:
    """Lines with values and label lines between them, what stands above, and, once found, the value columns."""

    above: list[Printed]
    lines: list[Printed] = field(default_factory=list)
    left: int = 1 << 30  # the first column of any value
    columns: list[tuple[int, int]] = field(default_factory=list)
    count: int = 0  # where the values keep to no columns: how many a line has
    paged: bool = False  # on a page of a PDF converter, whose columns never share a code point column
    loose: set[int] = field(default_factory=set)  # lines (their indices) of which only the order of the values is known
    has_units: bool = False  # a column of short words stands between the labels and the values


def read_lines(lines: Sequence[Line]) -> list[Printed]:
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
    return [Printed(*found[number]) for numbers in near for number in numbers] if is_parted else []  # else a cell a line, or prose


def _may_have_values(text: str) -> bool:
    """Whether the last chunk of a line, which is not blank, is a number, a mark or a part of a unit."""
    if len(text) > MAX_VALUE and " " not in text and "\u00a0" not in text:
        return False
    last = text.lstrip("\f").rstrip(_BLANKS).rpartition(" ")[2].rpartition("\u00a0")[2]
    return len(last) <= MAX_UNIT or _kind(last) != "label"


def _chunks(text: str) -> list[Chunk]:
    head = len(text) - len(text.lstrip("\f"))
    wide = not text.isascii()
    chunks: list[Chunk] = []
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
            chunks[-1] = Chunk(f"{before.text} {match.group()}", spans, "number")
        else:
            chunks.append(Chunk(match.group(), ((start - head, end - head), (col, col + width)), kind))
        col += width
        at = end
    return chunks


@lru_cache(maxsize=4096)
def _kind(text: str) -> str:
    if len(text) > MAX_VALUE or (len(text) > 6 and not _DIGIT.search(text)):
        return "label"
    return classify_cell(text)


def part(chunks: Sequence[Chunk]) -> tuple[tuple[Chunk, ...], tuple[Chunk, ...]]:
    """(labels, values): the values are the numbers and marks at the line's end, parts of units between and behind them too."""
    at = first = len(chunks)
    while at > 0 and (chunks[at - 1].kind != "label" or len(chunks[at - 1].text) <= MAX_UNIT):
        at -= 1
        if chunks[at].kind != "label":
            first = at
    return tuple(chunks[:first]), tuple(chunks[first:])


def reparted(line: Printed, block: Block, measure: int) -> Printed:
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


def merge(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans with those that overlap put together, from left to right."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def column_of(columns: Sequence[tuple[int, int]], span: tuple[int, int]) -> int:
    """The column that the span lies in or overlaps; -1 for none."""
    for number, (low, high) in enumerate(columns):
        if span[0] < high and span[1] > low:
            return number
    return -1


def is_glued(chunk: Chunk) -> bool:
    """Whether the chunk of a page stands a blank behind another: so near that the converter wrote it behind the other, wherever that ended.

    Such a one has no width there.
    """
    return chunk.start(1) == chunk.end(1)


def has_values(values: Iterable[Chunk]) -> bool:
    """Whether there are numbers or marks, not only parts of units."""
    return any(chunk.kind != "label" for chunk in values)
