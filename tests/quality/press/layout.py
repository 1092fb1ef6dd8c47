"""A form table as printed cells with spans: which cell stands where, before any HTML."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from pipeline.model.form import Band, ColumnNode, Field, Form, FormTable, RowNode
from tests.quality.press.canon import crossing

__all__ = ["LayoutHand", "PrintedCell", "PrintedTable", "draw_layout_hand", "lay_out", "rows_of"]

CellKind = Literal["caption", "section", "header", "stub", "value", "text"]


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A cell with its true spans. "\\n" in the text is a line break inside the cell."""

    text: str
    kind: CellKind
    row_span: int = 1
    col_span: int = 1
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """Rows of cells, each row with the cells that begin in it."""

    id: str
    caption: str
    rows: tuple[tuple[PrintedCell, ...], ...]
    width: int


@dataclass(frozen=True, slots=True)
class LayoutHand:
    """How an office draws its tables. `breaks`: the share of long header words that are set on two lines."""

    breaks: float = 0.0
    odd_fifth: bool = False  # the first table has five columns for four, shared out differently from row to row
    high_leaves: bool = True  # column headers without children hang down to the last header row; else their group hangs
    table_per_band: bool = False
    caption_in_table: bool = False
    money_label: str = "万元"


def draw_layout_hand(rng: random.Random, money: str) -> LayoutHand:
    """Habits with the shares they have in the wild, roughly."""
    return LayoutHand(
        breaks=rng.choice((0.0, 0.0, 0.3, 0.7)),
        odd_fifth=rng.random() < 0.12,
        high_leaves=rng.random() < 0.85,
        table_per_band=rng.random() < 0.1,
        caption_in_table=rng.random() < 0.08,
        money_label="元" if money == "label-元" else "万元",
    )


def lay_out(form: Form, table: FormTable, print_field: Callable[[Field], str], hand: LayoutHand, rng: random.Random) -> list[PrintedTable]:
    """The printed tables of one form table: one, or one a band."""
    bands = [_Band(form, table, band, print_field, hand, rng) for band in table.bands]
    odd = hand.odd_fifth and len(bands) > 1
    caption = table.captions.text
    if hand.table_per_band and len(bands) > 1:
        return [_printed(table, caption if number == 0 else "", [band], band.width, hand, rng, False) for number, band in enumerate(bands)]
    width = max(band.width for band in bands)
    return [_printed(table, caption, bands, width + 1 if odd else width, hand, rng, odd)]


def rows_of(tables: Mapping[str, FormTable] | tuple[FormTable, ...], form: Form) -> dict[str, str]:
    """The printed row of every field, as a name: fields of one row share it."""
    named: dict[str, str] = {}
    for table in tables.values() if isinstance(tables, Mapping) else tables:
        for number, band in enumerate(table.bands):
            for index, (_, row) in enumerate(_walk(band.rows)):
                for leaf in band.leaf_columns():
                    pointer = crossing(form, table, row, leaf)
                    if pointer is not None:
                        named[pointer] = f"{table.id}.{number}.{index}"
    return named


def _printed(
    table: FormTable, caption: str, bands: list[_Band], width: int, hand: LayoutHand, rng: random.Random, odd: bool
) -> PrintedTable:
    rows: list[tuple[PrintedCell, ...]] = []
    if hand.caption_in_table and caption:
        rows.append((PrintedCell(caption, "caption", 1, width),))
    for band in bands:
        rows += [_stretch(row, width - band.width, rng if odd else None) for row in band.rows()]
    return PrintedTable(table.id, caption, tuple(rows), width)


def _stretch(row: tuple[PrintedCell, ...], lacking: int, rng: random.Random | None) -> tuple[PrintedCell, ...]:
    """Widen cells of a row of a narrow band until it fills the table; where exactly is the odd hand's whim, else it is the last cell.

    Narrow bands have no row spans, so every cell of a row begins in it.
    """
    if lacking == 0:
        return row
    cells = list(row)
    if rng is None or len(cells) == 1:
        cells[-1] = replace(cells[-1], col_span=cells[-1].col_span + lacking)
    else:
        for _ in range(lacking):
            place = rng.randrange(1, len(cells))
            cells[place] = replace(cells[place], col_span=cells[place].col_span + 1)
    return tuple(cells)


def _walk(rows: tuple[RowNode, ...], above: tuple[RowNode, ...] = ()) -> Iterator[tuple[tuple[RowNode, ...], RowNode]]:
    """Rows that are printed, each with the nodes above it: leaves, and inner rows that have a value or stand as a row of a list."""
    for row in rows:
        if row.has_values or not row.children:
            yield above, row
        yield from _walk(row.children, (*above, row))


def _walk_list(rows: tuple[RowNode, ...], depth: int = 0) -> Iterator[tuple[int, RowNode]]:
    for row in rows:
        yield depth, row
        yield from _walk_list(row.children, depth + 1)


