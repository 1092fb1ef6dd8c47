"""What the rows of a printed table tell about its columns: where headers stand, where numbers stand on their lines, how blank cells show."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from pipeline.forms.alignment import Alignment
from pipeline.forms.columns import ColumnClues, ColumnExtents, LineGaps, RowLines, find_extents, find_fronts, find_gaps
from pipeline.forms.doubts import MAX_REPEATED_TEXTS, MIN_TEXTS_A_REPEATED
from pipeline.forms.rows import Instance, RowReading
from pipeline.forms.stations import FormLayout
from pipeline.forms.tokens import Token, Tokens
from pipeline.model.place import TextPlace
from pipeline.values.numbers import ValueReading

__all__ = ["Clues"]

_Positions = dict[int, tuple[int, int]]

MIN_ROWS_OF_FEWER = 5  # rows that agree on which columns the page has


class Clues:
    """The clues of one report: those of its whole text are gathered once, those of a printed table once a table."""

    def __init__(self, alignment: Alignment, tokens: Tokens, readings: Sequence[ValueReading]) -> None:
        self._layout = alignment.layout
        self._tokens = tokens
        self._readings = readings
        self._is_cut = alignment.deduplicated or tokens.cut
        self._gaps = _line_gaps(alignment, tokens, readings)
        self._shows_blanks = any(_has_inner_blank(row, readings) for instance in alignment.instances for row in instance.rows)

    def of_rows(self, instance: Instance, rows: Sequence[RowReading]) -> Iterator[tuple[RowReading, ColumnClues]]:
        """Each of the rows, which are of this printing of a table, with what tells its columns."""
        if not rows:
            return
        columns = self._column_positions(instance)
        leading = _leading_blanks(self._layout, instance, self._readings)
        extents = _line_extents(self._layout, instance, self._tokens, self._readings)
        spread = _spread_bands(self._layout, instance, self._tokens, self._readings)
        headers = _header_positions(self._layout, instance, self._tokens)
        fewer = _bands_of_fewer_columns(self._layout, instance, columns)
        for row in rows:
            station = self._layout.stations[row.station]
            under = columns.get((station.band, row.values[0].table), {}) if row.values else {}
            if under is None and not station.labels and self._fills_table(row):
                under = {}  # there is nothing that its cells could have moved for
            yield (
                row,
                ColumnClues(
                    columns=under,
                    leading=leading.get(station.level, leading.get(-1)) if station.labels else 0,
                    extents=extents.get((station.band, _label_count(row, self._tokens))),
                    padding=row.padding if self._shows_blanks else 0,
                    spread=station.band in spread or not row.row_known,
                    gaps=self._gaps,
                    lines=None if self._gaps is None else _row_lines(instance, row, self._tokens, self._readings),
                    sums=() if self._is_cut else self._layout.row_sums[row.station],
                    inner_blanks=self._tokens.row_blanks[row.row] and _has_inner_blank(row, self._readings),
                    headers=headers.get(station.band, {}),
                    fewer_columns=station.band in fewer and bool(row.values),
                ),
            )

    def _column_positions(self, instance: Instance) -> dict[tuple[int, int], _Positions | None]:
        """(band, table of the document) -> leaf index -> (first col, end col) of the printed header, where the source has positions.

        None where the numbers of the band do not keep to them. A table that goes on in another one without its header may have more or fewer
        columns of labels there: the header then stands as far from the right side as it did.
        """
        layout, tokens = self._layout, self._tokens
        positions: dict[int, _Positions] = {}
        headers: dict[int, set[int]] = {}  # tables that the headers of a band are printed in
        for match in instance.matches:
            station = layout.stations[match.station]
            token = tokens.items[match.last]
            if station.leaf is not None and token.col is not None:
                positions.setdefault(station.band, {})[station.leaf] = (token.col, token.col + token.col_span)
                headers.setdefault(station.band, set()).add(token.table)
        numbers: dict[tuple[int, int], set[int]] = {}  # columns with numbers
        for row in instance.rows:
            band = layout.stations[row.station].band
            if band in positions and row.values:
                found = numbers.setdefault((band, row.values[0].table), set())
                found.update(token.col for token in row.values if token.col is not None and token.text)
        result: dict[tuple[int, int], _Positions | None] = {}
        for (band, table), cols in numbers.items():
            shifts = {0}
            if len(headers[band]) == 1 and table not in headers[band] and table in self._widths:
                shifts.add(self._widths[table] - self._widths[next(iter(headers[band]))])
            shifted = [_shift(positions[band], shift) for shift in sorted(shifts)]
            fitting = [way for way in shifted if cols <= {col for first, end in way.values() for col in range(first, end)}]
            result[band, table] = None if not fitting else fitting[0] if len(fitting) == 1 else {}
        # A number that stands under no header shows that rows and headers of this band do not share their columns, in no table.
        unreliable = {band for (band, _), columns in result.items() if columns is None}
        return {key: None if key[0] in unreliable else columns for key, columns in result.items()}

    def _fills_table(self, row: RowReading) -> bool:
        """Whether the cells of a row stand side by side from the first column of the table to its last."""
        at = 0
        for token in row.values:
            if token.col != at:
                return False
            at += token.col_span
        return at == self._widths.get(row.values[0].table)

    @cached_property
    def _widths(self) -> dict[int, int]:
        """How many columns each table of the document has, as far as its cells have positions."""
        widths: dict[int, int] = {}
        for token in self._tokens.items:
            if token.col is not None:
                widths[token.table] = max(widths.get(token.table, 0), token.col + token.col_span)
        return widths


def _shift(positions: _Positions, shift: int) -> _Positions:
    return {leaf: (first + shift, end + shift) for leaf, (first, end) in positions.items()} if shift else positions


def _header_positions(layout: FormLayout, instance: Instance, tokens: Tokens) -> dict[int, _Positions]:
    """band -> leaf index -> (first col, end col) of the printed header, where the source has positions."""
    positions: dict[int, _Positions] = {}
    for match in instance.matches:
        station = layout.stations[match.station]
        token = tokens.items[match.last]
        if station.leaf is not None and token.col is not None:
            positions.setdefault(station.band, {})[station.leaf] = (token.col, token.col + token.col_span)
    return positions


def _bands_of_fewer_columns(layout: FormLayout, instance: Instance, positions: Mapping[tuple[int, int], _Positions | None]) -> set[int]:
    """Bands of which some columns are not on the page: every row has a cell of its own under each printed header, and no other cell."""
    rows: dict[int, list[RowReading]] = {}
    for row in instance.rows:
        if row.values:
            rows.setdefault(layout.stations[row.station].band, []).append(row)
    found = set()
    for band, own in rows.items():
        tables = {token.table for row in own for token in row.values}
        columns = positions.get((band, own[0].values[0].table))
        leaves = layout.leaves(own[0].station)
        if not columns or len(columns) >= len(leaves) or len(own) < MIN_ROWS_OF_FEWER or any(leaf.kind == "text" for leaf in leaves):
            continue
        starts = sorted(first for first, _ in columns.values())
        if len(tables) == 1 and all([token.col for token in row.values] == starts for row in own):
            found.add(band)
    return found


def _spread_bands(layout: FormLayout, instance: Instance, tokens: Tokens, readings: Sequence[ValueReading]) -> set[int]:
    """Bands of which two neighbouring column headers are printed in one row with a blank slot between them: cells that span slots."""
    found = set()
    for one, other in itertools.pairwise(instance.matches):
        left, right = layout.stations[one.station], layout.stations[other.station]
        if left.leaf is None or right.leaf != left.leaf + 1 or left.band != right.band:
            continue
        row = tokens.items[one.last].row
        between = range(one.last + 1, other.first)
        if tokens.row_known[row] and tokens.items[other.first].row == row and any(readings[index].kind == "blank" for index in between):
            found.add(left.band)
    return found


def _line_extents(
    layout: FormLayout, instance: Instance, tokens: Tokens, readings: Sequence[ValueReading]
) -> dict[tuple[int, int], ColumnExtents | None]:
    """Where numbers stand on their lines, by band and by how many labels stand before them (a printer that ignores row spans shifts rows)."""
    complete: dict[tuple[int, int], list[list[Token]]] = {}
    for row in instance.rows:
        station = layout.stations[row.station]
        leaves = layout.leaves(row.station)
        is_complete = bool(row.values) and bool(row.values[0].extents) and len(row.values) == len(leaves)
        if is_complete and all(readings[token.index].kind == "number" for token in row.values):
            complete.setdefault((station.band, _label_count(row, tokens)), []).append(row.values)
    return {key: find_extents(rows) for key, rows in complete.items()}


def _line_gaps(alignment: Alignment, tokens: Tokens, readings: Sequence[ValueReading]) -> LineGaps | None:
    """How far apart the cells of a report stand that has each on a line of its own, blank ones too; None for any other."""
    if alignment.deduplicated:
        return None
    rows = [
        (instance, row, len(alignment.layout.leaves(row.station)) - len(row.values))
        for instance in alignment.instances
        for row in instance.rows
        if row.values and not row.row_known
    ]
    if not any(lacking > 0 for _, _, lacking in rows):
        return None  # what a blank cell adds is seen only where there is one
    complete: list[Sequence[int]] = []
    others: list[tuple[int, Sequence[int]]] = []
    for instance, row, lacking in rows:
        found = _row_lines(instance, row, tokens, readings)
        if found is None or not found.labelled or found.is_last:
            continue
        if lacking == 0 and len(found.lines) > 3:
            complete.append(found.lines)
        elif lacking > 0:
            others.append((lacking, found.lines))
    return find_gaps(complete, others, repeats=_has_repeats(alignment, tokens))


def _has_repeats(alignment: Alignment, tokens: Tokens) -> bool:
    """Whether so many lines of the report stand again, its numbers or its labels, that no repeated ones were dropped."""
    texts = [token.text for token in tokens.items[alignment.first : alignment.end] if token.text]
    return len(texts) - len(set(texts)) > MAX_REPEATED_TEXTS + len(texts) // MIN_TEXTS_A_REPEATED


def _row_lines(instance: Instance, row: RowReading, tokens: Tokens, readings: Sequence[ValueReading]) -> RowLines | None:
    """Where a row stands whose cells have lines of their own; None for any other."""
    if row.row_known or not row.values or row.values[0].index == 0 or row.values[-1].index + 1 >= len(tokens):
        return None
    if any(readings[token.index].kind != "number" for token in row.values):
        return None
    own = tokens.items[row.values[0].index - 1 : row.values[-1].index + 2]
    lines = [token.place.line_number for token in own if isinstance(token.place, TextPlace)]
    if len(lines) < len(own) or len(own) != len(row.values) + 2 or any(a >= b for a, b in itertools.pairwise(lines)):
        return None
    return RowLines(lines, row.match is not None, row.values[-1].index >= instance.last)


def _label_count(row: RowReading, tokens: Tokens) -> int:
    """How many tokens stand before the values in their row."""
    if not row.values:
        return 0
    index = first = row.values[0].index
    while index > 0 and tokens.items[index - 1].row == row.row:
        index -= 1
    return first - index


def _leading_blanks(layout: FormLayout, instance: Instance, readings: Sequence[ValueReading]) -> dict[int, int]:
    """How many blank slots stand before the numbers, by depth of the row; -1: in any row.

    Seen in rows whose numbers are all printed or, at a depth where no row is complete, in rows whose slots leave one way to part them.
    """
    seen: dict[int, set[int]] = {}
    likely: dict[int, set[int]] = {}
    for row in instance.rows:
        level, count = layout.stations[row.station].level, len(layout.leaves(row.station))
        if not any(readings[token.index].kind != "blank" for token in row.values):
            continue
        ways = find_fronts(row.values, count, readings)
        if len(ways) == 1:
            front = ways[0]
            complete = all(readings[token.index].kind != "blank" for token in row.values[front : front + count])
            (seen if complete else likely).setdefault(level, set()).add(front)
    known = {**likely, **seen}
    result = {level: fronts.pop() for level, fronts in known.items() if len(fronts) == 1}
    everywhere = {result[level] for level in seen if level in result}
    if len(everywhere) == 1:
        result[-1] = everywhere.pop()
    return result


def _has_inner_blank(row: RowReading, readings: Sequence[ValueReading]) -> bool:
    """Whether an empty cell stands between numbers of the row: a source that shows it leaves none out."""
    filled = [index for index, token in enumerate(row.values) if readings[token.index].kind == "number"]
    return bool(filled) and any(not token.text for token in row.values[filled[0] : filled[-1]])
