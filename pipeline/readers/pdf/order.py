"""The order in which the lines of a page are read: from the top, from the left, and running text in two columns column by column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from pipeline.readers.pdf.words import Phrase

__all__ = ["order_lines"]

_SAME_LINE = 0.5  # of the lower of two phrases that must overlap
_LEAST_LINES = 4  # of running text beside one another
_LONG = 0.28  # of the page's width: a line of a column of running text
_MIDDLE = (0.35, 0.68)  # of the page's width: where a second column begins
_GRID = 3.0  # points within which lines of a column begin


def order_lines(phrases: Sequence[Phrase], width: float) -> list[tuple[float, Phrase]]:
    """Phrases in reading order, each with the height (from the top) it is to be sorted in at, which never descends.

    Phrases of one printed line are given from the left whatever the heights of their letters are.
    """
    lines = _printed_lines(phrases)
    cut = _second_column(phrases, width)
    ordered: list[tuple[float, Phrase]] = []
    run: list[list[Phrase]] = []
    for line in [*lines, None]:
        if line is not None and cut is not None and not any(p.x0 < cut - 1 and p.x1 > cut + 1 for p in line):
            run.append(line)
            continue
        ordered.extend(_run_in_order(run, cut, width))
        run = []
        if line is not None:
            top = min(phrase.top for phrase in line)
            ordered.extend((top, phrase) for phrase in line)
    return ordered


def _printed_lines(phrases: Sequence[Phrase]) -> list[list[Phrase]]:
    lines: list[list[Phrase]] = []
    for phrase in sorted(phrases, key=lambda item: ((item.top + item.bottom) / 2, item.x0)):
        if lines:
            last = lines[-1][-1]
            shared = min(last.bottom, phrase.bottom) - max(last.top, phrase.top)
            if shared >= _SAME_LINE * (min(last.height, phrase.height) or 1.0):
                lines[-1].append(phrase)
                continue
        lines.append([phrase])
    for line in lines:
        line.sort(key=lambda item: item.x0)
    return lines


def _second_column(phrases: Sequence[Phrase], width: float) -> float | None:
    """Where a second column of running text begins; None on a page of one."""
    low, high = _MIDDLE[0] * width, _MIDDLE[1] * width
    starts = Counter(round(phrase.x0 / _GRID) for phrase in phrases if low < phrase.x0 < high and phrase.x1 - phrase.x0 > _LONG * width)
    if not starts:
        return None
    place, count = starts.most_common(1)[0]
    return place * _GRID - _GRID if count >= _LEAST_LINES else None


def _run_in_order(run: Sequence[Sequence[Phrase]], cut: float | None, width: float) -> list[tuple[float, Phrase]]:
    """Lines that leave the gutter free: column by column where both hold running text, else line by line."""
    if not run:
        return []
    left = [phrase for line in run for phrase in line if cut is not None and phrase.x0 < cut]
    right = [phrase for line in run for phrase in line if cut is not None and phrase.x0 >= cut]
    if min(len(left), len(right)) >= _LEAST_LINES and all(median(p.x1 - p.x0 for p in side) > _LONG * width for side in (left, right)):
        top = min(phrase.top for line in run for phrase in line)
        return [(top, phrase) for phrase in (*left, *right)]
    return [(min(phrase.top for phrase in line), phrase) for line in run for phrase in line]
