"""Labels of the first column that stand beside several rows, in the middle of their height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.readers.pdf.words import Phrase

__all__ = ["Group", "find_groups"]

_OFF = 0.25  # of the letter height by which a label may stand off the middle of its rows
_LEAST_ROWS = 2
_LEAST_TEXTS = 2  # of a row, beside the group's label


@dataclass(frozen=True, slots=True)
class Group:
    """A label and its rows, the last one included."""

    label: Phrase
    first_row: int
    last_row: int


def find_groups(rows: Sequence[Sequence[Phrase]], labels: Sequence[Phrase]) -> list[Group]:
    """The groups that `labels` make of all `rows`, from the top; empty when they do not, or when each label has a row of its own.

    `rows`: what stands on each line beside the first column. A label stands in the middle of the first row that no group has and of another one below:
    so that the first group's end is told, with it the second one's begin, and the last group's end must be the last row. Where some have one row,
    another label must stand between two lines: else it is the rows without a label that tell nothing.
    """
    if len(rows) < _LEAST_ROWS or not 0 < len(labels) < len(rows) or any(len(row) < _LEAST_TEXTS for row in rows):
        return []
    middles = [_middle(row[0]) for row in rows]
    groups: list[Group] = []
    first = 0
    for label in labels:
        if first == len(rows):
            return []
        wanted = 2 * _middle(label) - middles[first]
        last = min(range(first, len(rows)), key=lambda row: abs(middles[row] - wanted))
        if abs(middles[last] - wanted) > 2 * _OFF * label.height:
            return []
        groups.append(Group(label, first, last))
        first = last + 1
    has_single = any(group.first_row == group.last_row for group in groups)
    has_between = any((group.last_row - group.first_row) % 2 for group in groups)
    return groups if first == len(rows) and (has_between or not has_single) else []


def _middle(phrase: Phrase) -> float:
    return (phrase.top + phrase.bottom) / 2
