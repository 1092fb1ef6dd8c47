"""Lost spans inferred without any form: every row must fill the table's width with its own cells and those hanging from above.

Numbers (and blank cells) stand at the right under leaf columns, one slot each; labels at the left and above. What is not evidence is not
used: no word of any language is known here. The evidence is, in this order: printed padding, the kinds of cells, item numbers, repeated
shapes, and the header's own tree (grids/compose).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.grids.compose import Composition, SearchBudget, compose_header, share_columns
from pipeline.grids.enumerators import rank_kinds
from pipeline.grids.rows import PrintedRow, read_rows, regular_width, stub_kinds
from pipeline.model.document import RawCell, RawTable
from pipeline.model.grid import Cell, Grid, Role
from pipeline.model.limits import Limits
from pipeline.values.kinds import classify_cell

__all__ = ["infer_grid"]

_SURE = 0.98
_LEAST = 0.02


@dataclass(slots=True)
class _Placed:
    """A cell being placed; its row span grows while it hangs. `number` is None for a made-up blank."""

    row: int
    col: int
    row_span: int
    col_span: int
    number: int | None
    role: Role


@dataclass(frozen=True, slots=True)
class _Shape:
    """The table's columns: `stub` label columns, then `leaves` value columns."""

    stub: int
    leaves: int

    @property
    def width(self) -> int:
        return self.stub + self.leaves


@dataclass(frozen=True, slots=True)
class _Block:
    """Neighbouring rows of one type, as the half-open range of their indices."""

    type: str  # "single", "header", "value"
    start: int
    end: int


@dataclass(slots=True)
class _Doubts:
    """What lowers the confidence: factors, and rows that do not fill their columns."""

    factor: float = _SURE
    odd_rows: int = 0

    def lower(self, factor: float) -> None:
        self.factor *= factor


@dataclass(slots=True)
class _Layout:
    """Cells placed so far, and the stub labels that hang down to the row being placed, left to right."""

    shape: _Shape
    placed: list[_Placed] = field(default_factory=list)
    hanging: list[_Placed] = field(default_factory=list)
    label_cols: list[int] = field(default_factory=list)  # of the last row with stub labels
    budget: SearchBudget = field(default_factory=SearchBudget)  # one for all headers of the table
    headers: dict[tuple[object, ...], Composition | None] = field(default_factory=dict)  # headers repeat

    def put(self, row: int, col: int, row_span: int, col_span: int, number: int | None, role: Role) -> _Placed:
        cell = _Placed(row, col, row_span, col_span, number, role)
        self.placed.append(cell)
        return cell

    def hang_to(self, row: int, col: int) -> None:
        """Labels left of `col` go on through `row`; the others end above it."""
        self.hanging = [cell for cell in self.hanging if cell.col + cell.col_span <= col]
        for cell in self.hanging:
            cell.row_span = row - cell.row + 1

    def close(self) -> None:
        """End all hanging labels and forget the last row's columns."""
        self.hanging = []
        self.label_cols = []


def infer_grid(raw: RawTable, *, limits: Limits | None = None) -> Grid:
    """Place the cells of a table whose spans are lost. Every slot of the grid is owned by exactly one cell.

    A slot that nothing printed owns is a made-up blank (number None, place None). A printed blank cell under a hanging label is a covered
    slot: it has no cell of its own. Every printed cell with text is in the grid once. `confidence` says how sure the spans are: near 1
    for a plain rectangular table. A table of more than `limits.max_slots` slots is given without spans and without made-up blanks, at the
    lowest confidence (the slots left over are missing cells). Roles are a first reading; headers/roles assigns them.
    """
    cells = list(raw.cells())
    most_slots = (limits or Limits()).max_slots
    if not cells:
        return _finish(raw, cells, [], len(raw.rows), 0, _LEAST)
    width = regular_width(raw)
    if width is not None and width * len(raw.rows) <= most_slots:
        return _regular_grid(raw, cells, width)
    rows = read_rows(raw)
    shape, ranks, kinds, doubts = _measure(rows)
    if shape.width * len(rows) > most_slots:
        return _plain_grid(raw, cells, rows)
    layout = _Layout(shape)
    _place_blocks(layout, rows, ranks, kinds, doubts)
    filled = _fill(layout.placed, len(rows), shape.width)
    if filled is None:
        return _plain_grid(raw, cells, rows)
    valued = sum(row.type == "value" for row in rows)
    doubts.lower(1.0 - 0.6 * min(1.0, doubts.odd_rows / max(1, valued)))
    confidence = max(_LEAST, min(_SURE, doubts.factor))
    return _finish(raw, cells, filled, len(rows), shape.width, confidence)


