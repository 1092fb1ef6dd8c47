"""Simple tables of reStructuredText: rulers of equal signs, and dashes below cells that reach over several columns.

=====  =====  ======
   Inputs     Output            dashes below a line say how far its cells reach
------------  ------
  A      B    A or B
=====  =====  ======            between the second ruler and the last one are the rows; what stands above is header
False  False  False
True   False  True              a line whose first cell is blank goes on the row above it
=====  =====  ======
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.model.document import RawCell, RawRow, RawTable
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pipes import Line, text_of

__all__ = ["find_restructured"]

MAX_ROWS = 200_000  # lines looked through for the ruler that closes a table
_RULER = re.compile(r"\s*={2,}(?: +={2,})+\s*")
_SPANS = re.compile(r"\s*-{2,}(?: +-{2,})*\s*")
_PIECE = re.compile(r"[=-]{2,}")

Span = tuple[int, int]  # columns of the text, half-open


def find_restructured(lines: Sequence[Line]) -> Iterator[FoundTable]:
    """The tables of this kind, in order. Linear in the text."""
    index = 0 if "==  " in (whole := text_of(lines)) or "== =" in whole else len(lines)
    while index < len(lines):
        found = _find_table(lines, index) if "==" in lines[index].text and _RULER.fullmatch(lines[index].text) else None
        index = index + 1 if found is None else found.lines.stop
        if found is not None:
            yield found


def _find_table(lines: Sequence[Line], start: int) -> FoundTable | None:
    """The table that the ruler at `start` opens; None where a text stands across its columns, or it is not closed."""
    columns = [match.span() for match in _PIECE.finditer(lines[start].text)]
    rulers = [start]
    rows: list[RawRow] = []
    header_rows = 0
    open_row: list[Line] = []  # the lines of the row that is read
    for index in range(start + 1, min(len(lines), start + MAX_ROWS)):
        text = lines[index].text
        is_ruler = "==" in text and _RULER.fullmatch(text) is not None
        is_spans = not is_ruler and "--" in text and bool(open_row) and _SPANS.fullmatch(text) is not None
        begins = bool(text[: columns[0][1]].strip())
        if is_ruler and [match.span() for match in _PIECE.finditer(text)] != columns:
            return None
        if open_row and (is_ruler or is_spans or not text.strip() or begins):
            spans = [match.span() for match in _PIECE.finditer(text)] if is_spans else columns
            row = _row(open_row, spans, columns)
            if row is None:
                return None
            rows.append(row)
            open_row = []
        if is_ruler:
            rulers.append(index)
            following = lines[index + 1].text if index + 1 < len(lines) else ""
            if len(rulers) == 3 or not following.strip():
                break
            header_rows = len(rows)
        elif not is_spans and text.strip():
            open_row.append(lines[index])
    else:
        return None
    if len(rows) <= header_rows:
        return None
    place = TextPlace(lines[start].number, columns[0][0], columns[-1][1])
    return FoundTable(range(start, rulers[-1] + 1), RawTable(tuple(rows), spans="declared", place=place, header_row_count=header_rows))


def _row(lines: Sequence[Line], spans: Sequence[Span], columns: Sequence[Span]) -> RawRow | None:
    """The cells of a row that reach as `spans` say; None where a text stands across, or they do not end where columns do."""
    starts = [start for start, _ in columns]
    if any(start not in starts for start, _ in spans):
        return None
    cells: list[RawCell] = []
    for number, (start, stop) in enumerate(spans):
        is_last = number + 1 == len(spans)
        end = 1 << 30 if is_last else spans[number + 1][0]
        first = starts.index(start)
        width = (len(columns) if is_last else starts.index(end)) - first
        found: list[tuple[str, TextPlace]] = []
        for line in lines:
            piece = line.text[start:end]
            if not is_last and line.text[stop:end].strip():
                return None
            text = piece.strip()
            if text:
                column = start + piece.index(text)
                found.append((text, TextPlace(line.number, column, column + len(text))))
        place = found[0][1] if found else TextPlace(lines[0].number, min(start, len(lines[0].text)), min(start, len(lines[0].text)))
        cells.append(RawCell("\n".join(text for text, _ in found), place, 1, width))
    return RawRow(tuple(cells))
