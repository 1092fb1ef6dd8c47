"""Ink that is not a number's own, in its cell: strokes of a pen, what is left of rules, specks. What is there without it is read again.

Nothing that is read as one number is touched, and no number found so is sure: whatever it says, it is doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from statistics import median

from pipeline.model.reading import Reading
from pipeline.readers.pdf.words import is_cjk
from pipeline.readers.scans.segments import PixelBox, Segment, lines_in_cell

__all__ = ["Found", "find_numbers_beside_strays"]

_FOUND = 0.5  # confidence of a number that something else stood beside
_SURE = 0.99  # that numbers are read which tell how high figures are; and that one is read when what is not its own is let go
_DOUBTFUL = 0.6  # a number that its ink does not fit is no surer
_LEAST_FIGURES = 3  # numbers of a page that tell how high figures are
_LOW, _HIGH = 0.75, 1.25  # of their height: a mark may be a figure
_WIDEST = 1.7  # of their height: two that touch are no wider
_POINT = 0.4  # of their height: it may be a point
_REACH = 0.4  # of their height: from the middle of a rule to what touches it
_MOST_CJK = 1  # letter that a stroke may be taken for, or a unit
_SHORT = 3  # characters that may all be a stroke's
_WORD = 0.95  # that a letter is read that means something
_MARKS = ("-", "−", "－", "—", "–", "一", "/", "／")  # signs of numbers, or what stands for a blank beside them where a rule is lost
_NUMBER = re.compile(r"[-−－]?\d{1,3}(?:[,，]\d{3})*(?:\.\d+)?|[-−－]?\d+(?:\.\d+)?")
_ITEM = re.compile(r"\d{1,2}[.,、，．][^\W\d_]|[^\W\d_]\d")  # the number of a row and its label; a word before a number
_WITH_UNIT = re.compile(rf"(?:{_NUMBER.pattern})[^\W\d_]{{0,2}}")

Found = tuple[Segment, Reading]
Look = Callable[[Sequence[Segment]], list[Reading]]
Way = Callable[[Sequence[PixelBox], PixelBox, float], list[PixelBox]]  # marks from the left, their cell, the height of figures: those kept


def find_numbers_beside_strays(segments: Sequence[Segment], readings: Sequence[Reading], look: Look) -> dict[int, Found | None]:
    """Of segments whose cell says no number what they are without the ink that is none of its figures, by their index; None for those of which
    nothing is left. `look` reads segments again, their own marks only."""
    numbers = [
        segment
        for segment, reading in zip(segments, readings, strict=True)
        if segment.cell is not None and reading.confidence >= _SURE and reading.text.isdecimal()
    ]
    cells: dict[PixelBox, list[int]] = {}
    for index, segment in enumerate(segments):
        if segment.cell is not None:
            cells.setdefault(segment.cell, []).append(index)
    open_cells: dict[PixelBox, list[int]] = {}
    heights: dict[PixelBox, float] = {}
    for cell, own in cells.items():
        found = [(segments[index], readings[index]) for index in own]
        height = _figure_height(numbers, cell) if _may_be_number(found) else None
        if height is not None and not _are_several(found, height):
            open_cells[cell], heights[cell] = own, height
    result: dict[int, Found | None] = {}
    for cell, own in list(open_cells.items()):
        plain = [index for index in own if readings[index].confidence >= _SURE and _is_number(readings[index])]
        if len(plain) == 1 and len(own) > 1 and not any(_figures(readings[index].text) for index in own if index not in plain):
            del open_cells[cell]
            result.update(dict.fromkeys(own))
            said = " ".join(readings[index].text for index in own)
            result[plain[0]] = (segments[plain[0]], readings[plain[0]]._replace(confidence=_FOUND, second=said))
    for way in _WAYS:
        kept = [(cell, _kept(way, [segments[index] for index in own], heights[cell])) for cell, own in open_cells.items()]
        tried = [(cell, segment) for cell, segment in kept if segment is not None]
        for (cell, segment), reading in zip(tried, look([segment for _, segment in tried]), strict=True):
            own = open_cells[cell]
            said = " ".join(readings[index].text for index in own)
            is_number = len(own) == 1 and _is_number(readings[own[0]])
            if not _is_number(reading) or reading.confidence < _SURE or (is_number and way is not _all):
                continue  # of a number that its ink does not fit no mark is taken for another thing
            if way in _BY_TEXT and _figures(reading.text) != _figures(said):
                continue
            del open_cells[cell]
            result.update(dict.fromkeys(own))
            result[own[0]] = (segment, Reading(reading.text, _FOUND, (*reading.others, (readings[own[0]].text, _FOUND)), said))
    return result


def _kept(way: Way, own: Sequence[Segment], height: float) -> Segment | None:
    """The one stretch of text that what is kept of the marks of a cell makes."""
    cell = own[0].cell
    marks = sorted(mark for segment in own for mark in segment.marks)
    kept = [] if cell is None else way(marks, cell, height)
    if cell is None or not kept or (len(kept) == len(marks) and way is not _all):
        return None
    lines = lines_in_cell(kept, height, cell)
    return lines[0] if len(lines) == 1 else None


def _figure_height(numbers: Sequence[Segment], cell: PixelBox) -> float | None:
    """How high the figures of the numbers beside a cell are, or those of the page."""
    beside = [number.height for number in numbers if cell[1] <= (number.box[1] + number.box[3]) / 2 <= cell[3]]
    if len(beside) < _LEAST_FIGURES:
        beside = [number.height for number in numbers]
    return float(median(beside)) if len(beside) >= _LEAST_FIGURES else None


def _may_be_number(found: Sequence[Found]) -> bool:
    """Whether what a cell says is no number, or one that its ink does not fit, but may hold one: figures, or a few characters that may be none."""
    readings = [reading for _, reading in found]
    texts = [reading.text for reading in readings]
    whole = "".join(texts)
    if len(texts) == 1 and _is_number(readings[0]):
        return readings[0].confidence <= _DOUBTFUL
    if sum(map(is_cjk, whole)) > _MOST_CJK or any(map(_ITEM.search, texts)) or any(text[:1] in _MARKS for text in texts):
        return False  # a word, or a mark that means something
    if any(_says_word(reading) for reading in readings):
        return False
    return any(char.isdigit() for char in whole) or (len(whole) <= _SHORT and min(reading.confidence for reading in readings) < _SURE)


def _are_several(found: Sequence[Found], height: float) -> bool:
    """Whether several numbers stand in a cell: they are of several cells, a rule between them being lost."""
    numbers = [segment.height for segment, reading in found if _is_number(reading)]
    if sum(_LOW * height <= number <= _HIGH * height for number in numbers) > 1:
        return True
    lines = [segment.box for segment, reading in found if _figures(reading.text) or any(_is_figure(mark, height) for mark in segment.marks)]
    return bool(lines) and min(box[3] for box in lines) <= max(box[1] for box in lines)


def _is_number(reading: Reading) -> bool:
    """Whether a number is read, with a unit or without; strokes are read as letters of the alphabet, with less certainty than units are."""
    letters = [char for char in reading.text if char.isalpha()]
    return _WITH_UNIT.fullmatch(reading.text) is not None and (reading.confidence >= _SURE or all(map(is_cjk, letters)))


def _says_word(reading: Reading) -> bool:
    """Whether letters alone are read that are a word, or a letter that is told with certainty and that no stroke looks like."""
    letters = sum(char.isalpha() for char in reading.text)
    is_sure = any(map(is_cjk, reading.text)) and reading.confidence >= _WORD
    return not _figures(reading.text) and (letters >= _SHORT or is_sure)


def _figures(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _all(marks: Sequence[PixelBox], cell: PixelBox, height: float) -> list[PixelBox]:
    """All marks, by themselves: specks and pieces of rules too small to be marks stand beside them."""
    return list(marks)


def _as_high(marks: Sequence[PixelBox], cell: PixelBox, height: float) -> list[PixelBox]:
    """The marks as high as figures, and points between them."""
    return _with_points([mark for mark in marks if _is_figure(mark, height)], marks, height)


def _off_rules(marks: Sequence[PixelBox], cell: PixelBox, height: float) -> list[PixelBox]:
    """Of these those that do not touch the sides of the cell, as strokes of a pen do."""
    tall = [mark for mark in marks if _is_figure(mark, height) and not _touches(mark, cell, _REACH * height)]
    return _with_points(tall, marks, height)


def _is_figure(mark: PixelBox, height: float) -> bool:
    return _LOW * height <= mark[3] - mark[1] <= _HIGH * height and mark[2] - mark[0] <= _WIDEST * height


def _without_points(marks: Sequence[PixelBox], cell: PixelBox, height: float) -> list[PixelBox]:
    return [mark for mark in marks if mark[3] - mark[1] >= _LOW * height]


def _all_but_last(marks: Sequence[PixelBox], cell: PixelBox, height: float) -> list[PixelBox]:
    return list(marks[:-1])


def _all_but_first(marks: Sequence[PixelBox], cell: PixelBox, height: float) -> list[PixelBox]:
    return list(marks[1:])


def _with_points(tall: list[PixelBox], marks: Sequence[PixelBox], height: float) -> list[PixelBox]:
    if not tall:
        return []
    left, right = min(mark[0] for mark in tall), max(mark[2] for mark in tall)
    base = median(mark[3] for mark in tall)
    points = [
        mark
        for mark in marks
        if max(mark[2] - mark[0], mark[3] - mark[1]) <= _POINT * height
        and left < mark[0]
        and mark[2] < right
        and abs(mark[3] - base) <= _POINT * height
    ]
    return tall + points


def _touches(mark: PixelBox, cell: PixelBox, reach: float) -> bool:
    return mark[0] - cell[0] <= reach or cell[2] - mark[2] <= reach or mark[1] - cell[1] <= reach or cell[3] - mark[3] <= reach


# In this order; the last three only where the figures stay what they are.
_BY_TEXT: tuple[Way, ...] = (_without_points, _all_but_last, _all_but_first)
_WAYS: tuple[Way, ...] = (_all, _as_high, _off_rules, *_BY_TEXT)