# ---- the whole table ------------------------------------------------------------------------------------------------


def _regular_grid(raw: RawTable, cells: Sequence[RawCell], width: int) -> Grid:
    """Rows of equal length as they stand; a label alone in its row spans it."""
    placed: list[_Placed] = []
    number = singles = empties = 0
    for row_index, row in enumerate(raw.rows):
        if len(row.cells) == 1 and width > 1:
            placed.append(_Placed(row_index, 0, 1, width, number, "section"))
            singles += 1
            number += 1
            continue
        for col, cell in enumerate(row.cells):
            placed.append(_Placed(row_index, col, 1, 1, number, "data" if cell.text else "blank"))
            number += 1
        placed.extend(_Placed(row_index, col, 1, 1, None, "blank") for col in range(len(row.cells), width))
        empties += not row.cells
    confidence = _SURE if not singles else 0.95
    if _leaves_room_for_spans(raw):
        confidence *= 0.85  # blanks beside header labels may be what is left of a spanner
    return _finish(raw, cells, placed, len(raw.rows), width, confidence * (1.0 - 0.5 * empties / len(raw.rows)))


def _leaves_room_for_spans(raw: RawTable) -> bool:
    """Whether the first row has a blank right of a label."""
    kinds = [classify_cell(cell.text) for cell in raw.rows[0].cells]
    return "blank" in kinds[1:] and "number" not in kinds


def _plain_grid(raw: RawTable, cells: Sequence[RawCell], rows: Sequence[PrintedRow]) -> Grid:
    """The way out for tables too large or too odd to infer: cells one after another, no spans, nothing made up."""
    placed = [_Placed(index, col, 1, 1, number, "data") for index, row in enumerate(rows) for col, number in enumerate(row.numbers)]
    width = max((len(row.numbers) for row in rows), default=0)
    return _finish(raw, cells, placed, len(rows), width, _LEAST)


def _finish(raw: RawTable, cells: Sequence[RawCell], placed: Iterable[_Placed], row_count: int, width: int, confidence: float) -> Grid:
    made = []
    new = tuple.__new__  # Cell's own constructor takes three times as long
    for item in placed:
        number = item.number
        text, place = ("", None) if number is None else cells[number][:2]
        made.append(new(Cell, (item.row, item.col, item.row_span, item.col_span, text, item.role, place, number)))
    if not raw.blanks_known:
        confidence *= 0.7
    if not raw.rows_known:
        confidence *= 0.85
    return Grid(
        cells=tuple(made),
        row_count=row_count,
        col_count=width,
        spans="inferred",
        caption=raw.caption,
        page_number=raw.page_number,
        confidence=max(_LEAST, confidence),
    )


