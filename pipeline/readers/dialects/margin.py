"""What stands before every line of a text and is none of it: the mark of a quotation or of a list, or the number of the line.

> | a | 12 |        - | a | 12 |        17: | a | 12 |
> | b | 7  |        - | b | 7  |        18: | b | 7  |
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.readers.dialects.pipes import Line

__all__ = ["without_margin"]

MIN_LINES = 8  # with text; fewer may begin alike by chance
MOST_WITHOUT = 20  # one in so many may lack the mark
_MARK = re.compile(r"\s{0,3}(?:>+|[-*+\u2022\u00b7](?= \S))[ \t]?")
_MARKS = ">-*+\u2022\u00b7"  # what such a mark begins with
_NUMBER = re.compile(r"[ \t]{0,8}(\d{1,6})[\t:|\u2192][ \t]?")


def without_margin(lines: Sequence[Line]) -> list[Line]:
    """The lines with blanks where such a margin was, so that every text keeps its column; the same lines where there is none. Linear in the text."""
    first = next((line.text.lstrip()[:1] for line in lines if line.text.strip()), "")
    if not first or not (first in _MARKS or first.isdecimal()):
        return list(lines)
    texts = [line for line in lines if line.text.strip()]
    if len(texts) < MIN_LINES:
        return list(lines)
    if _is_numbered(texts):
        return [_blanked(line, _NUMBER) for line in lines]
    if first not in _MARKS:
        return list(lines)
    marked = sum(line.text.lstrip()[:1] == first and _MARK.match(line.text) is not None for line in texts)
    if (len(texts) - marked) * MOST_WITHOUT > len(texts):
        return list(lines)
    return [_blanked(line, _MARK) if line.text.lstrip()[:1] == first else line for line in lines]


def _is_numbered(texts: Sequence[Line]) -> bool:
    """Whether each line begins with a number that goes on as the lines do."""
    offset: int | None = None
    for line in texts:
        match = _NUMBER.match(line.text)
        if match is None or (offset is not None and int(match[1]) - line.number != offset):
            return False
        offset = int(match[1]) - line.number
    return True


def _blanked(line: Line, margin: re.Pattern[str]) -> Line:
    match = margin.match(line.text)
    return line if match is None else Line(line.number, " " * match.end() + line.text[match.end() :])
