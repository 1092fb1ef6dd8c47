"""Captions of tables: the title that stands right above one, or the numbered line above or below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.readers.pdf.tables import FoundTable
from pipeline.readers.pdf.words import Phrase

__all__ = ["with_captions"]

_NUMBERED = re.compile(
    r"(?P<word>[^\W\d_]{1,12})(?:\.?\s)?(?:(?:[A-Z]{1,3}[.\-]?)?[0-9０-９]{1,3}|(?<=\s)[IVX]{1,5})(?:[.\-–][0-9０-９]{1,3})*\s*(?:[.:：、，—–-]|\s|\Z)"
)  # "Table 3.", "Tab. A1:"
_FAR = 3.0  # of the line height between a table and its numbered caption
_NEAR = 1.9  # the same for a title without a number
_PARAGRAPH = 0.7  # of the line height between the lines of one text
_INSIDE = 0.8  # of a title that must stand over its table
_MOST_LINES = 3  # of a title, above its last one
_LONGEST = 120  # characters of a title; longer ones are prose
_SENTENCE_ENDS = tuple(".,;?!。，；？！、")


def with_captions(tables: Sequence[FoundTable], lines: Sequence[Phrase]) -> tuple[FoundTable, ...]:
    """The tables of a page, each with the caption that its lines give it, if any: one line, or two close together. The lines stay as they are."""
    taken: set[Phrase] = set()
    found = []
    for table in sorted(tables, key=lambda item: (item.box[1], item.box[0])):
        own = _caption_of(table, [line for line in lines if line not in taken], tables)
        own = [part for line in own for part in _printed_with(line, lines)] if own and _is_numbered(own[0]) else own
        taken.update(own)
        found.append(replace(table, caption="".join(_spaced(own)) or None) if own else table)
    return tuple(found)


def _caption_of(table: FoundTable, lines: Sequence[Phrase], tables: Sequence[FoundTable]) -> list[Phrase]:
    x0, top, x1, bottom = table.box
    others = [other.box for other in tables if other is not table]
    over = [line for line in lines if line.x0 < x1 and line.x1 > x0]
    above = sorted((line for line in over if line.bottom <= top + 2), key=lambda line: -line.bottom)
    for index, line in enumerate(above[:4]):
        if _is_between(line.bottom, top, x0, x1, others):
            break
        gap = (top if index == 0 else above[index - 1].top) - line.bottom
        if top - line.bottom > _FAR * line.height + (above[0].height if index else 0.0):
            break
        if _is_numbered(line):
            return [line, *reversed([item for item in above[:index] if not _is_note(item, table)])]
        if gap > _NEAR * line.height:
            break
        if _is_note(line, table):
            continue
        if _is_title(line, table, above[index + 1 :], lines):
            return _whole_title(line, above[index + 1 :])
        if index:
            break
    below = min((line for line in over if line.top >= bottom - 2), key=lambda line: line.top, default=None)
    if below is not None and below.top - bottom <= _FAR * below.height and _is_numbered(below):
        is_of_next = any(box[1] > below.top and box[1] - below.bottom < below.top - bottom for box in others)
        return [] if is_of_next else [below]
    return []


def _printed_with(line: Phrase, lines: Sequence[Phrase]) -> list[Phrase]:
    """A phrase and those on its line to the right of it."""
    middle = (line.top + line.bottom) / 2
    return [line, *sorted((item for item in lines if item.x0 > line.x1 and item.top < middle < item.bottom), key=lambda item: item.x0)]


def _is_numbered(line: Phrase) -> bool:
    match = _NUMBERED.match(line.text)
    if match is None:
        return False
    word = match["word"]
    return word != word.lower() or word.upper() == word.lower()  # capitals, or a script without


def _whole_title(last: Phrase, above: Sequence[Phrase]) -> list[Phrase]:
    """A title from its first line: a numbered one close above, or lines set around the same middle."""
    title = [last]
    for line in above[:_MOST_LINES]:
        if title[0].top - line.bottom > _PARAGRAPH * last.height:
            break
        title.insert(0, line)
        if _is_numbered(line):
            return title
    centred = [last]
    for line in reversed(title[:-1]):
        if (
            abs((line.x0 + line.x1) - (last.x0 + last.x1)) > last.height
            or abs(line.x0 - last.x0) < 1.0
            or line.text.endswith(_SENTENCE_ENDS)
        ):
            break
        centred.insert(0, line)
    return centred


def _is_between(low: float, high: float, x0: float, x1: float, boxes: Sequence[tuple[float, float, float, float]]) -> bool:
    """Whether another table stands between a line and the table."""
    return any(box[1] >= low - 2 and box[3] <= high + 2 and box[0] < x1 and box[2] > x0 for box in boxes)


def _is_note(line: Phrase, table: FoundTable) -> bool:
    """A line over a table's right end, or in brackets: units, dates."""
    x0, _, x1, _ = table.box
    text = line.text.strip()
    at_end = line.x0 > (x0 + x1) / 2 and line.x1 > x1 - 2 * line.height
    return at_end or (text[:1] in "(（[" and text[-1:] in ")）]")


def _is_title(line: Phrase, table: FoundTable, above: Sequence[Phrase], lines: Sequence[Phrase]) -> bool:
    x0, _, x1, _ = table.box
    text = line.text.strip()
    if len(text) > _LONGEST or text.endswith(_SENTENCE_ENDS) or not any(char.isalpha() for char in text):
        return False
    if min(line.x1, x1) - max(line.x0, x0) < _INSIDE * (line.x1 - line.x0):
        return False
    middle = (line.top + line.bottom) / 2
    if any(other is not line and other.top < middle < other.bottom for other in lines):
        return False  # one of several texts side by side
    before = above[0] if above else None
    if before is None:
        return True
    # The last line of a paragraph is as near to the line before it as that is to its own, and begins where it does or left of it.
    is_close = line.top - before.bottom < _PARAGRAPH * line.height and abs(before.height - line.height) < 0.15 * line.height
    return not (is_close and before.x1 - before.x0 > 0.6 * (x1 - x0) and line.x0 <= before.x0 + 2.5 * line.height)


def _spaced(lines: Sequence[Phrase]) -> list[str]:
    """The texts of the lines, parted by blanks."""
    return [text if index == 0 else f" {text}" for index, text in enumerate(line.text.strip() for line in lines)]