def _fill(placed: list[_Placed], row_count: int, width: int) -> list[_Placed] | None:
    """All cells in row-major order with a made-up blank in every slot that none owns. None when two cells claim a slot."""
    placed.sort(key=lambda cell: (cell.row, cell.col))
    owned_until = [0] * width  # for each column, the first row below that is not covered yet
    filled: list[_Placed] = []
    position = 0
    free_from = 0  # the first row that nothing above hangs into
    for row in range(row_count):
        first = position
        while position < len(placed) and placed[position].row == row:
            position += 1
        cells = placed[first:position]
        if row >= free_from and _is_full_row(cells, width):
            filled.extend(cells)
            continue
        starts = {cell.col: cell for cell in cells}
        if len(starts) < len(cells):
            return None
        free_from = max(free_from, row + 1, *(row + cell.row_span for cell in cells))
        own = 0
        col = 0
        while col < width:
            cell = starts.get(col)
            if cell is None:
                if owned_until[col] <= row:
                    filled.append(_Placed(row, col, 1, 1, None, "blank"))
                col += 1
                continue
            own += 1
            end = col + cell.col_span
            if end > width or any(until > row for until in owned_until[col:end]):
                return None
            owned_until[col:end] = [row + cell.row_span] * cell.col_span
            filled.append(cell)
            col = end
        if own != len(starts):
            return None
    return filled if position == len(placed) else None


def _is_full_row(cells: Sequence[_Placed], width: int) -> bool:
    """Whether cells one row high fill the row by themselves: the usual case, kept cheap."""
    col = 0
    for cell in cells:
        if cell.col != col or cell.row_span != 1:
            return False
        col += cell.col_span
    return col == width


# ---- measuring ------------------------------------------------------------------------------------------------------


def _measure(rows: Sequence[PrintedRow]) -> tuple[_Shape, dict[str | None, int], list[tuple[str | None, ...]], _Doubts]:
    """How many stub and value columns the table has, and which stub column each kind of item number takes."""
    doubts = _Doubts()
    valued = [row if row.type == "value" else None for row in rows]
    kinds = stub_kinds(rows)
    ranks = rank_kinds(kind for kind, row in zip(kinds, valued, strict=True) if row is not None and row.labels > 1)
    if set(ranks) == {None}:
        ranks = {}
    labelled = [row for row in valued if row is not None and row.labels]
    unlabelled = max((row.values for row in valued if row is not None and not row.labels), default=0)
    depth = max((row.blanks + row.labels for row in labelled), default=0)
    depth = max([depth, *(rank + 1 for rank in ranks.values())]) if labelled else 0
    leaves = max((row.values for row in labelled), default=0) or unlabelled
    longest = max(len(row.texts) for row in rows)
    declared = _declared_width(rows)
    if declared:
        width = max(declared, longest)
        stub = max(width - leaves, depth) if labelled else 0
        if any(row.padding and len(row.texts) + row.padding != width for row in rows):
            doubts.lower(0.8)
    else:
        width = max(depth + leaves, unlabelled, longest)
        stub = depth
    if not labelled and not unlabelled:
        doubts.lower(0.5)  # nothing but labels: only the header's own shape speaks
    stub = min(stub, width - 1)
    return _Shape(stub, width - stub), ranks, kinds, doubts


def _declared_width(rows: Sequence[PrintedRow]) -> int:
    """The width that padded rows agree on, the commonest if they do not; 0 when no row is padded."""
    counts = Counter(len(row.texts) + row.padding for row in rows if row.padding)
    if not counts:
        return 0
    most = max(counts.values())
    return max(width for width, count in counts.items() if count == most)


# ---- blocks ---------------------------------------------------------------------------------------------------------


def _blocks(
    rows: Sequence[PrintedRow], shape: _Shape, ranks: dict[str | None, int], kinds: Sequence[tuple[str | None, ...]]
) -> list[_Block]:
    """Neighbouring rows of one type. A short label row right after numbers is a row that has lost its numbers, not a header."""
    blocks: list[_Block] = []
    for index, row in enumerate(rows):
        before = blocks[-1].type if blocks else ""
        block_type = "value" if row.type in ("value", "blank") else "header" if row.type == "label" else "single"
        if before == "value":
            is_short = row.type == "label" and row.blanks + row.labels <= shape.stub
            is_item = row.type == "single" and ranks.get(kinds[index][0], 0) > 0
            block_type = "value" if is_short or is_item else block_type
        if blocks and before == block_type and block_type != "single":
            blocks[-1] = _Block(block_type, blocks[-1].start, index + 1)
        else:
            blocks.append(_Block(block_type, index, index + 1))
    return blocks