def _leaf_count(row: RowNode) -> int:
    return sum(_leaf_count(child) for child in row.children) if row.children else 1


def _row_depth(row: RowNode) -> int:
    return 1 + max((_row_depth(child) for child in row.children), default=0)


def _column_depth(column: ColumnNode) -> int:
    return 1 + max((_column_depth(child) for child in column.children), default=0)


@dataclass
class _Band:
    """One band being laid out. A band is a list when an inner row has values of its own: then every node is a row, indented."""

    form: Form
    table: FormTable
    band: Band
    print_field: Callable[[Field], str]
    hand: LayoutHand
    rng: random.Random
    stub_cols: int = field(init=False)
    header_rows: int = field(init=False)
    is_list: bool = field(init=False)
    leaves: tuple[ColumnNode, ...] = field(init=False)

    def __post_init__(self) -> None:
        rows = self.band.rows
        self.leaves = self.band.leaf_columns()
        self.is_list = any(above[-1].has_values for above, _ in _walk(rows) if above)
        labelled = any(row.label is not None for row in rows)
        self.stub_cols = 0 if not labelled else 1 if self.is_list else max(_row_depth(row) for row in rows)
        self.header_rows = max(_column_depth(column) for column in self.band.columns)

    @property
    def width(self) -> int:
        return self.stub_cols + len(self.leaves)

    def rows(self) -> list[tuple[PrintedCell, ...]]:
        top = [] if self.band.section is None else [(PrintedCell(self.band.section.text, "section", 1, self.width),)]
        return [*top, *self._header(), *(self._list_rows() if self.is_list else self._tree_rows())]

    # ---- header ----

    def _header(self) -> list[tuple[PrintedCell, ...]]:
        lines: list[list[PrintedCell]] = [[] for _ in range(self.header_rows)]
        heads = self.band.stub_head
        if self.stub_cols:
            texts = [head.text for head in heads] or [""]
            if len(texts) == self.stub_cols and len(texts) > 1:
                lines[0] += [PrintedCell(text, "header", self.header_rows, 1) for text in texts]
            else:
                lines[0].append(PrintedCell(texts[0], "header", self.header_rows, self.stub_cols))
        for column in self.band.columns:
            self._place_column(column, 0, lines)
        return [tuple(line) for line in lines]

    def _place_column(self, column: ColumnNode, level: int, lines: list[list[PrintedCell]]) -> None:
        depth = _column_depth(column)
        spare = self.header_rows - level - depth
        hangs = spare > 0 and (not column.children or not self.hand.high_leaves)
        span = 1 + (spare if hangs else 0)
        if not column.children:
            span = self.header_rows - level
        lines[level].append(PrintedCell(self._column_text(column), "header", span, len(column.leaves())))
        for child in column.children:
            self._place_column(child, level + span, lines)

    def _column_text(self, column: ColumnNode) -> str:
        text = column.label.text
        if self.hand.money_label != "万元" and not column.children and column.type == "decimal" and column.unit == "万元":
            text = text.replace("万元", self.hand.money_label) if "万元" in text else f"{text}（单位：{self.hand.money_label}）"
        if 3 < len(text) < 9 and "（" not in text and self.rng.random() < self.hand.breaks:
            middle = len(text) // 2
            text = text[:middle] + "\n" + text[middle:]
        return text

    # ---- body ----

    def _values(self, row: RowNode) -> list[PrintedCell]:
        cells = []
        for leaf in self.leaves:
            pointer = crossing(self.form, self.table, row, leaf)
            if pointer is not None:
                cells.append(PrintedCell(self.print_field(self.form.field_by_pointer[pointer]), "value", pointer=pointer))
            else:
                cells.append(PrintedCell(self._filler(row, leaf), "text"))
        return cells

    def _filler(self, row: RowNode, leaf: ColumnNode) -> str:
        if not row.has_values:
            return "——"
        unit = row.unit or leaf.unit
        return self.hand.money_label if leaf.kind == "text" and unit == "万元" else unit

    def _list_rows(self) -> list[tuple[PrintedCell, ...]]:
        return [
            (PrintedCell("　" * depth + ("" if row.label is None else row.label.text), "stub"), *self._values(row))
            for depth, row in _walk_list(self.band.rows)
        ]

    def _tree_rows(self) -> list[tuple[PrintedCell, ...]]:
        printed: set[int] = set()
        rows = []
        for above, row in _walk(self.band.rows):
            cells = []
            for node in above:
                if id(node) not in printed:
                    printed.add(id(node))
                    cells.append(PrintedCell("" if node.label is None else node.label.text, "stub", _leaf_count(node), 1))
            if row.label is not None:
                cells.append(PrintedCell(row.label.text, "stub", 1, self.stub_cols - len(above)))
            rows.append((*cells, *self._values(row)))
        return rows
