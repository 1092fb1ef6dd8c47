"""The grid of a table whose spans were lost, settled by the form that was aligned on it.

The form knows what a label spans: a column header its leaves, a group label the rows below it, a section the whole width. Rows are those that were
printed; a table with words that the form does not explain is left to inference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from pipeline.forms.alignment import Alignment
from pipeline.forms.stations import FormLayout, Station, lineage
from pipeline.forms.tokens import Token
from pipeline.model.document import RawTable
from pipeline.model.form import Band, RowNode
from pipeline.model.grid import Cell, Grid, Role

__all__ = ["settle_grid"]


@dataclass(frozen=True, slots=True)
class _Geometry:
    """What a form table looks like in print: stub columns, leaf columns, whether each row node is a row of its own (a list)."""

    stub_cols: int
    width: int
    is_list: bool


def settle_grid(raw: RawTable, tokens: Sequence[Token], alignment: Alignment) -> Grid | None:
    """The grid as the form has it, or None when the table holds words that are no label of the form. `tokens` are the table's, in order."""
    layout = alignment.layout
    stations = {
        token.index: layout.stations[alignment.label_tokens[token.index]] for token in tokens if token.index in alignment.label_tokens
    }
    words = {token.index for found in alignment.row_words.values() for token in found}
    labels = {index: station for index, station in stations.items() if index not in words}
    tokens = _joined(tokens, labels)
    tables = {station.table for station in stations.values()}
    if len(tables) != 1:
        return None
    for token in tokens:
        known = token.index in stations or token.index in alignment.value_tokens
        if not known and layout.numbers.read(token.text).kind == "text":
            return None
    number = tables.pop()
    geometry = _geometry(layout, number, raw, {station.band for station in stations.values()})
    rows = _logical_rows(raw, tokens, stations, is_list=geometry.is_list)
    builder = _Builder(alignment, geometry, stations, labels)
    for row in rows:
        builder.add_row(row)
    return builder.grid(raw)


def _joined(tokens: Sequence[Token], stations: dict[int, Station]) -> list[Token]:
    """Parts of one label that a line break has cut are one cell."""
    joined: list[Token] = []
    for token in tokens:
        before = joined[-1] if joined else None
        station = stations.get(token.index)
        if before is not None and station is not None and token.col is None and stations.get(before.index) is station:
            joined[-1] = before._replace(text=f"{before.text}\n{token.text}")
        else:
            joined.append(token)
    return joined


def _geometry(layout: FormLayout, number: int, raw: RawTable, bands: set[int]) -> _Geometry:
    table = layout.form.tables[number]
    printed = [band for index, band in enumerate(table.bands) if index in bands] or list(table.bands)
    is_list = any(_has_values_and_children(band) for band in table.bands)
    stub = 1 if is_list else max(_depth(band) for band in table.bands)
    leaves = max(len(band.leaf_columns()) for band in printed)
    widest = max((len(row.cells) + row.padding for row in raw.rows if raw.rows_known), default=0)
    return _Geometry(stub, max(stub + leaves, widest if raw.rows_known and _is_padded(raw) else 0), is_list)


def _is_padded(raw: RawTable) -> bool:
    return any(row.padding for row in raw.rows)


def _has_values_and_children(band: Band) -> bool:
    stack = list(band.rows)
    while stack:
        node = stack.pop()
        if node.has_values and node.children:
            return True
        stack.extend(node.children)
    return False


def _depth(band: Band) -> int:
    deepest = len(band.stub_head) and 1
    stack: list[tuple[RowNode, int]] = [(row, 1) for row in band.rows]
    while stack:
        node, depth = stack.pop()
        if node.label is not None:
            deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in node.children)
    return deepest


def _logical_rows(raw: RawTable, tokens: Sequence[Token], stations: dict[int, Station], *, is_list: bool) -> list[list[Token]]:
    """Printed rows: the certain ones, or, where rows run together, cut where the form begins a new one."""
    rows: list[list[Token]] = []
    before: Token | None = None
    for token in tokens:
        if before is None:
            starts = True
        elif raw.rows_known:
            starts = token.row != before.row
        else:
            starts = _starts_row(stations.get(before.index), stations.get(token.index), is_list=is_list)
        if starts:
            rows.append([])
        rows[-1].append(token)
        before = token
    return rows


def _starts_row(before: Station | None, station: Station | None, *, is_list: bool) -> bool:
    if station is None:
        return False
    if before is None or station.kind == "section" or before.kind == "section":
        return True
    if station.kind == "row":
        if is_list:
            return before != station  # the word of a text column goes by its row's station
        return not (before.kind == "row" and station.parent == before.order and not before.has_values)
    if station.kind == "column" and before.kind == "column":
        return station.level != before.level
    return before.kind == "row"