def _place_blocks(
    layout: _Layout,
    rows: Sequence[PrintedRow],
    ranks: dict[str | None, int],
    kinds: Sequence[tuple[str | None, ...]],
    doubts: _Doubts,
) -> None:
    blocks = _blocks(rows, layout.shape, ranks, kinds)
    sureness = 1.0
    shares = [1] * layout.shape.leaves
    for position, block in enumerate(blocks):
        if block.type == "single":
            layout.close()
            row = rows[block.start]
            layout.put(block.start, 0, 1, layout.shape.width, row.numbers[0], "section")
        elif block.type == "header":
            layout.close()
            following = _following_values(rows, blocks, position)
            shares, sure = _place_header(layout, rows[block.start : block.end], block.start, following)
            sureness = min(sureness, sure)
        else:
            if position and blocks[position - 1].type == "single":
                shares = _shares_without_header(rows[block.start : block.end], shares, layout.shape)
            top = _top_level_rows(rows, block, layout.shape) if not ranks else frozenset()
            for index in range(block.start, block.end):
                _place_value_row(layout, rows[index], index, shares, ranks, kinds[index], index in top, doubts)
        if block.type == "value" and len(shares) > 1 and len(set(shares)) > 1:
            doubts.lower(0.9)  # which of several values is the wide one cannot be told
    if not ranks and any(block.type == "value" for block in blocks) and _has_hanging(layout):
        doubts.lower(0.9)  # groups without item numbers: hanging is the usual reading, not the only one
    doubts.lower(sureness)


def _has_hanging(layout: _Layout) -> bool:
    return any(cell.role == "stub" and cell.row_span > 1 for cell in layout.placed)


def _following_values(rows: Sequence[PrintedRow], blocks: Sequence[_Block], position: int) -> int:
    """The most values that a row of the next value block has, 0 when another header comes first or none follows."""
    for block in blocks[position + 1 :]:
        if block.type == "value":
            return max(row.values for row in rows[block.start : block.end])
        if block.type == "header":
            return 0
    return 0


def _shares_without_header(rows: Sequence[PrintedRow], shares: list[int], shape: _Shape) -> list[int]:
    """Widths of the values of a block right under a section: as before if they fit, else shared out if padding says they span."""
    counts = {row.values for row in rows if row.type == "value"}
    if len(counts) == 1 and (count := counts.pop()):
        if count == len(shares):
            return shares
        if count < shape.leaves and all(row.padding for row in rows):
            return share_columns(count, shape.leaves)
    return [1] * shape.leaves


# ---- headers --------------------------------------------------------------------------------------------------------


def _place_header(layout: _Layout, rows: Sequence[PrintedRow], first_row: int, values: int) -> tuple[list[int], float]:
    """Place header rows over rows of `values` values. The widths of the value columns under it, and how sure that is."""
    shape = layout.shape
    texts = [row.texts for row in rows]
    best: tuple[float, int, Composition] | None = None
    for leaves in sorted({values, shape.leaves} - {0}):
        if leaves > shape.leaves:
            continue
        key = (tuple(texts), leaves)
        if key not in layout.headers:
            layout.headers[key] = compose_header(texts, shape.stub, leaves, budget=layout.budget)
        found = layout.headers[key]
        if found is not None and (best is None or found.cost < best[0] - 1e-9):
            best = (found.cost, leaves, found)
    if best is None:
        _place_plainly(layout, rows, first_row)
        return [1] * shape.leaves, 0.35
    _, leaves, found = best
    shares = share_columns(leaves, shape.leaves)
    edges = [*range(shape.stub), *_edges(shape.stub, shares)]
    for cell in found.cells:
        col, end = edges[cell.col], edges[cell.col + cell.col_span]
        layout.put(first_row + cell.row, col, cell.row_span, end - col, rows[cell.row].numbers[cell.index], "header")
    return shares, (1.0 - 0.5 * math.exp(-3.0 * found.gap)) * (0.5 if found.is_stretched else 1.0)


