"""Tables in Latin letters that a typewriter, a printer of one width, or a PDF converter set: read as the page that they look like.

                      1950            1951          every character takes the same room, so lines of text are a page of letters, each with
Industry           Men   Women     Men   Women      its place; lines of dashes are its rules. Then it is read as a page of a PDF is: columns,
----------------------------------------------      headers over several columns, labels that go on below, footnotes kept out.
Agriculture ..   1,234     567   1,300     600
Mining and
  quarrying ..      88       -      90       1

Where a letter may take up the room of two, places do not tell so much: those texts have readers of their own (columns).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.model.document import Block, RawCell, RawRow, RawTable, TextBlock
from pipeline.model.place import TextPlace
from pipeline.readers.dialects.columns import find_columns
from pipeline.readers.dialects.found import FoundTable
from pipeline.readers.dialects.pipes import Line, text_of
from pipeline.readers.pdf.layout import read_page
from pipeline.readers.pdf.page import Box, Letters, Page, Rule, Turn
from pipeline.readers.pdf.tables import FoundTable as PageTable
from pipeline.values.kinds import looks_like_year

__all__ = ["find_typed", "is_typed"]

# Points. A blank is then nearer to a blank between words of a proportional font than to a gap between columns.
LETTER = 6.0
HEIGHT = 12.5
PITCH = 14.0
MARGIN = 0.06  # of the lines of a page, blank ones above and below: what stands at the very edge of a page runs through a document

MAX_LINES = 2_000  # of a page; a longer table is read by columns, whose cost is linear
MAX_LINE = 400  # code points; a longer line is prose
MIN_LINES = 3  # with a gap
MIN_DIGITS = 2  # lines with a gap and a digit
MAX_BETWEEN = 6  # lines without a gap between two with one
ABOVE, BELOW = 8, 3  # lines that may be of a table beyond those with a gap: headers, captions; the rest of a label
_GAP = re.compile(r"\S {2,}\S|[.\u2026\u00b7]{3} \S")
_WIDE = re.compile(
    r"[\u1100-\u115f\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003fffd]"
)
_LETTER = re.compile(r"[^\W\d_]{2}")
_RULER = re.compile(r"[\s\-=_\u2013\u2014\u2500\u2550]*[\-=_\u2013\u2014\u2500\u2550]{3}[\s\-=_\u2013\u2014\u2500\u2550]*")
_STROKE = re.compile(r"\S+(?: \S+)*")  # words, or dashes, a blank apart at most
_PIECE = re.compile(r"(?<!\S)[\-=_\u2013\u2014\u2500\u2550]{6,}(?!\S)")  # a rule between words: under a header, beside one that is deeper
_NUMBER = re.compile(r"[(\-+$\u20ac\u00a3]{0,2}\d[\d,. ]*[%)]?")
_LEADERS = re.compile(r"(?<=[^\s.])[ ]?(?:(?:\. ?){3,}|\u2026{2,}|\u00b7{3,})(?=\s)")


def is_typed(lines: Sequence[Line]) -> bool:
    """Whether each character takes the same room, as far as one can tell from what they are."""
    return _WIDE.search(text_of(lines)) is None


def find_typed(lines: Sequence[Line]) -> Iterator[FoundTable]:
    """The tables of this kind, in order; what stands beside a table on its lines comes with it. Linear in the text."""
    for start, stop in _pages(lines):
        own = lines[start:stop]
        found = find_columns(own) if len(own) > MAX_LINES else _find_tables(own)
        for item in found:
            yield replace(item, lines=range(start + item.lines.start, start + item.lines.stop))


def _pages(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Stretches of lines that may hold tables: where gaps and digits are. A form feed begins a new one."""
    run: list[int] = []  # lines with a gap
    done = 0
    for index in range(len(lines) + 1):
        text = lines[index].text if index < len(lines) else "\f"
        is_end = text.startswith("\f") or (run and index - run[-1] > MAX_BETWEEN)
        if is_end and run:
            start, stop = max(done, run[0] - ABOVE), min(index, run[-1] + 1 + BELOW)
            digits = sum(1 for at in run if any(map(str.isdigit, lines[at].text)))
            piped = sum(1 for at in run if "|" in lines[at].text)
            named = any(_LETTER.search(line.text) for line in lines[start:stop])  # numbers alone: whose they are is not told here
            if named and len(run) >= MIN_LINES and digits >= MIN_DIGITS and 2 * piped < len(run):
                yield start, stop
            run, done = [], stop
        if text.startswith("\f"):
            done = index
        if index < len(lines) and not _has_no_columns(text) and _GAP.search(text) is not None:
            run.append(index)


def _has_no_columns(text: str) -> bool:
    """Whether a line is prose, or what stands in it has other places than its characters."""
    return len(text) > MAX_LINE or "\t" in text