class _Builder:
    """Cells laid down a printed row at a time. `labels` are the `stations` without the words of text columns, which go by their row's station."""

    def __init__(self, alignment: Alignment, geometry: _Geometry, stations: dict[int, Station], labels: dict[int, Station]) -> None:
        self.alignment = alignment
        self.layout = alignment.layout
        self.geometry = geometry
        self.stations = stations
        self.labels = labels
        self.cells: list[Cell] = []
        self.row_count = 0
        self.hanging: list[tuple[Station, Token, int, int]] = []  # group labels: station, token, first row, col
        self.header: list[tuple[Station, Token, int]] = []  # header cells of the block being read, with their row
        self.header_start = 0

    def add_row(self, row: list[Token]) -> None:
        kinds = {self.stations[token.index].kind for token in row if token.index in self.stations}
        if kinds & {"stub-head", "column"}:
            self._add_header(row)
        elif kinds and kinds <= {"section", "caption"}:
            self._close()
            token = next(token for token in row if token.index in self.stations)
            self._put(token, self.row_count, 0, 1, self.geometry.width, "section")
            self.row_count += 1
        else:
            self._add_body(row)

    def _add_header(self, row: list[Token]) -> None:
        if not self.header:
            self._close()
            self.header_start = self.row_count
        for token in row:
            if token.index in self.stations:
                self.header.append((self.stations[token.index], token, self.row_count))
        self.row_count += 1

    def _close_header(self) -> None:
        """Place the header cells read so far: spanners over their leaves, leaves and stub head down to the last header row."""
        end = self.row_count
        stub_heads = [entry for entry in self.header if entry[0].kind == "stub-head"]
        for place, (_, token, row) in enumerate(stub_heads):
            first = place * self.geometry.stub_cols // len(stub_heads)
            last = (place + 1) * self.geometry.stub_cols // len(stub_heads)
            self._put(token, row, first, end - row, max(1, last - first), "header")
        for station, token, row in self.header:
            if station.kind == "column":
                first, last = self._leaf_range(station)
                is_leaf = station.leaf is not None
                self._put(token, row, first, end - row if is_leaf else 1, last - first, "header")
        self.header = []

    def _leaf_range(self, station: Station) -> tuple[int, int]:
        """Columns of a header in the printed table; the last leaf of a band narrower than the table takes what is left."""
        first, last = self.layout.leaf_ranges[station.order]
        return self._slot(station, first)[0], self._slot(station, last)[1]

    def _is_below(self, station: Station, above: Station) -> bool:
        return above in lineage(self.layout.stations, station.order)

    def _slot(self, station: Station, leaf: int) -> tuple[int, int]:
        count = len(self.layout.leaves(station.order))
        col = self._first_col(station) + leaf
        return col, self.geometry.width if leaf == count - 1 else col + 1

    def _first_col(self, station: Station) -> int:
        return 0 if (station.table, station.band) in self.layout.bare_bands else self.geometry.stub_cols

    def _first_col_of_table(self) -> int:
        return min((cell.col for cell in self.cells if cell.role == "data"), default=self.geometry.stub_cols)

    def _add_body(self, row: list[Token]) -> None:
        if self.header:
            self._close_header()
        labels = [token for token in row if token.index in self.labels and self.labels[token.index].kind == "row"]
        if labels:
            self._close(self.stations[labels[0].index])
        for place, token in enumerate(labels):
            station = self.stations[token.index]
            col = 0 if self.geometry.is_list else min(station.level, self.geometry.stub_cols - 1)
            is_last = place == len(labels) - 1
            has_children = not station.has_values and not is_last
            if has_children:
                self.hanging.append((station, token, self.row_count, col))
            else:
                self._put(token, self.row_count, col, 1, self.geometry.stub_cols - col, "stub")
        self._add_values(row)
        self.row_count += 1

    def _add_values(self, row: list[Token]) -> None:
        fallback = self.geometry.stub_cols
        for token in row:
            if token.index in self.labels:
                continue
            pointer = self.alignment.value_tokens.get(token.index)
            if pointer is not None:
                order, leaf = self.layout.place_of[pointer]
                first, last = self._slot(self.layout.stations[order], leaf)
                self._put(token, self.row_count, first, 1, last - first, "data" if token.text else "blank")
                fallback = last
            elif token.text and fallback < self.geometry.width:
                self._put(token, self.row_count, fallback, 1, 1, "data")
                fallback += 1

    def _close(self, station: Station | None = None) -> None:
        """End header and group labels that do not hang over the row of `station`."""
        if self.header:
            self._close_header()
        while self.hanging and (station is None or not self._is_below(station, self.hanging[-1][0])):
            _, token, row, col = self.hanging.pop()
            self._put(token, row, col, self.row_count - row, 1, "stub")

    def _put(self, token: Token, row: int, col: int, row_span: int, col_span: int, role: Role) -> None:
        self.cells.append(tuple.__new__(Cell, (row, col, row_span, max(1, col_span), token.text, role, token.place, token.cell)))

    def grid(self, raw: RawTable) -> Grid | None:
        self._close()
        width = self.geometry.width
        owned: set[int] = set()  # slots, counted row by row
        for row, col, row_span, col_span, *_ in self.cells:
            for start in range(row * width + col, (row + row_span) * width + col, width):
                slots = range(start, start + col_span)
                if col + col_span > width or not owned.isdisjoint(slots):
                    return None  # the print differs from the form's own layout
                owned.update(slots)
        for slot in range(self.row_count * width):
            if slot not in owned:
                self.cells.append(Cell(*divmod(slot, width), 1, 1, "", "blank", None, None))
        self.cells.sort(key=itemgetter(0, 1))
        first_body = min((cell.row for cell in self.cells if cell.role in ("stub", "data")), default=self.row_count)
        return Grid(
            tuple(self.cells),
            self.row_count,
            width,
            "inferred",
            header_rows=first_body,
            stub_cols=self._first_col_of_table(),
            caption=raw.caption,
            page_number=raw.page_number,
        )