def _edges(start: int, widths: Sequence[int]) -> list[int]:
    edges = [start]
    for width in widths:
        edges.append(edges[-1] + width)
    return edges


def _place_plainly(layout: _Layout, rows: Sequence[PrintedRow], first_row: int) -> None:
    """Header rows that no tree explains: one slot a cell, the first cell over the stub where there is room."""
    shape = layout.shape
    for index, row in enumerate(rows):
        wide = shape.stub > 1 and len(row.texts) <= shape.leaves + 1 and index == 0
        col = 0
        for number in row.numbers:
            span = shape.stub if wide and col == 0 else 1
            layout.put(first_row + index, col, 1, span, number, "header")
            col += span


# ---- rows of values -------------------------------------------------------------------------------------------------


def _place_value_row(
    layout: _Layout,
    row: PrintedRow,
    index: int,
    shares: Sequence[int],
    ranks: dict[str | None, int],
    kinds: Sequence[str | None],
    is_top: bool,
    doubts: _Doubts,
) -> None:
    shape = layout.shape
    if row.type == "blank" or not row.labels:
        _place_unlabelled(layout, row, index, shares, doubts)
        return
    stub = shape.stub if row.values <= shape.leaves else shape.width - row.values
    if row.blanks + row.labels > stub:
        layout.close()
        _place_run(layout, row.numbers, row.texts, index, 0)
        doubts.odd_rows += len(row.texts) != shape.width
        return
    first = _first_label_col(layout, row, stub, ranks, kinds, is_top)
    layout.hang_to(index, first)
    _place_leading_blanks(layout, row, index)
    cols = _label_cols(first, row.labels, stub, ranks, kinds)
    ends = [*cols[1:], stub]
    for position, (col, end) in enumerate(zip(cols, ends, strict=True)):
        cell = layout.put(index, col, 1, end - col, row.numbers[row.blanks + position], "stub")
        if position < row.labels - 1:
            layout.hanging.append(cell)
    layout.label_cols = cols
    doubts.odd_rows += row.blanks == 0 and first > 0 and not _covered(layout, first)
    _place_values(layout, row, index, stub, shares, doubts)


def _covered(layout: _Layout, first: int) -> bool:
    return sum(cell.col_span for cell in layout.hanging if cell.col < first) >= first


def _place_leading_blanks(layout: _Layout, row: PrintedRow, index: int) -> None:
    """Leading blanks under a hanging label are covered slots; the others are cells of their own."""
    taken = {col for cell in layout.hanging for col in range(cell.col, cell.col + cell.col_span)}
    for col in range(row.blanks):
        if col not in taken:
            layout.put(index, col, 1, 1, row.numbers[col], "stub")


def _place_values(layout: _Layout, row: PrintedRow, index: int, stub: int, shares: Sequence[int], doubts: _Doubts) -> None:
    numbers = row.numbers[row.blanks + row.labels :]
    texts = row.texts[row.blanks + row.labels :]
    if stub != layout.shape.stub or len(numbers) > len(shares):
        _place_run(layout, numbers, texts, index, stub)
        doubts.odd_rows += 1
        return
    col = stub
    for number, text, share in zip(numbers, texts, shares, strict=False):
        layout.put(index, col, 1, share, number, "data" if text else "blank")
        col += share
    doubts.odd_rows += len(numbers) < len(shares)


