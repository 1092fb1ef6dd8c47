"""A page run together on one line, its texts joined by ", ", "; " or " / ": such a separator stands for the pipe of other such pages."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.readers.dialects.pipes import Line
from pipeline.values.kinds import classify_cell

__all__ = ["with_pipes"]

MIN_LINE = 800  # code points
MAX_LINE = 2_000_000
MIN_PARTS = 80
MIN_NUMBERS = 20
MIN_SHARE = 0.15  # of the parts, how many are numbers
_SEPARATORS = ((" / ", " | "), ("; ", "| "), (", ", "| "), (";", "|"))


def with_pipes(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines, the separators of such pages changed into pipes; every text keeps its column. Prose has no such share of bare numbers."""
    if max([len(text) for _, text in lines], default=0) < MIN_LINE:
        return lines
    return [line._replace(text=_piped(line.text)) if MIN_LINE <= len(line.text) <= MAX_LINE else line for line in lines]


def _piped(text: str) -> str:
    if "|" in text:
        return text
    for separator, pipe in _SEPARATORS:
        if text.count(separator) < MIN_PARTS:
            continue
        parts = text.split(separator)
        numbers = sum(classify_cell(part) == "number" for part in parts)
        if numbers >= max(MIN_NUMBERS, MIN_SHARE * len(parts)):
            return text.replace(separator, pipe)
    return text
