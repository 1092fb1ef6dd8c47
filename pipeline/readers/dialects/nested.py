"""Tables under rulers of dashes inside a frame, as pandoc prints a table that stands in the cell of another one.

+--------------------+      the lines of the inner table are longer than the frame is wide: each is cut into pieces from its right end,
|   -----            |      so that every piece but the first is as wide as the frame, and the pieces stand below each other
| -------- ---- ---- |
|   lab              |
| el 1        12   3 |
+--------------------+

A line is put together again where its words then stand under the segments of the ruler, which was cut in the same way.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.model.document import RawCell, RawRow, RawTable, TextBlock
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.pipes import Line, text_of
from pipeline.values.kinds import classify_cell, display_width

__all__ = ["NestedStretch", "split_nested"]

MAX_PIECES = 12  # of one line
MAX_LINES = 20_000  # of one inner table
_FRAME_START = "+----------"
_FRAME = re.compile(r"\+-{10,}\+")
_RULER = re.compile(r" {2}-{2,}(?: +-{2,})* *")
_RULER_PIECE = re.compile(r"[- ]*-[- ]*")
_WORD = re.compile(r"[^ \u00a0]+")
_WHOLE_WORD = re.compile(r" ([^ ]+)")  # not what a cut may have left of one
_SEGMENT = re.compile(r"-+")

# Costs of reading some pieces as one line.
_ACROSS = 20.0  # a word that stands across segments, or left of the first one
_APART = 12.0  # two words in one segment with more than a blank between them
_OFF = 0.5  # a column that a cell is away from its segment's edges
_LINE = 1.0
_BLANK = 0.2
_NOT_FULL = 8.0  # the last piece of a cut line is full


@dataclass(frozen=True, slots=True)
class NestedStretch:
    """Consecutive lines (indices into the sequence that was split), with what stands in their frame, in order, or none."""

    lines: range
    blocks: tuple[TextBlock | RawTable, ...] = ()


@dataclass(frozen=True, slots=True)
class _Cut:
    """A line put together: its cells by segment, each with the place of its beginning; `size` pieces were used."""

    cost: float
    cells: tuple[tuple[int, str, TextPlace], ...]
    size: int


def split_nested(lines: Sequence[Line]) -> Iterator[NestedStretch]:
    """Part lines into frames with ruled tables inside and the rest; together they are all the lines, in order."""
    done = 0
    index = 0 if _FRAME_START in text_of(lines) else len(lines)
    while index < len(lines):
        end = _frame_end(lines, index) if lines[index].text.startswith(_FRAME_START) else None
        if end is None:
            index += 1
            continue
        blocks = _read_frame(lines[index + 1 : end])
        if blocks is not None:
            if done < index:
                yield NestedStretch(range(done, index))
            yield NestedStretch(range(index, end + 1), tuple(blocks))
            done = end + 1
        index = end + 1
    if done < len(lines):
        yield NestedStretch(range(done, len(lines)))


def _frame_end(lines: Sequence[Line], start: int) -> int | None:
    """The last line of a frame of one column, when it has rulers of dashes inside."""
    if not _FRAME.fullmatch(lines[start].text):
        return None
    has_ruler = False
    for index in range(start + 1, len(lines)):
        text = lines[index].text
        if text == lines[start].text:
            return index if has_ruler else None
        if not (text.startswith("| ") and text.endswith(" |")):
            return None
        has_ruler = has_ruler or text.startswith(("|   --", "|  --"))
    return None


def _read_frame(lines: Sequence[Line]) -> list[TextBlock | RawTable] | None:
    """What stands in a frame; None when one of its inner tables cannot be put together."""
    blocks: list[TextBlock | RawTable] = []
    index = 0
    while index < len(lines):
        text = _inner(lines[index])
        if _RULER.fullmatch(text) is None and not _is_begun_ruler(lines, index):
            if text.strip():
                column = lines[index].text.index(text.strip())
                blocks.append(TextBlock(text.strip(), TextPlace(lines[index].number, column, column + len(text.strip()))))
            index += 1
            continue
        size = _ruler_size(lines, index)
        end = _closing_ruler(lines, index, size)
        table = None if end is None else _read_table(lines, index, size, end)
        if end is None or table is None:
            return None
        blocks.append(table)
        index = end + size
    return blocks


def _inner(line: Line) -> str:
    return line.text[2:-2]


def _is_begun_ruler(lines: Sequence[Line], index: int) -> bool:
    """Whether all that a blank line has is the first of the two blanks that a ruler begins with: it was cut behind it."""
    if _inner(lines[index]).strip() or index + 1 == len(lines):
        return False
    following = _inner(lines[index + 1])
    return following.startswith(" -") and _is_full_ruler(following)


def _ruler_size(lines: Sequence[Line], start: int) -> int:
    """How many pieces the ruler was cut into."""
    size = 1
    while start + size < len(lines) and size < MAX_PIECES and _is_full_ruler(_inner(lines[start + size])):
        size += 1
    return size


def _is_full_ruler(text: str) -> bool:
    """Whether a piece fills the frame; it may begin or end with the blank between two segments."""
    return not text.endswith("  ") and not text.startswith("  ") and _RULER_PIECE.fullmatch(text) is not None


def _closing_ruler(lines: Sequence[Line], start: int, size: int) -> int | None:
    """The ruler, the same as the first, behind which a blank line stands."""
    ruler = [_inner(line) for line in lines[start : start + size]]
    for index in range(start + size, min(len(lines), start + MAX_LINES)):
        if _inner(lines[index]) == ruler[0] and [_inner(line) for line in lines[index : index + size]] == ruler:
            following = index + size
            if following >= len(lines) or not _inner(lines[following]).strip():
                return index
    return None


def _read_table(lines: Sequence[Line], start: int, size: int, end: int) -> RawTable | None:
    """The table between two rulers, its lines put together; a blank of the ruler may be lost where it was cut."""
    pieces = [_inner(line) for line in lines[start : start + size]]
    best: tuple[float, list[_Cut], list[tuple[int, int]]] | None = None
    for gap in ("", " ") if size > 1 else ("",):
        ruler = pieces[0].rstrip() + gap + "".join(pieces[1:])
        segments = [match.span() for match in _SEGMENT.finditer(ruler)]
        cuts = _put_together(lines[start + size : end], segments, size)
        if cuts is not None and (best is None or cuts[0] < best[0]):
            best = (*cuts, segments)
    if best is None or len(best[2]) < 2:
        return None
    _, cuts_, segments = best
    return _as_table(lines[start], cuts_, segments)


def _put_together(lines: Sequence[Line], segments: Sequence[tuple[int, int]], size: int) -> tuple[float, list[_Cut]] | None:
    """The cheapest way to read the pieces as lines of the table; None when words stay across segments."""
    count = len(lines)
    best: list[float] = [0.0] + [1e9] * count
    chosen: list[_Cut | None] = [None] * (count + 1)
    for start in range(count):
        if best[start] >= 1e9:
            continue
        for pieces in range(1, min(size, count - start) + 1):
            cut = _fit(lines[start : start + pieces], segments)
            if best[start] + cut.cost < best[start + pieces]:
                best[start + pieces], chosen[start + pieces] = best[start] + cut.cost, cut
    cuts: list[_Cut] = []
    at = count
    while at > 0:
        cut_ = chosen[at]
        if cut_ is None or cut_.cost >= _ACROSS:
            return None
        cuts.append(cut_)
        at -= cut_.size
    return best[count], cuts[::-1]


def _fit(lines: Sequence[Line], segments: Sequence[tuple[int, int]]) -> _Cut:
    """These pieces as one line, where the first piece is as wide as fits best."""
    first = _inner(lines[0]).rstrip(" ")
    width = display_width(first)
    if len(lines) == 1:
        return _measure(lines, width, segments, short=False)
    frame = display_width(_inner(lines[0]))
    widths = {width, width + 1}
    offset = 0
    for line in lines[1:]:
        word = _WHOLE_WORD.search(_inner(line))
        if word is not None:
            at = offset + display_width(_inner(line)[: word.start(1)])
            widths |= {start - at for start, _ in segments}
            break
        offset += frame
    sizes = [size for size in sorted(widths) if width <= size <= frame]
    cuts = [_measure(lines, size, segments, short=short) for size in sizes for short in (True, False)]
    return min(cuts, key=lambda cut: cut.cost)


def _measure(lines: Sequence[Line], width: int, segments: Sequence[tuple[int, int]], *, short: bool) -> _Cut:
    """The cost of reading pieces as one line whose first piece has this width, and the cells of that line.

    `short`: a blank at the end of a piece behind a wide character is the room that the character had none in, and no blank of the line.
    """
    text: list[str] = []
    starts: list[int] = []  # of the pieces in the whole
    length = 0
    wide_end = False
    for number, line in enumerate(lines):
        piece = _inner(line)
        if number == 0:
            piece = piece.rstrip(" ")
            piece += " " * (width - display_width(piece))
        elif short and wide_end and piece.endswith(" "):
            piece = piece[:-1]
        text.append(piece)
        starts.append(length)
        length += len(piece)
        wide_end = bool(piece) and display_width(piece[-1]) == 2
    whole = "".join(text)
    if not whole.strip():
        return _Cut(_BLANK + (_NOT_FULL if len(lines) > 1 else 0.0), (), len(lines))
    cost = _LINE
    if len(lines) > 1 and not text[0].strip():
        cost += 2 * _BLANK  # a blank line and the next one, rather, where that fits as well by itself
    if len(lines) > 1 and display_width(text[-1].rstrip(" ")) < display_width(text[-1]) - 3:
        cost += _NOT_FULL
    slack = 0 if len(lines) == 1 else 2
    cells: dict[int, list[tuple[int, int, int, int]]] = {}  # by segment: start and end column, start and end character
    column = at = 0
    for match in _WORD.finditer(whole):
        column += display_width(whole[at : match.start()])
        end = column + display_width(match.group())
        segment = _segment_of(segments, column, end, slack)
        if segment is None:
            cost += _ACROSS
        else:
            words = cells.setdefault(segment, [])
            if words and column - words[-1][1] > 1:
                cost += _APART
            words.append((column, end, match.start(), match.end()))
        column, at = end, match.end()
    found = []
    for segment, words in sorted(cells.items()):
        low, high = segments[segment]
        start, end = words[0][0], words[-1][1]
        cost += _OFF * min(5, abs(start - low), abs(end - high), abs(start + end - low - high))
        first, last = words[0][2], words[-1][3]
        number = bisect_right(starts, first) - 1
        line = lines[number]
        place = min(2 + first - starts[number], len(line.text))
        size = min(last, starts[number] + len(text[number])) - first
        found.append((segment, whole[first:last], TextPlace(line.number, place, place + size)))
    return _Cut(cost, tuple(found), len(lines))


def _has_rows(group: Sequence[_Cut]) -> bool:
    """Whether lines between two blank ones are rows: two of them have a number in the same column."""
    columns = [segment for cut in group for segment, printed, _ in cut.cells if classify_cell(printed) == "number"]
    return len(set(columns)) < len(columns)


def _without_header(group: Sequence[_Cut]) -> Iterator[list[_Cut]]:
    """Lines between two blank ones, parted where numbers stand right below words: the blank line between them was taken for a piece of a line."""
    words: set[int] = set()
    part: list[_Cut] = []
    for cut in group:
        below = {segment for segment, printed, _ in cut.cells if classify_cell(printed) == "number"} & words
        if len(below) > 1:
            yield part
            words, part = set(), []
        words |= {segment for segment, printed, _ in cut.cells if classify_cell(printed) == "label"}
        part.append(cut)
    if part:
        yield part


def _segment_of(segments: Sequence[tuple[int, int]], start: int, end: int, slack: int) -> int | None:
    """The segment that a word lies in, or juts out of by no more than `slack` columns; None when there is none."""
    at = bisect_right(segments, (start, 1 << 30)) - 1
    best: tuple[int, int] | None = None
    for number in (at, at + 1):
        if 0 <= number < len(segments):
            low, high = segments[number]
            out = max(0, low - start) + max(0, end - high)
            if out <= slack and (best is None or out < best[0]):
                best = out, number
    return None if best is None else best[1]


def _as_table(ruler: Line, cuts: Sequence[_Cut], segments: Sequence[tuple[int, int]]) -> RawTable | None:
    """The table: each line a row, or, where blank lines part the rows, each group of lines."""
    groups: list[list[_Cut]] = [[]]
    for cut in cuts:
        if cut.cells:
            groups[-1].append(cut)
        elif groups[-1]:
            groups.append([])
    groups = [group for group in groups if group]
    if len(groups) > 1:
        groups = [part for group in groups for part in _without_header(group)]
    if len(groups) == 1 or any(_has_rows(group) for group in groups):
        groups = [[cut] for group in groups for cut in group]
    at = TextPlace(ruler.number, 2, len(ruler.text) - 2)
    rows = []
    for group in groups:
        cells: list[RawCell | None] = [None] * len(segments)
        for cut in group:
            for segment, printed, place in cut.cells:
                above = cells[segment]
                cells[segment] = RawCell(printed, place) if above is None else RawCell(f"{above.text}\n{printed}", above.place)
        rows.append(RawRow(tuple(cell or RawCell("", at) for cell in cells)))
    return RawTable(tuple(rows), spans="lost", place=at) if rows else None
