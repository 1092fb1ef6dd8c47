"""Tables whose columns a ruler of dashes marks out, as pandoc writes them: every slot of a row has its stretch of the line.

------ -------- ------          a ruler over the rows; between two rulers each line is a row, or,
label  12       34              where blank lines part them, each group of lines
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pipes import Line, text_of
from pipeline.values.kinds import display_width

__all__ = ["find_ruled"]

MAX_ROWS = 200_000  # lines looked through for the ruler that closes a table
MAX_ROW_LINES = 8  # lines of a row on average where each has a line of blanks behind it
_SEGMENTS = re.compile(r"\s*-{2,}(?: +-{2,})+\s*")
_RULER = re.compile(r"\s*-{2,}(?: +-{2,})*\s*")
_WORD = re.compile("[^ ]+")
_SEGMENT = re.compile(r"-{2,}")


def find_ruled(lines: Sequence[Line]) -> Iterator[FoundTable]:
    """The ruled tables, in order."""
    done = 0
    index = 0 if "--" in text_of(lines) else len(lines)
    while index < len(lines):
        found = _find_table(lines, index, done) if "--" in lines[index].text else None
        if found is None:
            index += 1
            continue
        yield found
        done = index = found.lines.stop


def _find_table(lines: Sequence[Line], index: int, done: int) -> FoundTable | None:
    """The table that the ruler at `index` opens, or whose header it underlines; None when there is no ruler or no table."""
    if not _is_ruler(lines[index], _RULER):
        return None
    is_under_header = index > done and lines[index - 1].text.strip() != "" and _is_ruler(lines[index], _SEGMENTS)
    if is_under_header:
        # A header line over the ruler, rows below it up to a line with nothing at all.
        start = index - 1
        stop = next((i for i in range(index + 1, min(len(lines), index + MAX_ROWS)) if not lines[i].text), len(lines))
        table = _read(lines[index], _between_rulers(lines[start:stop]))
        return None if table is None else FoundTable(range(start, stop), table)
    end = _closing_ruler(lines, index)
    if end is None:
        return None
    stretch = lines[index : end + 1]
    ruler = next((line for line in stretch if _is_ruler(line, _SEGMENTS)), None)
    table = None if ruler is None else _read(ruler, _between_rulers(stretch))
    return None if table is None else FoundTable(range(index, end + 1), table)


def _between_rulers(lines: Sequence[Line]) -> list[list[Line]]:
    """The stretches of lines that rulers part, empty ones left out."""
    parts: list[list[Line]] = [[]]
    for line in lines:
        if _is_ruler(line, _RULER):
            parts.append([])
        else:
            parts[-1].append(line)
    return [part for part in parts if part]


def _is_ruler(line: Line, pattern: re.Pattern[str]) -> bool:
    return line.text.lstrip()[:2] == "--" and pattern.fullmatch(line.text) is not None


def _closing_ruler(lines: Sequence[Line], start: int) -> int | None:
    """The last ruler of the table that the one at `start` opens: a header may have a ruler of its own below it."""
    last: int | None = None
    rulers = 0
    for index in range(start + 1, min(len(lines), start + MAX_ROWS)):
        if _is_ruler(lines[index], _RULER):
            rulers += 1
            last = index
            following = lines[index + 1].text.strip() if index + 1 < len(lines) else ""
            if not following or rulers == 2:
                return last
        elif last is None and not lines[index].text[:1].isspace() and not _fits(lines[start], lines[index]):
            return None  # a line at the margin that the ruler does not measure: prose below a dash line
    return last


def _fits(ruler: Line, line: Line) -> bool:
    """Whether a line's text stays in the ruler's columns: it is blank where the ruler is, between its segments."""
    return display_width(line.text.rstrip()) <= len(ruler.text.rstrip()) + 2


def _read(ruler: Line, parts: Sequence[Sequence[Line]]) -> RawTable | None:
    """The rows cut at the ruler's columns, all parts but the last as header; None without rows, or with words across columns."""
    segments = [match.span() for match in _SEGMENT.finditer(ruler.text)]
    starts = [0, *(start for start, _ in segments[1:])]
    bounds = list(pairwise([*starts, 1 << 30]))
    parted = any(_is_parted(part) for part in parts)
    rows: list[RawRow] = []
    header_rows = 0
    for number, part in enumerate(parts):
        if number and number == len(parts) - 1:
            header_rows = len(rows)
        for group in _row_groups(part, parted=parted):
            cells = _cells(group, bounds)
            if cells is None:
                return None
            rows.append(RawRow(tuple(cells)))
    if len(rows) <= header_rows:
        return None
    place = TextPlace(ruler.number, 0, len(ruler.text))
    return RawTable(tuple(rows), spans="lost", place=place, header_row_count=header_rows)


def _is_parted(part: Sequence[Line]) -> bool:
    """Whether blank lines stand between the rows of a part. Among many others a line of blanks is a row of blank cells."""
    texts = [index for index, line in enumerate(part) if line.text.strip()]
    blank = [line.text for line in part[texts[0] : texts[-1]] if not line.text.strip()] if texts else []
    return "" in blank or MAX_ROW_LINES * len(blank) > len(texts)


def _row_groups(part: Sequence[Line], *, parted: bool) -> Iterator[list[Line]]:
    """The lines of each row: single ones, or groups where blank lines part the rows."""
    group: list[Line] = []
    for line in part:
        if not line.text.strip() and (parted or not line.text):
            if group:
                yield group
            group = []
        elif parted:
            group.append(line)
        else:
            yield [line]
    if group:
        yield group


def _cells(group: Sequence[Line], bounds: Sequence[tuple[int, int]]) -> list[RawCell] | None:
    """The cells of a row, cut at the ruler's columns; None when a word stands across a boundary."""
    parts: list[list[str]] = [[] for _ in bounds]
    places: list[TextPlace | None] = [None] * len(bounds)
    for line in group:
        text = line.text
        col = done = cell = 0
        start: int | None = None  # of a piece that one space may go on
        for match in _WORD.finditer(text):
            begin, end = match.span()
            col += display_width(text[done:begin])
            while cell + 1 < len(bounds) and col >= bounds[cell][1]:
                cell += 1
            col += display_width(match.group())
            done = end
            if cell + 1 < len(bounds) and col >= bounds[cell][1]:
                return None
            start = begin if start is None else start
            if text[end : end + 2] in ("  ", " ", "") or (cell + 1 < len(bounds) and col + 1 >= bounds[cell][1]):
                parts[cell].append(text[start:end])
                places[cell] = places[cell] or TextPlace(line.number, start, end)
                start = None
    return [RawCell("\n".join(texts), places[cell] or TextPlace(group[0].number, 0, 0)) for cell, texts in enumerate(parts)]
