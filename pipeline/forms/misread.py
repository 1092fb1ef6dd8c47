"""Rows of scanned tables whose labels were misread beyond likeness: the form's order and the rows around tell which ones they are.

Between two rows that are read, as many rows stand that are no row of the form as rows of the form are missing there, and each has as many cells as
columns. Where the words beside each are a little like the label, or begin with its number, each row is that label's; never with certainty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.forms.chain import Match
from pipeline.forms.rows import Instance, RowReading
from pipeline.forms.similar import likeness
from pipeline.forms.stations import Candidate, FormLayout
from pipeline.forms.tokens import Token, Tokens
from pipeline.values.numbers import ValueReading

__all__ = ["place_misread_rows"]

_LEAST_LIKE = 0.5  # similarity of a label that its place in the order confirms
_LEAST_NUMBERED = 0.2  # the same of one that begins with the form's own number
_MOST_LIKE = 0.74  # what such a label is taken for at most, so that its row is doubted
_PLAINLY = 0.25  # by which a label is more like one than like the next
_RULE = "placed by order: its label is hardly like the form's"


@dataclass(frozen=True, slots=True)
class _Unread:
    """A printed row that is no row of the form: the words it begins with, and what stands behind them."""

    label: list[Token]
    cells: list[Token]


def place_misread_rows(layout: FormLayout, tokens: Tokens, readings: Sequence[ValueReading], instance: Instance) -> None:
    """Take rows whose labels are no labels of the form for the rows that are missing at their place."""
    anchors = [(row.values[0].index, row.station) for row in instance.rows if row.values and row.row_known]
    if not anchors or not instance.leftover:
        return
    own = [station.order for station in layout.stations if station.table == instance.table]
    gaps: dict[tuple[int, int], list[_Unread]] = {}
    for row in _unread_rows(layout, tokens, readings, instance):
        index = row.cells[0].index
        low = max((station for place, station in anchors if place < index), default=own[0] - 1)
        high = min((station for place, station in anchors if place > index), default=own[-1] + 1)
        gaps.setdefault((low, high), []).append(row)
    for (low, high), found in gaps.items():
        free = _missing_rows(layout, instance, low, high)
        if len(found) > len(free):  # headings of rows have no numbers
            found = [row for row in found if any(readings[token.index].kind == "number" for token in row.cells)]
        for station, row, similarity in _pairs(layout, free, found):
            _read_as(instance, station, row, min(_MOST_LIKE, similarity))
    instance.rows.sort(key=lambda row: row.match.first if row.match else row.values[0].index if row.values else -1)


def _pairs(layout: FormLayout, free: Sequence[int], found: Sequence[_Unread]) -> list[tuple[int, _Unread, float]]:
    """Which printed row is which row of the form, and how like their labels are: by their order where they are as many, else those whose label is
    plainly more like one than like any other, as far as these stand in order."""
    if len(free) == len(found):
        paired = [(station, row, _similarity(layout, station, row)) for station, row in zip(free, found, strict=True)]
        if all(similarity for _, _, similarity in paired):
            return paired
    plain: list[tuple[int, _Unread, float]] = []
    for row in found:
        ranked = sorted(((_similarity(layout, station, row), station) for station in free), reverse=True)
        if ranked and ranked[0][0] >= _LEAST_LIKE and (len(ranked) == 1 or ranked[1][0] <= ranked[0][0] - _PLAINLY):
            plain.append((ranked[0][1], row, ranked[0][0]))
    in_order = all(before[0] < after[0] for before, after in pairwise(plain))
    return plain if in_order else []


def _unread_rows(layout: FormLayout, tokens: Tokens, readings: Sequence[ValueReading], instance: Instance) -> list[_Unread]:
    """Rows of a drawn table that begin with words that are no label, and that nothing of the form was read in, in their order. The words of
    columns before the first of numbers are cells, as they are of the rows that were read."""
    leaves = layout.leaves(instance.rows[0].station)
    of_words = next((place for place, leaf in enumerate(leaves) if leaf.kind == "value"), 0)
    read = {token.row for row in instance.rows for token in row.values}
    found = []
    for number in dict.fromkeys(token.row for token in instance.leftover if token.col is not None and tokens.row_known[token.row]):
        first = next(token.index for token in instance.leftover if token.row == number)
        end = first
        while end < len(tokens) and tokens.items[end].row == number:
            end += 1
        row = tokens.items[first:end]
        start = next((place for place, token in enumerate(row) if readings[token.index].kind != "text"), len(row))
        start -= of_words
        if number not in read and 0 < start < len(row) - of_words and any(map(tokens.is_recognised, row[:start])):
            found.append(_Unread(list(row[:start]), list(row[start:])))
    return found


def _missing_rows(layout: FormLayout, instance: Instance, low: int, high: int) -> list[int]:
    read = {row.station for row in instance.rows if row.values or row.padding}
    return [
        station.order
        for station in layout.stations[max(low + 1, 0) : max(high, 0)]
        if station.kind == "row" and station.has_values and station.labels and station.table == instance.table and station.order not in read
    ]


def _similarity(layout: FormLayout, station: int, row: _Unread) -> float:
    """How like a row's words, or the last of them, are to a label; 0 where they are too little like it, or the cells are not as many."""
    if len(row.cells) != len(layout.leaves(station)):
        return 0.0
    best = 0.0
    for words in (row.label, row.label[-1:]):
        printed = layout.folder.fold("".join(token.text for token in words))
        for own in layout.stations[station].labels:
            similarity = likeness(printed.body, own.body)
            is_numbered = bool(own.enumerator) and printed.enumerator == own.enumerator
            if similarity >= (_LEAST_NUMBERED if is_numbered else _LEAST_LIKE):
                best = max(best, similarity)
    return best


def _read_as(instance: Instance, station: int, row: _Unread, similarity: float) -> None:
    match = Match(row.label[0].index, row.label[-1].index, Candidate(station, station, similarity, 0.1))
    instance.rows = [other for other in instance.rows if other.station != station]
    instance.rows.append(RowReading(station, match, row.cells, row.cells[0].row, row_known=True, rule=_RULE, is_guessed=True))
    instance.matches.append(match)
    instance.matches.sort(key=lambda item: item.first)
    taken = {token.index for token in (*row.label, *row.cells)}
    instance.extra = [rest for run in instance.extra if (rest := [token for token in run if token.index not in taken])]
    instance.orphans = [run for run in instance.orphans if not any(token.index in taken for token in run)]
    instance.leftover = [token for token in instance.leftover if token.index not in taken]