def _place_unlabelled(layout: _Layout, row: PrintedRow, index: int, shares: Sequence[int], doubts: _Doubts) -> None:
    """A row without a label: under the value columns, or from the left when it fills the width (or has more values than columns)."""
    layout.close()
    count, shape = len(row.numbers), layout.shape
    if count == shape.width or count > shape.leaves:
        _place_run(layout, row.numbers, row.texts, index, shape.width - count)
        doubts.odd_rows += count != shape.width
        return
    doubts.odd_rows += shape.stub > 0
    col = shape.stub
    widths = shares if count <= len(shares) else [1] * shape.leaves
    for number, text, share in zip(row.numbers, row.texts, widths, strict=False):
        layout.put(index, col, 1, share, number, "data" if text else "blank")
        col += share
    doubts.odd_rows += shape.stub == 0 and count < len(widths)


def _place_run(layout: _Layout, numbers: Iterable[int], texts: Iterable[str], index: int, col: int) -> None:
    for offset, (number, text) in enumerate(zip(numbers, texts, strict=True)):
        layout.put(index, col + offset, 1, 1, number, "data" if text else "blank")


def _first_label_col(
    layout: _Layout, row: PrintedRow, stub: int, ranks: dict[str | None, int], kinds: Sequence[str | None], is_top: bool
) -> int:
    """The stub column of a row's first label."""
    room = stub - row.labels
    if row.blanks:
        return row.blanks
    if room <= 0 or is_top:
        return 0
    if ranks:
        col = ranks.get(kinds[0], 0)
    else:
        col = layout.label_cols[-row.labels] if len(layout.label_cols) >= row.labels else 0
    col = min(col, room)
    for cell in layout.hanging:
        end = cell.col + cell.col_span
        if cell.col < col < end and end <= room:
            col = end
    return col


def _label_cols(first: int, count: int, stub: int, ranks: dict[str | None, int], kinds: Sequence[str | None]) -> list[int]:
    """Columns of a row's labels: each right of the one before, item numbers in the column of their kind where there is room."""
    cols = [first]
    for position in range(1, count):
        wanted = ranks.get(kinds[position], 0) if kinds[position] is not None else 0
        cols.append(min(max(cols[-1] + 1, wanted), stub - (count - position)))
    return cols


def _top_level_rows(rows: Sequence[PrintedRow], block: _Block, shape: _Shape) -> frozenset[int]:
    """Last rows of a block of groups without item numbers that belong to no group: a label no group shares, or the sum of all others."""
    if shape.stub < 2:
        return frozenset()
    groups: list[list[tuple[int, str]]] = []
    for index in range(block.start, block.end):
        row = rows[index]
        if row.type != "value" or not row.labels or row.blanks:
            continue
        if row.labels == shape.stub:
            groups.append([])
        if groups:
            groups[-1].append((index, "".join(row.texts[row.labels - 1].split()).casefold()))
    if len(groups) < 2:
        return frozenset()
    shared = Counter(label for group in groups for label in {label for _, label in group})
    earlier = [label for group in groups[:-1] for _, label in group]
    repeats = 2 * sum(shared[label] > 1 for label in earlier) >= len(earlier)
    top: list[int] = []
    for index, label in reversed(groups[-1][1:]):
        if rows[index].labels >= shape.stub or not ((repeats and shared[label] == 1) or _adds_up(rows, block.start, index)):
            break
        top.append(index)
    return frozenset(top)


def _adds_up(rows: Sequence[PrintedRow], start: int, index: int) -> bool:
    """Whether each number of the row is the sum of its column above, and one of them is not 0. Only asked of a block's last rows."""
    row = rows[index]
    wanted = [_plain_number(text) for text in row.texts[row.labels :]]
    if index - start < 2 or not wanted or None in wanted or not any(wanted):
        return False
    sums = [0] * len(wanted)
    for above in rows[start:index]:
        values = above.texts[above.blanks + above.labels :]
        if len(values) != len(wanted):
            return False
        for position, text in enumerate(values):
            sums[position] += _plain_number(text) or 0
    return sums == wanted


def _plain_number(text: str) -> int | None:
    """A whole number with or without separators of thousands; None for anything else."""
    digits = text.strip().replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