def _page_of(lines: Sequence[Line]) -> Page:
    """The lines as a page. A line's number on it is that of `lines` and the blank ones above."""
    above = _lines_above(lines)
    texts: list[str] = []
    x0: list[float] = []
    top: list[float] = []
    breaks: list[bool] = []
    lying: list[Rule] = []
    for number, line in enumerate(lines, above):
        text = line.text
        if _has_no_columns(text):
            continue
        if _RULER.fullmatch(text) is not None:
            strokes = [match.span() for match in _STROKE.finditer(text)]
            lying += [Rule((number + 0.5) * PITCH, start * LETTER, end * LETTER) for start, end in strokes]
            first = _first_of_header(lines, number - above, strokes[0][0], strokes[-1][1])
            if first < number - above:
                lying.append(Rule((first + above) * PITCH - 1, strokes[0][0] * LETTER, strokes[-1][1] * LETTER))
            continue
        text = _LEADERS.sub(_blank, text)
        if not any(map(str.isdigit, text)):  # where figures stand it may be a mark in a cell
            lying += [Rule((number + 0.5) * PITCH, match.start() * LETTER, match.end() * LETTER) for match in _PIECE.finditer(text)]
            text = _PIECE.sub(_blank, text)
        is_apart = True
        for column, char in enumerate(text):
            if char.isspace():
                is_apart = True
                continue
            texts.append(char)
            x0.append(column * LETTER)
            top.append(number * PITCH)
            breaks.append(is_apart)
            is_apart = False
    width = LETTER * max((len(line.text) for line in lines), default=0)
    height = PITCH * (len(lines) + 2 * above)
    letters = Letters(
        tuple(texts),
        tuple(x0),
        tuple(top),
        tuple(x + LETTER for x in x0),
        tuple(y + HEIGHT for y in top),
        tuple(breaks),
        (False,) * len(texts),
    )
    return Page(1, width, height, Turn(0, width, height), letters, lying=tuple(lying))


def _first_of_header(lines: Sequence[Line], ruler: int, start: int, end: int) -> int:
    """The first line of a header that has a ruler below it and none above, as many have where a rule is a line of its own; `ruler` for none."""
    first = ruler
    for index in range(ruler - 1, max(-1, ruler - 1 - ABOVE), -1):
        text = lines[index].text
        if _RULER.fullmatch(text) is not None or any(map(_is_figure, _STROKE.findall(text))):
            return ruler  # the ruler closes something
        indent = len(text) - len(text.lstrip())
        if not text.strip() or (_GAP.search(text) is None and indent < start + (end - start) / 4):
            break
        first = index
    return first


def _is_figure(text: str) -> bool:
    """Whether a text is a number that heads no column."""
    return _NUMBER.fullmatch(text) is not None and not looks_like_year(text)


def _lines_above(lines: Sequence[Line]) -> int:
    return 1 + int(MARGIN * len(lines))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _find_tables(lines: Sequence[Line]) -> Iterator[FoundTable]:
    """The tables of a page. Tables that share lines are given together."""
    layout = read_page(_page_of(lines))
    above = _lines_above(lines)
    groups: list[list[PageTable]] = []
    stop = 0.0
    for table in sorted(layout.tables, key=lambda item: item.box[1]):
        if groups and table.box[1] < stop:
            groups[-1].append(table)
        else:
            groups.append([table])
        stop = max(stop, table.box[3])
    for group in groups:
        first = int(min(table.box[1] for table in group) // PITCH)
        last = int(max(table.box[3] for table in group) // PITCH)
        raw = [_raw(table, lines, above) for table in group]
        on_its_lines = [phrase for phrase in layout.lines if first <= int(phrase.top // PITCH) <= last]
        beside: list[Block] = [TextBlock(phrase.text, _place(phrase.box, lines, above)) for phrase in on_its_lines]
        for number, text in lines[max(0, first - above) : last - above + 1]:
            if _has_no_columns(text):
                beside.append(TextBlock(text.strip(), TextPlace(number, 0, len(text))))
        yield FoundTable(range(first - above, last - above + 1), raw[0], (*raw[1:], *beside))


def _raw(table: PageTable, lines: Sequence[Line], above: int) -> RawTable:
    rows: list[list[RawCell]] = [[] for _ in range(table.row_count)]
    for cell in table.cells:  # in row-major order
        rows[cell.row].append(RawCell(cell.text, _place(cell.box, lines, above), cell.row_span, cell.col_span))
    return RawTable(
        tuple(RawRow(tuple(row)) for row in rows),
        spans=table.spans,
        blanks_known=table.shows_blanks,
        caption=table.caption,
        place=_place(table.box, lines, above),
        header_row_count=table.header_rows,
    )


def _place(box: Box, lines: Sequence[Line], above: int) -> TextPlace:
    """Where the first line of a box is printed; a box of nothing ends with its line."""
    line = lines[min(max(0, int(box[1] // PITCH) - above), len(lines) - 1)]
    column, end = round(box[0] / LETTER), round(box[2] / LETTER)
    return TextPlace(line.number, min(column, len(line.text)), min(end, len(line.text)))
