"""What each cell of a grid is for: header, stub, section, data, note or blank. Works on grids of any origin and language.

The evidence is the source's own header marks where it has them, else the change from rows of labels to rows of numbers, and full-width
cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.model.grid import Cell, Grid, Role
from pipeline.values.kinds import CellKind, classify_cell, looks_like_year

__all__ = ["assign_roles"]

RowKind = Literal["values", "labels", "wide", "empty", "covered"]

_MOST_LABEL_ROWS = 4  # more label rows than that on top are rows of text, unless spans tie them together
_PROSE_LENGTH = 80  # a full-width text of that length is prose, not a section
_NOTE_MARKS = "*†‡§※"
_STUB_SHARE = 0.6  # of a column's printed body cells that are labels


@dataclass(frozen=True, slots=True)
class _Rows:
    """The cells that start in each row, left to right, and what the row is made of."""

    cells: tuple[tuple[Cell, ...], ...]
    cell_kinds: tuple[tuple[CellKind, ...], ...]
    kinds: tuple[RowKind, ...]


def assign_roles(grid: Grid, *, declared_header_cells: frozenset[int] = frozenset(), declared_header_rows: int = 0) -> Grid:
    """The same grid with a role for each cell, and `header_rows` and `stub_cols` counted (leading rows and columns that are labels).

    declared_header_cells: numbers of the cells the source marks as header cells (th); declared_header_rows: leading rows it marks (thead).
    Marks are followed where they make rows or columns; they are not needed. Header rows, also those in mid-table under a section, are
    "header" whole, stub head and blanks too. Section: a full-width label in the body, or above the first header when the body has more of
    them. Note: a full-width text after the last numbers, or prose. Blank: a cell without text in the data area.
    """
    if not grid.cells:
        return replace(grid, header_rows=0, stub_cols=0)
    rows = _read_rows(grid)
    header_rows = _leading_header_rows(grid, rows, declared_header_cells, declared_header_rows)
    roles = _row_roles(grid, rows, header_rows, declared_header_cells)
    stub_cols = _count_stub_cols(grid, rows, roles, declared_header_cells)
    cells = tuple([_with_role(cell, _cell_role(cell, roles[cell.row], stub_cols)) for cell in grid.cells])
    return replace(grid, cells=cells, header_rows=header_rows, stub_cols=stub_cols)


def _with_role(cell: Cell, role: Role) -> Cell:
    """Written out: _replace takes five times as long, and this is done for every cell of every table."""
    return cell if cell.role == role else tuple.__new__(Cell, (*cell[:5], role, *cell[6:]))


# ---- rows -----------------------------------------------------------------------------------------------------------


def _read_rows(grid: Grid) -> _Rows:
    by_row: list[list[Cell]] = [[] for _ in range(grid.row_count)]
    for cell in grid.cells:
        if 0 <= cell.row < grid.row_count:
            by_row[cell.row].append(cell)
    cells = tuple(tuple(row) for row in by_row)
    cell_kinds = tuple([tuple([classify_cell(cell.text) for cell in row]) for row in cells])
    kinds: list[RowKind] = [_row_kind(row, own, grid.col_count) for row, own in zip(cells, cell_kinds, strict=True)]
    _find_year_heads(cells, kinds)
    return _Rows(cells, cell_kinds, tuple(kinds))


def _row_kind(row: Sequence[Cell], kinds: Sequence[CellKind], col_count: int) -> RowKind:
    """Wide: one text over all columns. Values: a number, or blanks after labels. Covered: no cell starts here."""
    if not row:
        return "covered"
    if "label" not in kinds and "number" not in kinds:
        return "empty"
    if len(row) == 1 and col_count > 1 and row[0].col_span >= col_count and kinds[0] == "label":
        return "wide"
    if "number" in kinds:
        return "values"
    last_label = max(index for index, kind in enumerate(kinds) if kind == "label")
    return "values" if last_label < len(kinds) - 1 and "blank" not in kinds[1:last_label] and len(row) > 1 else "labels"


def _find_year_heads(cells: Sequence[Sequence[Cell]], kinds: list[RowKind]) -> None:
    """Years over other numbers head columns, and so does a row of labels and blanks above everything: they are label rows."""
    first = next((index for index, kind in enumerate(kinds) if kind == "values"), None)
    while first is not None:
        texts = [cell.text for cell in cells[first] if classify_cell(cell.text) == "number"]
        printed = len(set(texts)) == len(texts) and all(looks_like_year(text) for text in texts)
        below = next((index for index in range(first + 1, len(kinds)) if kinds[index] not in ("wide", "covered")), None)
        if below is None or not printed or (not texts and any(kind == "labels" for kind in kinds[:first])):
            return
        if texts and not _differ_in_kind(cells[first], cells[below]):
            return
        kinds[first] = "labels"
        first = below if kinds[below] == "values" else None


def _differ_in_kind(head: Sequence[Cell], body: Sequence[Cell]) -> bool:
    """Whether a number in the body is no year: a column of years under a year is data all the way."""
    numbers = [cell.text for cell in body if classify_cell(cell.text) == "number"]
    years = sum(looks_like_year(text) for text in numbers)
    return years < len(numbers) and (len(head) > 1 or bool(numbers))


def _leading_header_rows(grid: Grid, rows: _Rows, declared: frozenset[int], declared_rows: int) -> int:
    """How many rows at the top are labels: titles and sections over the first header are counted in."""
    marked = declared_rows
    while marked < grid.row_count and _is_marked(rows.cells[marked], declared):
        marked += 1
    if marked:
        return _close_spans(rows, 0, marked)
    first_value = next((index for index, kind in enumerate(rows.kinds) if kind == "values"), None)
    titles = 0
    while titles < grid.row_count and rows.kinds[titles] == "wide":
        titles += 1
    if first_value is None:
        return _header_of_text(rows, titles)
    if first_value <= titles:
        return 0  # nothing but sections over the first numbers
    body = first_value
    while body > titles + 1 and rows.kinds[body - 1] in ("empty", "wide"):
        body -= 1
    tied = _close_spans(rows, titles, titles + 1)
    return body if body - titles <= _MOST_LABEL_ROWS else min(tied, body)


def _is_marked(row: Sequence[Cell], declared: frozenset[int]) -> bool:
    """Whether the source marks every cell of the row that has text, and more than a row label."""
    with_text = [cell for cell in row if cell.text]
    return len(with_text) > 0 and all(cell.number in declared for cell in with_text) and (len(row) > 1 or row[0].col_span > 1)


def _header_of_text(rows: _Rows, titles: int) -> int:
    """A table without numbers: the first row of two or more heads the others, with the rows that its spans tie to it."""
    labels = [index for index, kind in enumerate(rows.kinds) if kind == "labels"]
    if len(labels) < 2 or labels[0] != titles:
        return 0
    return min(_close_spans(rows, titles, titles + 1), len(rows.kinds) - 1)


def _close_spans(rows: _Rows, start: int, end: int) -> int:
    """Move `end` down while cells of rows start..end hang over it, or its last row has a spanner whose columns still part."""
    row = start
    while row < end:
        cells = rows.cells[row]
        hanging = max((cell.row + cell.row_span for cell in cells), default=0)
        spans = len(cells) > 1 and any(cell.col_span > 1 and cell.row + cell.row_span == end for cell in cells)
        if hanging > end:
            end = min(hanging, len(rows.kinds))
        elif row == end - 1 and spans and end < len(rows.kinds) and rows.kinds[end] == "labels":
            end += 1
        row += 1
    return end


def _row_roles(grid: Grid, rows: _Rows, header_rows: int, declared: frozenset[int]) -> list[Role]:
    """The role of each row as a whole: header, section, note, or data."""
    roles: list[Role] = ["header" if index < header_rows else "data" for index in range(grid.row_count)]
    last_value = max((index for index, kind in enumerate(rows.kinds) if kind == "values"), default=-1)
    has_numbers = last_value >= 0
    sections: set[str] = set()
    heads = {_row_text(rows.cells[index]) for index in range(header_rows)}
    body_wide = any(rows.kinds[index] == "wide" for index in range(header_rows, last_value + 1))
    hangs_until = 0
    for index, kind in enumerate(rows.kinds):
        if kind == "wide":
            text = rows.cells[index][0].text.strip()
            if index < header_rows:
                roles[index] = "section" if body_wide and len(text) < _PROSE_LENGTH else "header"
            elif _is_note(text, index > last_value and has_numbers, sections):
                roles[index] = "note"
            else:
                roles[index] = "section"
            if roles[index] == "section":
                sections.add(_opening(text))
        elif index >= header_rows and kind in ("labels", "covered", "empty"):
            repeated = kind == "labels" and _row_text(rows.cells[index]) in heads
            under_head = roles[index - 1] in ("section", "header") if index else False
            marked = _is_marked(rows.cells[index], declared)
            if (
                index < hangs_until
                or marked
                or repeated
                or (kind == "labels" and under_head and has_numbers and len(rows.cells[index]) > 1)
            ):
                roles[index] = "header"
        if roles[index] == "header" and index >= header_rows:
            reach = max((cell.row + cell.row_span for cell in rows.cells[index]), default=0)
            hangs_until = max(hangs_until, reach)
    return roles


def _row_text(row: Sequence[Cell]) -> tuple[str, ...]:
    return tuple("".join(cell.text.split()) for cell in row)


def _is_note(text: str, is_after_numbers: bool, sections: set[str]) -> bool:
    if len(text) >= _PROSE_LENGTH or text[:1] in _NOTE_MARKS:
        return True
    return is_after_numbers and _opening(text) not in sections


def _opening(text: str) -> str:
    """How a text starts: its first word, or two characters of a script without spaces. Sections of one table start alike."""
    return text.split(maxsplit=1)[0] if text[:1].isascii() and text else text[:2]


# ---- columns and cells ----------------------------------------------------------------------------------------------


def _count_stub_cols(grid: Grid, rows: _Rows, roles: Sequence[Role], declared: frozenset[int]) -> int:
    """Leading columns of labels beside at least one column of numbers or blanks."""
    width = grid.col_count
    labels, printed, values = [0] * width, [0] * width, [0] * width
    for index, row in enumerate(rows.cells):
        if roles[index] != "data" or rows.kinds[index] == "wide":
            continue
        for cell, own_kind in zip(row, rows.cell_kinds[index], strict=True):
            kind = "label" if cell.number is not None and cell.number in declared else own_kind
            counts = (
                [printed, values] if kind == "number" else [printed, labels] if kind == "label" else [] if cell.number is None else [values]
            )
            for col in range(cell.col, min(width, cell.col + cell.col_span)):
                for count in counts:
                    count[col] += 1
    stub = 0
    while stub < width - 1 and labels[stub] and labels[stub] >= _STUB_SHARE * printed[stub]:
        stub += 1
    return stub if any(values[stub:]) else 0


def _cell_role(cell: Cell, row_role: Role, stub_cols: int) -> Role:
    if row_role != "data":
        return row_role
    if cell.col < stub_cols:
        return "stub"
    return "data" if cell.text.strip() else "blank"
