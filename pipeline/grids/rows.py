"""The rows of a table whose spans are lost: what each holds (labels, then numbers and blanks), and where they part if unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.grids.enumerators import EnumeratorReader
from pipeline.model.document import RawTable
from pipeline.values.kinds import CellKind, classify_cell, looks_like_year

__all__ = ["PrintedRow", "RowType", "read_rows", "regular_width", "split_rows", "stub_kinds"]

RowType = Literal["value", "label", "single", "blank"]


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One printed row: `blanks` leading blank cells, then `labels` label cells, then `values` cells from the first number or blank on.

    type: "value" has numbers or blanks after its labels; "single" is one label alone; "label" is labels only; "blank" has nothing printed.
    A row without labels counts all its cells as values. `numbers` and `texts` are those of its cells, left to right.
    """

    numbers: range
    texts: tuple[str, ...]
    padding: int
    blanks: int
    labels: int
    values: int
    type: RowType


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A run of cells that is one row, by position in the reading order."""

    start: int
    texts: tuple[str, ...]
    padding: int


def regular_width(raw: RawTable) -> int | None:
    """The number of cells of every row that has more than one, if they agree, rows are known and no padding exceeds it; else None."""
    if not raw.rows_known:
        return None
    counts = {len(row.cells) for row in raw.rows} - {0, 1}
    if len(counts) > 1:
        return None
    width = max(counts, default=1)
    for row in raw.rows:
        if row.padding > 0 and len(row.cells) > 1:
            return None
        if row.padding > 0 and len(row.cells) + row.padding != width:
            return None
        if len(row.cells) == 1 and width > 1 and classify_cell(row.cells[0].text) != "label":
            return None
    return width


def read_rows(raw: RawTable) -> list[PrintedRow]:
    """Every printed row in order. Where row boundaries are not known they are put where the kinds of cells say."""
    stretches = _known_rows(raw) if raw.rows_known else split_rows(raw)
    rows = [_read_row(item) for item in stretches]
    return _find_year_heads(rows)


def _known_rows(raw: RawTable) -> list[_Stretch]:
    stretches: list[_Stretch] = []
    start = 0
    for row in raw.rows:
        stretches.append(_Stretch(start, tuple(cell.text for cell in row.cells), max(0, row.padding)))
        start += len(row.cells)
    return stretches


def _read_row(item: _Stretch) -> PrintedRow:
    kinds = [classify_cell(text) for text in item.texts]
    # a mark (-, /) is printed for a number that is missing; only an empty cell can be a covered slot
    blanks = next((index for index, text in enumerate(item.texts) if text.strip()), len(kinds))
    labels = _run(kinds, blanks, "label")
    values = len(kinds) - blanks - labels
    row_type: RowType = "value"
    if kinds.count("blank") == len(kinds):
        row_type, blanks, values = "blank", 0, len(kinds)
    elif labels == 0:
        blanks, values = 0, len(kinds)
    elif values == 0:
        row_type = "single" if labels == 1 and blanks == 0 else "label"
    else:
        rest = kinds[blanks + labels :]
        if "number" not in rest and "label" in rest:
            row_type, labels, values = "label", len(kinds) - blanks, 0
    return PrintedRow(range(item.start, item.start + len(kinds)), item.texts, item.padding, blanks, labels, values, row_type)


def _run(kinds: Sequence[CellKind], start: int, kind: CellKind) -> int:
    end = start
    while end < len(kinds) and kinds[end] == kind:
        end += 1
    return end - start


def _find_year_heads(rows: list[PrintedRow]) -> list[PrintedRow]:
    """Years over the first true numbers head columns; so do blanks in the first row of all. Both become label rows."""
    for index, row in enumerate(rows):
        if row.type in ("single", "label", "blank"):
            continue
        rest = row.texts[row.blanks + row.labels :]
        printed = [text for text in rest if classify_cell(text) == "number"]
        only_years = len(set(printed)) == len(printed) and all(looks_like_year(text) for text in printed)
        heads_columns = (only_years and (len(printed) > 1 or index == 0)) if printed else index == 0
        follows = any(later.type == "value" for later in rows[index + 1 : index + 3])
        if not heads_columns or not follows:
            break
        rows[index] = PrintedRow(row.numbers, row.texts, row.padding, row.blanks, len(row.texts) - row.blanks, 0, "label")
    return rows


def split_rows(raw: RawTable) -> list[_Stretch]:
    """Printed rows out of raw rows that may hold several.

    A label after a number or a blank opens a row, padding closes one. Labels pooled before a row's own label are header rows and sections:
    as many as the width (or as one more than a row has numbers) are a header row, any other stands alone.
    """
    parted = [_split_at_labels(item) for item in _known_rows(raw)]
    pieces = [piece for row in parted for piece in row]
    width = _padded_width(row[-1][0] for row in parted)
    value_counts = Counter(values for _, labels, values in pieces if labels and values)
    usual_values = value_counts.most_common(1)[0][0] if value_counts else 0
    reader = EnumeratorReader()
    repeated_heads: set[str] = set()
    rows: list[_Stretch] = []
    for piece, labels, values in pieces:
        if piece.padding and labels + values == len(piece.texts) and (values == 0 or labels + values + piece.padding == width):
            rows.append(piece)
            continue
        own = _own_labels(piece.texts[:labels], reader) if values else 0
        # the header over a row is as long as the row; over rows without numbers, as long as most are
        header_width = width or (values + own if values else usual_values + 1 if usual_values else 0)
        rows.extend(_split_pooled(piece, labels - own, header_width, repeated_heads))
    return rows


def _padded_width(last_rows: Iterable[_Stretch]) -> int:
    """The width that most padded rows declare, 0 when none is padded. The last row of each raw row is the one that is padded."""
    counts = Counter(len(last.texts) + last.padding for last in last_rows if last.padding)
    return counts.most_common(1)[0][0] if counts else 0


def _split_at_labels(item: _Stretch) -> list[tuple[_Stretch, int, int]]:
    """Cut before each label that follows a number or blank; each piece with its counts of labels and values."""
    pieces: list[tuple[_Stretch, int, int]] = []
    start = labels = 0
    seen_value = False
    for index, text in enumerate(item.texts):
        is_label = classify_cell(text) == "label"
        if is_label and seen_value:
            pieces.append((_Stretch(item.start + start, item.texts[start:index], 0), labels, index - start - labels))
            start, labels, seen_value = index, 0, False
        if is_label:
            labels += 1
        else:
            seen_value = True
    last = item.texts[start:]
    pieces.append((_Stretch(item.start + start, last, item.padding), labels, len(last) - labels))
    return pieces


def _own_labels(labels: Sequence[str], reader: EnumeratorReader) -> int:
    """How many of the last labels belong to the numbers that follow: a chain of opening item numbers (三、, (一), 1.) does, else one."""
    kinds = [reader.read(text) for text in labels]
    own = min(1, len(labels))
    while own < len(labels):
        inner, outer = kinds[-own], kinds[-own - 1]
        if inner is None or outer is None or not inner.is_first or inner.kind == outer.kind:
            break
        own += 1
    return own


def _split_pooled(piece: _Stretch, pooled: int, header_width: int, heads: set[str]) -> list[_Stretch]:
    """Rows out of the first `pooled` labels of a piece, and one for the rest of it."""
    rows: list[_Stretch] = []
    position = 0
    labels = ["".join(text.split()) for text in piece.texts[:pooled]]
    last_header = pooled - header_width if 1 < header_width <= pooled else None
    while position < pooled:
        size = 1
        if labels[position] in heads:
            size = min(header_width, pooled - position)
        elif position == last_header:
            size = header_width
            heads.add(labels[position])
        elif last_header is None and 1 < pooled < header_width and position == 0:
            size = pooled
        rows.append(_Stretch(piece.start + position, piece.texts[position : position + size], 0))
        position += size
    if pooled < len(piece.texts):
        rows.append(_Stretch(piece.start + pooled, piece.texts[pooled:], piece.padding))
    elif rows and piece.padding:
        rows[-1] = _Stretch(rows[-1].start, rows[-1].texts, piece.padding)
    return rows


def stub_kinds(rows: Iterable[PrintedRow]) -> list[tuple[str | None, ...]]:
    """The kind of enumerator of each stub label of each row, in reading order."""
    reader = EnumeratorReader()
    kinds: list[tuple[str | None, ...]] = []
    for row in rows:
        found = (reader.read(text) for text in row.texts[row.blanks : row.blanks + row.labels])
        kinds.append(tuple(None if item is None else item.kind for item in found))
    return kinds
