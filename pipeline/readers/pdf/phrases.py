"""The lines of a page -> phrases: words that are one text, figures that are not."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

from pipeline.readers.pdf.words import Phrase, Word, phrase_of
from pipeline.values.kinds import classify_cell

__all__ = ["CURRENCY", "Line", "is_figure", "line_phrases"]

Line = tuple[Phrase, ...]

CURRENCY = frozenset("$€£¥")
_PHRASE_GAP = 0.62  # of the letter height: words closer than that are one phrase
_FIGURE_GAP = 0.2  # the same between two whole numbers
_BETWEEN_FIGURES = 0.42  # the same between any two figures
_WIDER_THAN_LETTER = 1.15  # of the letters before a gap: a typewriter's blank is as wide as they are
_WIDE_GROUP = 0.5  # the same where the second may be the first's thousands
_HAS_DIGIT = re.compile(r"[0-9]")
_NOTE = re.compile(r"[(\[]\d{1,2}[)\]]\Z")
_LEADER = 4  # dots without blanks between them: fewer may stand for a figure
_NO_FIGURES = frozenset(("", "NA", "N/A", "N.A.", "X", "#", "ND", "NS"))


@lru_cache(maxsize=65536)
def is_figure(text: str) -> bool:
    """Whether a text is a number, or a mark that stands in place of one."""
    if text[:1] in CURRENCY and len(text) > 1:
        text = text[1:].lstrip()
    return classify_cell(text) != "label" or text.strip("()[]*†‡ ").upper() in _NO_FIGURES


def line_phrases(line: Sequence[Word], cuts: Sequence[float] = ()) -> Line:
    """The phrases of a line; `cuts` are the places of standing rules beside it, which part phrases."""
    phrases: list[Phrase] = []
    start = 0
    reach = line[0].x1 if line else 0.0
    for index in range(1, len(line) + 1):
        if index < len(line):
            before, word = line[index - 1], line[index]
            gap = word.x0 - reach
            height = min(word.height, before.height)
            parted = gap > _PHRASE_GAP * height and not _is_leader(line, index)
            if not parted and gap > _FIGURE_GAP * height:
                parted = _are_two_numbers(before.text, word.text, gap / height) or _is_beside_label(before, word, gap, height)
            if not parted and cuts:
                parted = bisect_right(cuts, word.x0 + 0.5) != bisect_right(cuts, reach - 0.5)
            if not parted:
                reach = max(reach, word.x1)
                continue
            reach = word.x1
        words = tuple(line[start:index])
        if len(phrases) > 0 and phrases[-1].text in CURRENCY and is_figure(phrase_of(words).text):
            words = (*phrases.pop().words, *words)  # in a column of its own, but one text with the figure
        phrases.append(phrase_of(words))
        start = index
    return tuple(phrases)


def _is_leader(line: Sequence[Word], index: int) -> bool:
    """Whether a word is one of the dots that lead from a label to its figures: the text of the label, whatever blank is before them."""
    if line[index].text.strip("."):
        return False
    own = [line[index]]
    for word in line[index + 1 : index + _LEADER]:
        if word.text.strip(".") or word.x0 - own[-1].x1 > word.height:
            break
        own.append(word)
    for word in line[max(0, index - _LEADER) : index][::-1]:
        if word.text.strip(".") or own[0].x0 - word.x1 > word.height:
            break
        own.insert(0, word)
    return len(own) > 1 or len(own[0].text) >= _LEADER


def _are_two_numbers(left: str, right: str, gap: float) -> bool:
    """Whether neighbours are numbers of their own, not one whose thousands are parted by a blank. `gap`: between them, by their height."""
    if not (_HAS_DIGIT.search(left) and _HAS_DIGIT.search(right) and is_figure(left) and is_figure(right)):
        return False
    if _NOTE.match(right) is not None:
        return False
    is_group = left.isdigit() and len(left) <= 3 and right[:3].isdigit() and not right[3:4].isdigit()
    if gap > (_WIDE_GROUP if is_group else _BETWEEN_FIGURES):
        return True
    if is_group or not (left[-1:].isdigit() and right[:1].isdigit()):
        return False
    return not (left.isdigit() and right.isdigit()) or len(left) == len(right) == 4


def _is_beside_label(label: Word, figure: Word, gap: float, height: float) -> bool:
    """Whether a figure stands behind a word by more than a blank, that of a typewriter's font included."""
    if gap <= _BETWEEN_FIGURES * height or gap <= _WIDER_THAN_LETTER * (label.x1 - label.x0) / len(label.text):
        return False
    return _HAS_DIGIT.search(figure.text) is not None and is_figure(figure.text) and not is_figure(label.text)
